"""A tap on the wire: a TCP proxy that writes down every byte that passes, in both directions.

It never looks inside: HTTP and HTTPS are bytes to it. It stands before a server of this machine,
and listens on loopback only.
"""

import socket
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from securedata.certificates.issuing import LOCALHOST_NAMES
from securedata.errors import FormatError
from securedata_lab.servers.listener import Listener, begin, hang_up

PORTS = {"http": 80, "https": 443}

CHUNK_BYTES = 65536
CONNECT_SECONDS = 1
QUIET_SECONDS = 1.0


class Connection:
    """What passed on one connection: the bytes that each side has sent so far.

    >>> Connection()
    Connection(0 bytes from the client, 0 from the server, open)
    """

    def __init__(self) -> None:
        self.closed = False
        self._client = bytearray()
        self._server = bytearray()

    @property
    def client(self) -> bytes:
        """All that the client has sent."""
        return bytes(self._client)

    @property
    def server(self) -> bytes:
        """All that the server has sent."""
        return bytes(self._server)

    def carry(self, client: socket.socket, server: socket.socket) -> None:
        """Copy in both directions, until both have ended."""
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # pass on at once
        answers = begin(_copy, server, client, self._server)
        _copy(client, server, self._client)
        answers.join()

    def __repr__(self) -> str:
        return (
            f"Connection({len(self._client)} bytes from the client, {len(self._server)} from the "
            f"server, {'closed' if self.closed else 'open'})"
        )


class Tap(Listener):
    """Stands between clients and the server at this url, and records each connection.

    Clients call `tap.url` instead of the server's: the same host, so that the certificate's name
    still fits, and another port. `connections` are in the order in which they came.

    Raises:
        FormatError: the server is not on this machine.

    >>> import requests
    >>> from securedata_lab.lesson05_tls_certificates.plain import serve_without_tls
    >>> with serve_without_tls() as server, Tap(server.url) as tap:
    ...     answer = requests.get(f"{tap.url}/health", timeout=5)
    ...     b"GET /health" in tap.connections[0].client, b'"ok"' in tap.connections[0].server
    (True, True)
    """

    def __init__(self, url: str) -> None:
        self.connections: list[Connection] = []
        self._parts = urlsplit(url)
        self._server_address = _own_address(url)
        super().__init__(self._server_address[0])

    @property
    def url(self) -> str:
        """Where clients find the tap, once it has started: the server's url with another port."""
        return self._parts._replace(netloc=self.address).geturl()

    def serve(self, client: socket.socket) -> None:
        """Connect this client with the server, and record what passes."""
        connection = Connection()
        self.connections.append(connection)
        try:
            with socket.create_connection(self._server_address, CONNECT_SECONDS) as server:
                self.hold(server)
                server.settimeout(None)
                connection.carry(client, server)
        finally:
            connection.closed = True

    def __repr__(self) -> str:
        return f"Tap({self._parts.geturl()!r}, {len(self.connections)} connections)"


@dataclass(frozen=True)
class Answer:
    """What a server said to one part of a replay, and whether it hung up then.

    >>> Answer(b"HTTP/1.1 200 OK", hung_up=True).hung_up
    True
    """

    data: bytes
    hung_up: bool


def replay(url: str, *parts: bytes) -> list[Answer]:
    """Send recorded bytes anew, part by part, over a new connection; return each part's answer.

    After each part it listens until the server hangs up, or says nothing for a second.

    Raises:
        FormatError: the server is not on this machine.
        OSError: there is no server at this url.

    >>> from securedata_lab.lesson05_tls_certificates.plain import serve_without_tls
    >>> with serve_without_tls() as server:
    ...     request = b"GET /health HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n"
    ...     (answer,) = replay(server.url, request)
    >>> answer.data.splitlines()[0]
    b'HTTP/1.1 200 OK'
    """
    with socket.create_connection(_own_address(url), timeout=QUIET_SECONDS) as server:
        return [_answer_to(part, server) for part in parts]


def _answer_to(part: bytes, server: socket.socket) -> Answer:
    answer = bytearray()
    with suppress(OSError):  # it refuses, and hangs up, before it has read all
        server.sendall(part)
    try:
        while data := server.recv(CHUNK_BYTES):
            answer += data
    except TimeoutError:
        return Answer(bytes(answer), hung_up=False)
    except OSError:  # a reset
        pass
    return Answer(bytes(answer), hung_up=True)


def _own_address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    if parts.hostname not in LOCALHOST_NAMES or parts.scheme not in PORTS:
        raise FormatError(
            "this is for your own server, at http:// or https:// and "
            f"{', '.join(LOCALHOST_NAMES)}; not for {url}"
        )
    return parts.hostname, parts.port or PORTS[parts.scheme]


def _copy(source: socket.socket, sink: socket.socket, stream: bytearray) -> None:
    with suppress(OSError):  # the sink takes no more; what it has said may still go back
        while data := _next_bytes(source, sink):
            stream += data  # first: a byte that was received is already recorded
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)  # the source has said all, and may still be answered


def _next_bytes(source: socket.socket, sink: socket.socket) -> bytes:
    try:
        return source.recv(CHUNK_BYTES)
    except OSError:  # reset: no client is left to answer
        hang_up(sink)
        return b""
