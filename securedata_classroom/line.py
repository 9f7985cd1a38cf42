"""Messages between two processes: requests and answers as JSON, and requests inside requests.

While one side waits for an answer, it serves what the other side asks. Nothing but JSON is ever
read: the other end can send wrong values, but no code.
"""

import json
import os
import select
import struct
import threading
import time
from collections.abc import Callable
from typing import Any

from securedata.errors import SecureDataError

Json = dict[str, Any]
Serve = Callable[[Json], Json]
LENGTH = struct.Struct(">I")
MOST_BYTES = 16 * 1024 * 1024  # of one message
CHUNK = 1024 * 1024


class BrokenLineError(SecureDataError):
    """The other side has ended, or sent what is no message."""


class SilentLineError(SecureDataError):
    """The other side did not answer in time."""


class Line:
    """One end: `ask` sends a request and returns the answer; `serve` answers until the end.

    >>> here, there = os.pipe(), os.pipe()
    >>> one = Line(here[0], there[1], lambda request: {})
    >>> other = Line(there[0], here[1], lambda request: {"twice": 2 * request["number"]})
    >>> thread = threading.Thread(target=other.serve, daemon=True)
    >>> thread.start()
    >>> one.ask({"do": "double", "number": 21}, seconds=10)
    {'twice': 42}
    """

    def __init__(self, reader: int, writer: int, answer: Serve) -> None:
        self._reader, self._writer, self._answer = reader, writer, answer
        self._lock = threading.RLock()  # a request inside a request comes in the same thread
        self.broken = ""
        self._is_asking = False

    def ask(self, request: Json, seconds: float) -> Json:
        """Send a request, serve what is asked meanwhile, and return the answer.

        Raises:
            BrokenLineError: the other side has ended, or sent something else than a message.
            SilentLineError: no answer came in time. The line is of no use any more.
        """
        until = time.monotonic() + seconds
        with self._lock:
            if self.broken:
                raise BrokenLineError(self.broken)
            outer, self._is_asking = self._is_asking, True
            self._send(request)
            while "do" in (message := self._read(until)):
                self._send(self._answer(message))
            self._is_asking = outer
            return message

    def give_up(self) -> None:
        """If a thread that was given up still waits for an answer, the line is of no more use."""
        if self._is_asking:
            self.broken = self.broken or "it did not answer in time"

    def serve(self) -> None:
        """Answer requests until the other side hangs up."""
        while True:
            try:
                message = self._read(None)
            except BrokenLineError:
                return
            self._send(self._answer(message))

    def _send(self, message: Json) -> None:
        text = json.dumps(message, separators=(",", ":")).encode("ascii")
        data = memoryview(LENGTH.pack(len(text)) + text)
        try:
            while data:
                data = data[os.write(self._writer, data) :]
        except OSError:
            self._break("it has ended")

    def _read(self, until: float | None) -> Json:
        (length,) = LENGTH.unpack(self._bytes(LENGTH.size, until))
        if length > MOST_BYTES:
            self._break("it sent too much at once")
        try:
            message = json.loads(self._bytes(length, until))
        except (ValueError, RecursionError):
            message = None
        if not isinstance(message, dict):
            self._break("it sent something that is no message")
        return dict(message)

    def _bytes(self, count: int, until: float | None) -> bytes:
        data = bytearray()
        while len(data) < count:
            if until is not None:
                self._wait(until)
            try:
                more = os.read(self._reader, min(count - len(data), CHUNK))
            except OSError:
                more = b""
            if not more:
                self._break("it has ended")
            data += more
        return bytes(data)

    def _wait(self, until: float) -> None:
        left = until - time.monotonic()
        if left <= 0 or not select.select([self._reader], [], [], left)[0]:
            self.broken = "it did not answer in time"
            raise SilentLineError(self.broken)

    def _break(self, why: str) -> None:
        self.broken = why
        raise BrokenLineError(why)
