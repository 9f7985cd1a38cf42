"""A server that says hello over TLS: all that matters is its certificate.

It listens on loopback only, and knows nothing of what its clients check.
"""

import socket
import ssl

from securedata.certificates.authority import CertificateAuthority, Leaf
from securedata.certificates.issuing import LOCALHOST_NAMES
from securedata.certificates.tls import server_context
from securedata.lab.tls.listener import Listener
from securedata.lab.twins.ca_file import vanishing_ca_file

HEAD_BYTES = 8192
ANSWER = (
    b"HTTP/1.1 200 OK\r\n"
    b"Content-Type: text/plain\r\n"
    b"Content-Length: 6\r\n"
    b"Connection: close\r\n"
    b"\r\n"
    b"hello\n"
)


class HelloServer(Listener):
    """Answers every request with hello. `ca_file` is whom its clients trust, and only carried.

    >>> ca = CertificateAuthority.create("Example CA")
    >>> HelloServer(server_context(ca.issue("localhost")), ca_pem=ca.certificate_pem).ca_file.name
    'ca.pem'
    """

    def __init__(self, tls: ssl.SSLContext, *, ca_pem: str, host: str = "localhost") -> None:
        super().__init__(host)
        self.ca_file = vanishing_ca_file(self, ca_pem)
        self._tls = tls

    @property
    def url(self) -> str:
        """Where the server is, once it has started."""
        return f"https://{self.address}"

    def serve(self, client: socket.socket) -> None:
        """One handshake, one request, one answer."""
        with self._tls.wrap_socket(
            client, server_side=True, do_handshake_on_connect=False
        ) as connection:
            self.hold(connection)
            head = b""
            while b"\r\n\r\n" not in head and len(head) < HEAD_BYTES:
                head += _some_bytes(connection)
            connection.sendall(ANSWER)
            connection.unwrap()  # TLS's goodbye (RFC 9846, 6.1)


def hello_server() -> HelloServer:
    """Start a server with which nothing is wrong: every client should accept it.

    >>> with hello_server() as server:
    ...     server.url.rpartition(":")[0]
    'https://localhost'
    """
    ca = CertificateAuthority.create("hello CA")
    leaf = ca.issue(*LOCALHOST_NAMES)
    return serve_with(leaf.chain_pem, leaf.private_key_pem, ca_pem=ca.certificate_pem)


def serve_with(
    chain_pem: str, private_key_pem: str, *, ca_pem: str, host: str = "localhost"
) -> HelloServer:
    """Start a server that says hello with this certificate (its issuers may follow it) and key.

    Raises:
        CertificateError: OpenSSL refuses the certificate or the key.
        ListenError: the host is not this machine alone.

    >>> ca = CertificateAuthority.create("Example CA")
    >>> leaf = ca.issue("127.0.0.1")
    >>> with serve_with(leaf.chain_pem, leaf.private_key_pem, ca_pem=ca.certificate_pem,
    ...                 host="127.0.0.1") as server:
    ...     server.url.rpartition(":")[0]
    'https://127.0.0.1'
    """
    tls = server_context(Leaf(chain_pem, private_key_pem))
    server = HelloServer(tls, ca_pem=ca_pem, host=host)
    server.start()
    return server


def _some_bytes(connection: ssl.SSLSocket) -> bytes:
    """The handshake comes by itself before the first of them."""
    data = connection.recv(HEAD_BYTES)
    if not data:
        raise ConnectionAbortedError("the client has gone")
    return data
