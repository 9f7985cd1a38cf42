"""The story: store = seal and put; retrieve = look up, verify and unseal.

Here crypto and storage meet. Apart from this file, only rotation.py, beside it, uses both.
"""

import os
from collections.abc import Callable

from securedata.clock import now
from securedata.crypto.sealing import seal, unseal
from securedata.crypto.signature import VerifyingKey
from securedata.errors import DamagedRecordError, FormatError, UnknownKeyError
from securedata.keys.file import KeyFile
from securedata.keys.service_keys import LOCAL, ServiceKeys
from securedata.record import Header, SealedRecord, Submission, plaintext_of
from securedata.rotation import put_under_primary
from securedata.storage.records import RecordStore


class Vault:
    """Texts go in, sealed records are kept, and only untampered records come out as texts.

    The keys are a `ServiceKeys`, or come from a key file. A changed key file is read again, so
    keys can be rotated and tokens revoked while a server runs.

    A caller of `retrieve` that has read `service_keys` already may pass them as `keys`. The key
    file is then read again only if a record names a key that they lack.

    >>> vault = Vault(RecordStore("sqlite://"), ServiceKeys.generate())
    >>> record = vault.store("attack at dawn")
    >>> vault.retrieve(record.record_id)
    'attack at dawn'
    >>> from dataclasses import replace
    >>> vault.retrieve(submission=replace(record, tag=bytes(16)))
    Traceback (most recent call last):
        ...
    securedata.errors.SignatureError: record ...: the signature is invalid
    """

    def __init__(self, records: RecordStore, source: ServiceKeys | KeyFile) -> None:
        self._records = records
        self._source = source

    @property
    def service_keys(self) -> ServiceKeys:
        """The keys as they are now.

        Raises:
            KeyFileError: the key file can no longer be read.
        """
        return self._source.service_keys if isinstance(self._source, KeyFile) else self._source

    def store(self, text: str, *, owner: str = LOCAL) -> SealedRecord:
        """Seal a text and put it into the database. The text comes back exactly as it went in.

        Raises:
            FormatError: the text holds a lone surrogate, or the owner is invalid.
            DiskFullError, StorageError: the record was not written.
            KeyFileError: the key file can no longer be read.
        """
        return self.store_plaintext(plaintext_of(text), owner=owner)

    def store_plaintext(
        self,
        plaintext: bytes,
        *,
        owner: str = LOCAL,
        confirm: Callable[[], object] = lambda: None,
    ) -> SealedRecord:
        """Do the same for a caller that has measured the text, and so has its UTF-8 already.

        `confirm` is called just before the record is committed. If it raises, nothing is stored.

        Raises:
            FormatError, DiskFullError, StorageError, KeyFileError: as `store` does.
        """
        keys = self.service_keys
        header = Header(
            record_id=os.urandom(16).hex(), owner=owner, signer_id=keys.signer.key_id, created=now()
        )
        record = seal(plaintext, header, keys=keys.wrapping_keys, signer=keys.signer)
        return put_under_primary(
            record,
            self._records,
            sealed_with=keys,
            present=lambda: self.service_keys,
            confirm=confirm,
        )

    def retrieve(
        self,
        record_id: str | None = None,
        submission: Submission | None = None,
        *,
        owner: str = LOCAL,
        keys: ServiceKeys | None = None,
    ) -> str:
        """Give back the text of a record, if all of it is as it was sealed.

        The record is named by its id, by the four fields of its receipt, or by both, which then
        must belong together. Submitted fields take the place of the stored ones.

        Raises:
            RecordNotFoundError, DamagedRecordError, StorageError: see `RecordStore`.
            SignatureError, TagError, UnknownKeyError: see `unseal`.
            FormatError: neither a record id nor a submission was given.
            KeyFileError: the key file can no longer be read.
        """
        record = self._look_up(record_id, submission, owner)
        return _decode(self._unseal(record, keys or self.service_keys))

    def check_ready(self) -> None:
        """Raise the error that `store` would raise now, as far as that shows without storing.

        Raises:
            StorageError: the database cannot be reached, or refuses to write.
            KeyFileError: the key file can no longer be read.

        >>> Vault(RecordStore("sqlite://"), ServiceKeys.generate()).check_ready()
        """
        _ = self.service_keys  # reads the key file, if it has changed
        self._records.check_ready()

    def verifying_key(self, signer_id: str | None = None) -> VerifyingKey:
        """The public key of a signer; without an id, of the signer that signs now.

        Raises:
            UnknownKeyError: the service has no such signer.
            KeyFileError: the key file can no longer be read.

        >>> keys = ServiceKeys.generate()
        >>> Vault(RecordStore("sqlite://"), keys).verifying_key().key_id == keys.signer.key_id
        True
        """
        keys = self.service_keys
        if signer_id is None:
            return keys.signer.verifying_key
        try:
            return keys.signers[signer_id]
        except UnknownKeyError:
            return self._reread().signers[signer_id]

    def _look_up(
        self, record_id: str | None, submission: Submission | None, owner: str
    ) -> SealedRecord:
        if submission is not None:
            return self._records.find(submission, owner, record_id)
        if record_id is not None:
            return self._records.get(record_id, owner)
        raise FormatError("retrieving needs a record_id or the four fields of a receipt")

    def _unseal(self, record: SealedRecord, keys: ServiceKeys) -> bytes:
        try:
            return unseal(record, keys=keys.wrapping_keys, signers=keys.signers)
        except UnknownKeyError:
            keys = self._reread()
            return unseal(record, keys=keys.wrapping_keys, signers=keys.signers)

    def _reread(self) -> ServiceKeys:
        # The file may have changed a moment ago in a way that its stamp does not show.
        return self._source.reread() if isinstance(self._source, KeyFile) else self._source


def _decode(plaintext: bytes) -> str:
    try:
        return plaintext.decode("utf-8")
    except UnicodeDecodeError:
        raise DamagedRecordError(
            "the decrypted bytes are not UTF-8, so no vault sealed this record"
        ) from None
