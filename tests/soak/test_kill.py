"""What was acknowledged is kept when the server's process is killed."""

import random
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from crowd import acknowledged, load_on, refused, retrieved
from soak.rounds import rounds
from vocabulary import RunningService

pytestmark = pytest.mark.serial

KILLS_AT_FIRST_START = 6


@rounds("kills", test=20, soak=500)
def test_no_acknowledged_record_is_lost_however_often_the_server_is_killed(
    service: RunningService, kills: int, record_property: Callable[[str, object], None]
) -> None:
    chance = random.Random(20)
    texts: dict[str, str] = {}
    for _ in range(kills):
        with load_on(service) as clients:
            time.sleep(chance.uniform(0, 0.3))
            service.kill()
        assert not refused(clients)
        texts |= acknowledged(clients)
        service.start()
    record_property("acknowledged records", len(texts))
    assert len(texts) >= kills
    back = retrieved([service], texts)
    record_property("retrieved equal", sum(back[one] == texts[one] for one in back))
    assert back == texts
    assert "Traceback" not in service.log.read_text()
    database = sqlite3.connect(service.folder / "data" / "records.sqlite3")
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    database.close()


def test_a_kill_during_the_first_start_leaves_nothing_that_stops_the_next(tmp_path: Path) -> None:
    chance = random.Random(21)
    for kill in range(KILLS_AT_FIRST_START):
        folder = tmp_path / str(kill)
        folder.mkdir()
        service = RunningService(folder)
        service.begin()
        time.sleep(chance.uniform(0.1, 1))
        service.kill()
        with service:
            stored = service.post("/store", {"data": "hello"}).json()
            assert retrieved([service], [stored["record_id"]]) == {stored["record_id"]: "hello"}
