"""Answers a second under load: each server in turn, round by round.

What else the machine does meets all of them alike. Ratios are taken within a round.
"""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from bench.client import post
from bench.load import BODY, CONNECTIONS, TEXT, in_its_own_process
from bench.section import Section, Spread
from bench.service import Service, naive, ours

from securedata.record import ML_DSA_65

CALLS = ("store", "retrieve")
NAIVE, OURS, ML_DSA = "the naive baseline", "ours, with DSA", "ours, with ML-DSA-65"

Speeds = dict[str, dict[str, list[float]]]  # by call and server, a figure for each round


def section(folder: Path, rounds: int, seconds: float) -> Section:
    services = {
        NAIVE: naive(folder / "naive"),
        OURS: ours(folder / "ours"),
        ML_DSA: ours(folder / "ml-dsa", scheme=ML_DSA_65),
    }
    speeds, sizes = _measure(services, rounds, seconds)
    return Section(
        "Store and retrieve per second",
        f"{CONNECTIONS} kept connections over HTTPS ask without a pause, from a process of their "
        f"own; texts of {len(TEXT)} characters; {rounds} rounds of {seconds:g} s. "
        "The naive baseline (`tests/bench/baseline.py`) is Flask's own server with AES-EAX and "
        "DSA, and keeps its records in a dictionary; ours are on disk before they are "
        "acknowledged. Flask's own server closes every connection after one answer, so the same "
        "client has to connect again each time. The client is our own (`tests/bench/client.py`), "
        "since it needs less time than wrk for a handshake: 1.0 ms against 2.2 "
        "(26 November 2026).",
        (
            "",
            *(f"{call}/s" for call in CALLS),
            *(f"× naive, {call}" for call in CALLS),
            "bytes of an answer of /store",
        ),
        [
            [
                server,
                *(f"{Spread.of(speeds[call][server]):.0f}" for call in CALLS),
                *(f"{_times_naive(speeds, call, server):.2f}" for call in CALLS),
                f"{sizes[server]:,}",
            ]
            for server in services
        ],
    )


def _times_naive(speeds: Speeds, call: str, server: str) -> Spread:
    return Spread.of_ratios(speeds[call][server], speeds[call][NAIVE])


def _measure(
    services: Mapping[str, Service], rounds: int, seconds: float
) -> tuple[Speeds, dict[str, int]]:
    speeds: Speeds = {call: {server: [] for server in services} for call in CALLS}
    with ExitStack() as stack:
        for service in services.values():
            stack.enter_context(service)
        store = post("/store", BODY)
        sizes = {name: len(it.connection().ask(store)) for name, it in services.items()}
        for _ in range(rounds):
            for call in CALLS:
                for name, it in services.items():
                    speed = in_its_own_process(it.port, it.ca_file, call, seconds)
                    speeds[call][name].append(speed)
    return speeds, sizes
