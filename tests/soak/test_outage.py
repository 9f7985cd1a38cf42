"""PostgreSQL is stopped, crashes, or hangs under load: a 503 meanwhile, and nothing is lost."""

import random
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from soak.load import Heartbeat, Load, retrieved
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


def stop_fast(postgres: "Postgres", load: Load) -> None:
    postgres.stop("fast")
    load.wait_until_each_has(503)
    postgres.start()


def crash(postgres: "Postgres", load: Load) -> None:
    postgres.stop("immediate")
    load.wait_until_each_has(503)
    postgres.start()


def hang(postgres: "Postgres", load: Load) -> None:
    postgres.freeze()
    try:
        load.wait_until_each_has(503)
    finally:
        postgres.thaw()


@pytest.mark.parametrize("outage", [stop_fast, crash, hang])
@rounds("outages", test=1, soak=10)
def test_an_outage_of_the_database_is_a_503_that_ends_by_itself_and_loses_nothing(
    servers: list[RunningService],
    postgres: "Postgres",
    url: str,
    outage: Callable[["Postgres", Load], None],
    outages: int,
    record_property: Callable[[str, object], None],
) -> None:
    chance = random.Random(22)
    hearts = [Heartbeat(server) for server in servers]
    with ExitStack() as load_and_hearts:
        for heart in hearts:
            load_and_hearts.enter_context(heart.beating())
        load = load_and_hearts.enter_context(Load(servers, clients=CLIENTS).running())
        for _ in range(outages):
            time.sleep(chance.uniform(0, 0.5))
            outage(postgres, load)
            load.wait_until_each_has(200)  # of both servers, by themselves
    record_property("acknowledged records", len(load.acknowledged))
    record_property("answers 503", load.refused[REFUSAL] + load.refused[BUSY])
    record_property("longest answer, s", round(load.longest_seconds, 2))
    record_property("longest /health, s", max(round(it.longest_seconds, 2) for it in hearts))
    assert REFUSAL in load.refused
    assert set(load.refused) <= {REFUSAL, BUSY}
    assert load.longest_seconds < PATIENCE_SECONDS
    assert all(heart.beats > 20 for heart in hearts)
    assert all(heart.longest_seconds < 5 for heart in hearts)

    # What was acknowledged is there; what was cut is there whole, or not at all.
    there = retrieved(servers, all_ids(url))
    cut = {
        record_id: text for record_id, text in there.items() if record_id not in load.acknowledged
    }
    record_property("cut, and there whole", len(cut))
    assert there == load.acknowledged | cut
    assert set(cut.values()) <= load.sent - set(load.acknowledged.values())
    assert "Traceback" not in "".join(server.log.read_text() for server in servers)


def all_ids(url: str) -> list[str]:
    batches = RecordStore(url).wrapped_keys(not_under="0" * 16)
    return [key.header.record_id for batch in batches for key in batch]
