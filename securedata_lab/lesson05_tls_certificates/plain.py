"""A server that speaks HTTP without TLS, for one lesson: what can be read on the wire then.

It listens on loopback only.
"""

from securedata.serving.server import BackgroundServer
from securedata_lab.twins.twin import Twin, create_twin_app


def serve_without_tls() -> BackgroundServer:
    """Start the control twin over HTTP: /store and /retrieve as ever, readable on the wire.

    >>> with serve_without_tls() as server:
    ...     server.url.rpartition(":")[0]
    'http://localhost'
    """
    server = BackgroundServer(create_twin_app(Twin()), tls=None)
    server.start()
    return server
