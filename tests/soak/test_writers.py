"""32 writers at once lose nothing and are refused nothing, on SQLite and on PostgreSQL."""

import time
from collections.abc import Callable

import pytest
from crowd import acknowledged, load_on, refused, retrieved
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
    with load_on(*servers, clients=WRITERS) as writers:
        time.sleep(seconds)
    texts = acknowledged(writers)
    record_property("acknowledged records", len(texts))
    record_property("longest answer, s", max(round(it.longest_seconds, 2) for it in writers))
    assert not refused(writers)
    assert not any(writer.cut for writer in writers)
    assert retrieved(servers, texts) == texts
    # And there is nothing else: each text was stored once.
    assert sum(RecordStore(url).count_by("key_id").values()) == len(texts)
    assert "Traceback" not in "".join(server.log.read_text() for server in servers)
