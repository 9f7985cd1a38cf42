"""Old data needs its own keys: no command makes new keys over it, and none loses the old ones."""

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest
from cli.terminal import Terminal
from vocabulary import flipped

from securedata import KeyFile, RecordStore, ServiceKeys, Vault
from securedata.cli.key_file import open_or_make_keys
from securedata.errors import KeyFileError

COMMANDS = [
    *("rotate", "rotate --resume", "rotate --prepare", "rotate --signer", "keys retire --force"),
    *("keys", "token create bob", "token revoke alice", "token list", "passphrase --remove"),
]


class Place(Terminal):
    """A folder with a key file, whose owner alice has three records."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        KeyFile.create(self.keys).update(lambda keys: keys.add_token("alice", "0" * 64))
        texts = ("text 0", "text 1", "text 2")
        self.ids = [self.vault.store(text, owner="alice").record_id for text in texts]
        self.intact = self.keys.read_bytes()
        self.rows = self.read_rows()

    def read_rows(self) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.database)) as database:
            return database.execute("SELECT * FROM records ORDER BY record_id").fetchall()

    def serve(self) -> ServiceKeys:
        """Open the keys as a server does when it starts."""
        return open_or_make_keys(self.keys, self.records).service_keys


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def look(keys: Path) -> object:
    """What is at the place of the key file."""
    if keys.is_symlink():
        return keys.readlink()
    return sorted(keys.iterdir()) if keys.is_dir() else keys.exists() and keys.read_bytes()


def empty(keys: Path) -> None:
    keys.write_bytes(b"")


def cut(keys: Path) -> None:
    keys.write_bytes(keys.read_bytes()[:-2])


def fill_with_zeros(keys: Path) -> None:
    """As a file system may leave it after a power cut."""
    keys.write_bytes(bytes(len(keys.read_bytes())))


def make_a_folder(keys: Path) -> None:
    keys.unlink()
    keys.mkdir()


def link_to_nowhere(keys: Path) -> None:
    keys.unlink()
    keys.symlink_to("nowhere.json")


def swap_with_another(keys: Path) -> None:
    other = KeyFile.create(keys.with_name("other.json"))
    shutil.copy(other.path, keys)


def open_to_others(keys: Path) -> None:
    keys.chmod(0o644)


SPOILS = [Path.unlink, empty, cut, fill_with_zeros, make_a_folder, swap_with_another]
if os.name == "posix":
    SPOILS += [link_to_nowhere, open_to_others]


@pytest.mark.parametrize("spoil", SPOILS, ids=lambda spoil: spoil.__name__)
def test_neither_a_server_nor_a_command_writes_over_spoiled_keys(
    place: Place, spoil: Callable[[Path], None]
) -> None:
    spoil(place.keys)
    before = look(place.keys)
    with pytest.raises(KeyFileError, match=r"keys\.json"):
        place.serve()
    # Intact keys, even somebody else's, may be listed and given tokens.
    for command in COMMANDS[:5] if spoil is swap_with_another else COMMANDS:
        assert "keys.json" in place.refusal(*command.split())
        assert look(place.keys) == before, command
        assert place.read_rows() == place.rows, command


def test_a_cut_key_file_stops_the_start_and_a_flipped_bit_changes_no_key(place: Place) -> None:
    keys = place.serve()
    for length in {*range(0, len(place.intact), 13), len(place.intact) - 2}:
        place.keys.write_bytes(place.intact[:length])
        with pytest.raises(KeyFileError, match=r"keys\.json is damaged: restore it"):
            place.serve()
        assert place.keys.read_bytes() == place.intact[:length]
    for bit in range(0, 8 * len(place.intact), 101):
        spoiled = flipped(place.intact, bit)
        place.keys.write_bytes(spoiled)
        with suppress(KeyFileError):
            assert place.serve() == keys
        assert place.keys.read_bytes() == spoiled
    place.keys.write_bytes(place.intact)
    vault = Vault(place.records, place.serve())
    assert [vault.retrieve(it, owner="alice") for it in place.ids] == ["text 0", "text 1", "text 2"]


def test_spoiled_keys_are_not_written_over_even_without_records(tmp_path: Path) -> None:
    keys = KeyFile.create(tmp_path / "keys.json").path
    cut(keys)
    before = look(keys)
    with pytest.raises(KeyFileError, match=r"keys\.json"):
        open_or_make_keys(keys, RecordStore("sqlite://"))
    assert look(keys) == before
