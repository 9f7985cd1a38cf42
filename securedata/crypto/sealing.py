"""The recipes: seal, verify, unseal, rewrap. Encrypt first, then sign; verify first, then decrypt.

Envelope encryption: every record has a data key of its own, which encrypts exactly once. The data
key is stored encrypted ("wrapped") under the primary wrapping key. No database and no clock here.
"""

from dataclasses import replace

from securedata.crypto.aead import AeadKey
from securedata.crypto.keyring import KeyRing
from securedata.crypto.signature import SigningKey, VerifyingKey
from securedata.errors import FormatError, SignatureError, TagError
from securedata.record import (
    DIGITS_OF_ID,
    NONCE_BYTES,
    TAG_BYTES,
    EncryptedMessage,
    Header,
    Receipt,
    SealedRecord,
    WrappedKey,
    checked_time,
    signed_bytes,
    wrapping_data,
)


def seal(
    plaintext: bytes, header: Header, *, keys: KeyRing[AeadKey], signer: SigningKey
) -> SealedRecord:
    """Encrypt the plaintext under a fresh data key, sign the result, wrap the data key.

    The header is associated data of the ciphertext and of the wrapped key, and the first part of
    what is signed. So no part of one record passes for a part of another.

    Raises:
        FormatError: the header names another signer.

    >>> keys, signer = KeyRing(AeadKey.generate()), SigningKey.generate()
    >>> header = Header(record_id="00" * 16, owner="local", signer_id=signer.key_id,
    ...     created="2026-01-02T03:04:05Z")
    >>> record = seal(b"text", header, keys=keys, signer=signer)
    >>> len(record.ciphertext), record.key_id == keys.primary.key_id
    (4, True)
    """
    if header.signer_id != signer.key_id:
        raise FormatError(f"the header names the signer {header.signer_id}, not {signer.key_id}")
    # A random 96-bit nonce is safe here: every data key encrypts exactly once (SP 800-38D, 8.2).
    # The wrapping key encrypts once for each store and each rewrap: 2^32 times at most (8.3).
    data_key = AeadKey.generate()
    message = data_key.encrypt(plaintext, header.encoded)
    return SealedRecord(
        header=header,
        nonce=message.nonce,
        ciphertext=message.ciphertext,
        tag=message.tag,
        signature=signer.sign(signed_bytes(header, message)),
        key_id=keys.primary.key_id,
        wrapped_key=_wrap(data_key, header, keys.primary),
    )


def verify(receipt: Receipt, *, signers: KeyRing[VerifyingKey], until: str | None = None) -> None:
    """Return None if the record is what its signer sealed; else raise. This needs no secret.

    `until` is the signer's end, in the form of `created`. A thief of its key can still date a
    receipt back.

    Raises:
        UnknownKeyError: the signers do not include the one that the record names.
        SignatureError: the signature is invalid, or made after the signer's end.
        FormatError: `until` is no time.

    >>> keys, signer = KeyRing(AeadKey.generate()), SigningKey.generate()
    >>> header = Header(record_id="00" * 16, owner="local", signer_id=signer.key_id,
    ...     created="2026-01-02T03:04:05Z")
    >>> verify(seal(b"text", header, keys=keys, signer=signer),
    ...     signers=KeyRing(signer.verifying_key), until="2027-01-01T00:00:00Z")
    """
    verifying_key = _signer_of(receipt, signers)
    try:
        verifying_key.verify(receipt.signed_bytes, receipt.signature)
    except SignatureError:
        raise SignatureError(f"record {receipt.record_id}: the signature is invalid") from None
    if until is not None and receipt.header.created > checked_time(until):
        raise SignatureError(
            f"record {receipt.record_id}: created {receipt.header.created}, and its signer signed "
            f"nothing after {until}"
        )


def unseal(
    record: SealedRecord, *, keys: KeyRing[AeadKey], signers: KeyRing[VerifyingKey]
) -> bytes:
    """Verify the signature; only then unwrap the data key; only then decrypt.

    A forged record never meets a secret key.

    Raises:
        UnknownKeyError: the signer or the wrapping key that the record names is missing.
        SignatureError: the signature is invalid.
        TagError: the tag of the wrapped key or of the ciphertext is invalid.

    >>> keys, signer = KeyRing(AeadKey.generate()), SigningKey.generate()
    >>> header = Header(record_id="00" * 16, owner="local", signer_id=signer.key_id,
    ...     created="2026-01-02T03:04:05Z")
    >>> record = seal(b"text", header, keys=keys, signer=signer)
    >>> unseal(record, keys=keys, signers=KeyRing(signer.verifying_key))
    b'text'
    """
    verify(record, signers=signers)
    data_key = _unwrap(record, keys)
    try:
        return data_key.decrypt(record, record.header.encoded)
    except TagError:
        raise TagError(f"record {record.record_id}: the tag is invalid") from None


def rewrap(wrapped: WrappedKey, *, keys: KeyRing[AeadKey]) -> WrappedKey:
    """Unwrap a data key and wrap it under the primary. What was signed does not change.

    Raises:
        UnknownKeyError: the key that it is wrapped under is missing.
        TagError: the wrapped key was changed, or belongs to another header.

    >>> old, new, signer = AeadKey.generate(), AeadKey.generate(), SigningKey.generate()
    >>> header = Header(record_id="00" * 16, owner="local", signer_id=signer.key_id,
    ...     created="2026-01-02T03:04:05Z")
    >>> record = seal(b"text", header, keys=KeyRing(old), signer=signer)
    >>> rewrap(record, keys=KeyRing(new, old)).key_id == new.key_id
    True
    """
    data_key = _unwrap(wrapped, keys)
    again = _wrap(data_key, wrapped.header, keys.primary)
    return replace(wrapped, key_id=keys.primary.key_id, wrapped_key=again)


def _signer_of(receipt: Receipt, signers: KeyRing[VerifyingKey]) -> VerifyingKey:
    signer_id = receipt.header.signer_id
    digits = signer_id[-DIGITS_OF_ID:]
    if signer_id not in signers and any(it.key_id.endswith(digits) for it in signers):
        # A key of ours, named as one of another scheme: no newer key file will ever hold it.
        raise SignatureError(f"record {receipt.record_id}: its signer is of another scheme")
    return signers[signer_id]


def _wrap(data_key: AeadKey, header: Header, wrapping_key: AeadKey) -> bytes:
    message = wrapping_key.encrypt(data_key.secret, wrapping_data(header))
    return message.nonce + message.ciphertext + message.tag


def _unwrap(record: WrappedKey, keys: KeyRing[AeadKey]) -> AeadKey:
    message = EncryptedMessage(
        nonce=record.wrapped_key[:NONCE_BYTES],
        ciphertext=record.wrapped_key[NONCE_BYTES:-TAG_BYTES],
        tag=record.wrapped_key[-TAG_BYTES:],
    )
    wrapping_key = keys[record.key_id]
    try:
        return AeadKey(wrapping_key.decrypt(message, wrapping_data(record.header)))
    except TagError:
        raise TagError(f"record {record.header.record_id}: the wrapped key is invalid") from None
