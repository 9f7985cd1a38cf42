"""A server of blocking sockets in threads, on loopback only: the base of the tap.

A subclass speaks with each client. Unlike serving/server.py, it needs a thread for each client.
And it shows plainly, with OpenSSL's alerts, how a handshake fails.
"""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress

from securedata.serving.lifetime import Lifetime
from securedata.serving.listening import listen

POLL_SECONDS = 0.1  # so soon does it notice the end where hanging up wakes no `accept` (macOS)


class Listener(Lifetime):
    """Accepts connections from `start` to `stop`, each in a daemon thread of its own.

    Port 0 takes a free one, and keeps it over a restart. It prints nothing, whatever clients do.

    >>> with Listener("localhost") as listener:
    ...     listener.port > 0
    True
    """

    def __init__(self, host: str) -> None:
        self.host = host
        self.port = 0
        self._stopping = threading.Event()
        self._accepting: list[threading.Thread] = []
        self._serving: list[threading.Thread] = []
        self._held: list[socket.socket] = []

    @property
    def address(self) -> str:
        """Host and port as a url spells them."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def serve(self, client: socket.socket) -> None:
        """Speak with one client: the subclass's part. An OSError ends it, and the socket closes."""

    def hold(self, end: socket.socket) -> None:
        """Remember a socket, to hang up on it when this stops."""
        self._held.append(end)
        if self._stopping.is_set():  # `stop` has looked before this one came
            hang_up(end)

    def start(self) -> None:
        """Listen. Calling it twice is harmless.

        Raises:
            ListenError: the port is taken, or the host is not this machine alone.
        """
        if self._accepting:
            return
        listeners = listen(self.host, self.port, loopback_only=True)
        self.port = listeners[0].getsockname()[1]
        self._stopping.clear()
        self._accepting = [begin(self._accept, listener) for listener in listeners]

    def stop(self) -> None:
        """Hang up on everybody, within two seconds; the port is free. Twice is harmless."""
        self._stopping.set()
        for end in self._held:
            hang_up(end)
        for thread in self._accepting:  # first, since they begin the others
            thread.join()
        for thread in self._serving:
            thread.join()
        self._accepting, self._serving, self._held = [], [], []

    def _accept(self, listener: socket.socket) -> None:
        self.hold(listener)
        with listener:
            listener.settimeout(POLL_SECONDS)
            while not self._stopping.is_set():
                with suppress(OSError):  # no client came, or it has gone again
                    client, _ = listener.accept()
                    self._serving.append(begin(self._serve, client))

    def _serve(self, client: socket.socket) -> None:
        self.hold(client)
        with client, suppress(OSError):
            self.serve(client)


def begin(work: Callable[..., None], *arguments: object) -> threading.Thread:
    """Run this in a daemon thread, which ends with the program at the latest.

    >>> begin(print, "hello").join()
    hello
    """
    thread = threading.Thread(target=work, args=arguments, daemon=True)
    thread.start()
    return thread


def hang_up(end: socket.socket) -> None:
    """End a connection in both directions, so that a thread that waits for it goes on.

    >>> one, other = socket.socketpair()
    >>> hang_up(one)
    >>> other.recv(1)
    b''
    >>> one.close(), other.close()
    (None, None)
    """
    with suppress(OSError):  # it was gone already
        # The plain socket's own: an SSLSocket's would take TLS away from under another thread.
        socket.socket.shutdown(end, socket.SHUT_RDWR)
