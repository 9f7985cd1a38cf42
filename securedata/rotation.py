"""Rotation wraps every data key under the primary. Retirement removes keys that no row uses.

Rotation changes 60 bytes of a row, and nothing that was signed: every receipt stays valid. A row
is always under the old key or the new one, so rotation may stop at any point and begin again.

A record may be on its way to the database while its key is rotated and retired. So a vault puts
its records by `put_under_primary`.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace

from securedata.crypto.aead import AeadKey
from securedata.crypto.keyring import KeyRing
from securedata.crypto.sealing import rewrap
from securedata.errors import RetiredKeyError, TagError, UnknownKeyError
from securedata.keys.file import KeyFile
from securedata.keys.service_keys import ServiceKeys
from securedata.record import SealedRecord, WrappedKey
from securedata.storage.records import RecordStore


def rewrap_all(records: RecordStore, key_file: KeyFile) -> Iterator[int]:
    """Wrap every data key under the primary of this file, batch by batch; give each batch's size.

    It repeats until there is nothing to do, because a server may store records under the earlier
    key in the meantime. A row stays as it is if it cannot be unwrapped, or if a damaged index
    shows it and cannot find it.

    Raises:
        DiskFullError, StorageError, KeyFileError: the rest waits for the next call.

    >>> import tempfile
    >>> from pathlib import Path
    >>> from securedata.vault import Vault
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     records, keys = RecordStore("sqlite://"), KeyFile.create(Path(folder) / "keys.json")
    ...     record = Vault(records, keys).store("attack at dawn")
    ...     _ = keys.update(lambda keys: keys.promote_key())
    ...     list(rewrap_all(records, keys)), Vault(records, keys).retrieve(record.record_id)
    ([1], 'attack at dawn')
    """
    rewrapped = 1
    while rewrapped:
        rewrapped = 0
        primary = key_file.service_keys.wrapping_keys.primary
        for batch in records.wrapped_keys(not_under=primary.key_id):
            pairs = list(_pairs(batch, key_file.service_keys.wrapping_keys))
            rewrapped += records.replace_wrapped_keys(pairs)
            yield len(batch)


def put_under_primary(
    record: SealedRecord,
    records: RecordStore,
    *,
    sealed_with: ServiceKeys,
    present: Callable[[], ServiceKeys],
    confirm: Callable[[], object] = lambda: None,
) -> SealedRecord:
    """Put a record. If a rotation ran meanwhile, wrap its data key again. Give what is stored now.

    `present` gives the keys as they are when it is called. `confirm` is `RecordStore.put`'s.

    A put may wait for the database so long that the record's key is retired. Then only the keys
    that it was sealed with can still unwrap the data key.

    Raises:
        DiskFullError, StorageError: the record was not written, or is still under the earlier key.
        KeyFileError: the key file can no longer be read.

    >>> from securedata.vault import Vault
    >>> records, keys = RecordStore("sqlite://"), ServiceKeys.generate()
    >>> record = Vault(RecordStore("sqlite://"), keys).store("attack at dawn")
    >>> put_under_primary(record, records, sealed_with=keys, present=lambda: keys) == record
    True
    """
    records.put(record, confirm)
    keys = sealed_with.wrapping_keys
    while _is_earlier(record.key_id, now := present().wrapping_keys):
        keys = KeyRing(now.primary, keys[record.key_id])
        new = rewrap(record, keys=keys)
        records.replace_wrapped_keys([(record, new)])  # no row, if the rotation was first
        record = replace(record, key_id=new.key_id, wrapped_key=new.wrapped_key)
    return record


def unused_keys(records: RecordStore, keys: ServiceKeys) -> list[str]:
    """The ids of earlier keys that no record names. Reads every row.

    Raises:
        StorageError: the database cannot be reached.

    >>> rotated = ServiceKeys.generate().promote_key()
    >>> unused = unused_keys(RecordStore("sqlite://"), rotated)
    >>> unused == [key.key_id for key in rotated.wrapping_keys][1:]
    True
    """
    named = records.count_by("key_id")
    ids = [key.key_id for key in keys.wrapping_keys]
    return [it for it in ids if keys.state(it) == "earlier" and it not in named]


def _is_earlier(key_id: str, keys: KeyRing[AeadKey]) -> bool:
    # In a key file of another service, put there by mistake, it is unknown, and not earlier.
    return key_id != keys.primary.key_id and (key_id in keys or key_id in keys.retired)


def _pairs(
    batch: list[WrappedKey], keys: KeyRing[AeadKey]
) -> Iterator[tuple[WrappedKey, WrappedKey]]:
    # With the keys as they are now: two rotations at once both use the newest key.
    for old in batch:
        if old.key_id != keys.primary.key_id:
            # Damaged, or under a key that we lack: a retrieve of this record will say so.
            with suppress(TagError, UnknownKeyError, RetiredKeyError):
                yield old, rewrap(old, keys=keys)
