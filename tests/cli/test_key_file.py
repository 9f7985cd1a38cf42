"""Old data needs its own keys: no command makes new keys over it, and none loses the old ones."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from cli.terminal import Terminal

from securedata import KeyFile
from securedata.cli.key_file import open_or_make_keys
from securedata.errors import KeyFileError

NEED_THE_KEYS_OF_THE_RECORDS = ["rotate", "rotate --signer", "keys retire --force"]
COMMANDS = [*NEED_THE_KEYS_OF_THE_RECORDS, "keys", "token create bob", "passphrase --remove"]


class Place(Terminal):
    """A folder with a key file, whose owner alice has a record."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        KeyFile.create(self.keys).update(lambda keys: keys.add_token("alice", "0" * 64))
        self.vault.store("text", owner="alice")
        self.rows_before = self.rows()


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
        open_or_make_keys(place.keys, place.records)  # as a server does when it starts
    # Intact keys, even somebody else's, may be listed and given tokens.
    for command in NEED_THE_KEYS_OF_THE_RECORDS if spoil is swap_with_another else COMMANDS:
        assert "keys.json" in place.refusal(*command.split())
        assert look(place.keys) == before, command
        assert place.rows() == place.rows_before, command
