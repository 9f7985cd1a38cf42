"""The record format, version 1: what is written down, and the exact bytes that are signed.

It knows lengths, alphabets and order. No key, no clock, no file and no network here.

    Header             who, when and how: record id, owner, signer, time
    EncryptedMessage   what AES-GCM gives: nonce, ciphertext, tag
    Submission         an encrypted message and its signature: what a client hands in
    Receipt            a submission and the header: what a client is given; anyone can verify it
    WrappedKey         the encrypted data key of a record, and the header
    SealedRecord       a receipt and its wrapped key: what is stored

The signature covers exact bytes, built from length-prefixed parts, and never a JSON text. Two
programs may print one JSON value in two ways, but no two lists of parts share a frame.

Every class checks its fields when an object is made. Functions that take one need not check again.

A signature scheme is a row of SCHEMES. The signer's id names its scheme, and is computed from the
key: so the key decides, and no row, receipt or length of a signature does.
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from securedata.errors import FormatError

FORMAT = "securedata/v1"
AEAD_ALGORITHM = "aes-256-gcm"

NONCE_BYTES = 12  # 96 bits, as NIST SP 800-38D, 5.2.1.1 recommends
TAG_BYTES = 16  # never shorter: a short tag is a guessable tag (SP 800-38D, appendix C)
WRAPPED_KEY_BYTES = 60  # nonce (12), encrypted data key (32), tag (16)
MAX_CIPHERTEXT_BYTES = 1024 * 1024  # of a record: four times what the service takes


class Scheme(NamedTuple):
    """A signature scheme: its names, how its signers' ids begin, and how long its signatures are.

    >>> DSA.signature_bytes
    64
    """

    name: str  # for people
    algorithm: str  # in headers, and in the bytes that name a key
    id_prefix: str
    signature_bytes: int


# r and s, 32 bytes each (IEEE P1363). It is the oldest scheme, so its ids have no prefix.
DSA = Scheme("dsa", "dsa-2048-256-sha256", "", 64)
ML_DSA_65 = Scheme("ml-dsa-65", "ml-dsa-65", "ml-dsa-65.", 3309)  # FIPS 204, table 2
SCHEMES = {scheme.id_prefix: scheme for scheme in (DSA, ML_DSA_65)}
DIGITS_OF_ID = 16
# Not by re.escape: it writes \-, which JavaScript refuses in the patterns of JSON Schema.
_PREFIXES = "|".join(prefix.replace(".", r"\.") for prefix in SCHEMES)

BYTE_FIELDS = ("nonce", "ciphertext", "tag", "signature", "wrapped_key")
LENGTHS = {
    "nonce": (NONCE_BYTES,),
    "tag": (TAG_BYTES,),
    # Of any scheme. Only the key knows which one it must be, and refuses the others.
    "signature": tuple(sorted({scheme.signature_bytes for scheme in SCHEMES.values()})),
    "wrapped_key": (WRAPPED_KEY_BYTES,),
}
PATTERNS = {
    "record_id": re.compile("[0-9a-f]{32}"),
    "owner": re.compile("[a-z0-9][a-z0-9._-]{0,63}"),
    "signer_id": re.compile(f"({_PREFIXES})[0-9a-f]{{{DIGITS_OF_ID}}}"),
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
    framed = b""
    for part in parts:
        content = part.encode("ascii") if isinstance(part, str) else part
        framed += b"%d %b " % (len(content), content)
    return framed


class _Checked:
    """A dataclass that refuses a field of the wrong type, alphabet or length."""

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            pattern = PATTERNS.get(name)
            if pattern and not (isinstance(value, str) and pattern.fullmatch(value)):
                raise FormatError(f"{name} does not have the form {pattern.pattern}")
            if name in BYTE_FIELDS and not isinstance(value, bytes):
                raise FormatError(f"{name} must be bytes, not {type(value).__name__}")
            if name in LENGTHS and len(value) not in LENGTHS[name]:
                allowed = " or ".join(str(length) for length in LENGTHS[name])
                raise FormatError(f"{name} must be {allowed} bytes, not {len(value)}")


@dataclass(frozen=True, kw_only=True)
class Header(_Checked):
    """Who, when and how: the part of a record that is not encrypted, and bound to everything.

    record_id 32 hex digits, owner, created `YYYY-MM-DDTHH:MM:SSZ`, signer_id 16 hex digits after
    the prefix of its scheme (DSA has none).

    Raises:
        FormatError: a field has the wrong form; the message names it.

    >>> header = Header(record_id="00" * 16, owner="local", signer_id="11" * 8,
    ...     created="2026-01-02T03:04:05Z")
    >>> len(header.encoded), header.encoded[:42]
    (143, b'13 securedata/v1 11 aes-256-gcm 19 dsa-204')
    """

    record_id: str
    owner: str
    signer_id: str
    created: str

    @cached_property
    def encoded(self) -> bytes:
        """The exact bytes: associated data for AES-GCM, and the first signed part."""
        return frame(
            FORMAT,
            AEAD_ALGORITHM,
            scheme_of(self.signer_id).algorithm,
            self.record_id,
            self.owner,
            self.signer_id,
            self.created,
        )


@dataclass(frozen=True, kw_only=True)
class EncryptedMessage(_Checked):
    """What an encryption gives: nonce (12 bytes), ciphertext (as long as the plaintext), tag (16).

    GCM accepts other lengths, but a short tag can be guessed (SP 800-38D, appendix C).

    Raises:
        FormatError: a field has the wrong type or length; the message names it.

    >>> EncryptedMessage(nonce=bytes(12), ciphertext=b"", tag=bytes(8))
    Traceback (most recent call last):
        ...
    securedata.errors.FormatError: tag must be 16 bytes, not 8
    """

    nonce: bytes
    ciphertext: bytes
    tag: bytes


@dataclass(frozen=True, kw_only=True)
class Submission(EncryptedMessage):
    """The four byte fields that a client hands in, unverified.

    nonce 12 bytes, ciphertext up to 1 MiB, tag 16 bytes, signature 64 bytes (DSA) or 3,309
    (ML-DSA-65).

    Raises:
        FormatError: a field has the wrong type or length; the message names it.

    >>> Submission(nonce=bytes(11), ciphertext=b"", tag=bytes(16), signature=bytes(64))
    Traceback (most recent call last):
        ...
    securedata.errors.FormatError: nonce must be 12 bytes, not 11
    """

    signature: bytes

    def __post_init__(self) -> None:
        super().__post_init__()
        size = len(self.ciphertext)
        if size > MAX_CIPHERTEXT_BYTES:  # a bound for the memory that a row of the database takes
            raise FormatError(
                f"ciphertext must be at most {MAX_CIPHERTEXT_BYTES} bytes, not {size}"
            )


@dataclass(frozen=True, kw_only=True)
class Receipt(Submission):
    """What a client is given for a stored text: enough for anyone to verify it, not to read it.

    >>> header = Header(record_id="00" * 16, owner="local", signer_id="11" * 8,
    ...     created="2026-01-02T03:04:05Z")
    >>> receipt = Receipt(header=header, nonce=bytes(12), ciphertext=b"", tag=bytes(16),
    ...     signature=bytes(64))
    >>> receipt.owner, len(receipt.signed_bytes)
    ('local', 187)
    """

    header: Header

    @property
    def record_id(self) -> str:
        """The id that names the record."""
        return self.header.record_id

    @property
    def owner(self) -> str:
        """The name of the owner."""
        return self.header.owner

    @property
    def signed_bytes(self) -> bytes:
        """The exact bytes that the signature covers: see the function `signed_bytes`."""
        return signed_bytes(self.header, self)


@dataclass(frozen=True, kw_only=True)
class WrappedKey(_Checked):
    """The data key of the record with this header, encrypted under the key named by key_id.

    key_id 16 hex digits, wrapped_key 60 bytes. Rotation needs nothing else of a record.

    >>> header = Header(record_id="00" * 16, owner="local", signer_id="11" * 8,
    ...     created="2026-01-02T03:04:05Z")
    >>> WrappedKey(header=header, key_id="22" * 8, wrapped_key=bytes(59))
    Traceback (most recent call last):
        ...
    securedata.errors.FormatError: wrapped_key must be 60 bytes, not 59
    """

    header: Header
    key_id: str
    wrapped_key: bytes


@dataclass(frozen=True, kw_only=True)
class SealedRecord(Receipt, WrappedKey):
    """What is stored: a receipt and its wrapped key.

    The signature does not cover key_id and wrapped_key. So keys can be rotated, and receipts stay
    valid. The wrapped key is bound to the header by `wrapping_data` instead.

    >>> from dataclasses import fields
    >>> sorted(field.name for field in fields(SealedRecord))
    ['ciphertext', 'header', 'key_id', 'nonce', 'signature', 'tag', 'wrapped_key']
    """


def checked_time(text: str) -> str:
    """This text, which must be a time in the form of `created`.

    Raises:
        FormatError: it is not.

    >>> checked_time("2026-01-02T03:04:05Z")
    '2026-01-02T03:04:05Z'
    """
    with suppress(ValueError):
        if PATTERNS["created"].fullmatch(text):
            datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")  # a month 13, for one
            return text
    raise FormatError(f"{text!r} is no time such as 2026-01-02T03:04:05Z, in UTC")


def scheme_of(signer_id: str) -> Scheme:
    """The scheme of the signer with this id, which has its form.

    >>> scheme_of("ml-dsa-65.0123456789abcdef").name
    'ml-dsa-65'
    """
    return SCHEMES[signer_id[:-DIGITS_OF_ID]]


def plaintext_of(text: str, name: str = "the text") -> bytes:
    """The bytes that are sealed for a text: UTF-8. An error calls the text by this name.

    Raises:
        FormatError: it holds half of a surrogate pair.

    >>> plaintext_of("Grüße")
    b'Gr\\xc3\\xbc\\xc3\\x9fe'
    """
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        # `from None`: the cause quotes the text.
        raise FormatError(f"{name} holds a lone surrogate: not Unicode text.") from None


def signed_bytes(header: Header, message: EncryptedMessage) -> bytes:
    """The exact bytes that a signature covers: encrypt first, then sign.

    >>> header = Header(record_id="00" * 16, owner="local", signer_id="11" * 8,
    ...     created="2026-01-02T03:04:05Z")
    >>> message = EncryptedMessage(nonce=b"n" * 12, ciphertext=b"", tag=b"t" * 16)
    >>> signed_bytes(header, message).endswith(b" 12 nnnnnnnnnnnn 0  16 tttttttttttttttt ")
    True
    """
    return frame(header.encoded, message.nonce, message.ciphertext, message.tag)


def wrapping_data(header: Header) -> bytes:
    """The associated data of a wrapped key: it belongs to the record with this header alone.

    >>> header = Header(record_id="00" * 16, owner="local", signer_id="11" * 8,
    ...     created="2026-01-02T03:04:05Z")
    >>> wrapping_data(header)[:46]
    b'25 securedata/v1/wrapped-key 143 13 securedata'
    """
    return frame(f"{FORMAT}/wrapped-key", header.encoded)


def key_id_data(algorithm: str, key: bytes) -> bytes:
    """The bytes whose SHA-256 names a key: the 32 AES bytes, or a public key's DER.

    >>> key_id_data("aes-256-gcm", b"key")
    b'20 securedata/v1/key-id 11 aes-256-gcm 3 key '
    """
    return frame(f"{FORMAT}/key-id", algorithm, key)
