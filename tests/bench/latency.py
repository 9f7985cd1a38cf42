"""How long one client waits for its answer, on a kept connection and on a new one each time."""

import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

from bench.client import Connection
from bench.effort import Effort
from bench.load import to_ask
from bench.section import Section, milliseconds
from bench.service import Service, ours
from bench.throughput import CALLS


def section(folder: Path, effort: Effort) -> Section:
    with ours(folder / "latency") as service:
        measured = dict(_measure(service, effort.kept, effort.new))
    return Section(
        "How long one client waits",
        f"One client alone: {effort.kept} answers on a kept connection, {effort.new} on new ones, "
        "TLS handshake included.",
        ("", "p50", "p99"),
        [
            [name, *(milliseconds(sorted(values)[len(values) * part // 100]) for part in (50, 99))]
            for name, values in measured.items()
        ],
    )


def _measure(service: Service, kept: int, new: int) -> Iterator[tuple[str, list[float]]]:
    """Seconds of that many answers, by call and kind of connection."""
    connection = service.connection()
    requests = {what: to_ask(connection, what) for what in CALLS}
    for what in CALLS:
        asked = islice(cycle(requests[what]), kept)
        yield f"{what}, kept connection", [seconds(connection, request) for request in asked]
    for what in CALLS:
        asked = islice(cycle(requests[what]), new)
        yield f"{what}, new connection", [_of_a_new_one(service, request) for request in asked]


def seconds(connection: Connection, request: bytes) -> float:
    """From the request to the end of its answer, the connection's own beginning included."""
    began = time.perf_counter()
    connection.ask(request)
    return time.perf_counter() - began


def _of_a_new_one(service: Service, request: bytes) -> float:
    connection = service.connection()
    took = seconds(connection, request)
    connection.close()
    return took
