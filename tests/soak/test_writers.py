"""32 writers at once lose nothing and are refused nothing, on SQLite and on PostgreSQL."""

import time
from collections.abc import Callable

import pytest
from soak.load import Load, retrieved
from soak.rounds import rounds
from vocabulary import RunningService

from securedata import RecordStore

pytestmark = pytest.mark.serial

WRITERS = 32


@rounds("seconds", test=3, soak=20)
def test_no_record_of_32_concurrent_writers_is_lost_or_refused(
    servers: list[RunningService],
    url: str,
    seconds: int,
    record_property: Callable[[str, object], None],
) -> None:
    with Load(servers, clients=WRITERS).running() as load:
        time.sleep(seconds)
    record_property("acknowledged records", len(load.acknowledged))
    record_property("longest answer, s", round(load.longest_seconds, 2))
    assert load.refused == {}
    assert retrieved(servers, load.acknowledged) == load.acknowledged
    # And there is nothing else: each text was stored once.
    assert sum(RecordStore(url).count_by("key_id").values()) == len(load.acknowledged)
    assert "Traceback" not in "".join(server.log.read_text() for server in servers)
