"""Records one request of your own: the bytes on the wire, and your side's secrets."""

import json
import tempfile
import time
from contextlib import closing
from http.client import HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from securedata.serving.server import BackgroundServer
from securedata_lab.lesson05_tls_certificates.tap import Tap
from securedata_lab.lesson06_tls_on_the_wire.tls_client import verifying_client
from securedata_lab.wire.recording import Recording

TIMEOUT_SECONDS = 10
GOODBYE_SECONDS = 2  # for the server's last record, an alert: the client has hung up
IN_JSON = {"Content-Type": "application/json"}


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
        context = verifying_client(cafile=str(server.ca_file))
        context.keylog_filename = str(keylog_file)
        port = urlsplit(tap.url).port
        asked = HTTPSConnection("localhost", port, timeout=TIMEOUT_SECONDS, context=context)
        with closing(asked):
            asked.request("POST", path, json.dumps(body), IN_JSON)
            asked.getresponse().read()
        # Close the file: Windows deletes none that is open.
        context.keylog_filename = None  # type: ignore[assignment]  # the stub lacks None
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
