"""Who may stay connected: a stranger gets a socket for seconds, and little memory.

Tornado does TLS and HTTP. Connections are accepted and closed here:

| a connection                              | is closed                                            |
|-------------------------------------------|------------------------------------------------------|
| stops before the end of its first head    | 15 s after it was accepted                           |
| is idle after an answer, stops in a later | 75 s after its last answer                           |
| head, or does not read that answer        |                                                      |
| waits like these while the server is full | at once, the oldest first. Clients with a token, and |
|                                           | those that came, or sent a head, within 2 s, go last |

A client that keeps the event loop busy makes all these limits late.
"""

import asyncio
import socket
import ssl
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from logging import Logger

from tornado.http1connection import HTTP1ConnectionParameters, HTTP1ServerConnection
from tornado.httputil import HTTPConnection, HTTPMessageDelegate, HTTPServerConnectionDelegate
from tornado.iostream import IOStream, SSLIOStream

from securedata.serving.gateway import Exchange, Gateway

if sys.platform != "win32":
    import resource

HEAD_SECONDS = 15
NEW_SECONDS = 2  # enough for the handshake, or for a head and its body, of a client far away
IDLE_SECONDS = 75
LINGER_SECONDS = 2  # after an early answer, the rest of the body is read and thrown away,
LINGER_BYTES = 8 * 1024 * 1024  # up to here
GRACE_SECONDS = 1  # how long requests may still take when the server stops
SPARE_FILES = 80  # for the database, and for the rest of the process
MOST_CLIENTS = 2000
WINDOWS_CLIENTS = 400  # select() takes 512 sockets there
COMPLAINT_SECONDS = 60  # between log lines about failed accepts, or a library's errors
TURN_SECONDS = 0.005  # between two clients when all places are taken: a flood leaves others time
HEAD_BYTES = 16 * 1024
READ_BYTES = 16 * 1024  # a TLS record has no more
TRY_HTTPS = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n"
    b"This service speaks HTTPS. Begin its address with https://, not with http://.\n"
)
NO_LIMIT = 10**20  # bytes of a body, for Tornado. gateway.py has a limit, and answers in JSON


class Connections:
    """Accepts connections, and closes those that are late.

    `tls` is asked at each accept, so that a renewed certificate is served.

    >>> from flask import Flask
    >>> connections = Connections(Gateway(Flask("example")), lambda: None, Logger("example"))
    >>> connections.close_late()
    """

    def __init__(
        self, gateway: Gateway, tls: Callable[[], ssl.SSLContext | None], logger: Logger
    ) -> None:
        self._gateway, self._tls, self._logger = gateway, tls, logger
        self._open: set[_Connection] = set()
        self._complained = -float(COMPLAINT_SECONDS)

    async def accept_at(self, listener: socket.socket) -> None:
        """Accept one client after the other, until this is cancelled."""
        loop = asyncio.get_running_loop()
        listener.setblocking(False)
        while True:
            await asyncio.sleep(0)  # a flood of clients must not hold up all others
            try:
                client, address = await loop.sock_accept(listener)
            except ConnectionError:
                continue  # the client has gone
            except OSError as error:  # no file is left, most likely
                self._complain(error)
                self._make_room()
                await asyncio.sleep(1)
                continue
            with suppress(OSError):  # gone already
                port = client.getsockname()[1]
                stream = self._stream(client)
                newest = _Connection(stream, address[0], port, self._gateway, self._open)
                while len(self._open) > _places():
                    self._make_room(newest)
                    await asyncio.sleep(TURN_SECONDS)

    def close_late(self) -> None:
        """Close every connection that has been idle for too long. Call this once a second."""
        for connection in filter(_Connection.is_late, list(self._open)):
            connection.close()

    async def close_all(self) -> None:
        """Close the idle connections, and the others after their answer, or after a second."""
        deadline = time.monotonic() + GRACE_SECONDS
        while self._open and time.monotonic() < deadline:
            for connection in list(self._open):
                if connection.is_idle and not connection.stream.writing():
                    connection.close()
            await asyncio.sleep(0.01)
        for connection in list(self._open):
            connection.close()

    def _stream(self, client: socket.socket) -> "_Stream":
        tls = self._tls()
        # Without it, each answer on a kept connection waits 40 ms for an acknowledgement.
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls is None:
            return _Stream(client, read_chunk_size=READ_BYTES)
        wrapped = tls.wrap_socket(client, server_side=True, do_handshake_on_connect=False)
        stream = _TlsStream(wrapped, ssl_options=tls, read_chunk_size=READ_BYTES)
        stream.logger = self._logger
        return stream

    def _make_room(self, newest: "_Connection | None" = None) -> None:
        idle = [it for it in self._open if it.is_idle and it is not newest]
        if idle:
            min(idle, key=_Connection.rank).close()

    def _complain(self, error: OSError) -> None:
        if time.monotonic() - self._complained >= COMPLAINT_SECONDS:
            self._complained = time.monotonic()
            self._logger.warning("clients have to wait: %s", error)


class _Connection(HTTPServerConnectionDelegate):
    """One client, from the accept on. It is among the open connections until it is closed."""

    def __init__(
        self,
        stream: "_Stream",
        address: str,
        port: int,
        gateway: Gateway,
        connections: "set[_Connection]",
    ) -> None:
        self.stream, self._gateway, self._open = stream, gateway, connections
        self._state: dict[str, bool] = {}  # what the app says of the connection
        self.environ = {
            "REMOTE_ADDR": address,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": str(port),
            "wsgi.url_scheme": "https" if isinstance(stream, SSLIOStream) else "http",
            "securedata.connection": self._state,
        }
        self.is_idle, self._has_asked, self._is_answered = True, False, False
        self.since = time.monotonic()  # when it was accepted, or last not idle
        connections.add(self)
        limits = HTTP1ConnectionParameters(max_header_size=HEAD_BYTES, max_body_size=NO_LIMIT)
        HTTP1ServerConnection(stream, limits).start_serving(self)

    def start_request(
        self, server_conn: object, request_conn: HTTPConnection
    ) -> HTTPMessageDelegate:
        """Tornado waits for a head."""
        exchange = Exchange(self._gateway, self, request_conn)
        self.stream.on_chunk = exchange.begin_chunk
        return exchange

    def on_close(self, server_conn: object) -> None:
        """Tornado has noticed the end."""
        self._open.discard(self)

    def note(self, *, idle: bool, answered: bool = False) -> None:
        """A head is here, a request is whole, or its answer is on the way."""
        self.is_idle, self._is_answered = idle, answered
        self._has_asked, self.since = True, time.monotonic()

    @property
    def received(self) -> int:
        """How many bytes have come, without TLS's."""
        return self.stream.received

    def discard(self) -> None:
        """Throw away what still comes. Tornado parses no more chunks: tiny ones take it long."""
        self.stream.discards = True

    def linger(self) -> None:
        """Close it soon: if it were at once, a reset could take the answer away (RFC 9112, 9.6)."""
        self.discard()
        asyncio.get_running_loop().call_later(LINGER_SECONDS, self._close_when_written)

    def close(self) -> None:
        """Close it at once."""
        self._open.discard(self)
        self.stream.close()

    def _close_when_written(self) -> None:
        if not self.stream.writing():
            self.close()

    def is_late(self) -> bool:
        """Whether it has been idle for too long."""
        limit = IDLE_SECONDS if self._has_asked else HEAD_SECONDS
        return self.is_idle and time.monotonic() - self.since > limit

    def rank(self) -> tuple[bool, float]:
        """The lowest of all idle connections has to go first."""
        is_new = not self._is_answered and time.monotonic() - self.since < NEW_SECONDS
        return is_new or "has_token" in self._state, self.since


class _Stream(IOStream):
    received = 0  # bytes
    discards = False
    on_chunk: Callable[[], None]
    logger: Logger  # of a stream with TLS
    _discarded = 0  # bytes

    def set_nodelay(self, value: bool) -> None:
        """Keep TCP_NODELAY as it is: Tornado would change it twice for each answer."""

    def read_from_fd(self, buf: bytearray | memoryview) -> int | None:
        """Read, or throw away what there is, and say that there is nothing."""
        try:
            count = super().read_from_fd(buf)
        except ssl.SSLError as error:
            self.logger.warning("TLS with a client is broken: %s", error)
            return 0  # as if the client had gone; else Tornado logs a traceback
        self.received += count or 0
        if not self.discards or not count:
            return count
        self._discarded += count
        return None if self._discarded < LINGER_BYTES else 0  # as if the client had gone

    def read_until(self, delimiter: bytes, max_bytes: int | None = None) -> Awaitable[bytes]:
        """Read the first line of a chunk, unless no more of the body is wanted.

        Tornado reads nothing else with this method. Should that change, a test fails.
        """
        self.on_chunk()
        return self._drain() if self.discards else super().read_until(delimiter, max_bytes)

    async def _drain(self) -> bytes:
        while True:  # until the end of the connection is raised
            await self.read_bytes(READ_BYTES, partial=True)


class _TlsStream(_Stream, SSLIOStream):
    def close_fd(self) -> None:
        """Send close_notify first. Without it, the end may be an attacker's (RFC 9846, 6.1)."""
        if getattr(self.error, "reason", "") == "HTTP_REQUEST":  # instead of a handshake
            self._answer_in_plain_http()
        with suppress(OSError, ValueError):  # the handshake is not done, or the client has gone
            self.socket.unwrap()
        super().close_fd()

    def _answer_in_plain_http(self) -> None:
        """A browser takes http:// where somebody types localhost:5000."""
        with suppress(OSError):  # the client has gone
            socket.socket.send(self.socket, TRY_HTTPS)  # below TLS
            socket.socket.recv(self.socket, HEAD_BYTES)  # else the close is a reset


def _places() -> int:
    if sys.platform == "win32":
        return WINDOWS_CLIENTS
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_CLIENTS if files < 0 else max(1, min(files - SPARE_FILES, MOST_CLIENTS))
