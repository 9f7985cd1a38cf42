"""The load: eight connections that ask without a pause, from a process of their own.

`python -m bench.load PORT CA_FILE store|retrieve SECONDS` prints one line of JSON. It imports
little, so that a round takes little more than its seconds. It also measures its own share of a
core: a client that is the bottleneck would measure itself.
"""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import cycle
from pathlib import Path

from bench.client import Connection, post

TESTS = Path(__file__).parent.parent
CONNECTIONS = 8
RECEIPTS = 64  # stored first, then retrieved turn by turn
TEXT = "attack at dawn, " * 6 + "over"  # 100 characters
BODY = {"data": TEXT}


@dataclass(frozen=True)
class Load:
    """One round of asking: the answers a second, and the client's own share of a core."""

    per_second: float
    client_cores: float


def in_its_own_process(port: int, ca_file: Path, what: str, seconds: float) -> Load:
    """One round, from a new process."""
    command = [sys.executable, "-m", "bench.load", str(port), str(ca_file), what, str(seconds)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=TESTS)
    return Load(**json.loads(done.stdout))


def load(port: int, ca_file: Path, what: str, seconds: float) -> Load:
    """Ask for some seconds, on all connections at once."""
    connections = [Connection(port, ca_file) for _ in range(CONNECTIONS)]
    requests = to_ask(connections[0], what)
    for connection in connections:
        connection.ask(requests[0])  # connected before the clock runs
    began, worked = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        counts = pool.map(lambda it: _ask_until(began + seconds, it, requests), connections)
        answers = sum(counts)
    took, worked = time.perf_counter() - began, time.process_time() - worked
    return Load(answers / took, worked / took)


def to_ask(connection: Connection, what: str) -> list[bytes]:
    """The requests to repeat: one text to store, or the receipts of such texts to retrieve."""
    store = post("/store", BODY)
    if what == "store":
        return [store]
    answers = [json.loads(connection.ask(store)) for _ in range(RECEIPTS)]
    return [post("/retrieve", answer["data"]) for answer in answers]


def _ask_until(end: float, connection: Connection, requests: Sequence[bytes]) -> int:
    answers = 0
    for request in cycle(requests):
        if time.perf_counter() >= end:
            break
        connection.ask(request)
        answers += 1
    return answers


if __name__ == "__main__":
    port, ca_file, what, seconds = sys.argv[1:]
    print(json.dumps(asdict(load(int(port), Path(ca_file), what, float(seconds)))))
