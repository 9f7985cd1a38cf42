"""Work with a moment's patience: done at once, or not done at all, and said to have to wait."""

import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from vocabulary import a_record, changed, locked

from securedata import AeadKey, KeyFile, KeyRing, RecordStore, SigningKey
from securedata.errors import RecordNotFoundError, StorageError
from securedata.keys.service_keys import ServiceKeys
from securedata.patience import WouldWait, limited
from securedata.storage import database as engine

RECORD = a_record(keys=KeyRing(AeadKey.generate()), signer=SigningKey.generate())
OTHER = changed(RECORD, record_id="ff" * 16, nonce=bytes(12))
MOMENT_SECONDS = 0.02


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "records.sqlite3"


@pytest.fixture
def store(database: Path) -> Iterator[RecordStore]:
    records = RecordStore(f"sqlite:///{database}")
    records.put(RECORD)
    yield records
    records.close()


@contextmanager
def all_its_own(database: Path) -> Iterator[None]:
    """Another program lets nobody in, not even to read."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("COMMIT")
        yield


def test_what_has_nobody_to_wait_for_is_done_as_ever(store: RecordStore) -> None:
    with limited(MOMENT_SECONDS):
        store.put(OTHER)
        assert store.get(OTHER.record_id, OTHER.owner) == OTHER


def test_a_record_that_would_wait_for_another_writer_is_not_written(
    store: RecordStore, database: Path
) -> None:
    began = time.monotonic()
    with locked(database), limited(MOMENT_SECONDS), pytest.raises(WouldWait):
        store.put(OTHER)
    assert time.monotonic() - began < 5  # and not the 30 s that there are without a limit
    with pytest.raises(RecordNotFoundError):
        store.get(OTHER.record_id, OTHER.owner)


def test_a_reader_waits_for_no_writer(store: RecordStore, database: Path) -> None:
    with locked(database), limited(MOMENT_SECONDS):
        assert store.get(RECORD.record_id, RECORD.owner) == RECORD


def test_a_connection_that_could_not_be_made_would_wait_too(
    store: RecordStore, database: Path
) -> None:
    store.close()
    began = time.monotonic()
    with all_its_own(database), limited(MOMENT_SECONDS), pytest.raises(WouldWait):
        store.get(RECORD.record_id, RECORD.owner)
    assert time.monotonic() - began < 5


def test_who_has_all_the_time_waits_on_a_connection_that_was_used_in_haste(
    store: RecordStore, database: Path
) -> None:
    with limited(MOMENT_SECONDS):
        store.get(RECORD.record_id, RECORD.owner)
    with ThreadPoolExecutor(1) as pool:
        with locked(database):
            written = pool.submit(store.put, OTHER)
            time.sleep(0.5)
            assert not written.done()
        written.result()
    assert store.get(OTHER.record_id, OTHER.owner) == OTHER


def test_whose_patience_was_all_there_is_hears_of_a_database_that_does_not_answer(
    store: RecordStore, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.1)
    with locked(database), pytest.raises(StorageError):
        store.put(OTHER)


def test_a_key_file_that_changed_is_not_read_in_haste(tmp_path: Path) -> None:
    file = KeyFile.create(tmp_path / "keys.json")
    before = file.service_keys
    KeyFile.load(file.path).update(ServiceKeys.promote_key)
    with limited(MOMENT_SECONDS), pytest.raises(WouldWait):
        _ = file.service_keys
    assert file.service_keys != before
    with limited(MOMENT_SECONDS):  # read by now, by somebody who had the time
        assert file.service_keys.wrapping_keys.primary != before.wrapping_keys.primary
