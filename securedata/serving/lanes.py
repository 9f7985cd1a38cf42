"""Where a request runs: in a thread of its path's lane, never in the event loop.

Waking a thread costs time, because two threads then fight for Python's lock. So the thread of a
lane takes one waiting request after the other, and hands up to 16 answers back together. While a
lane has requests, the event loop looks every 10 ms:

| the lane                                  | so                                      |
|-------------------------------------------|-----------------------------------------|
| gave an answer in the last 20 ms          | it loses a thread, down to one          |
| gave none, and requests wait: its threads | it gets a thread, up to eight           |
| hang, or wait for a database              |                                         |
| has a request that waited for over 4 s    | the request is refused, and never begun |
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from queue import SimpleQueue
from typing import NamedTuple, TypeVar, cast

BATCH = 16
MOST_THREADS = 8
LOOK_SECONDS = 0.01
STUCK_SECONDS = 0.02
QUEUE_SECONDS = 4  # SQLite then waits up to 5 s for another writer: under 10 s in all

Result = TypeVar("Result")


class BusyError(Exception):
    """A request waited too long for a thread. It was not begun."""


class Lanes:
    """One lane for each of these paths, and one that all other paths share.

    So a stranger makes no threads by asking for new paths.

    >>> async def ask() -> str:
    ...     lanes = Lanes(["/store"])
    ...     name = await lanes.run("/store", lambda: threading.current_thread().name)
    ...     lanes.close()
    ...     return name
    >>> asyncio.run(ask())
    'lane /store'
    """

    def __init__(self, paths: Iterable[str]) -> None:
        self._others = _Lane("of others")
        self._lanes = {path: _Lane(path) for path in paths}

    async def run(self, path: str, work: Callable[[], Result]) -> Result:
        """Do this work in the lane of this path; return what it returns, raise what it raises.

        Raises:
            BusyError: the work was not begun within 4 s.
        """
        return cast(Result, await self._lanes.get(path, self._others).add(work))

    def close(self) -> None:
        """End every thread as soon as it has done what it is doing."""
        for lane in (self._others, *self._lanes.values()):
            lane.resize(0)


class _Request(NamedTuple):
    work: Callable[[], object]
    answer: "asyncio.Future[object]"
    since: float


class _Lane:
    """Requests in their order. Only `_work` and `_take_one` run in the lane's threads."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._waiting: deque[_Request] = deque()  # a request belongs to the thread that pops it
        self._done: deque[tuple[_Request, object, Exception | None]] = deque()
        self._bell: SimpleQueue[bool] = SimpleQueue()  # wakes a thread: True to work, False to end
        self._threads = 0
        self._inside = 0  # requests that have no answer yet
        self._is_looked_at = False
        self._last_answer = 0.0  # when; an idle lane counts as one that has just answered

    def add(self, work: Callable[[], object]) -> "asyncio.Future[object]":
        self.resize(max(self._threads, 1))
        loop = asyncio.get_running_loop()
        if not self._inside:
            self._last_answer = time.monotonic()
        if not self._is_looked_at:
            self._is_looked_at = True
            loop.call_later(LOOK_SECONDS, self._look, loop)
        self._inside += 1
        answer: asyncio.Future[object] = loop.create_future()
        self._waiting.append(_Request(work, answer, time.monotonic()))
        self._bell.put(True)
        return answer

    def resize(self, threads: int) -> None:
        """Raises RuntimeError if the system gives no more threads."""
        while self._threads > threads:
            self._bell.put(False)
            self._threads -= 1
        while self._threads < threads:
            loop, name = asyncio.get_running_loop(), f"lane {self._name}"
            threading.Thread(target=self._work, args=(loop,), name=name, daemon=True).start()
            self._threads += 1

    def _work(self, loop: asyncio.AbstractEventLoop) -> None:
        while self._bell.get():
            taken = 0
            while taken < BATCH and self._take_one():
                taken += 1
            if taken:
                with suppress(RuntimeError):  # the server has stopped meanwhile
                    loop.call_soon_threadsafe(self._hand_back)

    def _take_one(self) -> bool:
        try:
            request = self._waiting.popleft()
        except IndexError:
            return False
        try:
            self._done.append((request, request.work(), None))
        except BaseException as error:  # SystemExit would end the event loop
            ours = error if isinstance(error, Exception) else RuntimeError(repr(error))
            self._done.append((request, None, ours))
        return True

    def _hand_back(self) -> None:
        while self._done:
            (_, answer, _), result, error = self._done.popleft()
            self._inside -= 1
            self._last_answer = time.monotonic()
            if answer.cancelled():  # at a stop
                continue
            if error is None:
                answer.set_result(result)
            else:
                answer.set_exception(error)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        while self._longest_wait() > QUEUE_SECONDS:
            with suppress(IndexError):  # a thread has just taken it
                self._done.append((self._waiting.popleft(), None, BusyError()))
        self._hand_back()
        if not self._inside:
            self._is_looked_at = False
            self.resize(1)
            return
        if time.monotonic() - self._last_answer <= STUCK_SECONDS:
            self.resize(max(self._threads - 1, 1))
        elif self._waiting:
            with suppress(RuntimeError):  # the lane goes on with the threads it has
                self.resize(min(self._threads + 1, MOST_THREADS))
        loop.call_later(LOOK_SECONDS, self._look, loop)

    def _longest_wait(self) -> float:
        with suppress(IndexError):  # nothing waits
            return time.monotonic() - self._waiting[0].since
        return 0
