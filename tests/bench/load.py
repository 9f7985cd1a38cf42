"""The load: eight connections that ask without a pause, from a process of their own.

`python -m bench.load PORT CA_FILE store|retrieve SECONDS` prints the answers a second. It imports
little, so that a round takes little more than its seconds.
"""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from pathlib import Path

from bench.client import Connection, post

TESTS = Path(__file__).parent.parent
CONNECTIONS = 8
RECEIPTS = 64  # stored first, then retrieved turn by turn
TEXT = "attack at dawn, " * 6 + "over"  # 100 characters
BODY = {"data": TEXT}


def in_its_own_process(port: int, ca_file: Path, what: str, seconds: float) -> float:
    """Answers a second in one round, from a new process."""
    command = [sys.executable, "-m", "bench.load", str(port), str(ca_file), what, str(seconds)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=TESTS)
    return float(done.stdout)


def load(port: int, ca_file: Path, what: str, seconds: float) -> float:
    """Ask for some seconds, on all connections at once."""
    connections = [Connection(port, ca_file) for _ in range(CONNECTIONS)]
    requests = to_ask(connections[0], what)
    for connection in connections:
        connection.ask(requests[0])  # connected before the clock runs
    began = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        counts = pool.map(lambda it: _ask_until(began + seconds, it, requests), connections)
        return sum(counts) / (time.perf_counter() - began)


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
    print(load(int(port), Path(ca_file), what, float(seconds)))
