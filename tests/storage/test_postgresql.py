"""Connections to a real PostgreSQL: commits are durable, and no wait is for ever."""

import logging
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from vocabulary import a_record, by_hand, changed, whole_trace

from securedata import AeadKey, KeyRing, RecordStore, SealedRecord, SigningKey
from securedata.errors import StorageError
from securedata.storage.database import open_engine, transaction

if TYPE_CHECKING:
    from postgres import Postgres

postgresql = pytest.importorskip("securedata.storage.postgresql", reason="needs psycopg")

RECORD = a_record(keys=KeyRing(AeadKey.generate()), signer=SigningKey.generate())
PASSWORD = "hunter2"


def numbered(number: int) -> SealedRecord:
    """One of many records, different in id and nonce. Nobody verifies it here."""
    return changed(RECORD, record_id=f"{number:032x}", nonce=number.to_bytes(12, "big"))


def name_of(url: str) -> str | None:
    return make_url(url).database


def shown(engine: Engine, setting: str) -> object:
    with engine.connect() as connection:
        return connection.execute(text(f"SHOW {setting}")).scalar()


def seconds_of(refused: Callable[[], object]) -> float:
    """Seconds until the error."""
    began = time.monotonic()
    with pytest.raises((StorageError, OperationalError)):
        refused()
    return time.monotonic() - began


@pytest.fixture
def url(postgres: "Postgres") -> str:
    return postgres.new_database()


@pytest.fixture
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same limits, so short that a test can wait for them."""
    monkeypatch.setitem(postgresql.DEFAULTS, "connect_timeout", 2)  # libpq's shortest
    monkeypatch.setattr(postgresql, "SILENCE_SECONDS", 1)


@pytest.fixture
def frozen(postgres: "Postgres") -> Iterator["Postgres"]:
    """It will be frozen; whatever happens, it is thawed afterwards."""
    yield postgres
    postgres.thaw()


# Commits.


@pytest.mark.parametrize(
    ("level", "ours"),
    [("off", "on"), ("local", "local"), ("on", "on"), ("remote_apply", "remote_apply")],
)
def test_a_commit_waits_for_the_disk_whatever_database_and_url_say(
    postgres: "Postgres", url: str, level: str, ours: str
) -> None:
    in_url = open_engine(f"{url}&options=-c%20synchronous_commit%3D{level}")
    postgres.execute(f"ALTER DATABASE {name_of(url)} SET synchronous_commit = {level}")
    in_database = open_engine(url)
    with in_database.connect():  # so that the next connection is a second one
        assert shown(in_database, "synchronous_commit") == ours
    assert shown(in_url, "synchronous_commit") == ours
    with transaction(in_url) as connection:
        connection.execute(text("SELECT 1"))
    assert shown(in_url, "synchronous_commit") == ours


def test_no_error_and_no_log_tells_the_password(
    postgres: "Postgres", url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    by_hand(url, f"CREATE ROLE teller LOGIN SUPERUSER PASSWORD '{PASSWORD}'")
    postgres.configure("pg_hba.conf", "local all teller scram-sha-256")
    said = ""

    def lose_table(store: RecordStore) -> RecordStore:
        nonlocal said
        said += f"{store.url} {store!r}"
        by_hand(url, "DROP TABLE records")
        return store

    for guess in (PASSWORD, f"{PASSWORD}?"):
        as_teller = make_url(url).set(username="teller")
        in_front = as_teller.set(password=guess).render_as_string(False)
        behind = f"{as_teller.render_as_string()}&password={quote(guess)}"
        for address in (in_front, behind):
            with pytest.raises(StorageError, match=r"does not exist|authentication failed") as no:
                lose_table(RecordStore(address)).put(RECORD)
            said += whole_trace(no.value)
    by_hand(url, "DROP ROLE teller")
    assert PASSWORD not in said + caplog.text


def test_a_database_of_no_encoding_keeps_texts_as_texts(postgres: "Postgres") -> None:
    url = postgres.new_database("ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")
    for number, address in enumerate((url, f"{url}&client_encoding=sql_ascii")):
        record, store = numbered(number), RecordStore(address)
        store.put(record)
        assert store.get(record.header.record_id, "local") == record


# Connections.


@pytest.mark.parametrize(
    ("parameter", "reason"),
    [
        ("row_factory=x", 'invalid connection option "row_factory"'),
        ("prepare_threshold=x", 'invalid connection option "prepare_threshold"'),
        ("cls=x", 'invalid connection option "cls"'),
        ("host=a..b", "its url has a name that cannot be encoded"),
        ("connect_timeout=x", "bad value for connect_timeout"),
        ("sslmode=x", "invalid sslmode value"),
    ],
)
@pytest.mark.whole
def test_a_parameter_that_is_not_libpqs_is_a_sentence(
    url: str, parameter: str, reason: str
) -> None:
    with pytest.raises(StorageError, match=f"^the database .*{reason}"):
        RecordStore(f"{url}&{parameter}")


@pytest.mark.parametrize("how", ["fast", "immediate"])
def test_connections_that_a_restart_has_cut_are_replaced_unnoticed(
    postgres: "Postgres", url: str, how: str
) -> None:
    store = RecordStore(url)
    with ThreadPoolExecutor(8) as pool:  # several connections, all of which will be cut
        list(pool.map(store.put, map(numbered, range(40))))
    postgres.stop(how)
    postgres.start()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(store.put, map(numbered, range(40, 80))))
    for number in range(80):
        assert store.get(f"{number:032x}", "local") == numbered(number)


def test_a_process_takes_no_more_than_sixteen_connections(postgres: "Postgres", url: str) -> None:
    ours = f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{name_of(url)}'"
    store = RecordStore(url)
    with ThreadPoolExecutor(16) as pool, ExitStack() as held:
        for _ in range(16):
            held.enter_context(store._engine.connect())
        puts = [pool.submit(store.put, numbered(number)) for number in range(16)]
        time.sleep(0.5)  # a seventeenth connection would be made by now
        assert postgres.execute(ours) == [(16,)]
        assert not any(put.done() for put in puts)
        held.close()
        for put in puts:
            put.result()
    assert postgres.execute(ours) == [(16,)]


# An end to every wait.


def test_a_statement_that_waits_for_a_lock_is_ended_and_its_connection_kept(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "SESSION", postgresql.SESSION.replace("8s", "1s"))
    store, backend = RecordStore(url), text("SELECT pg_backend_pid()")
    with store._engine.connect() as connection:
        before = connection.execute(backend).scalar()
    with transaction(open_engine(url)) as other:
        other.execute(text("LOCK TABLE records"))
        with pytest.raises(
            StorageError, match="does not answer: canceling statement due to statement timeout"
        ):
            store.put(RECORD)
    store.put(RECORD)
    with store._engine.connect() as connection:
        assert connection.execute(backend).scalar() == before


@pytest.mark.serial
def test_a_server_that_hangs_is_hung_up_on(frozen: "Postgres", url: str, short_waits: None) -> None:
    store = RecordStore(url)
    store.put(RECORD)
    with store._engine.connect() as connection:
        frozen.freeze()
        assert 1 <= seconds_of(lambda: connection.execute(text("SELECT 1"))) < 9
        assert connection.invalidated
    # The connection is gone; a new one is tried, in vain.
    assert 2 <= seconds_of(lambda: store.get(RECORD.record_id, "local")) < 10
    frozen.thaw()
    assert store.get(RECORD.record_id, "local") == RECORD


def test_a_wait_ends_but_an_answer_that_is_there_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql, "SILENCE_SECONDS", -1)

    def after(looks: int) -> Generator[int, int, str]:
        for _ in range(looks):
            yield 1
        return "the answer"

    for heard in (0, 1):  # before 3.2.11, psycopg says 1 at every look
        steps = postgresql._not_for_ever(after(looks=2))
        next(steps)
        with pytest.raises(TimeoutError):
            steps.send(heard)
        steps = postgresql._not_for_ever(after(looks=1))
        next(steps)
        with pytest.raises(StopIteration) as end:
            steps.send(heard)
        assert end.value.value == "the answer"


def test_what_the_url_says_goes_before_our_defaults(url: str) -> None:
    assert shown(open_engine(url), "application_name") == "securedata"
    assert shown(open_engine(f"{url}&application_name=other"), "application_name") == "other"


def test_no_wait_is_longer_than_clients_are_told_to_wait() -> None:
    # docs/api.md, "Limits worth knowing": a dead connection is found out, then a new one is tried.
    assert postgresql.SILENCE_SECONDS + postgresql.DEFAULTS["connect_timeout"] < 30
    assert postgresql.STATEMENT_SECONDS < postgresql.SILENCE_SECONDS
