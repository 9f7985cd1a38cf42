"""Sockets that listen: on every address of a host, alone or together with other processes.

It knows no HTTP and no TLS.
"""

import errno
import ipaddress
import mmap
import os
import select
import socket
import time

from securedata.errors import ListenError

LEAVE_SECONDS = 0.025  # so long is a client left to others: a database may keep them for 0.02
GLANCE_SECONDS = 0.0002  # between one look at whether it is still there and the next


def listen(host: str, port: int, *, loopback_only: bool) -> list[socket.socket]:
    """Listen on every address of the host: localhost may be 127.0.0.1, ::1, or both.

    Port 0 takes a free one, the same at every address.

    Raises:
        ListenError: the port is taken, or the host is not this machine alone and should be.

    >>> for listener in listen("127.0.0.1", 0, loopback_only=True):
    ...     listener.getsockname()[0]
    ...     listener.close()
    '127.0.0.1'
    """
    addresses = _addresses(host)
    if loopback_only and not all(ipaddress.ip_address(it).is_loopback for it in addresses):
        raise ListenError(
            f"{host} can be reached from other machines, and nobody would have to prove who they "
            "are: listen on localhost (the service itself may listen there once it has a token: "
            "securedata token create NAME)"
        )
    sockets: list[socket.socket] = []
    try:
        for address in addresses:
            sockets.append(_bind(address, port))
            port = sockets[0].getsockname()[1]
    except OSError as error:
        for opened in sockets:
            opened.close()
        raise ListenError(_why_not(host, port, error)) from None
    return sockets


class LastTakers:
    """Which processes took the last clients, for all that are forked from this one to know.

    With so many processes as were told, the one that is not among them is the next.

    >>> last = LastTakers(processes=2)
    >>> last.among_them(), last.add(), last.among_them()
    (False, None, True)
    """

    def __init__(self, processes: int) -> None:
        # Shared with forks. Two that write at once spoil no more than whose turn it is.
        self._pids = memoryview(mmap.mmap(-1, 8 * processes)).cast("q")

    def add(self) -> None:
        """This process took a client."""
        self._pids[:-1] = self._pids[1:]
        self._pids[-1] = os.getpid()

    def pids(self) -> tuple[int, ...]:
        """They: as many as there are processes, the last one at the end."""
        return tuple(self._pids)

    def among_them(self) -> bool:
        """Whether this process took one of the last, of which there is one less than processes."""
        return os.getpid() in self._pids[1:]


class SharedListener(socket.socket):
    """A listening socket for several processes, which take clients in turn.

    The kernel gives a client to whoever is quicker, and of processes that have nothing to do, that
    is always the same one. So one that took a client leaves the next ones to the others; if these
    are busy for longer than a moment, it takes them all the same.

    >>> with listen("127.0.0.1", 0, loopback_only=True)[0] as listener:
    ...     shared = SharedListener.of(listener, LastTakers(processes=2))
    >>> with shared, socket.create_connection(shared.getsockname()) as client:
    ...     shared.accept()[0].getpeername() == client.getsockname()
    True
    """

    _last: LastTakers
    _left_after: tuple[int, ...] = ()  # the last takers when a client was first left to the others
    _left_since = 0.0  # and when that was

    @classmethod
    def of(cls, listener: socket.socket, last: LastTakers) -> "SharedListener":
        """Take over this socket, which is closed for its owner."""
        shared = cls(listener.family, listener.type, listener.proto, fileno=listener.detach())
        shared._last = last
        return shared

    def accept(self) -> tuple[socket.socket, object]:
        """Take a client, as asyncio does when it is told that one waits; it is told again.

        Raises:
            BlockingIOError: none waits, or it is left to the others.
        """
        if self._last.among_them() and (not self._one_waits() or self._is_left()):
            raise BlockingIOError
        client = super().accept()
        self._left_after = ()
        self._last.add()
        return client

    def _one_waits(self) -> bool:
        # asyncio tries until there is none. Without looking, that none waits would be taken for one
        # who is left to others, and the next to come would seem to have waited since then.
        return bool(select.select([self], [], [], 0)[0])

    def _is_left(self) -> bool:
        last, now = self._last.pids(), time.monotonic()
        if last != self._left_after:  # somebody has taken the one before
            self._left_after, self._left_since = last, now
        if now - self._left_since >= LEAVE_SECONDS:
            return False
        time.sleep(GLANCE_SECONDS)
        return True


def _addresses(host: str) -> list[str]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):  # the latter for what cannot be a name at all
        raise ListenError(f"{host} is no address of this machine") from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _bind(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    # IPPROTO_TCP said aloud: asyncio sets TCP_NODELAY only then, and without it every answer on a
    # kept connection waits 40 ms for an acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name == "posix":  # elsewhere this option would let a second server take the port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address, port))
        listener.listen()  # here, and not in the loop: now the port is ours, or taken
    except OSError:
        listener.close()
        raise
    return listener


def _why_not(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"port {port} of {host} is in use: stop what uses it (on macOS, AirPlay Receiver takes "
            f"5000), or choose another port"
        )
    return f"cannot listen on {host} port {port}: {error.strerror}"
