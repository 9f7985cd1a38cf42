"""Whether retrieving takes longer as records are added, and how much disk a record takes.

A service stores a few records and ends; its database is filled up with copies of one of them, each
with an id and a nonce of its own, as real ones have; then a new process serves it.
"""

import sqlite3
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

from bench.load import RECEIPTS, to_ask
from bench.section import Section, Spread
from bench.service import Service, ours

DATABASE = Path("data", "records.sqlite3")
# One statement, run by SQLite itself: a million records in seconds.
FILL = """
INSERT INTO records (record_id, owner, created, signer_id, key_id, wrapped_key, nonce, ciphertext,
                     tag, signature)
WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ?)
SELECT lower(hex(randomblob(16))), owner, created, signer_id, key_id, wrapped_key, randomblob(12),
       ciphertext, tag, signature
FROM number, (SELECT * FROM records LIMIT 1)
"""


def section(folder: Path, rounds: int, records: Sequence[int]) -> Section:
    services = {count: ours(folder / f"{count} records") for count in records}
    times = _measure(services, rounds)
    least = records[0]
    return Section(
        "As records are added",
        f"{RECEIPTS} records are stored; the file is filled up in SQL with copies of one, each "
        "with an id and a nonce of its own; a new process serves it. Mean time to retrieve those "
        f"{RECEIPTS} over a kept connection, caches warm, {rounds} rounds in turn.",
        ("records", "retrieve, ms", f"× {least:,}", "bytes each on disk"),
        [
            [
                f"{count:,}",
                f"{Spread.of([1000 * second for second in seconds]):.2f}",
                f"{Spread.of_ratios(seconds, times[least]):.2f}",
                f"{(services[count].folder / DATABASE).stat().st_size / count:.0f}",
            ]
            for count, seconds in times.items()
        ],
    )


def _measure(services: Mapping[int, Service], rounds: int) -> dict[int, list[float]]:
    """Seconds of a retrieval, a mean for each round, by the number of records."""
    receipts = {count: _stored(service) for count, service in services.items()}
    for count, service in services.items():
        _fill(service, count)
    times: dict[int, list[float]] = {count: [] for count in services}
    with ExitStack() as stack:
        clients = {
            count: stack.enter_context(service).connection() for count, service in services.items()
        }
        for _ in range(1 + rounds):
            for count, client in clients.items():
                began = time.perf_counter()
                for request in receipts[count]:
                    client.ask(request)
                times[count].append((time.perf_counter() - began) / len(receipts[count]))
    return {count: rounds[1:] for count, rounds in times.items()}  # the first warms the caches


def _stored(service: Service) -> list[bytes]:
    with service:
        return to_ask(service.connection(), "retrieve")


def _fill(service: Service, count: int) -> None:
    with closing(sqlite3.connect(service.folder / DATABASE, isolation_level=None)) as database:
        database.execute("PRAGMA cache_size = -400000")  # KiB: the indexes are filled in no order
        (there,) = database.execute("SELECT count(*) FROM records").fetchone()
        database.execute(FILL, (count - there,))
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
