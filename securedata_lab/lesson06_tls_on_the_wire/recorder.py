"""Records one request of your own: the bytes on the wire, and your side's secrets."""

import tempfile
import time
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import create_urllib3_context

from securedata.serving.server import BackgroundServer
from securedata_lab.lesson05_tls_certificates.tap import Tap
from securedata_lab.wire.recording import Recording

TIMEOUT_SECONDS = 10
GOODBYE_SECONDS = 2  # for the server's last record, an alert: the client has hung up


class _WithKeyLog(HTTPAdapter):
    """As SSLKEYLOGFILE does, but for one session, and without the environment."""

    def __init__(self, keylog_file: Path) -> None:
        self._keylog_file = keylog_file
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        self._context = create_urllib3_context()
        self._context.keylog_filename = str(self._keylog_file)
        super().init_poolmanager(*arguments, ssl_context=self._context, **options)

    def close(self) -> None:
        """End the sessions, and close the file: Windows deletes none that is open."""
        super().close()
        self._context.keylog_filename = None  # type: ignore[assignment]  # the stub lacks None


def record_post(server: BackgroundServer, path: str, body: dict[str, Any]) -> Recording:
    """POST a JSON body through a tap; return what passed, and the key log of your TLS library.

    >>> from securedata_lab.twins.twin import Twin, TwinServer
    >>> with TwinServer(Twin()) as server:
    ...     mine = record_post(server, "/store", {"data": "text"})
    >>> "CLIENT_TRAFFIC_SECRET_0" in mine.keylog, b"text" in mine.client_stream
    (True, False)

    The last record is the server's goodbye.

    >>> from securedata_lab.wire.decryption import decrypted_records
    >>> opened = decrypted_records(mine.client_stream, mine.server_stream, mine.keylog)
    >>> opened[-1].side, opened[-1].content_type
    ('server', 'alert')
    """
    with tempfile.TemporaryDirectory(prefix="securedata-") as folder, Tap(server.url) as tap:
        keylog_file = Path(folder, "keylog.txt")
        with requests.Session() as session:
            session.mount("https://", _WithKeyLog(keylog_file))
            url, ca_file = tap.url + path, str(server.ca_file)
            session.post(url, json=body, verify=ca_file, timeout=TIMEOUT_SECONDS)
        keylog = keylog_file.read_text(encoding="ascii")
        (connection,) = tap.connections
        end = time.monotonic() + GOODBYE_SECONDS
        while not connection.closed and time.monotonic() < end:
            time.sleep(0.01)
    return Recording(
        name="mine",
        sentence=f"Your own POST {path}.",
        client_stream=connection.client,
        server_stream=connection.server,
        keylog=keylog,
    )
