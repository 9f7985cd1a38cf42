"""Joins sockets of two sandboxes: each has a network of its own, and they share only files.

A place is `unix:PATH`, a socket file, or `tcp:PORT` at localhost. As a program, it is run by its
path and imports nothing of the kit. It relays while a command runs, and ends with it:

    python relay.py tcp:8443=unix:vault.sock -- python my_attack.py
"""

import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

CHUNK = 1 << 16
MOST_CONNECTIONS = 32  # at one place: each takes threads, of which a process has a few hundred
WAIT_SECONDS = 1  # for one of them to end; a vault waits 2 s for its backup server


def relay(listening: str, target: Callable[[], str]) -> None:
    """Pass on all that comes to a place, for ever, in threads. The target may change.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     server = socket.create_server(("localhost", 0))
    ...     relay(f"unix:{folder}/it", lambda: f"tcp:{server.getsockname()[1]}")
    ...     client = connected(f"unix:{folder}/it")
    ...     client.sendall(b"hello")
    ...     with server, client, server.accept()[0] as accepted:
    ...         accepted.recv(5)
    b'hello'
    """
    listener = _listener(listening)
    threading.Thread(target=_accept, args=(listener, target), daemon=True).start()


def connected(place: str) -> socket.socket:
    """A connection to a place.

    >>> connected("unix:nowhere")
    Traceback (most recent call last):
        ...
    FileNotFoundError: [Errno 2] No such file or directory
    """
    kind, _, where = place.partition(":")
    if kind == "tcp":
        connection = socket.create_connection(("localhost", int(where)))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(where)
    except OSError:
        connection.close()
        raise
    return connection


def free_port() -> int:
    """A port of localhost at which nobody listens now.

    >>> free_port() > 1023
    True
    """
    with socket.create_server(("localhost", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _listener(place: str) -> socket.socket:
    kind, _, where = place.partition(":")
    if kind == "tcp":
        return socket.create_server(("localhost", int(where)))
    Path(where).unlink(missing_ok=True)  # of a process before this one
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(where)
    listener.listen()
    return listener


def _accept(listener: socket.socket, target: Callable[[], str]) -> None:
    free = threading.Semaphore(MOST_CONNECTIONS)
    while True:
        try:
            client = listener.accept()[0]
        except OSError:
            continue
        if not free.acquire(timeout=WAIT_SECONDS):
            client.close()
            continue
        try:
            threading.Thread(target=_join, args=(client, target, free), daemon=True).start()
        except RuntimeError:  # no thread is left: the next client may have more luck
            client.close()
            free.release()


def _join(client: socket.socket, target: Callable[[], str], free: threading.Semaphore) -> None:
    with suppress(OSError, RuntimeError), client, connected(target()) as server:
        back = threading.Thread(target=_pass_on, args=(server, client), daemon=True)
        back.start()
        _pass_on(client, server)
        back.join()
    free.release()


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    """Until the source ends; then hang up, so that nobody holds a connection alone."""
    with suppress(OSError):
        while some := source.recv(CHUNK):
            sink.sendall(some)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_RDWR)


def main(arguments: list[str]) -> int:
    """Relay while the command after `--` runs; its exit code.

    >>> main(["--", sys.executable, "-c", "raise SystemExit(3)"])
    3
    """
    end = arguments.index("--")
    for pair in arguments[:end]:
        listening, _, target = pair.partition("=")
        relay(listening, lambda target=target: target)  # type: ignore[misc]
    return subprocess.call(arguments[end + 1 :])  # noqa: S603  # that is what it is for


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
