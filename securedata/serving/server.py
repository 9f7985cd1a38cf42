"""A Flask app over HTTPS in a background thread, for notebooks and for `python app.py`.

One event loop does TLS and HTTP: a client that stalls costs a socket and no thread, and not for
long (connections.py). Flask gets whole requests (gateway.py), in threads (lanes.py). The server
prints nothing: it writes into its log.
"""

import asyncio
import logging
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from flask import Flask

from securedata.errors import ListenError
from securedata.serving.connections import COMPLAINT_SECONDS, Connections
from securedata.serving.gateway import Gateway
from securedata.serving.lifetime import Lifetime
from securedata.serving.listening import listen
from securedata.serving.log_tail import LogTail
from securedata.serving.renewal import Renewal

LIBRARIES = ("asyncio", "tornado.general", "tornado.application")  # their loggers


class BackgroundServer(Lifetime):
    """Serve an app over TLS from a daemon thread, as a context manager or with start and stop.

    Port 0 takes a free one, and keeps it over a restart. `ca_file` is for clients to verify with;
    the server only carries it. The app's logger writes into `log_tail`, and nowhere else. With
    `tls=None` it speaks HTTP, for a lesson. `renewal` looks for its next certificate.

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
        tls: ssl.SSLContext | None,
        host: str = "localhost",
        port: int = 0,
        ca_file: Path | None = None,
        renewal: Renewal | None = None,
    ) -> None:
        self.host, self.port, self.ca_file = host, port, ca_file
        self._app, self._tls, self._renewal = app, tls, renewal
        self._log = LogTail()
        # A logger of its own: two apps of one name must not write into each other's log.
        app.logger = logging.Logger(app.name)
        app.logger.addHandler(self._log)
        app.extensions["log_tail"] = self._log  # for GET /log
        self._complained = 0.0  # when an error of a library was last logged
        self._thread: threading.Thread | None = None
        self._started, self._ended = threading.Event(), threading.Event()

    @property
    def url(self) -> str:
        """Where the server is: `https://host:port`, once it has started."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http{'s' if self._tls else ''}://{host}:{self.port}"

    @property
    def is_running(self) -> bool:
        """Whether it was started, and not stopped since."""
        return self._thread is not None

    def log_tail(self, lines: int = 10) -> list[str]:
        """The last lines of the log: one for each request, with the reason of a refusal."""
        return [line for _, line in self._log.last(lines)]

    def start(
        self,
        heartbeat: Callable[[], None] = lambda: None,
        sockets: list[socket.socket] | None = None,
    ) -> None:
        """Listen, and return when requests are answered. Calling it twice is harmless.

        The event loop calls `heartbeat` once a second, unless it is blocked. Without `sockets` that
        listen already, it listens on this machine alone.

        Raises:
            ListenError: the port is taken, or the host is not this machine alone.
        """
        if self._thread is not None and self._thread.is_alive():
            return
        sockets = sockets or listen(self.host, self.port, loopback_only=True)
        self.port = sockets[0].getsockname()[1]
        self._started, self._ended = threading.Event(), threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(sockets, heartbeat), daemon=True, name="securedata server"
        )
        self._thread.start()
        self._started.wait()
        if self._ended.is_set():
            raise ListenError(f"the server did not start: {self.log_tail(1)}")
        if self._renewal:
            self._renewal.start(self._serve_with, self._app.logger, self._ended)

    def stop(self) -> None:
        """Stop within two seconds and free the port. Calling it twice is harmless."""
        if self._thread is None:
            return
        with suppress(RuntimeError):  # it has stopped by itself
            self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()
        self._thread = None

    def wait(self) -> None:
        """Return when the server has stopped; Ctrl-C interrupts."""
        # Not `join`: before Python 3.13, a join that Ctrl-C interrupts takes the thread for ended.
        # Without a timeout, Windows hears no Ctrl-C.
        while self._thread is not None and not self._ended.wait(timeout=0.5):
            pass

    def __repr__(self) -> str:
        return f"BackgroundServer({self.url!r}, {'running' if self.is_running else 'stopped'})"

    def _serve_with(self, tls: ssl.SSLContext) -> None:
        self._tls = tls  # for new connections

    def _run(self, sockets: list[socket.socket], heartbeat: Callable[[], None]) -> None:
        # The whole process shares these loggers: what this thread writes is for our log.
        loggers = [logging.getLogger(name) for name in LIBRARIES]
        for logger in loggers:
            logger.addFilter(self._divert)
        gateway = Gateway(self._app)
        try:
            asyncio.run(self._serve(sockets, gateway, heartbeat))
        except Exception:
            self._app.logger.exception("the server stopped")
        finally:
            for logger in loggers:
                logger.removeFilter(self._divert)
            gateway.close()
            self._ended.set()
            self._started.set()  # or it never will be

    async def _serve(
        self, sockets: list[socket.socket], gateway: Gateway, heartbeat: Callable[[], None]
    ) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        connections = Connections(gateway, lambda: self._tls, self._app.logger)
        accepting = [self._loop.create_task(connections.accept_at(it)) for it in sockets]
        self._started.set()
        while not self._stopping.is_set():
            heartbeat()
            connections.close_late()
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), timeout=1)
        for task in accepting:
            task.cancel()
        await asyncio.gather(*accepting, return_exceptions=True)
        for listener in sockets:
            listener.close()
        await connections.close_all()

    def _divert(self, record: logging.LogRecord) -> bool:
        is_ours = self._thread is not None and record.thread == self._thread.ident
        is_error = record.levelno >= logging.ERROR  # Tornado warns of each odd client
        if is_ours and is_error and record.created - self._complained >= COMPLAINT_SECONDS:
            self._complained = record.created
            self._app.logger.handle(record)
        return not is_ours
