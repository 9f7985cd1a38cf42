"""Between uvicorn and Flask: the whole body is read first, within limits of size and time.

| a body                                      | is answered                               |
|---------------------------------------------|-------------------------------------------|
| that the app does not admit                 | from the head alone: 401, without a token |
| of a GET, or for no route                   | from the head alone                       |
| over 1 MiB                                  | 413                                       |
| not here 15 s after its head                | 408                                       |
| the longest that is not whole, when         | 503                                       |
| all bodies together are over 64 MiB         |                                           |

The first two hold for apps that say what they admit.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from io import BytesIO
from typing import Any

from a2wsgi.wsgi import build_environ
from flask import Flask, request
from werkzeug.test import run_wsgi_app

from securedata.serving.lanes import BusyError, Lanes
from securedata.web.answers import loggable
from securedata.web.contract import ALWAYS, BODY_SECONDS, BUSY, HEADERS, LARGE, LATE, MAX_BODY_BYTES

ALL_BODIES_BYTES = 64 * 1024 * 1024
PART_BYTES = 32 * 1024  # of an answer: OpenSSL keeps a buffer of the longest part that it was given
LINGER_SECONDS = 2  # after an early answer, the rest of the body is read and thrown away,
LINGER_BYTES = 8 * 1024 * 1024  # up to here
BODYLESS = ("GET", "HEAD", "OPTIONS")
REFUSALS = {
    asyncio.TimeoutError: (408, LATE),
    OverflowError: (413, LARGE),
    BusyError: (503, BUSY),
}
HEADS = "heads of requests"  # the lane in which the app says whether it admits a body

Message = dict[str, Any]
Answer = tuple[int, list[tuple[bytes, bytes]], bytes]  # status, headers, content
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Gateway:
    """Call a Flask app with whole requests. An ASGI application (asgi.readthedocs.io, HTTP).

    `app.extensions["admits"]` may be a function. It is called in the context of a request that has
    no body yet, and says whether to read the body.

    >>> app = Flask("example")
    >>> app.extensions["admits"] = lambda: True
    >>> gateway = Gateway(app)
    >>> scope = {"type": "http", "method": "POST", "path": "/nowhere", "query_string": b"",
    ...     "headers": [(b"content-length", b"999999999999")], "http_version": "1.1"}
    >>> async def receive():
    ...     return {"type": "http.disconnect"}
    >>> async def send(message):
    ...     print(message["type"], message.get("status"))
    >>> asyncio.run(gateway(scope, receive, send))
    http.response.start 404
    ...
    """

    def __init__(self, app: Flask) -> None:
        self._flask = app
        self._max_bytes = app.config["MAX_CONTENT_LENGTH"] or MAX_BODY_BYTES
        self._lanes: Lanes | None = None
        self._bodies: set[_Body] = set()  # whose request is not answered
        self._held_bytes = 0  # of all of them

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        body = _Body(receive)
        try:
            status, headers, content = await self._answer(scope, body)
        except ConnectionAbortedError:
            return  # nobody is there to be answered
        except Exception as error:
            status, headers, content = self._refusal(scope, error)
        finally:
            self._drop(body)
        early = not body.is_whole
        headers += [(b"connection", b"close")] if early else []
        await send({"type": "http.response.start", "status": status, "headers": headers})
        begin = 0
        while len(content) - begin > PART_BYTES:
            part = content[begin : begin + PART_BYTES]
            await send({"type": "http.response.body", "body": part, "more_body": True})
            begin += PART_BYTES
        await send({"type": "http.response.body", "body": content[begin:], "more_body": early})
        if early:  # if we hung up at once, the answer could be lost (RFC 9112, 9.6)
            with suppress(asyncio.TimeoutError, ConnectionAbortedError):
                await asyncio.wait_for(body.discard(), timeout=LINGER_SECONDS)
            await send({"type": "http.response.body", "body": b""})

    def close(self) -> None:
        """End every thread as soon as it has done what it is doing."""
        if self._lanes is not None:
            self._lanes.close()

    async def _answer(self, scope: Message, body: "_Body") -> Answer:
        if self._lanes is None:  # from now on, Flask lets nobody add a route
            self._lanes = Lanes([HEADS, *(it.rule for it in self._flask.url_map.iter_rules())])
        content = b""
        if scope.get("state", {}).get("body_is_here"):
            content = await body.next_part()
        elif await self._lanes.run(HEADS, partial(self._admits, scope)):
            body.reading = asyncio.ensure_future(self._read(scope, body))
            try:
                content = await asyncio.wait_for(body.reading, timeout=BODY_SECONDS)
            except asyncio.CancelledError:
                if body.is_refused:
                    raise BusyError from None
                raise
        return await self._lanes.run(scope["path"], partial(self._call, scope, content))

    def _admits(self, scope: Message) -> bool:
        with self._flask.request_context(_environ(scope, b"")):
            admits = self._flask.extensions.get("admits")
            if admits is None:  # such an app may answer in `before_request`, for any path
                return True
            takes_body = request.url_rule is not None and request.method not in BODYLESS
            return takes_body and admits()

    def _call(self, scope: Message, body: bytes) -> Answer:
        content, status, headers = run_wsgi_app(self._flask, _environ(scope, body), buffered=True)
        encoded = [(name.lower().encode("latin-1"), it.encode("latin-1")) for name, it in headers]
        return int(status[:3]), encoded, b"".join(content)

    async def _read(self, scope: Message, body: "_Body") -> bytes:
        promised = int(dict(scope["headers"]).get(b"content-length", 0))
        self._bodies.add(body)
        while max(promised, len(body.content)) <= self._max_bytes:
            if body.is_whole:
                return bytes(body.content)
            self._hold(body, await body.next_part())
            if self._held_bytes > ALL_BODIES_BYTES:
                self._refuse_longest(body)
        raise OverflowError

    def _hold(self, body: "_Body", part: bytes) -> None:
        body.content += part
        self._held_bytes += len(part)

    def _refuse_longest(self, newest: "_Body") -> None:
        unfinished = (it for it in self._bodies if not it.is_whole)
        longest = max(unfinished, key=lambda it: len(it.content), default=newest)
        self._drop(longest)
        if longest is newest:
            raise BusyError
        longest.is_refused = True
        longest.reading.cancel()

    def _drop(self, body: "_Body") -> None:
        self._bodies.discard(body)
        self._held_bytes -= len(body.content)
        body.content.clear()  # the traceback of a refusal would keep it

    def _refusal(self, scope: Message, error: Exception) -> Answer:
        status, words = REFUSALS.get(type(error), (500, "The server failed; its log says more."))
        words = words.format(bytes=self._max_bytes, seconds=BODY_SECONDS)
        if status == 500:  # no memory for a thread, for one
            self._flask.logger.error("a request could not be worked on", exc_info=error)
        method, path = loggable(scope["method"]), loggable(scope["path"])
        self._flask.logger.info("%s %s %d %s", method, path, status, words)
        content = json.dumps({"error": words}).encode()
        headers = {"content-type": "application/json", "content-length": str(len(content))}
        headers |= {**ALWAYS, **HEADERS.get(status, {})}
        return status, [(name.encode(), it.encode()) for name, it in headers.items()], content


class _Body:
    reading: "asyncio.Future[bytes]"
    is_whole = is_refused = False

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.content = bytearray()  # so far

    async def next_part(self) -> bytes:
        """Raises ConnectionAbortedError if the client hangs up."""
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise ConnectionAbortedError
        self.is_whole = not message["more_body"]
        return bytes(message["body"])

    async def discard(self) -> None:
        discarded = 0
        while not self.is_whole and discarded < LINGER_BYTES:
            discarded += len(await self.next_part())


def _environ(scope: Message, body: bytes) -> dict[str, Any]:
    # A body that came in chunks has no length of its own, and Flask would take it for empty.
    # To `Upgrade: websocket`, Flask would answer 400, but a server may ignore it (RFC 9110, 7.8).
    replaced = (b"content-length", b"transfer-encoding", b"upgrade")
    headers = [(name, value) for name, value in scope["headers"] if name not in replaced]
    headers.append((b"content-length", b"%d" % len(body)))
    environ: Any = build_environ({**scope, "headers": headers}, BytesIO(body))  # type: ignore[typeddict-item, arg-type]
    return {**environ, "securedata.connection": scope.get("state", {})}
