"""The command line in one folder, as the tests of keys and tokens type it."""

import sqlite3
from contextlib import closing
from pathlib import Path

from click.testing import CliRunner, Result

from securedata import KeyFile, RecordStore, ServiceKeys, Vault
from securedata.cli import main


class Terminal:
    """A folder with the places of a key file and of a database; neither need be there yet."""

    def __init__(self, folder: Path) -> None:
        self.keys = folder / "keys.json"
        self.database = folder / "records.sqlite3"
        self.url = f"sqlite:///{self.database}"

    @property
    def service_keys(self) -> ServiceKeys:
        return KeyFile.load(self.keys).service_keys

    @property
    def records(self) -> RecordStore:
        return RecordStore(self.url)

    @property
    def vault(self) -> Vault:
        return Vault(self.records, self.service_keys)

    def rows(self) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.database)) as database:
            return database.execute("SELECT * FROM records ORDER BY record_id").fetchall()

    def run(self, *arguments: str, input: str | None = None, **environment: str) -> Result:
        settings = {"SECUREDATA_KEYS": str(self.keys), "SECUREDATA_DATABASE": self.url}
        return CliRunner().invoke(main, arguments, input, env={**settings, **environment})

    def said(self, *arguments: str, **environment: str) -> str:
        done = self.run(*arguments, **environment)
        assert done.exit_code == 0, done.output
        return done.stdout

    def refusal(self, *arguments: str, **environment: str) -> str:
        done = self.run(*arguments, **environment)
        assert done.exit_code == 2, done.output
        assert "Traceback" not in done.output
        return done.stderr.removeprefix("securedata: ").removesuffix("\n")
