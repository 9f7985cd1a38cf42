"""How long a new client waits while many others stall. Then how long Ctrl-C takes."""

import math
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.client import get, post
from bench.effort import Effort
from bench.load import BODY
from bench.section import Section, milliseconds
from bench.service import Service, naive, ours


def section(folder: Path, effort: Effort) -> Section:
    """Ours, and the naive baseline: one client that stalls is enough for that."""
    rows = [
        ["ours", effort.stalled, *_measure(ours(folder / "endurance"), effort, effort.stalled)],
        ["the naive baseline", 1, *_measure(naive(folder / "endurance, naive"), effort, 1)],
    ]
    return Section(
        "What else a server owes",
        "How long a new client waits for an answer to GET /health while others stall in their "
        "body (headers, handshake). Then how long Ctrl-C takes, with clients stalled in all "
        f"three. After {effort.patience_seconds:g} s a client gives up: never.",
        ("", "stalled", *STALLS, "Ctrl-C"),
        [[name, f"{clients}", *map(milliseconds, seconds)] for name, clients, *seconds in rows],
    )


def _measure(service: Service, effort: Effort, clients: int) -> list[float]:
    with service:
        values = []
        for stall in STALLS.values():
            with _stalled(service, stall, clients):
                values.append(_answered(service, effort))
        return [*values, _to_stop(service, clients)]


def in_the_handshake(service: Service) -> socket.socket:
    client = socket.create_connection(("localhost", service.port))
    client.sendall(b"\x16\x03\x01\x02\x00")  # the head of a record, and nothing after it
    return client


def in_the_headers(service: Service) -> socket.socket:
    client = service.connection().connect()
    client.sendall(b"POST /store HTTP/1.1\r\nHost: localhost\r\n")
    return client


def in_the_body(service: Service) -> socket.socket:
    client = service.connection().connect()
    client.sendall(post("/store", BODY)[:-10])
    return client


STALLS = {"body": in_the_body, "headers": in_the_headers, "handshake": in_the_handshake}


@contextmanager
def _stalled(
    service: Service, stall: Callable[[Service], socket.socket], clients: int
) -> Iterator[None]:
    with ExitStack() as stack:
        for _ in range(clients):
            stack.enter_context(stall(service))
        yield


def _to_stop(service: Service, clients: int) -> float:
    with ExitStack() as stack:
        for stall in STALLS.values():
            stack.enter_context(_stalled(service, stall, clients))
        began = time.perf_counter()
        service.stop()
        return time.perf_counter() - began


def _answered(service: Service, effort: Effort) -> float:
    """Seconds until a new client has any answer; infinite if it gives up."""
    began = time.perf_counter()
    try:
        service.connection(effort.patience_seconds).exchange(get("/health"))
    except (TimeoutError, ssl.SSLError, ConnectionError):
        return math.inf
    return time.perf_counter() - began
