"""The story: store = seal and put; retrieve = look up, verify and unseal.

Here crypto and storage meet. Only keys/rotation.py uses both, too.
"""

import os
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from securedata.clock import now
from securedata.crypto.aead import AeadKey
from securedata.crypto.keyring import KeyRing
from securedata.crypto.sealing import rewrap, seal, unseal
from securedata.crypto.signature import VerifyingKey
from securedata.errors import DamagedRecordError, FormatError, UnknownKeyError
from securedata.keys.file import KeyFile
from securedata.keys.service_keys import LOCAL, ServiceKeys
from securedata.record import Header, SealedRecord, Submission
from securedata.storage.records import RecordStore

Result = TypeVar("Result")


class Vault:
    """Texts go in, sealed records are kept, and only untampered records come out as texts.

    The keys are a `ServiceKeys`, or come from a key file. A changed key file is read again, so
    keys can be rotated and tokens revoked while a server runs.

    A caller that has already read `service_keys` may pass them as `keys`. The key file is then read
    again only if a record names a key that they lack.

    >>> vault = Vault(RecordStore("sqlite://"), ServiceKeys.generate())
    >>> record = vault.store("attack at dawn")
    >>> vault.retrieve(record.record_id)
    'attack at dawn'
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
        return self._source if isinstance(self._source, ServiceKeys) else self._source.service_keys

    def store(
        self, text: str, *, owner: str = LOCAL, keys: ServiceKeys | None = None
    ) -> SealedRecord:
        """Seal a text and put it into the database. The text comes back exactly as it went in.

        Raises:
            FormatError: the text holds a lone surrogate, or the owner does not have its form.
            DiskFullError, StorageError: the record was not written.
            KeyFileError: the key file can no longer be read.
        """
        keys = keys or self.service_keys
        header = Header(
            record_id=os.urandom(16).hex(),
            owner=owner,
            signer_id=keys.signer.key_id,
            created=now(),
        )
        record = seal(_encode(text), header, keys=keys.wrapping_keys, signer=keys.signer)
        self._records.put(record)
        return self._under_primary(record, keys.wrapping_keys)

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
        must fit each other. Submitted fields take the place of the stored ones.

        Raises:
            RecordNotFoundError, DamagedRecordError, StorageError: see `RecordStore`.
            SignatureError, TagError, UnknownKeyError: see `unseal`.
            FormatError: neither a record id nor a submission was given.
            KeyFileError: the key file can no longer be read.
        """
        record = self._look_up(record_id, submission, owner)

        def unsealed(service_keys: ServiceKeys) -> bytes:
            return unseal(record, keys=service_keys.wrapping_keys, signers=service_keys.signers)

        return _decode(self._with_keys(unsealed, keys))

    def check_ready(self) -> None:
        """Raise the error that `store` would raise now, as far as that shows without storing.

        Raises:
            StorageError: the database cannot be reached, or refuses to write.
            KeyFileError: the key file can no longer be read.

        >>> Vault(RecordStore("sqlite://"), ServiceKeys.generate()).check_ready()
        """
        _ = self.service_keys
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
        return self._with_keys(
            lambda keys: keys.signers[keys.signer.key_id if signer_id is None else signer_id]
        )

    def _under_primary(self, record: SealedRecord, keys: KeyRing[AeadKey]) -> SealedRecord:
        """Wrap the key of a record again, if a rotation ran while it was stored.

        The record may have waited for the database so long that its key was rotated and retired.
        """
        present = self.service_keys.wrapping_keys
        while _is_earlier(record.key_id, present):
            keys = KeyRing(present.primary, keys[record.key_id])
            new = rewrap(record, keys=keys)
            self._records.replace_wrapped_keys([(record, new)])  # a rotation may have been first
            record = replace(record, key_id=new.key_id, wrapped_key=new.wrapped_key)
            present = self.service_keys.wrapping_keys
        return record

    def _look_up(
        self, record_id: str | None, submission: Submission | None, owner: str
    ) -> SealedRecord:
        if submission is not None:
            row = self._records.find(submission.nonce, owner)
            asked = row.record_id if record_id is None else record_id
            return replace(
                row,
                header=replace(row.header, record_id=asked),
                ciphertext=submission.ciphertext,
                tag=submission.tag,
                signature=submission.signature,
            )
        if record_id is not None:
            return self._records.get(record_id, owner)
        raise FormatError("retrieving needs a record_id or the four fields of a receipt")

    def _with_keys(
        self, work: Callable[[ServiceKeys], Result], keys: ServiceKeys | None = None
    ) -> Result:
        try:
            return work(keys or self.service_keys)
        except UnknownKeyError:
            # The file may have changed a moment ago in a way that its stamp does not show.
            return work(self._reread())

    def _reread(self) -> ServiceKeys:
        return self._source if isinstance(self._source, ServiceKeys) else self._source.reread()


def _is_earlier(key_id: str, keys: KeyRing[AeadKey]) -> bool:
    # In a key file of another service, put there by mistake, it is unknown, and not earlier.
    return key_id != keys.primary.key_id and (key_id in keys or key_id in keys.retired)


def _encode(text: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        # `from None`: the cause quotes the text.
        raise FormatError("the text holds a lone surrogate, which is not Unicode text") from None


def _decode(plaintext: bytes) -> str:
    try:
        return plaintext.decode("utf-8")
    except UnicodeDecodeError:
        raise DamagedRecordError(
            "the decrypted bytes are not UTF-8, so no vault sealed this record"
        ) from None
