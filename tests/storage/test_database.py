"""A url is an engine whose commits are durable, or a sentence; and never a password in a text."""

import logging
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from vocabulary import a_public_folder, as_nobody, locked, mode, whole_trace

from securedata.errors import StorageError
from securedata.storage import database
from securedata.storage.database import begin_alone, open_engine, without_password

PASSWORD = "hunter2"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "records.sqlite3",
        f"postgresql://user:{PASSWORD}@host/records",  # psycopg2's
        f"postgresql+psycopg2://user:{PASSWORD}@host/records",
        f"sqlite+pysqlcipher://:{PASSWORD}@/records.sqlite3",
        f"mysql://user:{PASSWORD}@host/records",
        f"postgresql+nosuchdriver://user:{PASSWORD}@localhost/records",
        f"postgresql+psycopg://user:{PASSWORD}@localhost:port/records",
        f"postgresql+psycopg://user@localhost:{PASSWORD}/records",
        f"postgresql+psycopg://user:one@{PASSWORD}@localhost/records",
        f"sqlite:///{PASSWORD}\udcff.db",
    ],
)
def test_a_url_that_cannot_be_used_is_a_sentence_without_the_password(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(StorageError, match=r"^--database \(or .*\) cannot be used: \w") as refusal:
        open_engine(url).connect()
    assert PASSWORD not in whole_trace(refusal.value) + caplog.text


@pytest.mark.whole
@pytest.mark.parametrize(
    "rest",
    [
        *(  # without a path, it would be a database in memory
            f"{before_path}{path}"
            for before_path in ("user@", f"user:{PASSWORD}@", f":{PASSWORD}@", "host", "u:x@host:5")
            for path in ("/records.sqlite3", "")
        ),
        "/file:x?mode=memory&uri=true",  # it would keep nothing
        "/file::memory:?uri=true",
        "?uri=true",
        "/file:x?nolock=1&uri=true",
        "/records.sqlite3?mode=memory",
        "/records.sqlite3?timeout=1e400",  # it would wait for ever
        "/records.sqlite3?cached_statements=99999999999999",
        "/records.sqlite3?factory=x",
        f"/records.sqlite3?plugin={PASSWORD}",
    ],
)
def test_an_sqlite_url_with_more_than_a_path_is_an_error_and_makes_no_file(
    rest: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StorageError, match="--database sqlite:///records") as refusal:
        open_engine(f"sqlite://{rest}")
    assert PASSWORD not in whole_trace(refusal.value)
    assert list(Path().iterdir()) == []


def test_a_missing_driver_is_named_and_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)  # as if it were not installed
    monkeypatch.delitem(sys.modules, "securedata.storage.postgresql", raising=False)
    with pytest.raises(
        StorageError, match=r"driver psycopg is not installed: .*extra postgres"
    ) as refusal:
        open_engine(f"postgresql+psycopg://user:{PASSWORD}@localhost/records")
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


def test_a_folder_that_may_not_be_written_is_named() -> None:
    with a_public_folder() as folder, as_nobody():
        for place in (folder, folder / "new"):
            words = (
                f"the database cannot be made: {place}.*: Permission denied: go to a folder that"
            )
            with pytest.raises(StorageError, match=words):
                open_engine(f"sqlite:///{place}/records.sqlite3")


@pytest.mark.skipif(os.name != "posix", reason="Windows needs a right for links")
def test_a_missing_folder_and_file_are_made_private_where_a_link_leads(tmp_path: Path) -> None:
    link, real = tmp_path / "link", tmp_path / "new" / "records.sqlite3"
    link.symlink_to(real)
    open_engine(f"sqlite:///{link}").connect().close()
    assert (mode(real.parent), mode(real), link.is_symlink()) == (0o700, 0o600, True)
    with pytest.raises(StorageError, match=r"made: .*records\.sqlite3"):  # a file, and no folder
        open_engine(f"sqlite:///{real}/r.sqlite3")
    link.unlink()
    link.symlink_to(link)
    with pytest.raises(StorageError, match="symbolic links"):
        open_engine(f"sqlite:///{link}")


def test_a_database_with_a_second_name_is_refused(tmp_path: Path) -> None:
    file, second = tmp_path / "records.sqlite3", tmp_path / "second"
    open_engine(f"sqlite:///{file}").connect().close()
    second.hardlink_to(file)
    for name in (file, second):
        with pytest.raises(StorageError, match=f"{name} has another hard link"):
            open_engine(f"sqlite:///{name}")
    second.unlink()
    open_engine(f"sqlite:///{file}").connect().close()


@pytest.mark.serial
def test_a_writer_waits_for_another_only_so_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.3)
    with locked(tmp_path / "new.sqlite3"), pytest.raises(SQLAlchemyError):
        open_engine(f"sqlite:///{tmp_path}/new.sqlite3").connect()  # it has no write-ahead log yet
    engines = [open_engine(f"sqlite:///{tmp_path}/records.sqlite3"), open_engine("sqlite://")]
    for engine in engines:  # a lock of a file; the one connection to a database in memory
        with engine.connect() as first:
            begin_alone(first)
            began = time.monotonic()
            with pytest.raises(SQLAlchemyError), engine.connect() as second:
                begin_alone(second)
            assert 0.3 <= time.monotonic() - began < 4


def test_many_may_open_one_sqlite_file_at_once_and_keep_it_open(tmp_path: Path) -> None:
    at_once = threading.Barrier(4)

    def connections(file: Path) -> list[Connection]:
        at_once.wait()
        engine = open_engine(f"sqlite:///{file}")
        return [engine.connect() for _ in range(20)]  # more than a pool holds by default

    with ThreadPoolExecutor(4) as pool:
        for number in range(20):
            opening = [pool.submit(connections, tmp_path / f"{number}.sqlite3") for _ in range(4)]
            for connection in (one for opened in opening for one in opened.result(timeout=20)):
                assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
                connection.close()
