"""What was acknowledged is kept, however rudely the server's process ends."""

import random
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from soak.load import retrieved
from soak.rounds import rounds
from vocabulary import RunningService

pytestmark = pytest.mark.serial

CLIENTS = 4
KILLS_AT_FIRST_START = 6


class Writers:
    """Clients that store one text after the other until the server is gone."""

    def __init__(self, service: RunningService, name: str) -> None:
        self.acknowledged: dict[str, str] = {}  # texts by record id
        self.refused: list[str] = []
        self._service = service
        self._first = threading.Event()
        self._threads = [
            threading.Thread(target=self._write, args=(f"{name}, client {number}",), daemon=True)
            for number in range(CLIENTS)
        ]

    def start(self) -> None:
        """Return when the first text has been acknowledged: the load is on."""
        for thread in self._threads:
            thread.start()
        assert self._first.wait(timeout=30), "nothing was stored within 30 s"

    def wait(self) -> None:
        for thread in self._threads:
            thread.join(timeout=60)
            assert not thread.is_alive(), "a client still waits for a server that is gone"

    def _write(self, name: str) -> None:
        ca_file, number = str(self._service.ca_file), 0
        with requests.Session() as session:
            while True:
                text = f"{name}, text {number}: {'x' * (number % 50)}"
                try:
                    answer = session.post(
                        f"{self._service.url}/store",
                        json={"data": text},
                        verify=ca_file,
                        timeout=30,
                    )
                except requests.RequestException:
                    return
                if answer.status_code == 200:
                    self.acknowledged[answer.json()["record_id"]] = text
                    self._first.set()
                else:
                    self.refused.append(answer.text)
                number += 1


def test_a_record_is_there_after_a_kill_and_a_new_start(service: RunningService) -> None:
    stored = service.post("/store", {"data": "attack at dawn"}).json()
    service.kill()
    service.start()
    for question in (stored["data"], {"record_id": stored["record_id"]}):
        assert service.post("/retrieve", question).json() == {
            "decrypted_data": "attack at dawn",
            "signature_status": "Signature is valid.",
        }


@rounds("kills", test=20, soak=500)
def test_no_acknowledged_record_is_lost_however_often_the_server_is_killed(
    service: RunningService, kills: int, record_property: Callable[[str, object], None]
) -> None:
    chance = random.Random(20)
    acknowledged: dict[str, str] = {}
    for kill in range(kills):
        if kill > 0:
            service.start()
        writers = Writers(service, f"kill {kill}")
        writers.start()
        time.sleep(chance.uniform(0, 0.3))
        service.kill()
        writers.wait()
        assert writers.refused == []
        acknowledged |= writers.acknowledged
    service.start()
    record_property("acknowledged records", len(acknowledged))
    assert len(acknowledged) >= kills
    back = retrieved([service], acknowledged)
    record_property("retrieved equal", sum(back[one] == acknowledged[one] for one in back))
    assert back == acknowledged
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
