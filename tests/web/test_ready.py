"""GET /ready: whether a store would work now, asked of the database once a second at most."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from vocabulary import a_server, ask, by_hand, locked

from securedata import BackgroundServer, KeyFile, RecordStore, Vault, create_app
from securedata.keys.service_keys import new_token
from securedata.storage import database as storage
from securedata.web import ready


@pytest.fixture(autouse=True)
def _looks_each_time_and_waits_shortly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ready, "LOOK_SECONDS", 0)
    monkeypatch.setattr(storage, "BUSY_SECONDS", 0.1)


def assert_not_ready(server: BackgroundServer, words: str) -> None:
    answer = ask(server, "GET", "/ready")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.json() == {"error": f"{words} Try again later."}
    assert ask(server, "GET", "/health").ok


def test_it_is_503_while_the_database_or_the_keys_cannot_be_used(
    own: BackgroundServer, key_file: KeyFile, database: Path
) -> None:
    key_file.update(lambda keys: keys.add_token("alice", new_token()))
    assert ask(own, "GET", "/ready").json() == {"status": "ready"}  # without a token
    with locked(database):
        assert_not_ready(own, "The database does not answer.")
    intact = key_file.path.read_bytes()
    key_file.path.write_bytes(b"")
    assert_not_ready(own, "The key file cannot be read.")
    key_file.path.write_bytes(intact)
    assert ask(own, "GET", "/ready").ok
    assert RecordStore(f"sqlite:///{database}").is_empty()


def test_the_look_needs_what_a_store_needs(url: str, key_file: KeyFile) -> None:
    client = create_app(Vault(RecordStore(url), key_file)).test_client()
    assert client.get("/ready").status_code == 200
    by_hand(url, "DROP TABLE records")
    assert client.get("/ready").status_code == 503


@pytest.mark.serial
def test_one_look_a_second_answers_all_who_ask(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ready, "LOOK_SECONDS", 1)
    app, looks = Flask("example"), []
    ready.add_ready(app, lambda: looks.append(time.sleep(0.1)))
    with a_server(app, tmp_path) as server, ThreadPoolExecutor(8) as clients:
        began = time.monotonic()
        answers = clients.map(lambda _: ask(server, "GET", "/ready"), range(40))
        assert {answer.status_code for answer in answers} == {200}
        assert len(looks) <= 1 + (time.monotonic() - began)
