"""Who may stay connected: a stranger gets a socket for seconds, and little memory.

Tornado does TLS and HTTP. Connections are accepted and closed here:

| a connection                              | is closed                                            |
|-------------------------------------------|------------------------------------------------------|
| stops before the end of its first head    | 15 s after it was accepted                           |
| is idle after an answer, stops in a later | 75 s after its last answer                           |
| head, or does not read that answer        |                                                      |
| waits like these while the server is full | at once, the oldest first. Clients with a token, and |
|                                           | those that came, or sent a head, within 2 s, go last |

A client that keeps the event loop busy makes all these limits late.
"""

import asyncio
import socket
import ssl
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from logging import Logger

from securedata.serving.connection import Connection
from securedata.serving.gateway import Exchange, Gateway

if sys.platform != "win32":
    import resource

GRACE_SECONDS = 1  # how long requests may still take when the server stops
SPARE_FILES = 80  # for the database, and for the rest of the process
MOST_CLIENTS = 2000
WINDOWS_CLIENTS = 400  # select() takes 512 sockets there
COMPLAINT_SECONDS = 60  # between log lines about failed accepts, or a library's errors
TURN_SECONDS = 0.005  # between two clients when all places are taken: a flood leaves others time


class Connections:
    """Accepts connections, and closes those that are late.

    `tls` is asked at each accept, so that a renewed certificate is served.

    >>> from flask import Flask
    >>> connections = Connections(Gateway(Flask("example")), lambda: None, Logger("example"))
    >>> connections.close_late()
    """

    def __init__(
        self, gateway: Gateway, tls: Callable[[], ssl.SSLContext | None], logger: Logger
    ) -> None:
        self._begin, self._tls, self._logger = partial(Exchange, gateway), tls, logger
        self._open: set[Connection] = set()
        self._complained = -float(COMPLAINT_SECONDS)

    async def accept_at(self, listener: socket.socket) -> None:
        """Accept one client after the other, until this is cancelled."""
        loop = asyncio.get_running_loop()
        listener.setblocking(False)
        while True:
            await asyncio.sleep(0)  # a flood of clients must not hold up all others
            try:
                client, address = await loop.sock_accept(listener)
            except ConnectionError:
                continue  # the client has gone
            except OSError as error:  # no file is left, most likely
                self._complain(error)
                self._make_room()
                await asyncio.sleep(1)
                continue
            with suppress(OSError):  # gone already
                newest = Connection(
                    client, address[0], self._tls(), self._logger, self._begin, self._open
                )
                while len(self._open) > _places():
                    self._make_room(newest)
                    await asyncio.sleep(TURN_SECONDS)

    def close_late(self) -> None:
        """Close every connection that has been idle for too long. Call this once a second."""
        for connection in filter(Connection.is_late, list(self._open)):
            connection.close()

    async def close_all(self) -> None:
        """Close the idle connections, and the others after their answer, or after a second."""
        deadline = time.monotonic() + GRACE_SECONDS
        while self._open and time.monotonic() < deadline:
            for connection in list(self._open):
                if connection.is_idle and not connection.stream.writing():
                    connection.close()
            await asyncio.sleep(0.01)
        for connection in list(self._open):
            connection.close()

    def _make_room(self, newest: "Connection | None" = None) -> None:
        idle = [it for it in self._open if it.is_idle and it is not newest]
        if idle:
            min(idle, key=Connection.rank).close()

    def _complain(self, error: OSError) -> None:
        if time.monotonic() - self._complained >= COMPLAINT_SECONDS:
            self._complained = time.monotonic()
            self._logger.warning("clients have to wait: %s", error)


def _places() -> int:
    if sys.platform == "win32":
        return WINDOWS_CLIENTS
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_CLIENTS if files < 0 else max(1, min(files - SPARE_FILES, MOST_CLIENTS))
