"""The key file that a command works with, opened.

The passphrase is asked for, and new keys are made only where no old ones could be missed.
"""

import os
import sys
from pathlib import Path

import click

from securedata import private_file
from securedata.errors import KeyFileError
from securedata.keys.file import KeyFile, is_protected
from securedata.record import PATTERNS
from securedata.storage.records import RecordStore

PASSPHRASE = "SECUREDATA_PASSPHRASE"  # noqa: S105  # the name of a variable


def open_keys(path: Path) -> KeyFile:
    """Read the keys; ask for the passphrase, if there is one and a person at the keyboard.

    Raises:
        KeyFileError: see `KeyFile`.

    >>> open_keys(Path("no-such-file"))
    Traceback (most recent call last):
        ...
    securedata.errors.KeyFileError: no-such-file cannot be read: No such file or directory
    """
    return KeyFile.load(path, _passphrase(path) if is_protected(path) else None)


def open_or_make_keys(path: Path, records: RecordStore) -> KeyFile:
    """Read the keys of these records, or make new ones while there are no records.

    Raises:
        KeyFileError: see `KeyFile`; or the keys are missing, or not those of these records.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     made = open_or_make_keys(Path(folder) / "keys.json", RecordStore("sqlite://"))
    ...     made.path.name
    'keys.json'
    """
    empty = records.is_empty()  # asked first: whoever stored a record had made the keys before
    if private_file.exists(path):
        return open_fitting_keys(path, records)
    if empty:
        return KeyFile.load_or_create(path, os.environ.get(PASSPHRASE))
    raise KeyFileError(
        f"{path} is missing, and {records.url} holds records that only its keys can open: "
        "restore it from a backup, or name another --database"
    )


def open_fitting_keys(path: Path, records: RecordStore) -> KeyFile:
    """Read the keys of these records.

    Raises:
        KeyFileError: see `KeyFile`; or they are not those of these records.

    >>> open_fitting_keys(Path("no-such-file"), RecordStore("sqlite://"))
    Traceback (most recent call last):
        ...
    securedata.errors.KeyFileError: no-such-file cannot be read: No such file or directory
    """
    keys = open_keys(path)
    named = [key_id for key_id in records.some_key_ids() if PATTERNS["key_id"].fullmatch(key_id)]
    if named and not any(key_id in keys.service_keys.wrapping_keys for key_id in named):
        raise KeyFileError(
            f"{keys.path} holds none of the keys that the records in {records.url} are sealed "
            "with: restore it from a backup, or name another --database"
        )
    return keys


def _passphrase(path: Path) -> str | None:
    if PASSPHRASE in os.environ or not sys.stdin.isatty():
        return os.environ.get(PASSPHRASE)
    answer: str = click.prompt(f"Passphrase of {path}", hide_input=True, err=True)
    return answer
