"""Answers a second under load: every server, and `Vault` without one, in turn, round by round.

One round asks each for a moment, one after the other, so that whatever else the machine does meets
all of them alike; ratios are taken within a round.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

from bench.effort import Effort
from bench.figures import Spread
from bench.inprocess import in_its_own_process as call
from bench.load import CONNECTIONS, TEXT, Load
from bench.load import in_its_own_process as ask
from bench.section import Goal, Section
from bench.service import Service, naive, ours

CALLS = ("store", "retrieve")
NAIVE, ONE, TWO = "the naive baseline", "ours, 1 process", "ours, 2 workers"
IN_PROCESS = {"`Vault`, 1 thread": 1, f"`Vault`, {CONNECTIONS} threads": CONNECTIONS}

Rounds = dict[str, list[Load]]  # by the name of who was asked, a load for each round


def section(folder: Path, effort: Effort) -> Section:
    services = {
        NAIVE: naive(folder / "naive"),
        ONE: ours(folder / "one"),
        TWO: ours(folder / "two", "--workers", "2"),
    }
    measured = _measure(services, effort.rounds, effort.seconds)
    return Section(
        "Store and retrieve per second",
        f"{CONNECTIONS} kept connections over HTTPS ask without a pause, from a process of their "
        f"own; texts of {len(TEXT)} characters; {effort.rounds} rounds of {effort.seconds:g} s. "
        "The naive baseline (`tests/bench/baseline.py`) is Flask's own server with AES-EAX and "
        "DSA, and keeps its records in a dictionary; ours are on disk before they are "
        "acknowledged. Flask's own server closes every connection after one answer, so the same "
        "client has to connect again each time.",
        ("", *(f"{what}/s" for what in CALLS), *(f"× naive, {what}" for what in CALLS), "client"),
        [_row(name, measured) for name in measured["store"]],
        list(_goals(measured)),
    )


def _row(name: str, measured: dict[str, Rounds]) -> list[str]:
    rounds = [measured[what][name] for what in CALLS]
    busy = Spread.of([load.client_cores for loads in rounds for load in loads])
    return [
        name,
        *(f"{Spread.of([load.per_second for load in loads]):.0f}" for loads in rounds),
        *(f"{_ratio(measured[what], name, NAIVE):.2f}" for what in CALLS),
        "" if name in IN_PROCESS else f"{100 * busy.median:.0f} % of a core",
    ]


def _goals(measured: dict[str, Rounds]) -> Iterator[Goal]:
    for server, wanted in ((ONE, 1.6), (TWO, 2.5)):
        for what, rounds in measured.items():
            yield Goal(f"{what}, {server}, against {NAIVE}", wanted, _ratio(rounds, server, NAIVE))
    for server in (ONE, TWO):
        for what, rounds in measured.items():
            fastest = max(IN_PROCESS, key=lambda name: Spread.of(_speeds(rounds, name)).median)
            ratio = _ratio(rounds, server, fastest)
            yield Goal(f"{what}, {server}, against {fastest} in process", 0.8, ratio)


def _speeds(rounds: Rounds, name: str) -> list[float]:
    return [load.per_second for load in rounds[name]]


def _ratio(rounds: Rounds, name: str, other: str) -> Spread:
    return Spread.of_ratios(_speeds(rounds, name), _speeds(rounds, other))


def _measure(services: Mapping[str, Service], rounds: int, seconds: float) -> dict[str, Rounds]:
    """For store and for retrieve: every service's rounds, and those of the vault in process."""
    measured: dict[str, Rounds] = {what: defaultdict(list) for what in CALLS}
    with ExitStack() as stack:
        for service in services.values():
            stack.enter_context(service)
        for _ in range(rounds):
            for what in CALLS:
                _one_round(services, what, seconds, measured[what])
    return measured


def _one_round(services: Mapping[str, Service], what: str, seconds: float, to: Rounds) -> None:
    for name, service in services.items():
        to[name].append(ask(service.port, service.ca_file, what, seconds))
    for name, callers in IN_PROCESS.items():
        to[name].append(Load(call(what, seconds, callers), client_cores=0))
