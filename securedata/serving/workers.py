"""A server in several processes, forked from one that watches them and replaces those that die.

The parent answers nobody. It holds one end of a pipe, the lifeline, and each worker listens at the
other: the parent lets go of it to end them, and when the parent is killed the kernel does. Whoever
forks must have no threads and no open database, for a fork does not take them over. It knows no
HTTP.
"""

import logging
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from types import FrameType, TracebackType
from typing import NoReturn, Protocol

from securedata.errors import ListenError

STOP_SECONDS = 1.75  # a worker needs 1.2 s while clients are connected; later it is killed
PAUSES_SECONDS = (0.1, 0.2, 0.4, 0.8)  # after each vain attempt to start a worker, but the fifth
ENDINGS = (signal.SIGINT, signal.SIGTERM)
STARTED = b"started"  # what a worker reports; anything else is the reason why it could not


class _Server(Protocol):
    def bind(self, processes: int) -> None: ...
    def start(self) -> None: ...
    def wait(self) -> None: ...
    def stop(self) -> None: ...


class Workers:
    """Run a server in several processes, as a context manager or with start and stop.

    The sockets are bound once, and all workers accept clients at them. One that dies takes its own
    clients with it, and nobody else's.

    >>> from flask import Flask
    >>> from securedata import BackgroundServer, CertificateAuthority, server_context
    >>> tls = server_context(CertificateAuthority.create("Example CA").issue("localhost"))
    >>> server = BackgroundServer(Flask("example"), tls=tls)
    >>> Workers(2, server, logging.getLogger())
    Workers(2, BackgroundServer('https://localhost:0', stopped))
    """

    def __init__(self, count: int, server: _Server, logger: logging.Logger) -> None:
        self._count = count
        self._server = server
        self._logger = logger
        self._lifeline: tuple[int, ...] = ()  # the workers' end, and ours
        self._pids: set[int] = set()

    def start(self) -> None:
        """Take the port, fork the workers, and return when all of them answer.

        Raises:
            ListenError: the port is taken, this system cannot fork, or a worker could not start in
                five attempts.
        """
        if not hasattr(os, "fork"):
            raise ListenError("this system cannot fork, so there is one process only: --workers 1")
        self._server.bind(self._count)
        self._lifeline = os.pipe()
        try:
            for _ in range(self._count):
                self._add()
        except BaseException:  # Ctrl-C, too
            self.stop()
            raise

    def wait(self) -> NoReturn:
        """Replace every worker that dies, until Ctrl-C interrupts.

        Raises:
            ListenError: it could not be replaced in five attempts.
        """
        while True:
            pid, status = os.wait()
            self._pids.discard(pid)
            self._logger.error("worker %d %s: it is replaced", pid, _end(status))
            time.sleep(PAUSES_SECONDS[0])  # it may be the first of many
            self._add()

    def stop(self) -> None:
        """End all within two seconds, whoever is connected; the port is free. Twice is harmless."""
        self._server.stop()  # here, in the parent, it is bound and no more
        for end in self._lifeline:
            os.close(end)
        self._lifeline = ()
        deadline = time.monotonic() + STOP_SECONDS
        while self._pids and time.monotonic() < deadline:
            time.sleep(0.01)
            self._pids = {pid for pid in self._pids if not _has_ended(pid)}
        while self._pids:
            pid = self._pids.pop()
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)

    def __enter__(self) -> "Workers":
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
        return f"Workers({self._count}, {self._server!r})"

    def _add(self) -> None:
        for pause in PAUSES_SECONDS:
            try:
                return self._try_to_add()
            except ListenError as error:
                self._logger.error("%s: it is tried again", error)
                time.sleep(pause)
        return self._try_to_add()

    def _try_to_add(self) -> None:
        """Fork one worker, and return when it answers."""
        report, reporter = os.pipe()
        with FileIO(report) as reading:
            with FileIO(reporter, "w") as writing, _undisturbed():
                pid = self._fork(writing)
            said = reading.readall()
        if said != STARTED:
            self._pids.discard(pid)
            _, status = os.waitpid(pid, 0)
            raise ListenError(f"a worker does not start: {said.decode() or 'it ' + _end(status)}")

    def _fork(self, report: FileIO) -> int:
        try:
            pid = os.fork()
        except OSError as error:
            raise ListenError(f"a worker does not start: {error.strerror}") from None
        if pid == 0:
            _work(self._server, self._lifeline, report)
        self._pids.add(pid)
        return pid


def _work(server: _Server, lifeline: tuple[int, ...], report: FileIO) -> NoReturn:
    """All that a worker does; it never returns to what the parent was doing."""
    ours, the_parents = lifeline
    status = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all: the parent's word counts
        signal.signal(signal.SIGTERM, _end_once)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDINGS)
        os.close(the_parents)
        threading.Thread(target=_end_with_the_parent, args=(ours,), daemon=True).start()
        with suppress(KeyboardInterrupt):
            server.start()
            report.write(STARTED)
            report.close()
            server.wait()
        server.stop()
        status = 0
    except Exception as error:
        report.write(str(error).encode())
    finally:
        os._exit(status)  # and not through what the parent has to do at its end


def _end_with_the_parent(lifeline: int) -> None:
    os.read(lifeline, 1)  # until nobody holds the other end any more
    os.kill(os.getpid(), signal.SIGTERM)


def _end_once(number: int, frame: FrameType | None) -> NoReturn:
    signal.signal(number, signal.SIG_IGN)  # systemd, for one, tells the worker and the parent
    raise KeyboardInterrupt


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Have signals wait: in a worker they must not go on with what the parent does."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDINGS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _has_ended(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG) != (0, 0)
    except ChildProcessError:  # Ctrl-C came when we had just heard of its end
        return True


def _end(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    return f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
