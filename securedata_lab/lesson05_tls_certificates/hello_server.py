"""A server that says hello over TLS: all that matters is its certificate.

It listens on loopback only, and knows nothing of what its clients check.
"""

import ssl

from flask import Flask

from securedata.certificates.authority import CertificateAuthority, Leaf
from securedata.certificates.issuing import LOCALHOST_NAMES
from securedata.certificates.tls import server_context
from securedata.serving.server import BackgroundServer
from securedata_lab.twins.ca_file import vanishing_ca_file


class HelloServer(BackgroundServer):
    """Says hello. `ca_file` is whom its clients trust, and only carried.

    >>> ca = CertificateAuthority.create("Example CA")
    >>> HelloServer(server_context(ca.issue("localhost")), ca_pem=ca.certificate_pem).ca_file.name
    'ca.pem'
    """

    def __init__(self, tls: ssl.SSLContext, *, ca_pem: str) -> None:
        app = Flask("hello", static_folder=None)
        app.add_url_rule("/", view_func=lambda: "hello\n")
        super().__init__(app, tls=tls, ca_file=vanishing_ca_file(self, ca_pem))


def hello_server() -> HelloServer:
    """Start a server with which nothing is wrong: every client should accept it.

    >>> with hello_server() as server:
    ...     server.url.rpartition(":")[0]
    'https://localhost'
    """
    ca = CertificateAuthority.create("hello CA")
    leaf = ca.issue(*LOCALHOST_NAMES)
    return serve_with(leaf.chain_pem, leaf.private_key_pem, ca_pem=ca.certificate_pem)


def serve_with(chain_pem: str, private_key_pem: str, *, ca_pem: str) -> HelloServer:
    """Start a server that says hello with this certificate (its issuers may follow it) and key.

    Raises:
        CertificateError: OpenSSL refuses the certificate or the key.

    >>> ca = CertificateAuthority.create("Example CA")
    >>> leaf = ca.issue("localhost")
    >>> with serve_with(leaf.chain_pem, leaf.private_key_pem, ca_pem=ca.certificate_pem) as server:
    ...     server.is_running
    True
    """
    server = HelloServer(server_context(Leaf(chain_pem, private_key_pem)), ca_pem=ca_pem)
    server.start()
    return server
