"""The story: store = seal and put; retrieve = get, verify and unseal.

The only place where crypto and storage meet, and the only one with a clock.
"""

import os
from dataclasses import replace
from datetime import datetime, timezone

from securedata.crypto.aead import AeadKey
from securedata.crypto.keyring import KeyRing
from securedata.crypto.sealing import seal, unseal
from securedata.crypto.signature import SigningKey, VerifyingKey
from securedata.errors import DamagedRecordError, FormatError
from securedata.record import SealedRecord, Submission
from securedata.storage import RecordStore

LOCAL = "local"  # the owner of everything where nobody is told apart


class Vault:
    """Texts go in, sealed records are kept, and only untampered records come out as texts.

    Raises:
        UnknownKeyError: the signer is not among its own verifiers.
        SignatureError: the signer's signature does not verify: a damaged key.

    >>> keys, signer = KeyRing(AeadKey.generate()), SigningKey.generate()
    >>> vault = Vault(RecordStore("sqlite://"), keys=keys, signer=signer,
    ...     signers=KeyRing(signer.verifying_key))
    >>> record = vault.store("attack at dawn")
    >>> vault.retrieve(record.record_id)
    'attack at dawn'
    >>> vault.retrieve(submission=replace(record, tag=bytes(16)))
    Traceback (most recent call last):
        ...
    securedata.errors.SignatureError: record ...: the signature does not fit
    """

    def __init__(
        self,
        records: RecordStore,
        *,
        keys: KeyRing[AeadKey],
        signer: SigningKey,
        signers: KeyRing[VerifyingKey],
    ) -> None:
        # A self-test: a vault that could seal what it cannot open must not start.
        signers[signer.key_id].verify(b"self-test", signer.sign(b"self-test"))
        self._records = records
        self._keys = keys
        self._signer = signer
        self.signers = signers

    def store(self, text: str, *, owner: str = LOCAL) -> SealedRecord:
        """Seal a text and put it into the database. The text comes back exactly as it went in.

        Raises:
            FormatError: the text holds a lone surrogate, or the owner does not have its form.
            StorageError: the record was not written.
        """
        record = seal(
            _encode(text),
            record_id=os.urandom(16).hex(),
            owner=owner,
            created=datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            keys=self._keys,
            signer=self._signer,
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
        """
        record = self._look_up(record_id, submission, owner)
        return _decode(unseal(record, keys=self._keys, signers=self.signers))

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
