"""Makes a server's ssl.SSLContext from a leaf, and a client's from a CA certificate (RFC 9325).

TLS 1.2 is the floor and 1.3 is preferred; TLS 1.2 suites are forward secret and authenticated.
So are sessions that are resumed: no ticket key opens them. It opens no sockets.
"""

import ssl
import tempfile
from pathlib import Path

from securedata import private_file
from securedata.certificates.authority import Leaf
from securedata.errors import CertificateError

# RFC 9325, 4.2, and RFC 7905. In TLS 1.3, all suites are good.
TLS12_SUITES = "ECDHE+AESGCM:ECDHE+CHACHA20"


def server_context(leaf: Leaf) -> ssl.SSLContext:
    """The context of a server that speaks TLS 1.2 and 1.3 with this certificate and key.

    Raises:
        CertificateError: OpenSSL refuses the certificate or the key, or no file can be written.

    >>> from securedata.certificates.authority import CertificateAuthority
    >>> context = server_context(CertificateAuthority.create("Example CA").issue("localhost"))
    >>> context.minimum_version.name
    'TLSv1_2'
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(TLS12_SUITES)
    context.set_alpn_protocols(["http/1.1"])
    # A thief of the key of TLS 1.2's tickets could open every session that had one, as long as this
    # context lived (RFC 5077, 5.5). Without that key, OpenSSL keeps up to 20,480 sessions in
    # memory, 1 KB each, for two hours. TLS 1.3's tickets only name them, and both sides exchange
    # new keys.
    context.options |= ssl.OP_NO_TICKET
    # Many clients hang up without TLS's goodbye, and OpenSSL would forget their sessions at once.
    # HTTP says by itself how long a request is, so nobody can cut it short.
    context.options |= getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)  # since OpenSSL 3.0
    # OpenSSL reads keys from files only. The folder has mode 0700, and is removed at once.
    try:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "leaf.pem"
            private_file.write(file, f"{leaf.chain_pem}\n{leaf.private_key_pem}".encode())
            context.load_cert_chain(file)
    except ssl.SSLError as error:
        raise CertificateError(f"OpenSSL refuses the certificate: {error.reason}") from None
    except OSError as error:  # the disk is full, for one
        raise CertificateError(f"no temporary file for OpenSSL: {error.strerror}") from None
    return context


def client_context(ca_pem: str) -> ssl.SSLContext:
    """The context of a client that trusts exactly this CA, and checks the server's name.

    Strict on every Python, as Python 3.13 is by default (RFC 5280).

    Raises:
        CertificateError: not a certificate in PEM.

    >>> from securedata.certificates.authority import CertificateAuthority
    >>> context = client_context(CertificateAuthority.create("Example CA").certificate_pem)
    >>> context.check_hostname, context.verify_mode.name
    (True, 'CERT_REQUIRED')
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    context.hostname_checks_common_name = False  # names are in the SAN only (RFC 9525, 2)
    try:
        context.load_verify_locations(cadata=ca_pem)
    except (ssl.SSLError, ValueError, TypeError):
        raise CertificateError("not a certificate in PEM") from None
    return context
