"""What a server owes to everyone else while some stall: answers meanwhile, and an end in time."""

import math
import socket
import sqlite3
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from bench.client import get, post
from bench.effort import Effort
from bench.load import BODY
from bench.section import Section, milliseconds
from bench.service import Service, another_way, naive, ours

HANGING = 16  # stores that wait for the database: more than there are threads


def section(folder: Path, effort: Effort) -> Section:
    """Ours, the other ways to call Flask, and the naive baseline."""
    among = f"{effort.stalled} stalled"
    services = {
        f"ours, {among}": ours(folder / "endurance"),
        **{f"{way}, {among}": another_way(folder / f"stalls, {way}", way) for way in effort.ways},
    }
    rows = {name: _measure(service, effort, effort.stalled) for name, service in services.items()}
    rows["the naive baseline, 1 stalled"] = _measure(naive(folder / "endurance, naive"), effort, 1)
    return Section(
        "What else a server owes",
        "How long a new client waits for an answer to GET /health while others stall in their "
        f"body (headers, handshake); and while another program has locked the database, and "
        f"{HANGING} stores wait for it. Then how long Ctrl-C takes, with clients stalled in all "
        f"three. Who has waited {effort.patience_seconds:g} s is never answered.",
        ("", *STALLS, "database locked", "Ctrl-C"),
        [[name, *map(milliseconds, values)] for name, values in rows.items()],
    )


def _measure(service: Service, effort: Effort, clients: int) -> list[float]:
    with service:
        values = []
        for stall in STALLS.values():
            with stalled(service, stall, clients):
                values.append(answered(service, effort))
        values.append(while_the_database_hangs(service, effort))
        return [*values, to_stop(service, clients)]


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
def stalled(
    service: Service, stall: Callable[[Service], socket.socket], clients: int
) -> Iterator[None]:
    """So many clients that have begun, and do not go on."""
    with ExitStack() as stack:
        for _ in range(clients):
            stack.enter_context(stall(service))
        yield


def while_the_database_hangs(service: Service, effort: Effort) -> float:
    """Seconds until /health is answered while another program has locked the database."""
    file = service.folder / "data" / "records.sqlite3"
    if not file.exists():
        return math.nan
    with closing(sqlite3.connect(file, isolation_level=None)) as database, ExitStack() as stack:
        clients = [stack.enter_context(service.connection().connect()) for _ in range(HANGING)]
        database.execute("BEGIN EXCLUSIVE")
        for client in clients:
            client.sendall(post("/store", BODY))
        time.sleep(0.3)  # all of them have arrived
        return answered(service, effort)


def to_stop(service: Service, clients: int) -> float:
    """Seconds from Ctrl-C to the end of the process, with so many of each kind connected."""
    with ExitStack() as stack:
        for stall in STALLS.values():
            stack.enter_context(stalled(service, stall, clients))
        began = time.perf_counter()
        service.stop()
        return time.perf_counter() - began


def answered(service: Service, effort: Effort) -> float:
    """Seconds until a new client has any answer; infinite if it loses patience."""
    began = time.perf_counter()
    try:
        service.connection(effort.patience_seconds).exchange(get("/health"))
    except (TimeoutError, ssl.SSLError, ConnectionError):
        return math.inf
    return time.perf_counter() - began
