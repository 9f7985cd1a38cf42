"""Record protection: what a cipher suite does to one record, given key and nonce.

It knows AES-GCM, which all sessions of the lessons have; no handshake, no key log.
"""

from dataclasses import dataclass

from Crypto.Cipher import AES

from securedata_lab.wire.errors import WireError
from securedata_lab.wire.record_layer import LONGEST_FRAGMENT_TLS13, Record
from securedata_lab.wire.registries import CONTENT_TYPES, name_of

TAG_BYTES = 16


@dataclass(frozen=True)
class Protection:
    """The hash of a suite's key schedule, and the length of its AES keys."""

    hash_name: str
    key_bytes: int


# By the end of a suite's name, in TLS 1.3 and TLS 1.2 alike.
PROTECTIONS = {
    "AES_128_GCM_SHA256": Protection("sha256", 16),
    "AES_256_GCM_SHA384": Protection("sha384", 32),
}


def protection_of(suite: str, offset: int) -> Protection:
    """What protects the records of a suite; `offset` is where the suite was chosen.

    Raises:
        WireError: it is neither of the two.

    >>> protection_of("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", offset=76).hash_name
    'sha384'
    """
    for ending, protection in PROTECTIONS.items():
        if suite.endswith(f"_{ending}"):
            return protection
    raise WireError(f"{suite} is not decrypted here: only {', '.join(PROTECTIONS)}", offset)


def open_record(record: Record, key: bytes, nonce: bytes) -> tuple[str, bytes]:
    """Decrypt one record of TLS 1.3: the true content type, and what was said (RFC 9846, 5.2).

    The record's header is the associated data. Inside come the content, its type, and any number
    of zeros as padding (RFC 9846, 5.4).

    Raises:
        WireError: the record is too long, or its tag is invalid.

    >>> from securedata_lab.wire.record_layer import tls_records
    >>> alert = bytes.fromhex("1703030013b58fd67166ebf599d24720cfbe7efa7a8864a9")  # RFC 8448, 3
    >>> key = bytes.fromhex("9f02283b6c9c07efc26bb9f2ac92e356")
    >>> nonce = bytes.fromhex("cf782b88dd83549aadf1e986")
    >>> open_record(tls_records(alert)[0], key, nonce)
    ('alert', b'\\x01\\x00')
    """
    if record.length > LONGEST_FRAGMENT_TLS13:
        raise WireError(
            f"a record of {record.length} bytes; TLS 1.3 allows {LONGEST_FRAGMENT_TLS13}",
            record.offset + 3,
        )
    inner = open_sealed(record, record.fragment, key, nonce, record.header)
    content = inner.rstrip(b"\0")
    if not content:
        raise WireError("a record of nothing but padding", record.offset)
    return name_of(content[-1], 1, CONTENT_TYPES), content[:-1]


def open_sealed(
    record: Record, sealed: bytes, key: bytes, nonce: bytes, associated_data: bytes
) -> bytes:
    """Decrypt ciphertext and tag that came in a record.

    Raises:
        WireError: the tag is missing or invalid.
    """
    if len(sealed) < TAG_BYTES:
        raise WireError("a record that is too short for a tag", record.offset)
    cipher = AES.new(key, AES.MODE_GCM, nonce=nonce)
    cipher.update(associated_data)
    try:
        return cipher.decrypt_and_verify(sealed[:-TAG_BYTES], sealed[-TAG_BYTES:])
    except ValueError:
        raise WireError(
            "the tag is invalid: the record was changed, or this is not its key or nonce",
            record.offset,
        ) from None
