"""A Flask app over HTTPS in a background thread, for notebooks and for `python app.py`.

One event loop does TLS and HTTP: a client that stalls costs a socket and no thread, and not for
long (connections.py). Flask gets whole requests (gateway.py), in threads (lanes.py). The server
prints nothing: it writes into its log.
"""

import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable
from pathlib import Path

import uvicorn
from flask import Flask

from securedata.errors import ListenError
from securedata.serving.connections import Reception
from securedata.serving.gateway import Gateway
from securedata.serving.lifetime import Lifetime
from securedata.serving.listening import listen
from securedata.serving.log_tail import LogTail
from securedata.serving.renewal import Renewal

KEEP_ALIVE_SECONDS = 75  # how long an idle connection is kept
GRACE_SECONDS = 1  # how long requests may still take when the server stops


class BackgroundServer(Lifetime):
    """Serve an app over TLS from a daemon thread, as a context manager or with start and stop.

    Port 0 takes a free one, and keeps it over a restart. `ca_file` is for clients to verify with;
    the server only carries it. The app's logger writes into `log_tail`, and nowhere else.
    `loopback_only=False` is for an app that asks for tokens. With `tls=None` it speaks HTTP, for a
    lesson, and on loopback only. `renewal` looks for its next certificate.

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
        loopback_only: bool = True,
        renewal: Renewal | None = None,
    ) -> None:
        self.host, self.port, self.ca_file = host, port, ca_file
        self._app, self._tls, self._renewal = app, tls, renewal
        self._loopback_only = loopback_only or tls is None
        self._log = LogTail()
        # A logger of its own: two apps of one name must not write into each other's log.
        app.logger = logging.Logger(app.name)
        app.logger.addHandler(self._log)
        app.extensions["log_tail"] = self._log  # for GET /log
        self._sockets: list[socket.socket] = []  # bound, and not the loop's yet
        self._shared = False  # whether other processes accept at the same sockets
        self._thread: threading.Thread | None = None
        self._ended = threading.Event()

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

    def bind(self) -> None:
        """Take the port. Processes that are forked from this one then start at it.

        Raises:
            ListenError: the port is taken, or the host is not this machine alone.
        """
        self._sockets, self._shared = self._listen(), True
        self._app.extensions.pop("log_tail", None)  # each process would have a part of it: GET /log

    def start(self, beat: Callable[[], None] = lambda: None) -> None:
        """Listen, and return when requests are answered. Calling it twice is harmless.

        The event loop calls `beat` ten times a second, as long as it is not blocked.

        Raises:
            ListenError: as `bind` does.
        """
        if self._thread is not None and self._thread.is_alive():
            return
        sockets, self._sockets = self._sockets or self._listen(), []  # the loop closes them
        self._uvicorn = Reception(self._config(), self._app.logger, beat, shared=self._shared)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(sockets,), daemon=True)
        self._thread.start()
        while not self._uvicorn.started:
            if not self._thread.is_alive():
                raise ListenError(f"the server did not start: {self.log_tail(1)}")
            time.sleep(0.002)
        if self._renewal:
            self._renewal.start(self._serve_with, self._app.logger, self._ended)

    def stop(self) -> None:
        """Stop within two seconds and free the port. Calling it twice is harmless."""
        while self._sockets:
            self._sockets.pop().close()
        if self._thread is None:
            return
        self._uvicorn.should_exit = True
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
        self._tls = self._uvicorn.config.ssl = tls  # for new connections

    def _listen(self) -> list[socket.socket]:
        sockets = listen(self.host, self.port, loopback_only=self._loopback_only)
        self.port = sockets[0].getsockname()[1]
        return sockets

    def _config(self) -> uvicorn.Config:
        self._gateway = Gateway(self._app)
        config = uvicorn.Config(
            self._gateway,
            loop="asyncio",  # also where uvloop is installed
            http="h11",  # also where httptools is installed; strict about HTTP
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # X-Forwarded-For may be a lie
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        config.load()
        config.ssl = self._tls  # a ready context, which uvicorn before 0.48 takes no other way
        return config

    def _run(self, sockets: list[socket.socket]) -> None:
        # The whole process shares these loggers: what this thread writes is for our log.
        loggers = [logging.getLogger(name) for name in ("asyncio", "uvicorn.error")]
        for logger in loggers:
            logger.addFilter(self._divert)
        try:
            self._uvicorn.run(sockets=sockets)
        except Exception:
            self._app.logger.exception("the server stopped")
        finally:
            for logger in loggers:
                logger.removeFilter(self._divert)
            self._gateway.close()
            self._ended.set()

    def _divert(self, record: logging.LogRecord) -> bool:
        is_ours = self._thread is not None and record.thread == self._thread.ident
        if is_ours and record.levelno >= logging.WARNING:
            self._log.handle(record)
        return not is_ours
