"""A url is an engine whose commits are durable, or a sentence; and never a password in a text."""

import logging
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from vocabulary import mode, whole_trace

from securedata.errors import StorageError
from securedata.storage.database import begin_alone, open_engine, without_password

PASSWORD = "hunter2"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "records.sqlite3",
        f"postgres:/user:{PASSWORD}@host/records",
        f"postgresql://user:{PASSWORD}@host/records",  # psycopg2's: nothing of it was tried
        f"postgresql+psycopg2://user:{PASSWORD}@host/records",
        f"postgresql+asyncpg://user:{PASSWORD}@host/records",
        f"sqlite+pysqlcipher://:{PASSWORD}@/records.sqlite3",
        f"sqlite+aiosqlite://user:{PASSWORD}@host/records",
        f"mysql://user:{PASSWORD}@host/records",
        f"sqlite://user:{PASSWORD}@host/records",
        f"nosuchdatabase://user:{PASSWORD}@localhost/records",
        f"postgresql+nosuchdriver://user:{PASSWORD}@localhost/records",
        f"postgresql+psycopg://user:{PASSWORD}@localhost:port/records",
        f"postgresql+psycopg://user@localhost:{PASSWORD}/records",
    ],
)
def test_a_url_that_cannot_be_used_is_a_sentence_without_the_password(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(StorageError, match=r"^this database url cannot be used: \w") as refusal:
        open_engine(url).connect()
    assert PASSWORD not in whole_trace(refusal.value) + caplog.text


def test_a_missing_driver_is_named_and_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)  # as if it were not installed
    monkeypatch.delitem(sys.modules, "securedata.storage.postgresql", raising=False)
    with pytest.raises(StorageError) as refusal:
        open_engine(f"postgresql+psycopg://user:{PASSWORD}@localhost/records")
    assert str(refusal.value) == (
        "this database url cannot be used: its driver psycopg is not installed; "
        'for PostgreSQL, python -m pip install -e ".[postgres]"'
    )
    assert PASSWORD not in whole_trace(refusal.value)


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql+psycopg://user:{PASSWORD}@host/records",
        f"postgresql+psycopg://host/records?user=user&password={PASSWORD}",
        f"postgresql+psycopg://host/records?sslkey=client.key&sslpassword={PASSWORD}",
    ],
)
def test_a_url_is_shown_without_any_password(url: str) -> None:
    shown = without_password(make_url(url))
    assert PASSWORD not in shown
    assert "host/records" in shown


def test_an_sqlite_commit_waits_for_the_disk_on_every_connection(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/records.sqlite3")
    with engine.connect() as first, engine.connect() as second:
        for connection in (first, second):
            assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
            assert connection.execute(text("PRAGMA synchronous")).scalar() == 2  # FULL


def test_a_missing_folder_is_made_and_is_private(tmp_path: Path) -> None:
    open_engine(f"sqlite:///{tmp_path}/new/data/records.sqlite3").connect().close()
    assert (tmp_path / "new" / "data" / "records.sqlite3").exists()
    assert mode(tmp_path / "new" / "data") == 0o700


def test_a_file_where_a_folder_should_be_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="cannot be used"):
        open_engine(f"sqlite:///{tmp_path}/file/records.sqlite3")


def test_who_begins_alone_waits_for_the_one_who_began_alone_before(url: str) -> None:
    engine, began = open_engine(url), threading.Event()

    def begin_second() -> None:
        with engine.begin() as connection:
            begin_alone(connection)
            began.set()

    second = threading.Thread(target=begin_second, daemon=True)
    with engine.begin() as first:
        begin_alone(first)
        second.start()
        assert not began.wait(timeout=0.5)
    assert began.wait(timeout=10)
    second.join()


def test_an_sqlite_file_that_many_open_first_at_once_is_opened_by_all(tmp_path: Path) -> None:
    at_once = threading.Barrier(4)

    def open_first(file: Path) -> None:
        at_once.wait()
        with open_engine(f"sqlite:///{file}").connect() as connection:
            assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"

    with ThreadPoolExecutor(4) as pool:
        for number in range(50):
            file = tmp_path / f"{number}.sqlite3"
            for opened in [pool.submit(open_first, file) for _ in range(4)]:
                opened.result()


def test_nobody_waits_for_a_connection_to_an_sqlite_file(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/records.sqlite3")
    with ExitStack() as stack, ThreadPoolExecutor(1) as one:
        for _ in range(50):
            connecting = one.submit(engine.connect)
            stack.enter_context(connecting.result(timeout=10))
