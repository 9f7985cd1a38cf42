"""A server in several processes, forked from a parent that watches them.

Twice a second, the parent replaces each worker that has ended. It kills a worker whose event loop
was silent for 20 looks. It counts looks, not seconds, so nobody is late after Ctrl-Z and `fg`. A
worker ends by itself when its parent is gone. The parent must have no threads and no open database.
"""

import logging
import mmap
import multiprocessing
import os
import signal
import sys
import time
from contextlib import suppress
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import NoReturn

from securedata.errors import ListenError
from securedata.serving.server import BackgroundServer

STOP_SECONDS = 1.75  # a worker needs 1.2 s while clients are connected; later it is killed
START_SECONDS = 10
LOOK_SECONDS = 0.5
SILENT_LOOKS = 20
PAUSES_SECONDS = (0.1, 0.2, 0.4, 0.8, 0)  # after each failed attempt to start a worker
ENDINGS = (signal.SIGINT, signal.SIGTERM)


class Workers:
    """Run a server in several processes, as a context manager.

    All workers accept clients at the same sockets. A worker that dies loses its own clients only.

    Raises:
        ListenError: the port is taken, this system cannot fork, or a worker could not start in
            five attempts.

    >>> from flask import Flask
    >>> from securedata import BackgroundServer, CertificateAuthority, server_context
    >>> tls = server_context(CertificateAuthority.create("Example CA").issue("localhost"))
    >>> server = BackgroundServer(Flask("example"), tls=tls)
    >>> Workers(2, server, logging.getLogger())
    Workers(2, BackgroundServer('https://localhost:0', stopped))
    """

    def __init__(self, count: int, server: BackgroundServer, logger: logging.Logger) -> None:
        self._count, self._server, self._logger = count, server, logger
        self._beats = memoryview(mmap.mmap(-1, 8 * count)).cast("q")  # shared with forks
        self._processes: dict[int, BaseProcess] = {}  # by the place of their beats

    def __enter__(self) -> "Workers":
        if not hasattr(os, "fork"):
            raise ListenError("this system cannot fork, so there is one process only: --workers 1")
        self._server.bind()
        try:
            for place in range(self._count):
                self._add(place)
        except BaseException:  # Ctrl-C, too
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """End all within two seconds and free the port. A second Ctrl-C has to wait for that."""
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDINGS)
        self._server.stop()  # in the parent it is only bound
        for process in self._processes.values():
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in self._processes.values():
            process.join(max(0, deadline - time.monotonic()))
            process.kill()
            process.join()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDINGS)

    def wait(self) -> NoReturn:
        """Replace every worker that dies or hangs, until Ctrl-C interrupts.

        Raises:
            ListenError: it could not be replaced in five attempts.
        """
        silent_looks, last_beats = [0] * self._count, self._beats.tolist()
        while True:
            ended = wait([it.sentinel for it in self._processes.values()], LOOK_SECONDS)
            for place, process in list(self._processes.items()):
                if process.sentinel in ended:
                    process.join()
                    self._logger.error("worker %d %s: it is replaced", process.pid, _end(process))
                    time.sleep(PAUSES_SECONDS[0])  # it may be the first of many
                    self._add(place)
                elif not ended:
                    is_silent = self._beats[place] == last_beats[place]
                    silent_looks[place] = silent_looks[place] + 1 if is_silent else 0
                    if silent_looks[place] == SILENT_LOOKS:
                        self._logger.error("worker %d does not answer: it is killed", process.pid)
                        process.kill()
            last_beats = self._beats.tolist()

    def __repr__(self) -> str:
        return f"Workers({self._count}, {self._server!r})"

    def _add(self, place: int) -> None:
        for pause in PAUSES_SECONDS:
            why_not = self._fork(place)
            if why_not is None:
                return
            self._logger.error("a worker does not start: %s", why_not)
            time.sleep(pause)
        raise ListenError(f"a worker does not start: {why_not}")

    def _fork(self, place: int) -> str | None:
        """Fork one worker, and wait until its event loop runs. Returns why it does not run."""
        self._beats[place] = 0
        work = (self._server, self._beats[place:], self._logger)
        process = multiprocessing.get_context("fork").Process(target=_work, args=work, daemon=True)
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDINGS)  # until the child has its handlers
        try:
            process.start()
            self._processes[place] = process
        except OSError as error:
            return error.strerror
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDINGS)
        deadline = time.monotonic() + START_SECONDS
        while not self._beats[place]:
            process.join(0.01)
            if process.exitcode is not None:
                return f"it {_end(process)}"
            if time.monotonic() > deadline:
                process.kill()
        return None


def _work(server: BackgroundServer, beats: "memoryview[int]", logger: logging.Logger) -> None:
    """All that a worker does. The first beat is its own."""
    parent = os.getppid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all; the parent ends the workers
    signal.signal(signal.SIGTERM, _end_once)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDINGS)

    def beat() -> None:
        beats[0] += 1
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGTERM)

    try:
        with suppress(KeyboardInterrupt):
            server.start(beat)
            server.wait()
        server.stop()
    except ListenError as error:
        logger.error("%s", error)
        sys.exit(1)


def _end_once(number: int, frame: FrameType | None) -> NoReturn:
    signal.signal(number, signal.SIG_IGN)  # systemd tells the worker, and so does the parent
    raise KeyboardInterrupt


def _end(process: BaseProcess) -> str:
    code = process.exitcode or 0
    return f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
