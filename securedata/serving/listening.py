"""Sockets that listen on every address of a host. No HTTP and no TLS here."""

import errno
import ipaddress
import os
import socket
from contextlib import ExitStack

from securedata.errors import ListenError

TRIES = 20  # for a free port: what is free at ::1 may be taken at 127.0.0.1, as by a Jupyter kernel


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
            "are: listen on localhost, or create a token first (securedata token create NAME)"
        )
    tries = 1 if port else TRIES
    while True:
        tries -= 1
        try:
            return _bind_all(addresses, port)
        except OSError as error:
            if not tries or error.errno != errno.EADDRINUSE:
                raise ListenError(_why_not(host, port, error)) from None


def _addresses(host: str) -> list[str]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):  # the latter for what cannot be a name at all
        raise ListenError(f"{host} is no address of this machine: try localhost") from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _bind_all(addresses: list[str], port: int) -> list[socket.socket]:
    # On Windows, SO_REUSEADDR would let a second server take the port.
    option = "SO_REUSEADDR" if os.name == "posix" else "SO_EXCLUSIVEADDRUSE"
    sockets = []
    with ExitStack() as closing:  # of all, if one address is refused
        for address in addresses:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            listener = closing.enter_context(socket.socket(family, socket.SOCK_STREAM))
            listener.setsockopt(socket.SOL_SOCKET, getattr(socket, option), 1)
            listener.bind((address, port))
            listener.listen()  # now the port is ours
            port = listener.getsockname()[1]
            sockets.append(listener)
        closing.pop_all()
    return sockets


def _why_not(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"port {port} of {host} is in use: stop what uses it (on macOS, AirPlay Receiver takes "
            f"5000), or choose another port"
        )
    next_step = "; choose a port above 1023" if error.errno == errno.EACCES else ""
    return f"cannot listen on {host} port {port}: {error.strerror}{next_step}"
