"""The story: store = seal and put; retrieve = get, verify and unseal.

The only place where crypto and storage meet.
"""

import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TypeVar

from securedata.clock import now
from securedata.crypto.sealing import seal, unseal
from securedata.crypto.signature import VerifyingKey
from securedata.errors import DamagedRecordError, FormatError, UnknownKeyError
from securedata.keys.file import KeyFile
from securedata.keys.service_keys import LOCAL, Ring
from securedata.record import SealedRecord, Submission
from securedata.storage.records import RecordStore

Result = TypeVar("Result")


class Vault:
    """Texts go in, sealed records are kept, and only untampered records come out as texts.

    The keys come from a ring that never changes, or from a key file, which is read again when it
    has changed: keys can be rotated and tokens revoked under a running server.

    >>> vault = Vault(RecordStore("sqlite://"), Ring.generate())
    >>> record = vault.store("attack at dawn")
    >>> vault.retrieve(record.record_id)
    'attack at dawn'
    >>> vault.retrieve(submission=replace(record, tag=bytes(16)))
    Traceback (most recent call last):
        ...
    securedata.errors.SignatureError: record ...: the signature does not fit
    """

    def __init__(self, records: RecordStore, source: Ring | KeyFile) -> None:
        self._records = records
        self._source = source

    @property
    def in_file(self) -> bool:
        """Whether its records are in a file of this machine: see `RecordStore.in_file`."""
        return self._records.in_file

    @property
    def ring(self) -> Ring:
        """The ring as it is now.

        Raises:
            KeyFileError: the key file cannot be read any more.
        """
        return self._source if isinstance(self._source, Ring) else self._source.ring

    def store(self, text: str, *, owner: str = LOCAL) -> SealedRecord:
        """Seal a text and put it into the database. The text comes back exactly as it went in.

        Raises:
            FormatError: the text holds a lone surrogate, or the owner does not have its form.
            DiskFullError, StorageError: the record was not written.
            KeyFileError: the key file cannot be read any more.
        """
        ring = self.ring
        record = seal(
            _encode(text),
            record_id=os.urandom(16).hex(),
            owner=owner,
            created=now(),
            keys=ring.keys,
            signer=ring.signer,
        )
        self._records.put(record)
        return record

    def retrieve(
        self,
        record_id: str | None = None,
        submission: Submission | None = None,
        *,
        owner: str = LOCAL,
    ) -> str:
        """Give back the text of a record, if all of it is as it was sealed.

        The record is named by its id, by the four fields of its receipt, or by both, which then
        must fit each other. Submitted fields take the place of the stored ones.

        Raises:
            RecordNotFoundError, DamagedRecordError, StorageError: see `RecordStore`.
            SignatureError, TagError, UnknownKeyError: see `unseal`.
            FormatError: neither a record id nor a submission was given.
            KeyFileError: the key file cannot be read any more.
        """
        record = self._look_up(record_id, submission, owner)
        return _decode(self._with_ring(partial(_unseal, record)))

    def verifying_key(self, signer_id: str | None = None) -> VerifyingKey:
        """The public key of a signer; if none is named, of the one who signs now.

        Raises:
            UnknownKeyError: the ring does not hold this signer.
            KeyFileError: the key file cannot be read any more.

        >>> ring = Ring.generate()
        >>> Vault(RecordStore("sqlite://"), ring).verifying_key().key_id == ring.signer.key_id
        True
        """
        return self._with_ring(
            lambda ring: ring.signers[ring.signer.key_id if signer_id is None else signer_id]
        )

    def _with_ring(self, work: Callable[[Ring], Result]) -> Result:
        try:
            return work(self.ring)
        except UnknownKeyError:
            # Rotated a moment ago, perhaps, in a way that the file's stamp does not show.
            return work(self._reread())

    def _reread(self) -> Ring:
        return self._source if isinstance(self._source, Ring) else self._source.reread()

    def _look_up(
        self, record_id: str | None, submission: Submission | None, owner: str
    ) -> SealedRecord:
        if submission is not None:
            row = self._records.find(submission.nonce, owner)
            return replace(
                row,
                record_id=row.record_id if record_id is None else record_id,
                ciphertext=submission.ciphertext,
                tag=submission.tag,
                signature=submission.signature,
            )
        if record_id is not None:
            return self._records.get(record_id, owner)
        raise FormatError("retrieving needs a record_id or the four fields of a receipt")


def _unseal(record: SealedRecord, ring: Ring) -> bytes:
    return unseal(record, keys=ring.keys, signers=ring.signers)


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
        raise DamagedRecordError("the sealed bytes are not UTF-8: it was not this vault") from None
