"""One client's connection, from the accept to the end: its bytes, and how long it was idle.

Tornado does TLS and HTTP. No app here: for each request, Tornado calls what `begin` gives it.
"""

import asyncio
import socket
import ssl
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from logging import Logger

from tornado.http1connection import HTTP1ConnectionParameters, HTTP1ServerConnection
from tornado.httputil import HTTPConnection, HTTPMessageDelegate, HTTPServerConnectionDelegate
from tornado.iostream import IOStream, SSLIOStream, StreamClosedError

HEAD_SECONDS = 15
NEW_SECONDS = 2  # enough for the handshake, or for a head and its body, of a client far away
IDLE_SECONDS = 75
LINGER_SECONDS = 2  # after an early answer, the rest of the body is read and thrown away,
LINGER_BYTES = 8 * 1024 * 1024  # up to here
HEAD_BYTES = 16 * 1024
READ_BYTES = 16 * 1024  # a TLS record has no more
TRY_HTTPS = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n"
    b"This service speaks HTTPS. Begin its address with https://, not with http://.\n"
)
NO_LIMIT = 10**20  # bytes of a body, for Tornado. gateway.py has a limit, and answers in JSON


class Connection(HTTPServerConnectionDelegate):
    """One client. It is among the open connections until it is closed.

    Raises:
        OSError: the client has gone already.

    >>> issubclass(Connection, HTTPServerConnectionDelegate)
    True
    """

    def __init__(
        self,
        client: socket.socket,
        address: str,
        tls: ssl.SSLContext | None,
        logger: Logger,
        begin: "Callable[[Connection, HTTPConnection], HTTPMessageDelegate]",
        connections: "set[Connection]",
    ) -> None:
        port = client.getsockname()[1]
        self.stream, self._begin, self._open = _stream(client, tls, logger), begin, connections
        self._state: dict[str, bool] = {}  # what the app says of the connection
        self.environ = {  # the part that all its requests share
            "REMOTE_ADDR": address,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": str(port),
            "wsgi.url_scheme": "https" if tls else "http",
            "securedata.connection": self._state,
        }
        self.is_idle, self._has_asked, self._is_answered = True, False, False
        self.since = time.monotonic()  # when it was accepted, or last not idle
        connections.add(self)
        limits = HTTP1ConnectionParameters(max_header_size=HEAD_BYTES, max_body_size=NO_LIMIT)
        HTTP1ServerConnection(self.stream, limits).start_serving(self)

    def start_request(
        self, server_conn: object, request_conn: HTTPConnection
    ) -> HTTPMessageDelegate:
        """Tornado waits for a head."""
        return self._begin(self, request_conn)

    def on_close(self, server_conn: object) -> None:
        """Tornado has noticed the end."""
        self._open.discard(self)

    def note(self, *, idle: bool, answered: bool = False) -> None:
        """A head is here, a request is whole, or its answer is on the way.

        While the app works for it, it is not idle, and is not closed as such.
        """
        self.is_idle, self._is_answered = idle, answered
        self._has_asked, self.since = True, time.monotonic()

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
    received = 0  # bytes, without TLS's
    discards = False
    on_chunk: Callable[[], None]  # is called before each chunk of a body
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

    def read_until_regex(self, regex: bytes, max_bytes: int | None = None) -> Awaitable[bytes]:
        """Read a head, unless the request before was the last: it may lie in the buffer already.

        Else it would be done, and never be answered (RFC 9112, 9.6).
        """
        if self.closed() or self.discards:
            raise StreamClosedError
        return super().read_until_regex(regex, max_bytes)

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


def _stream(client: socket.socket, tls: ssl.SSLContext | None, logger: Logger) -> _Stream:
    # Without it, each answer on a kept connection waits 40 ms for an acknowledgement.
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if tls is None:
        return _Stream(client, read_chunk_size=READ_BYTES)
    wrapped = tls.wrap_socket(client, server_side=True, do_handshake_on_connect=False)
    stream = _TlsStream(wrapped, ssl_options=tls, read_chunk_size=READ_BYTES)
    stream.logger = logger
    return stream
