"""Builds X.509 certificates (RFC 5280), good and bad: any name, any dates, signed by anyone.

It is the only builder. The service's own CA (authority.py) checks names first; lessons and tests
do not. No files or sockets here.
"""

import datetime
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from securedata.errors import CertificateError, FormatError

LOCALHOST_NAMES = ("localhost", "127.0.0.1", "::1")
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True)
class Certified:
    """A certificate and its private key, both PEM. It can sign others, even if it is not a CA.

    >>> issue_certificate("localhost").certificate_pem.splitlines()[0]
    '-----BEGIN CERTIFICATE-----'
    """

    certificate_pem: str
    private_key_pem: str = field(repr=False)


def issue_certificate(
    common_name: str,
    *,
    by: Certified | None = None,
    names: Sequence[str] = (),
    days: tuple[float, float] = (-1, 90),
    is_ca: bool = False,
    path_length: int | None = None,
    permitted: Sequence[x509.GeneralName] = (),
    purposes: Sequence[x509.ObjectIdentifier] = (ExtendedKeyUsageOID.SERVER_AUTH,),
    key: Key | None = None,
) -> Certified:
    """Issue a certificate, good or bad: nothing is checked. Without `by` it signs itself.

    `names` are the subject alternative names, and `days` its first and last day, counted from
    today. Of a CA, `path_length` limits how many CAs may follow, and `permitted` the names. With
    no `purposes` it is for any purpose. The new key is ECDSA P-256, unless a `key` is given.

    Raises:
        CertificateError: the issuer's key is neither ECDSA nor RSA.
        FormatError: `by` or `is_ca` is something else, such as a name.
        ValueError: the name is empty, or longer than 64 characters.

    >>> root = issue_certificate("Example CA", is_ca=True)
    >>> leaf = issue_certificate("localhost", by=root, names=["localhost", "127.0.0.1"])
    >>> expired = issue_certificate("localhost", by=root, names=["localhost"], days=(-90, -1))
    """
    if not isinstance(is_ca, bool):
        raise FormatError(f"is_ca must be True or False, not of type {type(is_ca).__name__}")
    if not isinstance(by, Certified | None):
        raise FormatError(
            f"by must be what issue_certificate returned, not of type {type(by).__name__}"
        )
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    issuer, signing_key = (subject, key) if by is None else _subject_and_key(by)
    today = datetime.datetime.now(datetime.timezone.utc)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today + datetime.timedelta(days=days[0]))
        .not_valid_after(today + datetime.timedelta(days=days[1]))
        # RFC 5280 asks for these, and Python 3.13 insists on them.
        .add_extension(x509.BasicConstraints(is_ca, path_length), critical=True)
        .add_extension(_key_usage(is_ca), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()),
            critical=False,
        )
    )
    if purposes:
        # On a CA, too: it then vouches for TLS servers only, not for e-mail or TLS clients.
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    if names:
        sans = x509.SubjectAlternativeName([_general_name(name) for name in names])
        builder = builder.add_extension(sans, critical=False)
    if permitted:
        builder = builder.add_extension(x509.NameConstraints(permitted, None), critical=True)
    certificate = builder.sign(signing_key, hashes.SHA256())
    private_key = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return Certified(
        certificate.public_bytes(serialization.Encoding.PEM).decode("ascii"),
        private_key.decode("ascii"),
    )


def _subject_and_key(issuer: Certified) -> tuple[x509.Name, Key]:
    certificate = x509.load_pem_x509_certificate(issuer.certificate_pem.encode("ascii"))
    key = serialization.load_pem_private_key(issuer.private_key_pem.encode("ascii"), password=None)
    if not isinstance(key, Key):
        raise CertificateError("the issuer's key must be ECDSA or RSA")
    return certificate.subject, key


def _key_usage(is_ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_ca,
        crl_sign=is_ca,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
