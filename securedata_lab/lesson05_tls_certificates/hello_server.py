"""A server that says hello over TLS: all that matters is its certificate.

It listens on loopback only, and knows nothing of what its clients check.
"""

import ssl
from typing import Any

from flask import Flask, Response, jsonify, request

from securedata.certificates.authority import CertificateAuthority, Leaf
from securedata.certificates.issuing import LOCALHOST_NAMES
from securedata.certificates.tls import server_context
from securedata.serving.server import BackgroundServer
from securedata_lab.twins.ca_file import vanishing_ca_file


class HelloServer(BackgroundServer):
    """Says hello. `ca_file` is whom its clients trust, and only carried.

    `heard` is what was posted: the JSON of each body.

    >>> ca = CertificateAuthority.create("Example CA")
    >>> HelloServer(server_context(ca.issue("localhost")), ca_pem=ca.certificate_pem).ca_file.name
    'ca.pem'
    """

    def __init__(self, tls: ssl.SSLContext, *, ca_pem: str) -> None:
        self.heard = list[Any]()
        app = Flask("hello", static_folder=None)
        app.before_request(self._hear)  # whatever its path is
        app.add_url_rule("/", view_func=lambda: "hello\n")
        super().__init__(app, tls=tls, ca_file=vanishing_ca_file(self, ca_pem))

    def _hear(self) -> Response | None:
        if request.method == "GET":
            return None
        self.heard.append(request.get_json(silent=True))
        return jsonify(said=self.answer(self.heard[-1]))

    def answer(self, body: Any) -> str:
        """What it says to a body that was posted."""
        return "hello"


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
