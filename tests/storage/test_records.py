"""The store: a record put is a record found, and whatever is wrong is one of our errors."""

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import inspect
from vocabulary import a_record, as_nobody, by_hand, changed, whole_trace

from securedata import AeadKey, KeyRing, RecordStore, SealedRecord, SigningKey
from securedata.errors import DamagedRecordError, RecordNotFoundError, StorageError
from securedata.record import WrappedKey
from securedata.storage.database import begin_alone, open_engine
from securedata.storage.records import BATCH_ROWS

KEYS, SIGNER = KeyRing(AeadKey.generate()), SigningKey.generate()
RECORD = a_record(keys=KEYS, signer=SIGNER)
OTHER = a_record(keys=KEYS, signer=SIGNER, record_id="f" * 32)
PASSWORD = "hunter2"

# What a hand, or a dying disk, may leave in a column, as SQL.
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
    """One of many records, different in id and nonce. Nobody verifies it here."""
    nonce = number.to_bytes(12, "big")
    return changed(RECORD, record_id=f"{number:032x}", nonce=nonce, owner=owner)


@pytest.fixture
def store(url: str) -> RecordStore:
    """A store of either kind."""
    return RecordStore(url)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "records.sqlite3"


@pytest.fixture
def sqlite_store(database: Path) -> RecordStore:
    return RecordStore(f"sqlite:///{database}")


@pytest.mark.parametrize("length", [0, 1, 300_000])
def test_a_record_put_is_found_by_its_id_and_by_its_nonce(store: RecordStore, length: int) -> None:
    record = replace(RECORD, ciphertext=bytes(length))
    store.put(OTHER)
    store.put(record)
    for _ in range(2):
        assert store.get(record.record_id, record.owner) == record
        assert store.find(record.nonce, record.owner) == record
        store.close()  # it opens again when it is used


def test_an_unknown_record_is_not_found(store: RecordStore) -> None:
    store.put(RECORD)
    with pytest.raises(RecordNotFoundError, match="f" * 32):
        store.get("f" * 32, "local")
    with pytest.raises(RecordNotFoundError, match="nonce"):
        store.find(OTHER.nonce, "local")


def test_owners_do_not_see_each_other(store: RecordStore) -> None:
    # One nonce for two owners: a receipt handed to somebody else names his record or none.
    his = changed(RECORD, owner="bob", record_id="f" * 32)
    store.put(RECORD)
    store.put(his)
    assert store.find(RECORD.nonce, "local") == RECORD
    assert store.find(RECORD.nonce, "bob") == his
    for record_id, owner in ((RECORD.record_id, "bob"), (his.record_id, "local")):
        with pytest.raises(RecordNotFoundError):
            store.get(record_id, owner)


@pytest.mark.parametrize(
    "again",
    [
        RECORD,
        changed(OTHER, record_id=RECORD.record_id),
        changed(RECORD, record_id=OTHER.record_id),
    ],
    ids=["all", "id", "nonce"],
)
def test_what_is_there_is_never_written_over(store: RecordStore, again: SealedRecord) -> None:
    store.put(RECORD)
    with pytest.raises(StorageError):
        store.put(again)
    assert store.get(RECORD.record_id, "local") == RECORD


@pytest.mark.parametrize(("column", "value"), DAMAGE, ids=map(" ".join, DAMAGE))
def test_a_row_that_is_no_record_any_more_is_damaged(
    sqlite_store: RecordStore, database: Path, column: str, value: str
) -> None:
    sqlite_store.put(RECORD)
    by_hand(database, f"UPDATE records SET {column} = {value}")
    with pytest.raises(DamagedRecordError, match=f"damaged: {column}"):
        sqlite_store.get(RECORD.record_id, "local")
    if column != "nonce":
        with pytest.raises(DamagedRecordError, match=column):
            sqlite_store.find(RECORD.nonce, "local")


def test_id_and_owner_of_an_answer_are_those_that_were_asked_for(
    store: RecordStore, url: str
) -> None:
    store.put(RECORD)
    store.put(OTHER)
    for before, after in (("0011%", "between"), ("fff%", RECORD.record_id), ("be%", "f" * 32)):
        by_hand(url, "UPDATE records SET record_id = ? WHERE record_id LIKE ?", after, before)
    by_hand(url, "UPDATE records SET owner = 'mallory'")
    assert store.get(RECORD.record_id, "mallory") == changed(
        OTHER, record_id=RECORD.record_id, owner="mallory"
    )
    assert store.find(RECORD.nonce, "mallory") == changed(
        RECORD, record_id=OTHER.record_id, owner="mallory"
    )


def test_a_file_that_is_no_database_is_said_to_be_none(tmp_path: Path) -> None:
    garbage = tmp_path / "garbage.sqlite3"
    garbage.write_bytes(b"garbage" * 1000)
    with pytest.raises(StorageError, match="not a database"):
        RecordStore(f"sqlite:///{garbage}")
    assert garbage.read_bytes() == b"garbage" * 1000


def test_a_database_that_is_lost_while_in_use_is_an_error_and_not_an_answer(
    store: RecordStore, url: str
) -> None:
    store.put(RECORD)
    by_hand(url, "DROP TABLE records")
    for question in (
        lambda: store.get(RECORD.record_id, "local"),
        lambda: store.find(RECORD.nonce, "local"),
        lambda: store.put(OTHER),
        store.is_empty,
    ):
        with pytest.raises(StorageError, match=r"no such table|does not exist"):
            question()


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o555)
    for url in (f"sqlite:///{closed}/records.sqlite3", f"sqlite:///{closed}/new/r.sqlite3"):
        with as_nobody(), pytest.raises(StorageError, match=r"database .*(unable|denied)"):
            RecordStore(url)


def test_the_url_that_a_store_tells_hides_the_password() -> None:
    store = RecordStore.__new__(RecordStore)
    with pytest.raises(StorageError) as refusal:  # no driver, or nobody at this port
        store.__init__(f"postgresql+psycopg://user:{PASSWORD}@127.0.0.1:1/records")  # type: ignore[misc]
    assert store.url == "postgresql+psycopg://user:***@127.0.0.1:1/records"
    assert PASSWORD not in whole_trace(refusal.value)


def test_no_error_quotes_a_record(store: RecordStore, url: str) -> None:
    record = replace(RECORD, ciphertext=b"do not quote me")
    store.put(record)
    with pytest.raises(StorageError) as twice:
        store.put(record)
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


def test_eight_threads_share_one_store(store: RecordStore) -> None:
    assert_is_shared_by_eight(store)


def test_eight_threads_share_one_database_in_memory() -> None:
    # There is one connection: one thread's rollback must not undo another's put.
    assert_is_shared_by_eight(RecordStore("sqlite://"))


def assert_is_shared_by_eight(store: RecordStore) -> None:
    ready = threading.Barrier(8)

    def put_fifty(thread: int) -> None:
        ready.wait()
        for number in range(50 * thread, 50 * thread + 50):
            store.put(numbered(number))
            assert store.get(f"{number:032x}", "local") == numbered(number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(put_fifty, range(8)))
    for number in range(400):
        assert store.find(numbered(number).nonce, "local") == numbered(number)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_database_in_memory_is_one_for_all_threads_and_for_no_other_store(url: str) -> None:
    store = RecordStore(url)
    with ThreadPoolExecutor(1) as one:
        one.submit(store.put, RECORD).result()
    with ThreadPoolExecutor(1) as other:
        assert other.submit(store.get, RECORD.record_id, "local").result() == RECORD
    assert RecordStore(url).is_empty()


def test_a_store_is_empty_until_something_is_put(store: RecordStore) -> None:
    assert store.is_empty()
    store.put(changed(RECORD, owner="somebody"))
    assert not store.is_empty()


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
def test_wrapped_keys_come_in_batches_each_once(store: RecordStore, rows: int) -> None:
    for number in range(rows):
        store.put(numbered(number))
    batches = list(store.wrapped_keys(not_under="0" * 16))
    assert all(len(batch) <= BATCH_ROWS for batch in batches)
    assert [key for batch in batches for key in batch] == [
        wrapped_key_of(numbered(number)) for number in range(rows)
    ]
    assert list(store.wrapped_keys(not_under=RECORD.key_id)) == []


def test_damaged_rows_are_left_out_and_stop_nothing(
    sqlite_store: RecordStore, database: Path
) -> None:
    for number in range(2 * BATCH_ROWS):
        sqlite_store.put(numbered(number))
    for column, value, number in (
        ("wrapped_key", "x'00'", 0),
        ("created", "CAST(x'ff' AS TEXT)", 1),
        ("key_id", "x'ff'", 2),
        ("record_id", "CAST(x'ff' AS TEXT)", 3),
        ("record_id", "''", 4),
        ("record_id", "x'00'", 5),
    ):
        row = f"{number:032x}"
        by_hand(database, f"UPDATE records SET {column} = {value} WHERE record_id = ?", row)
    found = [key for batch in sqlite_store.wrapped_keys(not_under="0" * 16) for key in batch]
    assert found == [wrapped_key_of(numbered(number)) for number in range(6, 2 * BATCH_ROWS)]


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


def test_eight_servers_that_start_at_once_on_an_empty_database_all_come_up(url: str) -> None:
    ready = threading.Barrier(8)

    def open_and_put(number: int) -> None:
        ready.wait()
        RecordStore(url).put(numbered(number))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(open_and_put, range(8)))
    store = RecordStore(url)
    for number in range(8):
        assert store.get(f"{number:032x}", "local") == numbered(number)


def test_a_start_on_a_database_in_use_waits_for_no_writer(url: str) -> None:
    RecordStore(url)
    with open_engine(url).begin() as writer:
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


def test_a_table_of_another_kind_is_told_by_what_it_lacks_and_left_alone(url: str) -> None:
    by_hand(url, "CREATE TABLE records (record_id TEXT, owner TEXT, created TEXT, artist TEXT)")
    with pytest.raises(StorageError, match=r"without signer_id, key_id, .*another database"):
        RecordStore(url)
    by_hand(url, "INSERT INTO records VALUES ('1', '2', '3', '4')")


def test_no_column_may_be_empty(url: str) -> None:
    RecordStore(url)
    columns = inspect(open_engine(url)).get_columns("records")
    assert [column["name"] for column in columns if column["nullable"]] == []
