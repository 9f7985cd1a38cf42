"""Record protection: what a cipher suite does to one record, given key and nonce.

It knows the three AEADs that matter today; no handshake, no key log.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from Crypto.Cipher import AES, ChaCha20_Poly1305

from securedata.lab.wire.errors import WireError
from securedata.lab.wire.record_layer import LONGEST_FRAGMENT_TLS13, Record
from securedata.lab.wire.registries import CONTENT_TYPES, name_of

TAG_BYTES = 16


class Aead(Protocol):
    """A cipher of PyCryptodome that authenticates."""

    def update(self, associated_data: bytes, /) -> object:
        """Take associated data in."""
        ...

    def decrypt_and_verify(self, ciphertext: bytes, tag: bytes, /) -> bytes:
        """Decrypt; a ValueError if the tag does not fit."""
        ...


def _aes_gcm(key: bytes, nonce: bytes) -> Aead:
    return AES.new(key, AES.MODE_GCM, nonce=nonce)


def _chacha20_poly1305(key: bytes, nonce: bytes) -> Aead:
    return ChaCha20_Poly1305.new(key=key, nonce=nonce)


@dataclass(frozen=True)
class Protection:
    """An AEAD, the lengths of its keys, and the hash of the key schedule.

    In TLS 1.2 a nonce is the fixed IV from the key block and, for GCM, 8 bytes that stand before
    the ciphertext (RFC 5288, 3); ChaCha20 makes nonces as TLS 1.3 does (RFC 7905, 2).
    """

    cipher: Callable[[bytes, bytes], Aead]
    hash_name: str
    key_bytes: int
    fixed_iv_bytes: int
    explicit_nonce_bytes: int


# By the end of a suite's name, in TLS 1.3 and TLS 1.2 alike.
PROTECTIONS = {
    "AES_128_GCM_SHA256": Protection(_aes_gcm, "sha256", 16, 4, 8),
    "AES_256_GCM_SHA384": Protection(_aes_gcm, "sha384", 32, 4, 8),
    "CHACHA20_POLY1305_SHA256": Protection(_chacha20_poly1305, "sha256", 32, 12, 0),
}


def protection_of(suite: str, offset: int) -> Protection:
    """What protects the records of a suite; `offset` is where the suite was chosen.

    Raises:
        WireError: it is not one of the three.

    >>> protection_of("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", offset=76).hash_name
    'sha384'
    """
    for ending, protection in PROTECTIONS.items():
        if suite.endswith(f"_{ending}"):
            return protection
    raise WireError(f"{suite} is not decrypted here: only {', '.join(PROTECTIONS)}", offset)


def open_record(record: Record, suite: str, key: bytes, nonce: bytes) -> tuple[str, bytes]:
    """Decrypt one record of TLS 1.3: the true content type, and what was said (RFC 9846, 5.2).

    The record's header is the associated data. Inside come the content, its type, and any number
    of zeros as padding (RFC 9846, 5.4).

    Raises:
        WireError: the suite is unknown, the record too long, or its tag does not fit.

    >>> from securedata.lab.wire.record_layer import tls_records
    >>> alert = bytes.fromhex("1703030013b58fd67166ebf599d24720cfbe7efa7a8864a9")  # RFC 8448, 3
    >>> key = bytes.fromhex("9f02283b6c9c07efc26bb9f2ac92e356")
    >>> nonce = bytes.fromhex("cf782b88dd83549aadf1e986")
    >>> open_record(tls_records(alert)[0], "TLS_AES_128_GCM_SHA256", key, nonce)
    ('alert', b'\\x01\\x00')
    """
    if record.length > LONGEST_FRAGMENT_TLS13:
        raise WireError(
            f"a record of {record.length} bytes; TLS 1.3 allows {LONGEST_FRAGMENT_TLS13}",
            record.offset + 3,
        )
    protection = protection_of(suite, record.offset)
    inner = open_sealed(protection, record, record.fragment, key, nonce, record.header)
    content = inner.rstrip(b"\0")
    if not content:
        raise WireError("a record of nothing but padding", record.offset)
    return name_of(content[-1], 1, CONTENT_TYPES), content[:-1]


def open_sealed(
    protection: Protection,
    record: Record,
    sealed: bytes,
    key: bytes,
    nonce: bytes,
    associated_data: bytes,
) -> bytes:
    """Decrypt ciphertext and tag that came in a record.

    Raises:
        WireError: the tag does not fit, or there is none.
    """
    if len(sealed) < TAG_BYTES:
        raise WireError("a record that is too short for a tag", record.offset)
    cipher = protection.cipher(key, nonce)
    cipher.update(associated_data)
    try:
        return cipher.decrypt_and_verify(sealed[:-TAG_BYTES], sealed[-TAG_BYTES:])
    except ValueError:
        raise WireError(
            "the tag does not fit: the record was changed, or this is not its key or nonce",
            record.offset,
        ) from None
