"""PostgreSQL is stopped, crashes, or hangs under load: a 503 meanwhile, and nothing is lost."""

import random
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import pytest
from crowd import Storer, acknowledged, load_on, refused, retrieved, wait_until_each_has
from soak.rounds import rounds
from sqlalchemy.engine import make_url
from vocabulary import RunningService

from securedata import RecordStore

if TYPE_CHECKING:
    from postgres import Postgres

pytestmark = pytest.mark.serial

CLIENTS = 32
REFUSAL = (503, "5", "The database does not answer. Try again later.")
BUSY = (503, "5", "The service is busy. Try again later.")  # too many waited for it
PATIENCE_SECONDS = 30  # docs/api.md tells clients to have it


@pytest.fixture
def url(postgres: "Postgres") -> str:
    """A database whose own setting is not to wait for the disk: a crash would lose what it took."""
    url = postgres.new_database()
    postgres.execute(f"ALTER DATABASE {make_url(url).database} SET synchronous_commit = off")
    return url


def stop(how: str, postgres: "Postgres", load: list[Storer]) -> None:
    postgres.stop(how)
    wait_until_each_has(503, load)
    postgres.start()


def hang(postgres: "Postgres", load: list[Storer]) -> None:
    postgres.freeze()
    try:
        wait_until_each_has(503, load)
    finally:
        postgres.thaw()


@pytest.mark.parametrize(
    "outage",
    [partial(stop, "fast"), partial(stop, "immediate"), hang],
    ids=["stop", "crash", "hang"],
)
@rounds("outages", test=1, soak=10)
def test_an_outage_of_the_database_is_a_503_that_ends_by_itself_and_loses_nothing(
    servers: list[RunningService],
    postgres: "Postgres",
    url: str,
    outage: Callable[["Postgres", list[Storer]], None],
    outages: int,
    record_property: Callable[[str, object], None],
) -> None:
    chance = random.Random(22)
    with load_on(*servers, clients=CLIENTS) as load:
        for _ in range(outages):
            time.sleep(chance.uniform(0, 0.5))
            outage(postgres, load)
            wait_until_each_has(200, load)  # of both servers, by themselves
    texts, refusals = acknowledged(load), refused(load)
    longest = max(client.longest_seconds for client in load)
    record_property("acknowledged records", len(texts))
    record_property("answers 503", refusals.total())
    record_property("longest answer, s", round(longest, 2))
    assert REFUSAL in refusals
    assert set(refusals) <= {REFUSAL, BUSY}
    assert not any(client.cut for client in load)
    assert longest < PATIENCE_SECONDS

    # What was acknowledged is there; what was cut is there whole, or not at all.
    there = retrieved(servers, all_ids(url))
    cut = {record_id: text for record_id, text in there.items() if record_id not in texts}
    record_property("cut, and there whole", len(cut))
    assert there == texts | cut
    assert set(cut.values()) <= set().union(*(it.sent for it in load)) - set(texts.values())
    assert "Traceback" not in "".join(server.log.read_text() for server in servers)


def all_ids(url: str) -> list[str]:
    batches = RecordStore(url).wrapped_keys(not_under="0" * 16)
    return [key.header.record_id for batch in batches for key in batch]
