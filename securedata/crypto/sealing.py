"""The recipes: seal, verify, unseal, rewrap. Encrypt first, then sign; verify first, then decrypt.

Envelope encryption: every record has a data key of its own, which encrypts exactly once and is
stored encrypted ("wrapped") under the primary key of a ring. They know no database and no clock.
"""

from dataclasses import replace

from securedata.crypto.aead import AeadKey, Ciphertext
from securedata.crypto.keyring import KeyRing
from securedata.crypto.signature import SigningKey, VerifyingKey
from securedata.errors import SignatureError, TagError
from securedata.record import (
    NONCE_BYTES,
    TAG_BYTES,
    Receipt,
    SealedRecord,
    WrappedKey,
    header,
    signed_bytes,
    wrapping_data,
)


def seal(
    plaintext: bytes,
    *,
    record_id: str,
    owner: str,
    created: str,
    keys: KeyRing[AeadKey],
    signer: SigningKey,
) -> SealedRecord:
    """Encrypt the plaintext under a fresh data key, wrap that key, sign the result.

    Record id, owner, signer and time become the header: associated data of the ciphertext and of
    the wrapped key, and the first part of what is signed. A record cannot be moved to another.

    Raises:
        FormatError: record_id, owner or created does not have its form (see `record`).

    >>> keys, signer = KeyRing(AeadKey.generate()), SigningKey.generate()
    >>> record = seal(b"text", record_id="00" * 16, owner="local",
    ...     created="2026-01-02T03:04:05Z", keys=keys, signer=signer)
    >>> len(record.ciphertext), record.key_id == keys.primary.key_id
    (4, True)
    """
    head = header(record_id=record_id, owner=owner, signer_id=signer.key_id, created=created)
    # A random 96-bit nonce is safe here: every data key encrypts exactly once (SP 800-38D, 8.2).
    data_key = AeadKey.generate()
    sealed = data_key.encrypt(plaintext, head)
    signature = signer.sign(signed_bytes(head, sealed.nonce, sealed.body, sealed.tag))
    return SealedRecord(
        record_id=record_id,
        owner=owner,
        signer_id=signer.key_id,
        created=created,
        key_id=keys.primary.key_id,
        wrapped_key=_wrap(data_key, head, keys.primary),
        nonce=sealed.nonce,
        ciphertext=sealed.body,
        tag=sealed.tag,
        signature=signature,
    )


def verify(record: Receipt, *, signers: KeyRing[VerifyingKey]) -> None:
    """Return if the record is what its signer sealed. Needs no secret: anyone may ask.

    Raises:
        UnknownKeyError: the ring does not hold the signer that the record names.
        SignatureError: the signature does not fit the record.

    >>> keys, signer = KeyRing(AeadKey.generate()), SigningKey.generate()
    >>> record = seal(b"text", record_id="00" * 16, owner="local",
    ...     created="2026-01-02T03:04:05Z", keys=keys, signer=signer)
    >>> verify(record, signers=KeyRing(signer.verifying_key))
    """
    verifying_key = signers[record.signer_id]
    try:
        verifying_key.verify(record.signed_bytes, record.signature)
    except SignatureError:
        raise SignatureError(f"record {record.record_id}: the signature does not fit") from None


def unseal(
    record: SealedRecord, *, keys: KeyRing[AeadKey], signers: KeyRing[VerifyingKey]
) -> bytes:
    """Verify the signature; only then unwrap the data key; only then decrypt.

    A forged record never meets a secret key.

    Raises:
        UnknownKeyError: a ring does not hold the signer or the key that the record names.
        SignatureError: the signature does not fit.
        TagError: the wrapped key or the ciphertext does not fit its tag.

    >>> keys, signer = KeyRing(AeadKey.generate()), SigningKey.generate()
    >>> record = seal(b"text", record_id="00" * 16, owner="local",
    ...     created="2026-01-02T03:04:05Z", keys=keys, signer=signer)
    >>> unseal(record, keys=keys, signers=KeyRing(signer.verifying_key))
    b'text'
    """
    verify(record, signers=signers)
    data_key = _unwrap(record, keys)
    try:
        return data_key.decrypt(
            Ciphertext(record.nonce, record.ciphertext, record.tag), record.header
        )
    except TagError:
        raise TagError(f"record {record.record_id}: the tag does not fit") from None


def rewrap(wrapped: WrappedKey, *, keys: KeyRing[AeadKey]) -> WrappedKey:
    """Unwrap a data key and wrap it under the primary. What was signed does not change.

    Raises:
        UnknownKeyError: the ring does not hold the key that it is wrapped under.
        TagError: the wrapped key does not fit its tag, or another record.

    >>> old, new = AeadKey.generate(), AeadKey.generate()
    >>> record = seal(b"text", record_id="00" * 16, owner="local", created="2026-01-02T03:04:05Z",
    ...     keys=KeyRing(old), signer=SigningKey.generate())
    >>> wrapped = WrappedKey(record_id=record.record_id, owner=record.owner,
    ...     signer_id=record.signer_id, created=record.created, key_id=record.key_id,
    ...     wrapped_key=record.wrapped_key)
    >>> rewrap(wrapped, keys=KeyRing(new, old)).key_id == new.key_id
    True
    """
    data_key = _unwrap(wrapped, keys)
    again = _wrap(data_key, wrapped.header, keys.primary)
    return replace(wrapped, key_id=keys.primary.key_id, wrapped_key=again)


def _wrap(data_key: AeadKey, header: bytes, wrapping_key: AeadKey) -> bytes:
    wrapped = wrapping_key.encrypt(data_key.secret, wrapping_data(header))
    return wrapped.nonce + wrapped.body + wrapped.tag


def _unwrap(record: SealedRecord | WrappedKey, keys: KeyRing[AeadKey]) -> AeadKey:
    wrapped = Ciphertext(
        nonce=record.wrapped_key[:NONCE_BYTES],
        body=record.wrapped_key[NONCE_BYTES:-TAG_BYTES],
        tag=record.wrapped_key[-TAG_BYTES:],
    )
    wrapping_key = keys[record.key_id]
    try:
        return AeadKey(wrapping_key.decrypt(wrapped, wrapping_data(record.header)))
    except TagError:
        raise TagError(f"record {record.record_id}: the wrapped key does not fit") from None
