"""A server that speaks HTTP without TLS, for one lesson: what can be read on the wire then.

Like all servers of the kit it listens on loopback only.
"""

import ssl

import uvicorn
from flask import Flask

from securedata.lab.twin import Twin, create_twin_app
from securedata.serving.server import BackgroundServer


class PlainServer(BackgroundServer):
    """An app over HTTP, to see what TLS hides. Never for anything but a lesson.

    >>> PlainServer(Flask("example")).url.partition(":")[0]
    'http'
    """

    def __init__(self, app: Flask) -> None:
        super().__init__(app, tls=ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))

    @property
    def url(self) -> str:
        """Where the server is: `http://localhost:port`, once it has started."""
        return super().url.replace("https", "http", 1)

    def _config(self) -> uvicorn.Config:
        config = super()._config()
        config.ssl = None
        return config


def serve_without_tls() -> PlainServer:
    """Start the control twin over HTTP: /store and /retrieve as ever, readable on the wire.

    >>> with serve_without_tls() as server:
    ...     server.url.rpartition(":")[0]
    'http://localhost'
    """
    server = PlainServer(create_twin_app(Twin()))
    server.start()
    return server
