"""A Flask app over HTTPS in a background thread, for notebooks; `python app.py` is the same server.

uvicorn does TLS and HTTP in one event loop, so a client that stalls, in its handshake, its headers
or its body, costs a socket and no thread. Flask is called, in a small pool of threads, only when
the whole request has arrived. It prints nothing, ever: what it has to say stands in its log.
"""

import asyncio
import errno
import ipaddress
import json
import logging
import os
import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote

import uvicorn
from a2wsgi import WSGIMiddleware
from flask import Flask

from securedata.errors import ListenError

MAX_BODY_BYTES = 1024 * 1024  # for apps that set no MAX_CONTENT_LENGTH of their own
BODY_SECONDS = 15  # from the head of a request to the end of its body
KEEP_ALIVE_SECONDS = 75  # an idle connection is kept this long
GRACE_SECONDS = 1  # what is under way when the server stops may take this long to end
WORKERS = 8  # threads in which Flask runs
LINGER_SECONDS = 2  # after a refusal, what is still being sent is read and thrown away,
LINGER_BYTES = 8 * 1024 * 1024  # up to here
LOG_LINES = 1000

_Message = dict[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]


class BackgroundServer:
    """Serve an app over TLS from a daemon thread, as a context manager or with start and stop.

    A class, because a server is a thing with a life: it starts, has an address, and stops.
    Port 0 takes a free one, and keeps it over a restart. `ca_file` is for clients to verify with;
    the server only carries it. The app's logger writes into `log_tail`, and nowhere else.

    >>> from securedata import CertificateAuthority, server_context
    >>> app = Flask("example")
    >>> tls = server_context(CertificateAuthority.create("Example CA").issue("localhost"))
    >>> with BackgroundServer(app, tls=tls) as server:
    ...     server.url.rpartition(":")[0]
    'https://localhost'
    """

    def __init__(
        self,
        app: Flask,
        *,
        tls: ssl.SSLContext,
        host: str = "localhost",
        port: int = 0,
        ca_file: Path | None = None,
    ) -> None:
        self.host = host
        self.port = port
        self.ca_file = ca_file
        self._app = app
        self._tls = tls
        self._log = _Log()
        # A logger of its own: two apps of one name must not write into each other's log.
        app.logger = logging.Logger(app.name)
        app.logger.addHandler(self._log)
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Where the server is: `https://host:port`, once it has started."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"https://{host}:{self.port}"

    def log_tail(self, lines: int = 10) -> list[str]:
        """The last lines of the log: one for every request, and why it was refused."""
        return list(self._log.lines)[-lines:]

    def start(self) -> None:
        """Listen, and return when requests are answered. Calling it twice is harmless.

        Raises:
            ListenError: the port is taken, or the host is not this machine alone.
        """
        if self._thread is not None:
            return
        sockets = _listen(self.host, self.port)
        self.port = sockets[0].getsockname()[1]
        self._uvicorn = uvicorn.Server(self._config())
        self._thread = threading.Thread(target=self._run, args=(sockets,), daemon=True)
        self._thread.start()
        while not self._uvicorn.started:
            if not self._thread.is_alive():
                raise ListenError(f"the server did not start: {self.log_tail(1)}")
            time.sleep(0.002)

    def stop(self) -> None:
        """Stop within two seconds, whoever is connected; the port is free. Twice is harmless."""
        if self._thread is None:
            return
        self._uvicorn.should_exit = True
        self._thread.join()
        self._thread = None

    def wait(self) -> None:
        """Return when the server has stopped; Ctrl-C interrupts."""
        while self._thread is not None and self._thread.is_alive():
            self._thread.join(timeout=0.5)  # a join without timeout hears no Ctrl-C on Windows

    def __enter__(self) -> "BackgroundServer":
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"BackgroundServer({self.url!r}, {'running' if self._thread else 'stopped'})"

    def _config(self) -> uvicorn.Config:
        return uvicorn.Config(
            _WholeBody(self._app),
            loop="asyncio",  # the same with and without uvloop installed
            http="h11",  # the same with and without httptools, and strict about what is HTTP
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # nobody's X-Forwarded-For is believed
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=GRACE_SECONDS,
            ssl_context_factory=lambda *_: self._tls,
        )

    def _run(self, sockets: list[socket.socket]) -> None:
        # uvicorn's logger is one for the whole process: take what this thread says, print nothing.
        logger, mine = logging.getLogger("uvicorn"), _Log(self._log.lines)
        mine.addFilter(_from_thread(threading.get_ident()))
        logger.propagate = False
        logger.addHandler(mine)
        try:
            self._uvicorn.run(sockets=sockets)
        except Exception:
            self._app.logger.exception("the server stopped")
        finally:
            logger.removeHandler(mine)


class _Log(logging.Handler):
    """The last lines that were logged, in memory."""

    def __init__(self, lines: deque[str] | None = None) -> None:
        super().__init__()
        self.lines = deque(maxlen=LOG_LINES) if lines is None else lines

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.extend(self.format(record).splitlines())


def _from_thread(ident: int) -> Callable[[logging.LogRecord], bool]:
    return lambda record: record.thread == ident


class _WholeBody:
    """Read the whole body of a request, within limits of size and time, before Flask is called.

    An ASGI application (asgi.readthedocs.io, HTTP). A client that sends slowly, or too much, is
    dealt with here, in the event loop, and never occupies a thread.
    """

    def __init__(self, app: Flask) -> None:
        self._flask: Any = WSGIMiddleware(app, workers=WORKERS)  # type: ignore[arg-type]
        self._logger = app.logger
        self._max_bytes = app.config["MAX_CONTENT_LENGTH"] or MAX_BODY_BYTES

    async def __call__(self, scope: _Message, receive: _Receive, send: _Send) -> None:
        try:
            body = await asyncio.wait_for(self._read(scope, receive), timeout=BODY_SECONDS)
        except _TooLargeError:
            words = f"The body is over {self._max_bytes} bytes."
            await self._refuse(413, words, scope, receive, send)
        except asyncio.TimeoutError:
            words = f"The body did not arrive within {BODY_SECONDS} seconds."
            await self._refuse(408, words, scope, receive, send)
        except ConnectionAbortedError:
            pass  # nobody is there to be answered
        else:
            await self._flask(_with_length(scope, len(body)), _replaying(body), send)

    async def _read(self, scope: _Message, receive: _Receive) -> bytes:
        if int(dict(scope["headers"]).get(b"content-length", 0)) > self._max_bytes:
            raise _TooLargeError
        body, more = bytearray(), True
        while more:
            part, more = await _next_part(receive)
            body += part
            if len(body) > self._max_bytes:
                raise _TooLargeError
        return bytes(body)

    async def _refuse(
        self, status: int, words: str, scope: _Message, receive: _Receive, send: _Send
    ) -> None:
        self._logger.info("%s %s %d %s", scope["method"], quote(scope["path"])[:80], status, words)
        content = json.dumps({"error": words}).encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(content)),
            (b"connection", b"close"),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content, "more_body": True})
        # Closed at once, the answer would be lost to a client still sending (RFC 9112, 9.6).
        with suppress(asyncio.TimeoutError, ConnectionAbortedError):
            await asyncio.wait_for(_discard(receive), timeout=LINGER_SECONDS)
        await send({"type": "http.response.body", "body": b""})


class _TooLargeError(Exception):
    pass


async def _next_part(receive: _Receive) -> tuple[bytes, bool]:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ConnectionAbortedError
    return message["body"], message["more_body"]


async def _discard(receive: _Receive) -> None:
    discarded, more = 0, True
    while more and discarded < LINGER_BYTES:
        part, more = await _next_part(receive)
        discarded += len(part)


def _with_length(scope: _Message, length: int) -> _Message:
    # A body that came in chunks has no length of its own, and Flask would take it for empty.
    framing = (b"content-length", b"transfer-encoding")
    headers = [(name, value) for name, value in scope["headers"] if name not in framing]
    return {**scope, "headers": [*headers, (b"content-length", b"%d" % length)]}


def _replaying(body: bytes) -> _Receive:
    async def receive() -> _Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _listen(host: str, port: int) -> list[socket.socket]:
    """Sockets on every address of the host: localhost may be 127.0.0.1, ::1, or both."""
    addresses = _addresses(host)
    for address in addresses:
        if not ipaddress.ip_address(address).is_loopback:
            raise ListenError(
                f"{host} can be reached from other machines, and nobody would have to prove who "
                "they are: listen on localhost"
            )
    sockets: list[socket.socket] = []
    try:
        for address in addresses:
            sockets.append(_bind(address, port))
            port = sockets[0].getsockname()[1]
    except OSError as error:
        for opened in sockets:
            opened.close()
        raise ListenError(_why_not(host, port, error)) from None
    return sockets


def _addresses(host: str) -> list[str]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        raise ListenError(f"{host} is no address of this machine: {error.strerror}") from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _bind(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    # IPPROTO_TCP said aloud: asyncio sets TCP_NODELAY only then, and without it every answer on a
    # kept connection waits 40 ms for an acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name == "posix":  # elsewhere this option would let a second server take the port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address, port))
    except OSError:
        listener.close()
        raise
    return listener


def _why_not(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"port {port} of {host} is in use: stop what uses it (on macOS, AirPlay Receiver takes "
            f"5000), or choose another port"
        )
    return f"cannot listen on {host} port {port}: {error.strerror}"
