"""A client that costs little: a connection over TLS that is kept, and asked request by request.

`requests` costs as much as the server that it would measure. This one sends bytes that were made
beforehand and reads no more of the answer than its status, its length and whether to hang up. The
server's certificate is verified, as by any client. It connects again when the server hangs up.
"""

import json
import re
import socket
import ssl
from pathlib import Path

LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)
LAST = re.compile(rb"\r\nconnection: close\r\n", re.IGNORECASE)


def post(path: str, body: object) -> bytes:
    """The bytes of a request with this body as JSON."""
    content = json.dumps(body).encode("utf-8")
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    return head.encode("ascii") + b"Content-Length: %d\r\n\r\n%b" % (len(content), content)


class Connection:
    """One client of a server on this machine. Not for use by two threads at a time."""

    def __init__(self, port: int, ca_file: Path) -> None:
        self._port = port
        self._tls = ssl.create_default_context(cafile=ca_file)
        self._socket: ssl.SSLSocket | None = None

    def ask(self, request: bytes) -> bytes:
        """Send a request; return the body of the answer, which must be 200."""
        head, body = self.exchange(request)
        if not head.startswith(b"HTTP/1.1 200 "):
            raise RuntimeError(f"not what was asked for: {head!r}")
        return body

    def exchange(self, request: bytes) -> tuple[bytes, bytes]:
        """Send a request; return head and body of the answer, whatever it is."""
        connection = self._socket = self._socket or self.connect()
        connection.sendall(request)
        head, body = _read_answer(connection)
        if LAST.search(head):
            self.close()
        return head, body

    def close(self) -> None:
        """Hang up; the next request connects again."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def connect(self) -> ssl.SSLSocket:
        """A new socket on which the handshake is done, and nothing is said yet."""
        address = ("localhost", self._port)
        plain = socket.create_connection(address, timeout=60)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._tls.wrap_socket(plain, server_hostname="localhost")


def _read_answer(connection: ssl.SSLSocket) -> tuple[bytes, bytes]:
    received = b""
    while b"\r\n\r\n" not in received:
        received += _some(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    head += b"\r\n"
    length = LENGTH.search(head)
    assert length is not None, head
    while len(body) < int(length[1]):
        body += _some(connection)
    return head, body


def _some(connection: ssl.SSLSocket) -> bytes:
    part = connection.recv(65536)
    if not part:
        raise ConnectionError("the server hung up in the middle of an answer")
    return part
