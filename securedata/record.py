"""The record format, version 1: what is written down, and the exact bytes that are signed.

It knows lengths, alphabets and order; no key, no clock, no file, no network.

A record grows in three steps, and each class adds what the one before lacks:

    Submission     what a client hands in to get its text back: nonce, ciphertext, tag, signature
    Receipt        what a client is given: all that anyone needs to verify the signature
    SealedRecord   what is stored: also the wrapped data key, which only a key-ring holder can open

What is signed are exact bytes, built from length-prefixed parts, never a JSON text: two programs
may print one JSON value in two ways, but no two lists of parts share a frame.
"""

import re
from dataclasses import dataclass, fields

from securedata.errors import FormatError

FORMAT = "securedata/v1"
AEAD_ALGORITHM = "aes-256-gcm"
SIGNATURE_ALGORITHM = "dsa-2048-256-sha256"

NONCE_BYTES = 12  # 96 bits: the length GCM is made for (NIST SP 800-38D, 5.2.1.1)
TAG_BYTES = 16  # never shorter: a short tag is a guessable tag (SP 800-38D, appendix C)
SIGNATURE_BYTES = 64  # r and s, 32 bytes each (IEEE P1363)
WRAPPED_KEY_BYTES = 60  # nonce (12), encrypted data key (32), tag (16)

LENGTHS = {
    "nonce": NONCE_BYTES,
    "tag": TAG_BYTES,
    "signature": SIGNATURE_BYTES,
    "wrapped_key": WRAPPED_KEY_BYTES,
}
PATTERNS = {
    "record_id": re.compile("[0-9a-f]{32}"),
    "owner": re.compile("[a-z0-9][a-z0-9._-]{0,63}"),
    "signer_id": re.compile("[0-9a-f]{16}"),
    "key_id": re.compile("[0-9a-f]{16}"),
    "created": re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"),
}


def frame(*parts: str | bytes) -> bytes:
    """Join parts so that no two lists of parts give the same bytes.

    Each part becomes its length in ASCII decimal, a space, its bytes, a space: the idea of
    DSSE's pre-authentication encoding. Text parts are ASCII.

    >>> frame("securedata/v1", b"")
    b'13 securedata/v1 0  '
    >>> frame("ab", "c") == frame("a", "bc")
    False
    """
    as_bytes = [part.encode("ascii") if isinstance(part, str) else part for part in parts]
    return b"".join(b"%d %b " % (len(part), part) for part in as_bytes)


def header(*, record_id: str, owner: str, signer_id: str, created: str) -> bytes:
    """Who, when and how, as exact bytes: GCM's associated data, and the first signed part.

    Raises:
        FormatError: a part does not have its form; the message names it.

    >>> header(record_id="00" * 16, owner="local", signer_id="11" * 8,
    ...     created="2026-01-02T03:04:05Z")[:42]
    b'13 securedata/v1 11 aes-256-gcm 19 dsa-204'
    """
    parts = {"record_id": record_id, "owner": owner, "signer_id": signer_id, "created": created}
    for name, part in parts.items():
        _check_shape(name, part)
    return frame(FORMAT, AEAD_ALGORITHM, SIGNATURE_ALGORITHM, *parts.values())


def signed_bytes(header: bytes, nonce: bytes, ciphertext: bytes, tag: bytes) -> bytes:
    """The exact bytes that a signature covers: encrypt first, then sign.

    >>> signed_bytes(b"header", b"nonce", b"", b"tag")
    b'6 header 5 nonce 0  3 tag '
    """
    return frame(header, nonce, ciphertext, tag)


@dataclass(frozen=True, kw_only=True)
class Submission:
    """The four byte fields that a client hands in, unverified.

    nonce 12 bytes, ciphertext any length, tag 16 bytes, signature 64 bytes.

    Raises:
        FormatError: a field has the wrong type, length or alphabet; the message names it.

    >>> Submission(nonce=bytes(11), ciphertext=b"", tag=bytes(16), signature=bytes(64))
    Traceback (most recent call last):
        ...
    securedata.errors.FormatError: nonce must be 12 bytes, not 11
    """

    nonce: bytes
    ciphertext: bytes
    tag: bytes
    signature: bytes

    def __post_init__(self) -> None:
        for field in fields(self):
            _check_shape(field.name, getattr(self, field.name))


@dataclass(frozen=True, kw_only=True)
class Receipt(Submission):
    """What a client is given for a stored text: enough for anyone to verify it, not to read it.

    record_id 32 hex digits, owner, signer_id 16 hex digits, created `YYYY-MM-DDTHH:MM:SSZ`.

    >>> receipt = Receipt(record_id="00" * 16, owner="local", signer_id="11" * 8,
    ...     created="2026-01-02T03:04:05Z", nonce=bytes(12), ciphertext=b"", tag=bytes(16),
    ...     signature=bytes(64))
    >>> len(receipt.header), len(receipt.signed_bytes)
    (143, 187)
    """

    record_id: str
    owner: str
    signer_id: str
    created: str

    @property
    def header(self) -> bytes:
        """The header of this record, 143 bytes for the owner "local": see `header`."""
        return header(
            record_id=self.record_id,
            owner=self.owner,
            signer_id=self.signer_id,
            created=self.created,
        )

    @property
    def signed_bytes(self) -> bytes:
        """The exact bytes that the signature covers: see `signed_bytes`."""
        return signed_bytes(self.header, self.nonce, self.ciphertext, self.tag)


@dataclass(frozen=True, kw_only=True)
class SealedRecord(Receipt):
    """What is stored: a receipt, and the data key wrapped under the key named by key_id.

    key_id 16 hex digits, wrapped_key 60 bytes. Neither is covered by the signature, so the key
    ring can be rotated under valid receipts; the wrapped key is bound by `wrapping_data` instead.

    >>> sorted(field.name for field in fields(SealedRecord))  # doctest: +NORMALIZE_WHITESPACE
    ['ciphertext', 'created', 'key_id', 'nonce', 'owner', 'record_id', 'signature', 'signer_id',
     'tag', 'wrapped_key']
    """

    key_id: str
    wrapped_key: bytes


@dataclass(frozen=True, kw_only=True)
class WrappedKey:
    """A record's data key as it is stored, with what it is bound to; all that rotation needs.

    >>> WrappedKey(record_id="00" * 16, owner="local", signer_id="11" * 8, key_id="22" * 8,
    ...     created="2026-01-02T03:04:05Z", wrapped_key=bytes(59))
    Traceback (most recent call last):
        ...
    securedata.errors.FormatError: wrapped_key must be 60 bytes, not 59
    """

    record_id: str
    owner: str
    signer_id: str
    created: str
    key_id: str
    wrapped_key: bytes

    def __post_init__(self) -> None:
        for field in fields(self):
            _check_shape(field.name, getattr(self, field.name))

    @property
    def header(self) -> bytes:
        """The header of the record: see `header`."""
        return header(
            record_id=self.record_id,
            owner=self.owner,
            signer_id=self.signer_id,
            created=self.created,
        )


def wrapping_data(header: bytes) -> bytes:
    """The associated data of a wrapped key: it belongs to the record with this header alone.

    >>> wrapping_data(b"header")
    b'25 securedata/v1/wrapped-key 6 header '
    """
    return frame(f"{FORMAT}/wrapped-key", header)


def key_id_data(algorithm: str, key: bytes) -> bytes:
    """The bytes whose SHA-256 names a key: the 32 AES bytes, or a public key's DER.

    >>> key_id_data("aes-256-gcm", b"key")
    b'20 securedata/v1/key-id 11 aes-256-gcm 3 key '
    """
    return frame(f"{FORMAT}/key-id", algorithm, key)


def _check_shape(name: str, value: object) -> None:
    if name in PATTERNS:
        if not isinstance(value, str) or not PATTERNS[name].fullmatch(value):
            raise FormatError(f"{name} does not have the form {PATTERNS[name].pattern}")
    elif not isinstance(value, bytes):
        raise FormatError(f"{name} must be bytes, not {type(value).__name__}")
    elif name in LENGTHS and len(value) != LENGTHS[name]:
        raise FormatError(f"{name} must be {LENGTHS[name]} bytes, not {len(value)}")
