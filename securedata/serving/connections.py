"""Who may stay connected: a stranger gets a socket for seconds, and little memory.

asyncio does TLS, uvicorn and h11 do HTTP. Clients are accepted and disconnected here:

| a connection                                | is closed                                        |
|---------------------------------------------|--------------------------------------------------|
| stops before the end of its first head      | 15 s after it was accepted                       |
| is idle after an answer, or in a later head | 90 s after that answer                           |
| does not read its answer                    | after 90 s                                       |
| is one of these when all places are taken   | at once, the oldest first; a client with a token |
|                                             | goes last, and so does a new one, for 2 s        |
| sends a request before its last answer      | after that answer                                |
| sends tiny chunks, or a length and chunks,  | at once, with 400                                |
| more than 100 header fields, or many spaces |                                                  |
| sends far more TLS than HTTP, for instance  | at once                                          |
| thousands of KeyUpdates                     |                                                  |

A client that keeps the event loop busy makes all these limits late.
"""

import asyncio
import re
import socket
import sys
import time
from asyncio import sslproto
from collections.abc import Callable
from contextlib import suppress
from logging import Logger
from typing import Any

import h11
import uvicorn
from h11._receivebuffer import ReceiveBuffer
from uvicorn.protocols.http.h11_impl import H11Protocol

from securedata.web.contract import ALWAYS

if sys.platform != "win32":
    import resource

HEAD_SECONDS = 15
NEW_SECONDS = 2  # enough for the handshake and the first request of a client that is far away
IDLE_SECONDS = 90  # longer than KEEP_ALIVE_SECONDS in server.py, after which uvicorn closes
GOODBYE_SECONDS = 0.05  # between our goodbye and the hang-up
CLOSED_SECONDS = 2  # for TLS's goodbye, which Python 3.10 awaits without a limit
SPARE_FILES = 80  # for the database, and for the rest of the process
MOST_CLIENTS = 2000  # each takes up to 0.2 MiB of memory
TURN_SECONDS, LONGEST_TURN_SECONDS = 0.0005, 0.01
MOST_AT_ONCE = 16
COMPLAINT_SECONDS = 60  # between log lines about failed accepts
MOST_FIELDS = 100  # of a head, or of a trailer; h11 takes 40 ms for 2,700 empty ones
LONG_SPACE = re.compile(rb"[ \t]{64}")
CHUNK_LINE_BYTES = 256
FREE_CHUNKS, CHUNK_BYTES = 64, 256  # more chunks must have this average size
FREE_TLS_BYTES = 32 * 1024  # a handshake, and 1,300 records of one byte (RFC 8446, 5.2)
TLS_BYTES = 4  # for each byte of HTTP: records of 8 bytes have less
TLS_LIMITS: dict[str, Any] = {"ssl_handshake_timeout": float(HEAD_SECONDS)}
if sys.version_info >= (3, 11):
    TLS_LIMITS["ssl_shutdown_timeout"] = 2.0  # else a client that says no goodbye stays 30 s


class Reception(uvicorn.Server):
    """uvicorn's server, except for how it accepts and disconnects clients.

    Its event loop calls `beat` ten times a second. `shared`: other processes accept, too.

    >>> Reception(uvicorn.Config("example:app"), Logger("example"), print, shared=False).started
    False
    """

    def __init__(
        self, config: uvicorn.Config, logger: Logger, beat: Callable[[], None], *, shared: bool
    ) -> None:
        super().__init__(config)
        self._logger, self._beat, self._shared = logger, beat, shared
        self._guests: set[_Guest] = set()
        self._accepting: list[asyncio.Task[None]] = []
        self._complained = -float(COMPLAINT_SECONDS)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to accept clients at these sockets."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(
            lambda loop, context: self._logger.warning("asyncio: %s", context["message"])
        )
        for listener in sockets or []:
            listener.setblocking(False)
            self._accepting.append(loop.create_task(self._accept_all(listener)))
        self.servers = []
        self.started = True

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second: say that the loop lives. Once a second: look at all clients."""
        self._beat()
        if counter % 10 == 0:
            self._hang_up_on_late_clients(time.monotonic())
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop within two seconds. A client that waits for no answer gets no grace."""
        for task in self._accepting:
            task.cancel()
        await asyncio.gather(*self._accepting, return_exceptions=True)
        for guest in filter(_Guest.is_idle, self._guests):
            guest.loop.call_later(GOODBYE_SECONDS, guest.hang_up)
        await super().shutdown(sockets)
        for guest in list(self._guests):
            guest.hang_up()
        await asyncio.sleep(0)  # the loop notices in its next round

    async def _accept_all(self, listener: socket.socket) -> None:
        while True:
            try:
                await self._accept(listener)
            except ConnectionError:
                continue  # the client has gone
            except Exception as error:  # no file is left, most likely
                if time.monotonic() - self._complained >= COMPLAINT_SECONDS:
                    self._complained = time.monotonic()
                    self._logger.warning("clients have to wait: %s", error)
                self._make_room()
                await asyncio.sleep(1)

    async def _accept(self, listener: socket.socket) -> None:
        if sys.platform == "win32":  # its event loop cannot say that a client waits
            self._welcome((await asyncio.get_running_loop().sock_accept(listener))[0])
            return
        await _readable(listener)
        while len(self._guests) >= _places() and not self._make_room():
            await asyncio.sleep(0.1)
        if self._shared:  # a worker with fewer clients waits less, and accepts first
            await asyncio.sleep(min(TURN_SECONDS * len(self._guests), LONGEST_TURN_SECONDS))
        free = max(_places() - len(self._guests), 1)
        with suppress(BlockingIOError):  # the others took all
            for _ in range(min(1 + len(self._guests) // 4, MOST_AT_ONCE, free)):
                self._welcome(listener.accept()[0])

    def _welcome(self, client: socket.socket) -> None:
        client.setblocking(False)
        guest = _Guest(client, self._guests, self.config, self.server_state, {})
        protocol = _Tls(guest, self.config.ssl) if self.config.ssl else guest
        arrival = guest.loop.connect_accepted_socket(lambda: protocol, client)
        guest.arrival = guest.loop.create_task(arrival)

    def _hang_up_on_late_clients(self, now: float) -> None:
        for guest in list(self._guests):
            if not guest.is_idle():
                guest.since = now
            elif now - guest.since > guest.idle_limit():
                guest.hang_up()

    def _make_room(self) -> bool:
        first = min(filter(_Guest.is_idle, self._guests), key=_Guest.rank, default=None)
        if first:
            first.hang_up()
        return first is not None


class _Guest(H11Protocol):
    """One connection, from the accept on. It is among the guests until it is lost."""

    arrival: "asyncio.Task[Any]"
    http_bytes = 0  # from the client so far

    def __init__(self, client: socket.socket, guests: "set[_Guest]", *uvicorns: Any) -> None:
        super().__init__(*uvicorns)
        self.conn = _Connection()
        self._asgi, self.app = self.app, self._ask
        self.client_socket = client
        self.accepted = self.since = time.monotonic()  # since: when it was last not idle
        self._state: dict[str, bool] = {}  # what the gateway and the app know of the connection
        self._guests = guests
        guests.add(self)

    def is_idle(self) -> bool:
        """Whether the client waits for no answer, or does not read it."""
        cycle = self.cycle
        waits = cycle is not None and not cycle.more_body and not cycle.response_complete
        return not waits or self.flow.write_paused

    def idle_limit(self) -> float:
        """How many seconds the client may be idle."""
        if self.conn.our_state is h11.CLOSED and not self.transport.get_write_buffer_size():
            return CLOSED_SECONDS
        return HEAD_SECONDS if self.cycle is None else IDLE_SECONDS

    def rank(self) -> tuple[bool, float]:
        """The lowest of all idle guests has to go first."""
        no_answer_yet = self.cycle is None or not self.cycle.response_complete
        is_new = no_answer_yet and time.monotonic() - self.accepted < NEW_SECONDS
        return is_new or "has_token" in self._state, self.since

    def hang_up(self) -> None:
        """The socket itself is shut: during the handshake there is nothing else to close."""
        self._guests.discard(self)
        with suppress(OSError):  # gone by itself
            self.client_socket.shutdown(socket.SHUT_RDWR)

    async def _ask(self, scope: Any, receive: Any, send: Any) -> None:
        # Most bodies come with their head: the gateway need not wait for them.
        self._state["body_is_here"] = not self.cycle.more_body
        self.since = time.monotonic()
        await self._asgi({**scope, "state": self._state}, receive, send)

    def data_received(self, data: bytes) -> None:
        self.http_bytes += len(data)
        if not self.transport.is_closing():  # else uvicorn would answer once more
            super().data_received(data)
        # h11 has no limit for what is sent ahead (pipelining), and such a client is never idle.
        if self.conn.their_state is h11.DONE and self.conn.trailing_data[0]:
            self.cycle.keep_alive = False

    def send_400_response(self, msg: str) -> None:
        """Answer malformed HTTP in JSON."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):  # else an answer is under way
            content = b'{"error": "%b"}' % msg.encode()
            kind = {"Content-Type": "application/json", "Connection": "close"}
            headers = list({**kind, **ALWAYS}.items())
            answer = h11.Response(status_code=400, headers=headers, reason=b"Bad Request")
            for event in (answer, h11.Data(data=content), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def on_response_complete(self) -> None:
        self.since = time.monotonic()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._guests.discard(self)
        super().connection_lost(exc)


class _Tls(sslproto.SSLProtocol):
    """asyncio's TLS, which it does not document, with a smaller buffer for each client."""

    max_size = 32 * 1024  # asyncio's own is 256 KiB
    _tls_bytes = 0  # from the client so far

    def __init__(self, guest: _Guest, context: Any) -> None:
        waiter: Any = None  # nobody
        super().__init__(guest.loop, guest, context, waiter, server_side=True, **TLS_LIMITS)
        self._guest = guest

    def buffer_updated(self, nbytes: int) -> None:
        if self._admits(nbytes):
            super().buffer_updated(nbytes)

    if sys.version_info < (3, 11):

        def data_received(self, data: bytes) -> None:
            if self._admits(len(data)):
                super().data_received(data)

    def _waiting(self) -> int:
        # Python 3.10 decrypts at once.
        bio: Any = vars(self).get("_incoming")
        return bio.pending if bio else 0

    def _admits(self, tls_bytes: int) -> bool:
        # Checked before the next read: by then, the guest has the plaintext of the last one, except
        # of what still waits to be decrypted, because the app reads slowly.
        decrypted = self._tls_bytes - self._waiting()
        if decrypted > FREE_TLS_BYTES + TLS_BYTES * self._guest.http_bytes:
            self._guest.hang_up()  # what the kernel still holds is not decrypted
            return False
        self._tls_bytes += tls_bytes
        return True

    def connection_lost(self, exc: BaseException | None) -> None:
        self._guest._guests.discard(self._guest)  # else nobody does after a failed handshake
        super().connection_lost(exc)


class _Connection(h11.Connection):
    """HTTP/1.1, without what only attackers send. uvicorn answers 400 to what is raised here."""

    _chunks = _bytes = 0  # of this body so far
    _head = b""  # of an answer

    def __init__(self) -> None:
        super().__init__(h11.SERVER)
        self._receive_buffer = _Lines()

    def next_event(self) -> Any:
        event = super().next_event()
        if isinstance(event, h11.Request):
            self._chunks = self._bytes = 0
            # RFC 9112, 6.3: the sender may try to smuggle a request.
            if {b"content-length", b"transfer-encoding"} <= {name for name, _ in event.headers}:
                raise h11.RemoteProtocolError("a length beside chunks")
        elif isinstance(event, h11.Data):
            is_tiny = self._bytes < CHUNK_BYTES * self._chunks
            if event.chunk_start and self._chunks > FREE_CHUNKS and is_tiny:
                raise h11.RemoteProtocolError("tiny chunks")
            self._chunks += event.chunk_start
            self._bytes += len(event.data)
        return event

    def send(self, event: Any) -> Any:
        """The head of an answer waits for the begin of its body: one TLS record for both."""
        data = super().send(event) or b""
        if isinstance(event, h11.Response):
            self._head = data
            return b""
        head, self._head = self._head, b""
        return head + data


class _Lines(ReceiveBuffer):
    """What has arrived of a head, a trailer or a chunk's first line, before h11 reads it.

    Two of h11's regular expressions take seconds for 60,000 spaces, and hold Python's lock.
    """

    def maybe_extract_lines(self) -> list[bytearray] | None:
        lines = super().maybe_extract_lines()
        if lines and len(lines) > 1 + MOST_FIELDS:  # the first line of a head is no field
            raise h11.RemoteProtocolError("too many header fields")
        if lines and any(map(LONG_SPACE.search, lines)):
            raise h11.RemoteProtocolError("too many spaces in a header field")
        return lines

    def maybe_extract_next_line(self) -> bytearray | None:
        line = super().maybe_extract_next_line()
        if line and len(line) > CHUNK_LINE_BYTES:
            raise h11.RemoteProtocolError("a chunk has too long an extension")
        return line


async def _readable(listener: socket.socket) -> None:
    loop, readable = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(listener, readable.set)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(listener)


def _places() -> int:
    if sys.platform == "win32":  # has no such limit
        return MOST_CLIENTS
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    no_limit = files == resource.RLIM_INFINITY
    return MOST_CLIENTS if no_limit else max(min(files - SPARE_FILES, MOST_CLIENTS), 1)
