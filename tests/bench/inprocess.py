"""The same calls on `Vault`, without HTTP and TLS, from a process of their own.

`python -m bench.inprocess store|retrieve SECONDS CALLERS` prints the calls a second.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.load import RECEIPTS, TEXT
from bench.service import ENVIRONMENT
from vocabulary import a_vault

from securedata import Vault


def in_its_own_process(what: str, seconds: float, callers: int) -> float:
    """One round, from a new process."""
    command = [sys.executable, "-m", "bench.inprocess", what, str(seconds), str(callers)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=ENVIRONMENT)
    return float(done.stdout)


def calls_per_second(what: str, seconds: float, callers: int) -> float:
    """Call for some seconds, from so many threads at once."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(callers) as pool:
        call = _call(a_vault(Path(folder)), what)
        began = time.perf_counter()
        counts = pool.map(lambda _: _count_until(began + seconds, call), range(callers))
        return sum(counts) / (time.perf_counter() - began)


def _call(vault: Vault, what: str) -> Callable[[int], object]:
    if what == "store":
        return lambda number: vault.store(TEXT)
    receipts = [vault.store(TEXT) for _ in range(RECEIPTS)]
    return lambda number: vault.retrieve(submission=receipts[number % RECEIPTS])


def _count_until(end: float, call: Callable[[int], object]) -> int:
    calls = 0
    while time.perf_counter() < end:
        call(calls)
        calls += 1
    return calls


if __name__ == "__main__":
    print(calls_per_second(sys.argv[1], float(sys.argv[2]), int(sys.argv[3])))
