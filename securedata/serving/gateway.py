"""Between uvicorn and Flask: read the whole body first, within limits of size and time.

A client that sends slowly, or too much, is dealt with here, in the event loop, and Flask hears
nothing of it. It speaks ASGI, and knows nothing of the app's routes.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from io import BytesIO
from typing import Any

from a2wsgi.wsgi import build_environ
from flask import Flask
from werkzeug.test import run_wsgi_app

from securedata import patience
from securedata.patience import WouldWait
from securedata.web.answers import loggable

MAX_BODY_BYTES = 1024 * 1024  # for apps that set no MAX_CONTENT_LENGTH of their own
BODY_SECONDS = 15  # from the head of a request to the end of its body
LINGER_SECONDS = 2  # after a refusal, what is still being sent is read and thrown away,
LINGER_BYTES = 8 * 1024 * 1024  # up to here
MOMENT_BYTES = 64 * 1024  # to work on a longer body takes too long for the event loop: up to 0.1 s
SLOW_SECONDS = 0.05  # by then, work that waits for a moment at most is done, or the disk is slow:
REST_SECONDS = 1  # then nothing is tried in the event loop for so long
WORKERS = 8  # threads in which Flask works on what may wait, and as many for what only asks
SAFE = ("GET", "HEAD", "OPTIONS")  # what only asks and changes nothing (RFC 9110, 9.2.1)

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class WholeBody:
    """Read the whole body of a request, within limits of size and time, before Flask is called.

    An ASGI application (asgi.readthedocs.io, HTTP). A class, because it has threads, and remembers
    whether anybody waits in one. An app with MOMENT_SECONDS in its config promises to wait for so
    long at most, or to raise WouldWait, when it is called with limited patience.

    >>> gate = WholeBody(Flask("example"))
    >>> scope = {"type": "http", "method": "POST", "path": "/", "headers":
    ...     [(b"content-length", b"999999999999")]}
    >>> async def nothing_comes():
    ...     return {"type": "http.disconnect"}
    >>> async def show(message):
    ...     print(message.get("status", message.get("body")))
    >>> asyncio.run(gate(scope, nothing_comes, show))
    413
    b'{"error": "The body is over 1048576 bytes."}'
    b''
    """

    def __init__(self, app: Flask) -> None:
        self._flask = app
        self._workers = ThreadPoolExecutor(WORKERS)
        # While a database hangs, so may every worker: /health must not stand in line behind them,
        # nor behind a slow page of an app that is not ours.
        self._answerers = ThreadPoolExecutor(WORKERS)
        self._moment_seconds = app.config.get("MOMENT_SECONDS", 0)
        self._one_waits = False  # for the database, say
        self._rest_until = 0.0  # when the disk was slow, say
        self._logger = app.logger
        self._max_bytes = app.config["MAX_CONTENT_LENGTH"] or MAX_BODY_BYTES

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
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
            for message in await self._answer(scope, body):
                await send(message)

    async def _answer(self, scope: Message, body: bytes) -> list[Message]:
        """What Flask answers: at once, in this thread, or when it has waited, in another.

        A hand-over costs more time than most of the work, for threads fight for the GIL. But
        whoever waits here lets everybody wait: so only apps that raise WouldWait may be tried.
        """
        if not self._may_be_tried(body):
            return await self._in_a_thread(scope, body)
        with suppress(WouldWait), self._in_haste():
            return self._call(scope, body)
        self._one_waits = True  # what it waits for, others would wait for too
        try:
            return await self._in_a_thread(scope, body)
        finally:
            self._one_waits = False

    async def _in_a_thread(self, scope: Message, body: bytes) -> list[Message]:
        pool = self._answerers if scope["method"] in SAFE else self._workers
        return await asyncio.wrap_future(pool.submit(self._call, scope, body))

    def _may_be_tried(self, body: bytes) -> bool:
        resting = self._one_waits or time.monotonic() < self._rest_until
        return self._moment_seconds > 0 and len(body) <= MOMENT_BYTES and not resting

    @contextmanager
    def _in_haste(self) -> Iterator[None]:
        began = time.monotonic()
        try:
            with patience.limited(self._moment_seconds):
                yield
        finally:
            ended = time.monotonic()
            if ended - began > SLOW_SECONDS:
                self._rest_until = ended + REST_SECONDS

    def _call(self, scope: Message, body: bytes) -> list[Message]:
        """Flask's whole answer."""
        environ: Any = build_environ(_with_length(scope, len(body)), BytesIO(body))  # type: ignore[arg-type]
        content, status, headers = run_wsgi_app(self._flask, environ, buffered=True)
        lower = [
            (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers
        ]
        start = {"type": "http.response.start", "status": int(status[:3]), "headers": lower}
        return [start, {"type": "http.response.body", "body": b"".join(content)}]

    async def _read(self, scope: Message, receive: Receive) -> bytes:
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
        self, status: int, words: str, scope: Message, receive: Receive, send: Send
    ) -> None:
        self._logger.info("%s %s %d %s", scope["method"], loggable(scope["path"]), status, words)
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


async def _next_part(receive: Receive) -> tuple[bytes, bool]:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ConnectionAbortedError
    return message["body"], message["more_body"]


async def _discard(receive: Receive) -> None:
    discarded, more = 0, True
    while more and discarded < LINGER_BYTES:
        part, more = await _next_part(receive)
        discarded += len(part)


def _with_length(scope: Message, length: int) -> Message:
    # A body that came in chunks has no length of its own, and Flask would take it for empty.
    framing = (b"content-length", b"transfer-encoding")
    headers = [(name, value) for name, value in scope["headers"] if name not in framing]
    return {**scope, "headers": [*headers, (b"content-length", b"%d" % length)]}
