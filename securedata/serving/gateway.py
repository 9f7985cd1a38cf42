"""Between Tornado and Flask: the whole body is read first, within limits of size and time.

| a body                                      | is answered                               |
|---------------------------------------------|-------------------------------------------|
| that the app does not admit                 | from the head alone: 401, without a token |
| of a GET, or for no route                   | from the head alone                       |
| over 1 MiB                                  | 413                                       |
| of many tiny chunks                         | 400                                       |
| not here 15 s after its head                | 408                                       |
| the longest that is not whole, when         | 503                                       |
| all bodies together are over 64 MiB         |                                           |

Most bodies come with their head. The app is asked about the head alone if the body is too long,
comes in chunks, is announced by `Expect`, or is not here after 20 ms.
"""

import asyncio
import json
import re
import sys
from collections.abc import Awaitable
from contextlib import suppress
from functools import partial
from http.client import responses
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes

from flask import Flask
from tornado.httputil import (
    HTTPConnection,
    HTTPHeaders,
    HTTPMessageDelegate,
    RequestStartLine,
    ResponseStartLine,
)
from werkzeug.http import http_date
from werkzeug.wrappers import Response

from securedata.serving.connection import Connection
from securedata.serving.lanes import BusyError, Lanes
from securedata.web.answers import loggable
from securedata.web.contract import ALWAYS, BODY_SECONDS, BUSY, HEADERS, LARGE, LATE, MAX_BODY_BYTES

ALL_BODIES_BYTES = 64 * 1024 * 1024
SOON_SECONDS = 0.02
FREE_CHUNKS, CHUNK_BYTES = 64, 256  # more chunks must have this average size
HEADS = "heads of requests"  # the lane in which the app says whether it admits a body
FAILED = "The server failed; its log says more."

# Names and addresses (RFC 3986, 3.2.2), and `_`, which names of containers may have. No comma:
# Tornado joins two headers with one.
HOST = re.compile(r"([\w.~-]+|\[[0-9a-f:.]+\])(:[0-9]{0,5})?", re.ASCII | re.IGNORECASE)
ABSOLUTE = re.compile("(?i:https?)://([^/?]*)/?(.*)")  # host and target (RFC 9112, 3.2.2)

Environ = dict[str, Any]  # PEP 3333
Answer = tuple[int, HTTPHeaders, bytes]  # status, headers, content


class Gateway:
    """Calls a Flask app, and limits what all bodies together take.

    `app.extensions["admits"]` may be a function. It is called with the environ of a request without
    its body, and says whether to read the body. Then the app is called with the same environ.

    >>> Gateway(Flask("example")).max_bytes
    1048576
    """

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.max_bytes = app.config["MAX_CONTENT_LENGTH"] or MAX_BODY_BYTES
        self._lanes: Lanes | None = None
        self._bodies: set[Exchange] = set()  # whose request is not answered
        self._held_bytes = 0  # of all of them

    @property
    def lanes(self) -> Lanes:
        """The app's threads. From the first request on, Flask lets nobody add a route."""
        if self._lanes is None:
            self._lanes = Lanes([HEADS, *(it.rule for it in self.app.url_map.iter_rules())])
        return self._lanes

    def close(self) -> None:
        """End every thread as soon as it has done what it is doing."""
        if self._lanes is not None:
            self._lanes.close()

    def admits(self, environ: Environ) -> bool:
        """Ask the app whether to read the body of this request."""
        return bool(self.app.extensions.get("admits", lambda _: True)(environ))

    def call(self, environ: Environ, body: bytes) -> Answer:
        """Ask the app for its answer."""
        environ |= {"CONTENT_LENGTH": str(len(body)), "wsgi.input": BytesIO(body)}
        response = Response.from_app(self.app, environ, buffered=True)
        headers = HTTPHeaders()
        for name, value in response.headers:
            headers.add(name, value)
        return response.status_code, headers, response.get_data()

    def hold(self, exchange: "Exchange", chunk: bytes) -> None:
        """Keep a part of a body. If that is too much, refuse this body, or the longest of all."""
        self._bodies.add(exchange)
        self._held_bytes += len(chunk)
        exchange.body += chunk
        if len(exchange.body) > self.max_bytes:
            exchange.refuse(OverflowError())
        elif self._held_bytes > ALL_BODIES_BYTES:
            unfinished = (it for it in self._bodies if not it.is_read)
            max(unfinished, key=lambda it: len(it.body)).refuse(BusyError())

    def drop(self, exchange: "Exchange") -> None:
        """Forget a body."""
        self._bodies.discard(exchange)
        self._held_bytes -= len(exchange.body)
        exchange.body.clear()


class Exchange(HTTPMessageDelegate):
    """One request and its answer. Tornado calls the four methods of `HTTPMessageDelegate`.

    >>> issubclass(Exchange, HTTPMessageDelegate)
    True
    """

    _environ: Environ
    _headers: HTTPHeaders
    _task: "asyncio.Task[None] | None" = None
    _fault: Exception | None = None
    _is_last = False  # on its connection
    is_read = False

    def __init__(self, gateway: Gateway, connection: Connection, http: HTTPConnection) -> None:
        self._gateway, self._connection, self._http = gateway, connection, http
        self._loop = asyncio.get_running_loop()
        self._go_on: asyncio.Future[None] = self._loop.create_future()  # with reading the body
        self._body_ended = asyncio.Event()  # it is read, or no more of it is wanted
        self._chunks, self._received = 0, connection.stream.received  # before the head
        connection.stream.on_chunk = self.begin_chunk
        self.body = bytearray()  # so far

    def headers_received(self, start_line: Any, headers: HTTPHeaders) -> Awaitable[None] | None:
        """Begin to work. Some bodies are not read before the app has admitted them."""
        self._connection.note(idle=True)
        self._environ = _environ(start_line, headers) | self._connection.environ
        self._headers, length = headers, headers.get("Content-Length", "")
        # The first digits will do: Python reads no number of over 4,300 digits.
        is_long = length.isdecimal() and int(length[:20]) > self._gateway.max_bytes
        in_chunks = "Transfer-Encoding" in headers
        # Tornado knows `close` alone, and not in a list (RFC 9112, 9.6). Of chunks of HTTP/1.0, a
        # proxy may see another end than we do (6.1).
        options = [it.strip() for it in headers.get("Connection", "").lower().split(",")]
        closes = "close" in options and len(options) > 1
        self._is_last = closes or (in_chunks and start_line.version == "HTTP/1.0")
        asks_first = is_long or in_chunks or "Expect" in headers
        self._task = self._loop.create_task(self._work(asks_first, is_long))
        return self._go_on if asks_first else None

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        """Keep a part of the body, unless the answer does not depend on it any more."""
        if self._body_ended.is_set():
            return None
        self._gateway.hold(self, chunk)
        if self._headers.get("Content-Length") == str(len(self.body)):
            return None
        return asyncio.sleep(0)  # a client with many chunks must not hold up all others

    def finish(self) -> None:
        """The body is whole."""
        self.is_read = True
        self._body_ended.set()

    def begin_chunk(self) -> None:
        """Tornado reads one more chunk of the body. While it reads thousands, others wait."""
        self._chunks += 1
        bytes_each = (self._connection.stream.received - self._received) / self._chunks
        if self._chunks > FREE_CHUNKS and bytes_each < CHUNK_BYTES:
            self.refuse(_TinyChunksError())

    def on_connection_close(self) -> None:
        """Nobody is there to be answered."""
        self._gateway.drop(self)
        if self._task:
            self._task.cancel()

    def refuse(self, fault: Exception | None) -> None:
        """Read no more of the body."""
        self._gateway.drop(self)
        if not self.is_read:
            self._connection.discard()
            self._is_last = True
        self._fault = fault
        self._body_ended.set()

    async def _work(self, asks_first: bool, is_long: bool) -> None:
        try:
            answer = await self._answer(asks_first, is_long)
        except Exception as error:
            answer = self._refusal(error)
        self._gateway.drop(self)
        self._write(*answer)
        self._let_read()

    async def _answer(self, asks_first: bool, is_long: bool) -> Answer:
        gateway, environ = self._gateway, self._environ
        without = "localhost" if environ["SERVER_PROTOCOL"] == "HTTP/1.0" else ""
        host = self._headers.get("Host", without)
        if not HOST.fullmatch(host) or not HOST.fullmatch(environ.get("HTTP_HOST", host)):
            raise _HostError
        if asks_first or not await self._body_is_here(SOON_SECONDS):
            if not await gateway.lanes.run(HEADS, partial(gateway.admits, environ)):
                self.refuse(None)  # no fault: the app answers, and needs no body for that
            elif is_long:
                raise OverflowError
            else:
                self._let_read()
                if not await self._body_is_here(BODY_SECONDS):
                    raise TimeoutError
        self._connection.note(idle=False)
        call = partial(gateway.call, environ, bytes(self.body))
        return await gateway.lanes.run(environ["PATH_INFO"], call)

    async def _body_is_here(self, seconds: float) -> bool:
        if not self._body_ended.is_set():
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._body_ended.wait(), seconds)
        if self._fault:
            raise self._fault
        return self._body_ended.is_set()

    def _let_read(self) -> None:
        if not self._go_on.done():
            self._go_on.set_result(None)

    def _refusal(self, error: Exception) -> Answer:
        status, words = REFUSALS.get(type(error), (500, FAILED))
        words = words.format(bytes=self._gateway.max_bytes, seconds=BODY_SECONDS)
        logger = self._gateway.app.logger
        if status == 500:  # no memory for a thread, for one
            logger.error("a request could not be worked on", exc_info=error)
        method, path = self._environ["REQUEST_METHOD"], self._environ["PATH_INFO"]
        logger.info("%s %s %d %s", loggable(method), loggable(path), status, words)
        # Tornado sends no answer at all to a HEAD that gets content.
        content = json.dumps({"error": words}).encode() if method != "HEAD" else b""
        kind = {"Content-Type": "application/json", "Content-Length": str(len(content))}
        return status, HTTPHeaders({**kind, **ALWAYS, **HEADERS.get(status, {})}), content

    def _write(self, status: int, headers: HTTPHeaders, content: bytes) -> None:
        headers["Date"] = http_date()
        self._is_last = self._is_last or not self.is_read
        if self._is_last:
            headers["Connection"] = "close"
            # Tornado reads on by these, and would answer an invalid length once more.
            self._headers.clear()
            self._headers["Content-Length"] = str(sys.maxsize)
        self._body_ended.set()
        start_line = ResponseStartLine("HTTP/1.1", status, responses.get(status, ""))
        self._http.write_headers(start_line, headers, content)
        self._connection.note(idle=True, answered=True)
        # Who sent `Expect` waits for our answer, and sends no body that could still come.
        if self._is_last and "HTTP_EXPECT" not in self._environ:
            self._connection.linger()
        else:
            self._http.finish()


class _TinyChunksError(Exception):
    """Their heads take more work than their bytes are worth."""


class _HostError(Exception):
    """Not one valid name: a proxy could take it for another host's (RFC 9112, 3.2)."""


REFUSALS = {
    _TinyChunksError: (400, "The chunks of the body are too short."),
    _HostError: (400, "One Host header is needed, with a name or an address."),
    TimeoutError: (408, LATE),
    OverflowError: (413, LARGE),
    BusyError: (503, BUSY),
}


def _environ(start_line: RequestStartLine, headers: HTTPHeaders) -> Environ:
    # Not those with `_`: Content_Type would take the place of Content-Type.
    sent = ((name.upper(), value) for name, value in headers.items() if "_" not in name)
    fields = {f"HTTP_{name.replace('-', '_')}": value for name, value in sent}
    target = start_line.path
    if absolute := ABSOLUTE.fullmatch(target):
        fields["HTTP_HOST"], target = absolute[1], f"/{absolute[2]}"
    path, _, query = target.partition("?")
    # The body's length is known when it is whole. To `Upgrade: websocket`, Flask would answer 400,
    # but a server may ignore it (RFC 9110, 7.8).
    for name in ("HTTP_CONTENT_LENGTH", "HTTP_TRANSFER_ENCODING", "HTTP_UPGRADE"):
        fields.pop(name, None)
    return {
        "CONTENT_TYPE": fields.pop("HTTP_CONTENT_TYPE", ""),
        **fields,
        "REQUEST_METHOD": start_line.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path.encode("latin-1")).decode("latin-1"),
        "QUERY_STRING": query,
        "SERVER_PROTOCOL": start_line.version,
        "wsgi.version": (1, 0),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
