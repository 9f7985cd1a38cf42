"""A Flask app over HTTPS in a background thread, for notebooks; `python app.py` is the same server.

uvicorn does TLS and HTTP in one event loop, so a client that stalls, in its handshake, its headers
or its body, costs a socket and no thread. Flask is called only when the whole request has arrived
(gateway.py). It prints nothing, ever: what it has to say stands in its log.
"""

import asyncio
import logging
import socket
import ssl
import threading
import time
from asyncio.trsock import TransportSocket
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TypeVar

import uvicorn
from flask import Flask
from uvicorn.protocols.http.h11_impl import H11Protocol

from securedata.errors import ListenError
from securedata.serving.gateway import WholeBody
from securedata.serving.listening import LastTakers, SharedListener, listen
from securedata.serving.log_tail import LogTail

KEEP_ALIVE_SECONDS = 75  # an idle connection is kept this long
GRACE_SECONDS = 1  # what is under way when the server stops may take this long to end
GOODBYE_SECONDS = 0.05  # in which our goodbye, and the end of an answer, go out

Server = TypeVar("Server", bound="BackgroundServer")


class BackgroundServer:
    """Serve an app over TLS from a daemon thread, as a context manager or with start and stop.

    A class, because a server is a thing with a life: it starts, has an address, and stops.
    Port 0 takes a free one, and keeps it over a restart. `ca_file` is for clients to verify with;
    the server only carries it. The app's logger writes into `log_tail`, and nowhere else.
    `loopback_only` may be dropped for an app that asks everybody who they are.

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
        loopback_only: bool = True,
    ) -> None:
        self.host = host
        self.port = port
        self.ca_file = ca_file
        self._app = app
        self._tls = tls
        self._loopback_only = loopback_only
        self._log = LogTail()
        # A logger of its own: two apps of one name must not write into each other's log.
        app.logger = logging.Logger(app.name)
        app.logger.addHandler(self._log)
        app.extensions["log_tail"] = self._log  # for GET /log
        self._sockets: list[socket.socket] = []  # bound, and not the loop's yet
        self._thread: threading.Thread | None = None
        self._ended = threading.Event()

    @property
    def url(self) -> str:
        """Where the server is: `https://host:port`, once it has started."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"https://{host}:{self.port}"

    def log_tail(self, lines: int = 10) -> list[str]:
        """The last lines of the log: one for every request, and why it was refused."""
        return [line for _, line in self._log.last(lines)]

    def bind(self, processes: int) -> None:
        """Take the port for processes that are forked from this one, each of which then starts.

        Raises:
            ListenError: the port is taken, or the host is not this machine alone.
        """
        last = LastTakers(processes)
        self._sockets = [SharedListener.of(it, last) for it in self._listen()]
        self._app.extensions.pop("log_tail")  # each process would have a part of it: GET /log

    def start(self) -> None:
        """Listen, and return when requests are answered. Calling it twice is harmless.

        Raises:
            ListenError: as `bind` does.
        """
        if self._thread is not None and self._thread.is_alive():
            return
        # From now on they are the loop's, which closes them at its end.
        sockets, self._sockets = self._sockets or self._listen(), []
        self._uvicorn = _Uvicorn(self._config(), self._app.logger)
        self._ended.clear()
        self._thread = threading.Thread(target=self._run, args=(sockets,), daemon=True)
        self._thread.start()
        while not self._uvicorn.started:
            if not self._thread.is_alive():
                raise ListenError(f"the server did not start: {self.log_tail(1)}")
            time.sleep(0.002)

    def stop(self) -> None:
        """Stop within two seconds, whoever is connected; the port is free. Twice is harmless."""
        while self._sockets:
            self._sockets.pop().close()
        if self._thread is None:
            return
        self._uvicorn.should_exit = True
        self._thread.join()
        self._thread = None

    def wait(self) -> None:
        """Return when the server has stopped; Ctrl-C interrupts."""
        # Not by joining the thread: before Python 3.13, a join that Ctrl-C interrupts takes it for
        # ended, and `stop` would not wait for it. Without timeout, Windows hears no Ctrl-C.
        while self._thread is not None and not self._ended.wait(timeout=0.5):
            pass

    def __enter__(self: Server) -> Server:
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

    def _listen(self) -> list[socket.socket]:
        sockets = listen(self.host, self.port, loopback_only=self._loopback_only)
        self.port = sockets[0].getsockname()[1]
        return sockets

    def _config(self) -> uvicorn.Config:
        config = uvicorn.Config(
            WholeBody(self._app),
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
        )
        config.load()
        config.ssl = self._tls  # a ready context, which uvicorn before 0.48 takes no other way
        return config

    def _run(self, sockets: list[socket.socket]) -> None:
        diversion = _Diversion(self._log)
        loggers = [logging.getLogger(name) for name in ("asyncio", "uvicorn.error")]
        for logger in loggers:
            logger.addFilter(diversion)
        try:
            self._uvicorn.run(sockets=sockets)
        except Exception:
            self._app.logger.exception("the server stopped")
        finally:
            for logger in loggers:
                logger.removeFilter(diversion)
            self._ended.set()


class _Uvicorn(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, logger: logging.Logger) -> None:
        super().__init__(config)
        self._logger = logger

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Have the loop report to our log what it may report from any thread, as at its end."""
        asyncio.get_running_loop().set_exception_handler(
            lambda loop, context: self._logger.warning("asyncio: %s", context["message"])
        )
        await super().startup(sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Hang up on clients that do not answer our goodbye: uvicorn would leave them dangling.

        A client for whom no answer is under way gets no grace: waiting for it would serve nobody.
        """
        connections = {it for it in self.server_state.connections if isinstance(it, H11Protocol)}
        idle = {it for it in connections if it.cycle is None or it.cycle.response_complete}
        # The sockets themselves: a TLS transport that was closed twice can no longer be aborted.
        idle_sockets, busy_sockets = _sockets_of(idle), _sockets_of(connections - idle)
        asyncio.get_running_loop().call_later(GOODBYE_SECONDS, _hang_up, idle_sockets)
        await super().shutdown(sockets)
        _hang_up(busy_sockets)
        await asyncio.sleep(0)  # the loop notices in its next round


def _sockets_of(connections: Iterable[H11Protocol]) -> list[TransportSocket]:
    return [connection.transport.get_extra_info("socket") for connection in connections]


def _hang_up(clients: list[TransportSocket]) -> None:
    for client in clients:
        with suppress(OSError, AttributeError):  # gone by itself
            client.shutdown(socket.SHUT_RDWR)


class _Diversion(logging.Filter):
    """Takes what this thread says out of a logger that the whole process shares, into our log."""

    def __init__(self, log: LogTail) -> None:
        super().__init__()
        self._log = log
        self._thread = threading.get_ident()

    def filter(self, record: logging.LogRecord) -> bool:
        if record.thread != self._thread:
            return True
        if record.levelno >= logging.WARNING:
            self._log.handle(record)
        return False
