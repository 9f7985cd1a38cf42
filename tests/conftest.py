"""What every test may use: a vault, the real service, and PostgreSQL where there is one."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from vocabulary import RunningService, a_server, a_vault, client_of

from securedata import BackgroundServer, Client, KeyFile, RecordStore, Vault, create_app
from securedata.keys.passphrase import Cost

if TYPE_CHECKING:
    from postgres import Postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator["Postgres"]:
    """A real PostgreSQL, where its wheel is installed."""
    from postgres import Postgres

    running = Postgres()
    yield running
    running.close()


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of either kind. The url is the only difference."""
    if request.param == "SQLite":
        return f"sqlite:///{tmp_path}/records.sqlite3"
    postgres: Postgres = request.getfixturevalue("postgres")
    return postgres.new_database()


@pytest.fixture
def cheap_passphrases(monkeypatch: pytest.MonkeyPatch) -> None:
    """A guess costs a moment, not 0.4 s."""
    monkeypatch.setattr("securedata.keys.passphrase.COST", Cost(n=16, r=8, p=1))


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return a_vault(tmp_path)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """The place of an SQLite file."""
    return tmp_path / "records.sqlite3"


@pytest.fixture
def key_file(tmp_path: Path) -> KeyFile:
    """A new key file, for a test to change while others have it open."""
    return KeyFile.create(tmp_path / "keys.json")


@pytest.fixture
def own(key_file: KeyFile, database: Path, tmp_path: Path) -> Iterator[BackgroundServer]:
    """The same as `server`, on this key file and this database, for one test alone."""
    vault = Vault(RecordStore(f"sqlite:///{database}"), key_file)
    with a_server(create_app(vault), tmp_path) as running:
        yield running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BackgroundServer]:
    """The real app over real TLS in a thread, on a vault of its own."""
    folder = tmp_path_factory.mktemp("server")
    with a_server(create_app(a_vault(folder)), folder) as running:
        yield running


@pytest.fixture
def client(server: BackgroundServer) -> Client:
    return client_of(server)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[RunningService]:
    """`python app.py` in a process of its own, in an empty folder."""
    with RunningService(tmp_path) as running:
        yield running


@pytest.fixture
def servers(url: str, tmp_path: Path) -> Iterator[list[RunningService]]:
    """Two servers on one database and one key file, both started at once on nothing."""
    keys = str(tmp_path / "keys" / "keys.json")
    both = []
    with ExitStack() as ending:
        for name in ("first", "second"):
            (tmp_path / name).mkdir()
            server = RunningService(tmp_path / name, "--database", url, "--keys", keys)
            ending.push(server)
            both.append(server)
        with ThreadPoolExecutor() as pool:
            list(pool.map(RunningService.start, both))
        yield both
