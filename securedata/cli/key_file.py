"""Opens the key file for a command.

It asks for the passphrase. It makes new keys only if no record needs old ones.
"""

import os
import sys
from pathlib import Path

import click

from securedata import private_file
from securedata.errors import KeyFileError
from securedata.keys.file import KeyFile, is_protected
from securedata.record import DSA, PATTERNS, Scheme
from securedata.storage.records import RecordStore

PASSPHRASE = "SECUREDATA_PASSPHRASE"  # noqa: S105  # the name of a variable


def open_keys(path: Path) -> KeyFile:
    """Read the keys. Ask for the passphrase, if they need one and a person is at the keyboard.

    A passphrase in the environment says that the keys must be under one.

    Raises:
        KeyFileError: there is no key file here, or it is damaged: see `KeyFile`.

    >>> open_keys(Path("no-such-file"))
    Traceback (most recent call last):
        ...
    securedata.errors.KeyFileError: no-such-file is missing: go to the folder of the service, ...
    """
    if not private_file.exists(path):
        raise KeyFileError(f"{path} is missing: go to the folder of the service, or name --keys")
    return KeyFile.load(path, _passphrase(path, ask=is_protected(path)))


def open_or_make_keys(
    path: Path, records: RecordStore, scheme: Scheme = DSA, found: KeyFile | None = None
) -> KeyFile:
    """Read the keys of these records, or make new ones while there are no records.

    The signer that is made is of this scheme. `found` are the keys, if they were read before.

    Raises:
        KeyFileError: see `KeyFile`; or the keys are missing, or not those of these records.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     made = open_or_make_keys(Path(folder) / "keys.json", RecordStore("sqlite://"))
    ...     made.path.name
    'keys.json'
    """
    empty = records.is_empty()  # looked at first: another server makes keys, then stores
    if found or private_file.exists(path):
        return _fitting(found or open_keys(path), records)
    if empty:
        return KeyFile.load_or_create(path, os.environ.get(PASSPHRASE), scheme)
    raise KeyFileError(
        f"{path} is missing, and {records.url} holds records that only its keys can open: "
        "restore it from a backup, or name another --database"
    )


def open_keys_and_records(path: Path, database: str) -> tuple[KeyFile, RecordStore]:
    """Read the keys, then open the database of their records: neither is made.

    Raises:
        KeyFileError: see `KeyFile`; or they are not those of these records.

    >>> open_keys_and_records(Path("no-such-file"), "sqlite://")
    Traceback (most recent call last):
        ...
    securedata.errors.KeyFileError: no-such-file is missing: go to the folder of the service, ...
    """
    key_file, records = open_keys(path), RecordStore(database, make=False)
    return _fitting(key_file, records), records


def _fitting(key_file: KeyFile, records: RecordStore) -> KeyFile:
    named = [key_id for key_id in records.some_key_ids() if PATTERNS["key_id"].fullmatch(key_id)]
    if named and not any(key_id in key_file.service_keys.wrapping_keys for key_id in named):
        raise KeyFileError(
            f"{key_file.path} holds none of the keys that the records in {records.url} are sealed "
            "with: restore it from a backup, or name another --database"
        )
    return key_file


def _passphrase(path: Path, *, ask: bool) -> str | None:
    if PASSPHRASE in os.environ or not ask or not sys.stdin.isatty():
        return os.environ.get(PASSPHRASE)
    return str(click.prompt(f"Passphrase of {path}", hide_input=True, err=True))
