"""Whether retrieving takes longer as records are added, and how much disk a record takes.

A service stores a few records and ends; its database is filled up with copies of one of them, each
with an id and a nonce of its own, as real ones have; then a new process serves it.
"""

import sqlite3
from collections.abc import Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from bench.effort import Effort
from bench.figures import Spread
from bench.latency import seconds
from bench.load import RECEIPTS, to_ask
from bench.section import Goal, Section
from bench.service import Service, ours

# One statement, run by SQLite itself: a million records in seconds.
FILL = """
INSERT INTO records (record_id, owner, created, signer_id, key_id, wrapped_key, nonce, ciphertext,
                     tag, signature)
WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ?)
SELECT lower(hex(randomblob(16))), owner, created, signer_id, key_id, wrapped_key, randomblob(12),
       ciphertext, tag, signature
FROM number, (SELECT * FROM records LIMIT 1)
"""
RAW_BYTES = """
SELECT length(record_id) + length(owner) + length(created) + length(signer_id) + length(key_id)
       + length(wrapped_key) + length(nonce) + length(ciphertext) + length(tag) + length(signature)
FROM records LIMIT 1
"""


@dataclass(frozen=True)
class Grown:
    """A database of many records: what one takes on disk, its own bytes, and how long it takes."""

    bytes_on_disk: float
    raw_bytes: int
    seconds: list[float]  # to retrieve one, a mean for each round


def section(folder: Path, effort: Effort) -> Section:
    services = {count: ours(folder / f"{count} records") for count in effort.records}
    grown = _measure(services, effort.rounds)
    least, *more = grown
    return Section(
        "As records are added",
        f"{RECEIPTS} records are stored; the file is filled up in SQL with copies of one, each "
        "with an id and a nonce of its own; a new process serves it. Mean time to retrieve those "
        f"{RECEIPTS} over a kept connection, caches warm, {effort.rounds} rounds in turn.",
        ("records", "retrieve, ms", f"× {least:,}", "bytes each on disk", "its own bytes"),
        [
            [
                f"{count:,}",
                f"{Spread.of([1000 * second for second in it.seconds]):.2f}",
                f"{Spread.of_ratios(it.seconds, grown[least].seconds):.2f}",
                f"{it.bytes_on_disk:.0f}",
                f"{it.raw_bytes}",
            ]
            for count, it in grown.items()
        ],
        [
            Goal(
                f"retrieving among {count:,} records, against {least:,}",
                1.3,
                Spread.of_ratios(grown[count].seconds, grown[least].seconds),
                at_least=False,
            )
            for count in more
        ],
    )


def _measure(services: Mapping[int, Service], rounds: int) -> dict[int, Grown]:
    """For each number of records, a service that is to hold so many: filled, then asked in turn."""
    receipts = {count: _stored(service) for count, service in services.items()}
    sizes = {count: _fill(service, count) for count, service in services.items()}
    times: dict[int, list[float]] = {count: [] for count in services}
    with ExitStack() as stack:
        clients = {
            count: stack.enter_context(service).connection() for count, service in services.items()
        }
        for _ in range(1 + rounds):
            for count, client in clients.items():
                took = [seconds(client, request) for request in receipts[count]]
                times[count].append(sum(took) / len(took))
    return {  # without the first round, which warms the caches
        count: Grown(*sizes[count], times[count][1:]) for count in services
    }


def _stored(service: Service) -> list[bytes]:
    with service:
        return to_ask(service.connection(), "retrieve")


def _fill(service: Service, count: int) -> tuple[float, int]:
    """Fill up to so many records; return the bytes of the file for each, and its own bytes."""
    file = service.folder / "data" / "records.sqlite3"
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        database.execute("PRAGMA cache_size = -400000")  # KiB: the indexes are filled in no order
        (there,) = database.execute("SELECT count(*) FROM records").fetchone()
        database.execute(FILL, (count - there,))
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (raw_bytes,) = database.execute(RAW_BYTES).fetchone()
    return file.stat().st_size / count, raw_bytes
