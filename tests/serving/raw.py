"""Requests as bytes, and connections that say them."""

import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager

from vocabulary import Reachable, next_answer, tls_socket

HEALTH = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
HEAD = b"POST /store HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
BODY = b'{"data": "hello"}'
IN_TIME = 8  # seconds; a machine may be busy
BROKEN_CHUNKS = CHUNKED + b"5\r\nhello\r\nno length\r\n"


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


def plain(server: Reachable, *, timeout: float = 10) -> socket.socket:
    """A connection that says nothing, not even a ClientHello."""
    return socket.create_connection(("localhost", server.port), timeout=timeout)


def after(server: Reachable, *said: bytes, timeout: float = 10) -> ssl.SSLSocket:
    """A connection on which this was said; each but the last was answered with 200."""
    connection = tls_socket(server, timeout=timeout)
    for request in said[:-1]:
        connection.sendall(request)
        assert next_answer(connection).status == 200
    connection.sendall(said[-1])
    return connection


def is_closed(connection: socket.socket) -> bool:
    """Below TLS: a goodbye in TLS is no end of the connection."""
    with socket.socket(fileno=connection.detach()) as raw:
        raw.settimeout(IN_TIME)
        try:
            while raw.recv(65536):
                pass
        except TimeoutError:
            return False
        except ConnectionError:
            pass
        return True


def is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


@contextmanager
def within(seconds: float) -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < seconds
