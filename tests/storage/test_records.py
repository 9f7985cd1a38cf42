"""The store: a record put is a record found, and every failure is one of our errors."""

import itertools
import sqlite3
import threading
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import inspect
from vocabulary import a_record, by_hand, changed, flat, whole_trace

from securedata import AeadKey, KeyRing, RecordStore, SealedRecord, SigningKey
from securedata.errors import DamagedRecordError, RecordNotFoundError, StorageError
from securedata.record import MAX_CIPHERTEXT_BYTES, WrappedKey
from securedata.storage.database import begin_alone, open_engine, transaction
from securedata.storage.records import BATCH_ROWS, BY_ID, KEY_COLUMNS

KEYS, SIGNER = KeyRing(AeadKey.generate()), SigningKey.generate()
RECORD = a_record(keys=KEYS, signer=SIGNER)
OTHER = a_record(keys=KEYS, signer=SIGNER, record_id="f" * 32)

# Damage to a column, as SQL.
NOT_UTF8 = "CAST(x'ff' AS TEXT)"
NOT_THESE_BYTES = ("x'00'", "zeroblob(1000)", "'text'", "7", "1.5", "1000000000000", NOT_UTF8)
DAMAGE = [
    *itertools.product(("wrapped_key", "nonce", "tag", "signature"), NOT_THESE_BYTES),
    # bytes(10**12) would be a terabyte
    *itertools.product(["ciphertext"], ("'text'", "7", "1000000000000", NOT_UTF8)),
    *itertools.product(["created"], ("'yesterday'", "7", "x'00'", NOT_UTF8)),
    *itertools.product(["signer_id"], ("''", "'0123456789ABCDEF'", NOT_UTF8)),
    *itertools.product(["key_id"], ("'0123456789abcdef0'", "x'30'", NOT_UTF8)),
]


def numbered(number: int, owner: str = "local") -> SealedRecord:
    """One of many records, different in id and nonce. Its signature is invalid."""
    nonce = number.to_bytes(12, "big")
    return changed(RECORD, record_id=f"{number:032x}", nonce=nonce, owner=owner)


@pytest.fixture
def store(url: str) -> RecordStore:
    return RecordStore(url)


@pytest.fixture
def sqlite_store(database: Path) -> RecordStore:
    return RecordStore(f"sqlite:///{database}")


def test_a_record_put_is_found_by_its_id_and_by_its_nonce(store: RecordStore) -> None:
    longest = changed(
        RECORD, owner="o" * 64, record_id="e" * 32, ciphertext=bytes(MAX_CIPHERTEXT_BYTES)
    )
    for record in (OTHER, longest):
        store.put(record)
    for record in (OTHER, longest, OTHER):
        assert store.get(record.record_id, record.owner) == record
        assert store.find(record, record.owner) == record
        store.close()  # it opens again when it is used


def test_an_unknown_record_or_another_owners_is_not_found(store: RecordStore) -> None:
    bobs = changed(RECORD, owner="bob", record_id="f" * 32)  # with the same nonce
    for record in (RECORD, bobs):
        store.put(record)
        assert store.find(RECORD, record.owner) == record
    for record_id, owner in (("e" * 32, "bob"), (RECORD.record_id, "bob"), ("f" * 32, "local")):
        with pytest.raises(RecordNotFoundError, match=record_id):
            store.get(record_id, owner)
    with pytest.raises(RecordNotFoundError, match="nonce"):
        store.find(OTHER, "local")


def test_no_record_is_overwritten(store: RecordStore) -> None:
    store.put(RECORD)
    same_id = changed(OTHER, record_id=RECORD.record_id)
    same_nonce = changed(RECORD, record_id=OTHER.record_id)
    for again in (RECORD, same_id, same_nonce):
        with pytest.raises(StorageError):
            store.put(again)
    assert store.get(RECORD.record_id, "local") == RECORD


@pytest.mark.whole
@pytest.mark.parametrize(("column", "value"), DAMAGE, ids=map(" ".join, DAMAGE))
def test_a_row_without_the_form_of_a_record_is_damaged(
    sqlite_store: RecordStore, database: Path, column: str, value: str
) -> None:
    sqlite_store.put(RECORD)
    by_hand(database, f"UPDATE records SET {column} = {value}")
    with pytest.raises(DamagedRecordError, match=f"damaged: {column}"):
        sqlite_store.get(RECORD.record_id, "local")
    if column in KEY_COLUMNS:  # what is submitted takes the place of the others
        with pytest.raises(DamagedRecordError, match=column):
            sqlite_store.find(RECORD, "local")


@pytest.mark.parametrize("column", ["ciphertext", "created"])
def test_a_value_longer_than_any_record_is_damaged_and_not_read(
    store: RecordStore, url: str, column: str
) -> None:
    store.put(RECORD)
    character = b"x" if column == "ciphertext" else "x"
    by_hand(url, f"UPDATE records SET {column} = ?", 32 * MAX_CIPHERTEXT_BYTES * character)
    if sqlite3.sqlite_version_info >= (3, 43):
        assert "octet_length(" in str(BY_ID)  # SQLite's length() reads a text whole
    tracemalloc.start()
    with pytest.raises(DamagedRecordError, match=f"damaged: {column}"):
        store.get(RECORD.record_id, "local")
    if column == "created":
        with pytest.raises(DamagedRecordError, match=f"damaged: {column}"):
            store.find(RECORD, "local")
    list(store.wrapped_keys(not_under="0" * 16))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < MAX_CIPHERTEXT_BYTES


def test_id_and_owner_of_an_answer_are_those_that_were_asked_for(
    store: RecordStore, url: str
) -> None:
    store.put(RECORD)
    store.put(OTHER)
    for before, after in (("0011%", "between"), ("fff%", RECORD.record_id), ("be%", "f" * 32)):
        by_hand(url, "UPDATE records SET record_id = ? WHERE record_id LIKE ?", after, before)
    by_hand(url, "UPDATE records SET owner = 'mallory'")
    moved = {"record_id": RECORD.record_id, "owner": "mallory"}
    assert store.get(RECORD.record_id, "mallory") == changed(OTHER, **moved)
    assert store.find(RECORD, "mallory", RECORD.record_id) == changed(RECORD, **moved)
    moved["record_id"] = OTHER.record_id
    assert store.find(RECORD, "mallory") == changed(RECORD, **moved)


def test_a_lost_table_is_an_error_and_not_an_answer(store: RecordStore, url: str) -> None:
    by_hand(url, "DROP TABLE records")
    for question in (
        lambda: store.get(RECORD.record_id, "local"),
        lambda: store.find(RECORD, "local"),
        lambda: store.put(OTHER),
        store.is_empty,
    ):
        with pytest.raises(StorageError, match=r"no such table|does not exist"):
            question()


def test_a_trigger_forges_no_line_of_the_log_and_hides_no_loss(
    sqlite_store: RecordStore, database: Path
) -> None:
    words = "'no\r2026-01-01 POST /store 200\x1b[2J\u202e'"
    for does, said in (
        (f"ABORT, {words}", "refused: no2026-01-01 POST /store 200"),
        ("IGNORE", "did not take the record"),
    ):
        by_hand(
            database,
            f"CREATE TRIGGER t BEFORE INSERT ON records BEGIN SELECT RAISE({does}); END",
        )
        with pytest.raises(StorageError, match=said) as refusal:
            sqlite_store.put(RECORD)
        assert str(refusal.value).isprintable()
        by_hand(database, "DROP TRIGGER t")
    assert sqlite_store.is_empty()


def test_no_error_quotes_a_record(store: RecordStore, url: str) -> None:
    record = replace(RECORD, ciphertext=b"do not quote me")
    store.put(record)
    with pytest.raises(StorageError) as twice:  # the id alone is the key of the table
        store.put(replace(record, signature=bytes(64), wrapped_key=bytes(60)))
    by_hand(url, "UPDATE records SET created = 'do not quote me'")
    with pytest.raises(DamagedRecordError) as damaged:
        store.get(record.record_id, "local")
    by_hand(url, "DROP TABLE records")
    with pytest.raises(StorageError) as lost:
        store.put(record)
    for refusal in (twice, damaged, lost):
        trace = whole_trace(refusal.value)
        assert "do not quote me" not in trace
        assert record.key_id not in trace  # what SQLAlchemy would print of a row
        assert repr(record.wrapped_key) not in trace


@pytest.mark.serial
@pytest.mark.parametrize("memory", ["", "sqlite://", "sqlite:///:memory:"])
def test_eight_threads_share_one_store(url: str, memory: str) -> None:
    # In memory there is one connection: a thread's rollback must not undo another's put.
    store = RecordStore(memory or url)
    ready = threading.Barrier(8)

    def put_fifty(thread: int) -> None:
        ready.wait()
        for number in range(50 * thread, 50 * thread + 50):
            store.put(numbered(number))
            assert store.get(f"{number:032x}", "local") == numbered(number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(put_fifty, range(8)))
    for number in range(400):
        assert store.find(numbered(number), "local") == numbered(number)


# What rotation needs.


def wrapped_key_of(record: SealedRecord) -> WrappedKey:
    return WrappedKey(header=record.header, key_id=record.key_id, wrapped_key=record.wrapped_key)


def test_rows_are_counted_by_the_key_signer_or_owner_they_name(store: RecordStore) -> None:
    for number in range(3):
        store.put(numbered(number, owner="alice" if number else "bob"))
    store.put(replace(numbered(3), key_id="0" * 16))
    assert store.count_by("key_id") == {RECORD.key_id: 3, "0" * 16: 1}
    assert store.count_by("signer_id") == {RECORD.header.signer_id: 4}
    assert [store.count_of(owner) for owner in ("alice", "bob", "local", "eve")] == [2, 1, 1, 0]


@pytest.mark.parametrize("rows", [0, 1, BATCH_ROWS, BATCH_ROWS + 1, 3 * BATCH_ROWS - 1])
def test_wrapped_keys_come_in_batches_each_once(sqlite_store: RecordStore, rows: int) -> None:
    for number in range(rows):
        sqlite_store.put(numbered(number))
    batches = list(sqlite_store.wrapped_keys(not_under="0" * 16))
    assert all(len(batch) <= BATCH_ROWS for batch in batches)
    assert [key for batch in batches for key in batch] == [
        wrapped_key_of(numbered(number)) for number in range(rows)
    ]
    assert list(sqlite_store.wrapped_keys(not_under=RECORD.key_id)) == []


def test_damaged_rows_are_left_out_and_stop_nothing(
    sqlite_store: RecordStore, database: Path
) -> None:
    for number in range(2 * BATCH_ROWS):
        sqlite_store.put(numbered(number))
    for column, value, number in (
        ("wrapped_key", "x'00'", 0),
        ("created", NOT_UTF8, 1),
        ("key_id", "x'ff'", 2),
        ("record_id", NOT_UTF8, 3),
        ("record_id", "''", 4),
        ("record_id", "x'00'", 5),
    ):
        row = f"{number:032x}"
        by_hand(database, f"UPDATE records SET {column} = {value} WHERE record_id = ?", row)
    found = [key for batch in sqlite_store.wrapped_keys(not_under="0" * 16) for key in batch]
    assert found == [wrapped_key_of(numbered(number)) for number in range(6, 2 * BATCH_ROWS)]


def test_an_index_that_leads_in_a_circle_ends_the_batches(
    sqlite_store: RecordStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_store, "_all", lambda query: [flat(RECORD)])
    batches = itertools.islice(sqlite_store.wrapped_keys(not_under="0" * 16), 5)
    assert len(list(batches)) == 2


def test_a_wrapped_key_is_replaced_only_where_the_old_one_still_stands(store: RecordStore) -> None:
    one, touched = numbered(0), numbered(1)
    for record in (one, touched):
        store.put(record)
    new = {"key_id": "0" * 16, "wrapped_key": bytes(60)}
    stale = replace(touched, wrapped_key=b"x" * 60)
    pairs = [(wrapped_key_of(old), replace(wrapped_key_of(old), **new)) for old in (one, stale)]
    assert store.replace_wrapped_keys(pairs) == 1
    assert store.replace_wrapped_keys([]) == 0
    assert store.get(one.record_id, "local") == replace(one, **new)
    assert store.get(touched.record_id, "local") == touched


# The table.


@pytest.mark.serial
def test_eight_servers_that_start_at_once_on_an_empty_database_all_come_up(url: str) -> None:
    ready = threading.Barrier(8)

    def open_and_put(number: int) -> None:
        ready.wait()
        RecordStore(url).put(numbered(number))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(open_and_put, range(8)))
    assert RecordStore(url).count_of("local") == 8


def test_a_start_on_a_database_in_use_waits_for_no_writer(url: str) -> None:
    RecordStore(url)
    with transaction(open_engine(url)) as writer:
        begin_alone(writer)
        assert RecordStore(url).is_empty()


def test_a_table_comes_with_its_index_or_not_at_all(url: str) -> None:
    by_hand(url, "CREATE TABLE other (nonce TEXT)")
    by_hand(url, "CREATE INDEX records_by_nonce ON other (nonce)")  # the name is taken
    for _ in range(2):
        with pytest.raises(StorageError, match="already"):
            RecordStore(url)
    by_hand(url, "DROP TABLE other")
    store = RecordStore(url)
    store.put(RECORD)
    with pytest.raises(StorageError):
        store.put(changed(RECORD, record_id=OTHER.record_id))


def test_a_table_of_another_kind_is_refused_and_left_alone(url: str) -> None:
    by_hand(url, "CREATE TABLE records (record_id TEXT, owner TEXT, created TEXT, artist TEXT)")
    with pytest.raises(StorageError, match=r"without signer_id, key_id, .*another database"):
        RecordStore(url)
    by_hand(url, "INSERT INTO records VALUES ('1', '2', '3', '4')")


def test_no_column_may_be_null(url: str) -> None:
    RecordStore(url)
    columns = inspect(open_engine(url)).get_columns("records")
    assert [column["name"] for column in columns if column["nullable"]] == []
