"""A database url becomes an SQLAlchemy engine whose commits are durable: SQLite, or PostgreSQL.

Everything in which the two differ is here or in postgresql.py. No tables and no records here.
"""

import os
import sqlite3
import time
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import QueuePool

from securedata.errors import StorageError
from securedata.private_file import make_folder, next_step

BUSY_SECONDS = 5  # SQLite waits so long for another writer; a server's queue adds as much
MEMORY = (None, "", ":memory:")  # SQLite's names for a database in the memory of one process

# How SQLite and PostgreSQL say that there is no room left: SQLITE_FULL, which Python 3.10 knows by
# its text alone; no room for the index of the write-ahead log; disk_full.
DISK_FULL = {"database or disk is full", "SQLITE_IOERR_SHMSIZE", "53100"}

# The statement that makes a transaction wait for another that began alone too.
ALONE = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "SELECT pg_advisory_xact_lock(20260102)"}


def open_engine(url: str, *, make: bool = True) -> Engine:
    """Make an engine for this url. For SQLite, `make` makes a missing folder and file.

    Raises:
        StorageError: the url is not understood, its driver is missing, its folder or file is
            missing or cannot be made, or its file has a second name, a hard link.

    >>> open_engine("sqlite://").dialect.name
    'sqlite'
    >>> open_engine("mysql://localhost/records")
    Traceback (most recent call last):
        ...
    securedata.errors.StorageError: --database (or SECUREDATA_DATABASE) cannot be used: ...
    """
    try:
        parsed = make_url(url)
        url.encode("utf-8")  # no file name of other bytes
        if "@" in (parsed.host or ""):  # an error of the driver would quote it
            raise StorageError(
                "--database (or SECUREDATA_DATABASE) cannot be used: in a password, write %40 in "
                "place of @"
            )
        return ENGINES[parsed.drivername](parsed, make)
    except ImportError as error:
        raise StorageError(
            "--database (or SECUREDATA_DATABASE) cannot be used: its driver "
            f"{error.name} is not installed: install the kit again with its extra postgres, "
            'as in ".[postgres]"'
        ) from None
    except OSError as error:
        raise StorageError(
            f"the database cannot be made: {error.filename}: {error.strerror}: {next_step(error)}"
        ) from None
    except (ArgumentError, KeyError, ValueError):
        # `from None`: the cause could quote a password.
        raise StorageError(
            "--database (or SECUREDATA_DATABASE) cannot be used: it should look like "
            "sqlite:///records.sqlite3 or postgresql+psycopg://user@host/name"
        ) from None


def without_password(url: URL) -> str:
    """The url, fit to be shown.

    >>> without_password(make_url("postgresql+psycopg://user:secret@host/name"))
    'postgresql+psycopg://user:***@host/name'
    """
    # libpq takes a password among the parameters too, and one for the client's own key.
    hidden = {name: "***" for name in url.query if "password" in name}
    return url.update_query_dict(hidden).render_as_string(hide_password=True)


def transaction(engine: Engine) -> AbstractContextManager[Connection]:
    """Begin a transaction of several statements. It commits at the end; an error undoes it all.

    >>> with transaction(open_engine("sqlite://")) as connection:
    ...     connection.in_transaction()
    True
    """
    if engine.dialect.name == "postgresql":  # there each statement commits: see postgresql.py
        return engine.execution_options(isolation_level="READ COMMITTED").begin()
    return engine.begin()


def begin_alone(connection: Connection) -> None:
    """Make every other transaction that begins alone wait until this one ends.

    >>> with transaction(open_engine("sqlite://")) as connection:
    ...     begin_alone(connection)
    """
    connection.exec_driver_sql(ALONE[connection.dialect.name])


def is_disk_full(error: DBAPIError) -> bool:
    """Whether the database could not write because it has no room left.

    >>> is_disk_full(DBAPIError(None, None, sqlite3.OperationalError("database or disk is full")))
    True
    """
    said = error.orig
    names = (getattr(said, name, None) for name in ("sqlite_errorname", "sqlstate"))
    return not DISK_FULL.isdisjoint({str(said), *names})


def _open_sqlite(url: URL, make: bool) -> Engine:
    # Parameters could take back what we promise: `mode=memory` keeps nothing, `nolock` no lock.
    if url.username or url.password or url.host or url.query:
        raise StorageError(
            "--database (or SECUREDATA_DATABASE) cannot be used: an SQLite url has no user, "
            "password, host or parameters; with three slashes, --database "
            "sqlite:///records.sqlite3 names a file"
        )
    options: dict[str, Any] = {
        "hide_parameters": True,  # no ciphertext in error texts
        "connect_args": {"check_same_thread": False, "timeout": BUSY_SECONDS},
    }
    if url.database in MEMORY:
        # A database in memory has one connection. One thread uses it at a time.
        options |= {
            "poolclass": QueuePool,
            "pool_size": 1,
            "max_overflow": 0,
            "pool_timeout": BUSY_SECONDS,
        }
    else:
        file = Path(os.path.realpath(url.database))  # SQLite, too, goes where links lead
        if not make and not file.exists():
            raise StorageError(f"{file} is missing: name the database of the service, --database")
        make_folder(file.parent)
        with suppress(FileExistsError):
            file.touch(mode=0o600, exist_ok=False)  # SQLite would take 0644
        # Each name would have a write-ahead log of its own, and records would be lost.
        if file.stat().st_nlink > 1 and file.is_file():
            raise StorageError(
                f"{file} has another hard link, and SQLite can use it by one name alone: remove "
                "that, or make it a symbolic link"
            )
        options["max_overflow"] = -1  # no limit: a connection to a file costs little
    engine = create_engine(url, **options)
    event.listen(engine, "connect", _make_sqlite_durable)
    return engine


def _make_sqlite_durable(connection: sqlite3.Connection, _: object) -> None:
    # Text that is not UTF-8 is damage to one row. It must not fail a query for many rows.
    connection.text_factory = lambda text: text.decode("utf-8", "replace")
    _write_ahead(connection)  # readers do not wait for the writer
    connection.execute("PRAGMA synchronous = FULL")  # every commit waits for the disk


def _write_ahead(connection: sqlite3.Connection) -> None:
    # SQLite waits for other writers, but not for another connection that makes this change.
    end = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            # SQLITE_BUSY, which Python 3.10 knows by its text alone
            if str(error) != "database is locked" or time.monotonic() > end:
                raise
            time.sleep(0.01)


def _open_postgresql(url: URL, _make: bool) -> Engine:
    from securedata.storage.postgresql import open_postgresql  # its driver is an extra

    return open_postgresql(url)


# No other driver: we could not promise durable commits and an end to every wait.
ENGINES = {
    "sqlite": _open_sqlite,
    "postgresql+psycopg": _open_postgresql,
}
