"""Rotation: every data key, wrapped under an earlier key, is wrapped under the primary instead.

60 bytes of a row change. What was signed does not, so every receipt stays valid; and a row is under
the old key or the new one, never neither, so one may stop at any point and begin again.
"""

from collections.abc import Iterator
from contextlib import suppress

from securedata.crypto.aead import AeadKey
from securedata.crypto.keyring import KeyRing
from securedata.crypto.sealing import rewrap
from securedata.errors import TagError, UnknownKeyError
from securedata.keys.file import KeyFile
from securedata.record import WrappedKey
from securedata.storage.records import RecordStore


def rewrap_all(records: RecordStore, key_file: KeyFile) -> Iterator[int]:
    """Wrap every data key under the primary of this ring, batch by batch; give each batch's size.

    It goes through the rows until there is nothing to do: a server may have stored some under the
    earlier key while we were on the way. Rows that cannot be unwrapped, or that a damaged index
    shows and does not find, stay as they are.

    Raises:
        DiskFullError, StorageError, KeyFileError: the rest waits for the next call.

    >>> import tempfile
    >>> from pathlib import Path
    >>> from securedata.vault import Vault
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     records, keys = RecordStore("sqlite://"), KeyFile.create(Path(folder) / "keys.json")
    ...     record = Vault(records, keys).store("attack at dawn")
    ...     _ = keys.update(lambda ring: ring.promote_key())
    ...     list(rewrap_all(records, keys)), Vault(records, keys).retrieve(record.record_id)
    ([1], 'attack at dawn')
    """
    rewrapped = 1
    while rewrapped:
        rewrapped = 0
        for batch in records.wrapped_keys(not_under=key_file.ring.keys.primary.key_id):
            pairs = list(_pairs(batch, key_file.ring.keys))
            rewrapped += records.replace_wrapped_keys(pairs)
            yield len(batch)


def _pairs(
    batch: list[WrappedKey], keys: KeyRing[AeadKey]
) -> Iterator[tuple[WrappedKey, WrappedKey]]:
    # By the ring as it is now: if somebody rotates at the same time, both go for the newest key.
    for old in batch:
        if old.key_id != keys.primary.key_id:
            # Damaged, or of another ring: whoever asks for this record will be told.
            with suppress(TagError, UnknownKeyError):
                yield old, rewrap(old, keys=keys)
