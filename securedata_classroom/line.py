"""Messages between two processes: requests and answers as JSON, and requests inside requests.

While one side waits for an answer, it serves what the other side asks. Nothing but JSON is ever
read, a line for each message: the other end can send wrong values, but no code. An answer repeats
the number of its request. So what a notebook writes here by itself is never taken for an answer.
"""

import json
import socket
import threading
import time
from collections.abc import Callable
from itertools import count
from typing import Any

from securedata.errors import SecureDataError

Json = dict[str, Any]
Serve = Callable[[Json], Json]
MOST_BYTES = 16 * 1024 * 1024  # of one message
CHUNK = 1024 * 1024
NUMBER = "request"  # of a request, and of its answer


class BrokenLineError(SecureDataError):
    """The other side has ended, or sent what is no message."""


class SilentLineError(SecureDataError):
    """The other side did not answer in time."""


class Line:
    """One end: `ask` sends a request and returns the answer; `serve` answers until the end.

    >>> here, there = socket.socketpair()
    >>> one, other = Line(here, dict), Line(there, lambda request: {"twice": 2 * request["number"]})
    >>> thread = threading.Thread(target=other.serve, daemon=True)
    >>> thread.start()
    >>> one.ask({"do": "double", "number": 21}, seconds=10)
    {'twice': 42}
    """

    def __init__(self, other: socket.socket, answer: Serve) -> None:
        self._other, self._answer, self._read = other, answer, bytearray()
        self._lock = threading.RLock()  # a request inside a request comes in the same thread
        self.broken = ""
        self._is_asking, self._numbers = False, count(1)

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
            number = next(self._numbers)
            self._send(request | {NUMBER: number})
            while "do" in (message := self._message(until)):
                self._reply(message)
            if message.pop(NUMBER, None) != number:
                self._break("it sent an answer that nobody asked for")
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
                message = self._message(None)
            except BrokenLineError:
                return
            self._reply(message)

    def _reply(self, request: Json) -> None:
        self._send(self._answer(request) | {NUMBER: request.get(NUMBER)})

    def _send(self, message: Json) -> None:
        try:
            self._other.settimeout(None)
            self._other.sendall(json.dumps(message).encode("ascii") + b"\n")
        except OSError:
            self._break("it has ended")

    def _message(self, until: float | None) -> Json:
        try:
            message = json.loads(self._bytes(until))
        except TimeoutError:
            self.broken = "it did not answer in time"
            raise SilentLineError(self.broken) from None
        except OSError:
            self._break("it has ended")
        except (ValueError, RecursionError):
            message = None
        if not isinstance(message, dict):
            self._break("it sent something that is no message")
        return dict(message)

    def _bytes(self, until: float | None) -> bytes:
        """All up to the end of a line. After a request, no more comes until it is answered."""
        while not self._read.endswith(b"\n"):
            if until is not None:
                self._other.settimeout(max(until - time.monotonic(), 0.001))
            more = self._other.recv(CHUNK)
            if not more or len(self._read) > MOST_BYTES:
                self._break("it sent too much at once" if more else "it has ended")
            self._read += more
        line, self._read = bytes(self._read), bytearray()
        return line

    def _break(self, why: str) -> None:
        self.broken = why
        raise BrokenLineError(why)
