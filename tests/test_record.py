"""The record format: exact bytes, one reading of every frame, and no shape but the right one."""

import hashlib
from dataclasses import FrozenInstanceError, fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vocabulary import changed, flat

from securedata import EncryptedMessage, Header, Receipt, SealedRecord, Submission
from securedata.errors import FormatError
from securedata.record import WrappedKey, frame

# The worked header that the design publishes: 143 bytes with its last space.
WORKED_HEADER = (
    b"13 securedata/v1 11 aes-256-gcm 19 dsa-2048-256-sha256 32 00112233445566778899aabbccddeeff"
    b" 5 local 16 0123456789abcdef 20 2026-01-02T03:04:05Z "
)
WORKED_SHA256 = "6643f15af6d2910b46153e27d427311b95c8c71b8ddf477a3ed5e704b92f22a0"

HEADER = Header(
    record_id="00112233445566778899aabbccddeeff",
    owner="local",
    signer_id="0123456789abcdef",
    created="2026-01-02T03:04:05Z",
)
RECORD = SealedRecord(
    header=HEADER,
    key_id="fedcba9876543210",
    wrapped_key=bytes(60),
    nonce=bytes(12),
    ciphertext=b"any length",
    tag=bytes(16),
    signature=bytes(64),
)

NOT_TEXT: list[object] = [None, 7, b"0123456789abcdef", ["0"]]
NOT_BYTES: list[object] = [None, 7, "text", bytearray(12), memoryview(bytes(12))]


def not_hex(digits: int) -> list[object]:
    good = "0123456789abcdef" * 2
    return [
        good[: digits - 1],
        good[:digits] + "0",
        good[:digits].upper(),
        good[: digits - 1] + "g",
        good[:digits] + "\n",  # a pattern that ends in $ would take this
        good[: digits - 1] + "٣",  # a digit to Unicode, but no hex digit
        "",
        *NOT_TEXT,
    ]


def not_of_length(length: int) -> list[object]:
    return [b"", bytes(length - 1), bytes(length + 1), *NOT_BYTES]


WRONG: dict[str, list[object]] = {
    "record_id": not_hex(32),
    "signer_id": not_hex(16),
    "key_id": not_hex(16),
    "owner": ["", "-a", ".a", "_a", "Local", "a b", "ä", "a/b", "a" * 65, "local\n", *NOT_TEXT],
    "created": [
        "2026-01-02T03:04:05",
        "2026-01-02T03:04:05.0Z",
        "2026-01-02 03:04:05Z",
        "2026-01-02t03:04:05z",
        "26-01-02T03:04:05Z",
        "2026-01-02T03:04:05Z\n",
        "",
        *NOT_TEXT,
    ],
    "nonce": not_of_length(12),
    "tag": not_of_length(16),
    "signature": not_of_length(64),
    "wrapped_key": not_of_length(60),
    "ciphertext": NOT_BYTES,
}


def parts_of(framed: bytes) -> list[bytes]:
    """Read a frame back: a length, a space, that many bytes, a space, and again."""
    parts = []
    while framed:
        length, _, rest = framed.partition(b" ")
        assert rest[int(length) :].startswith(b" ")
        parts.append(rest[: int(length)])
        framed = rest[int(length) + 1 :]
    return parts


def test_the_worked_header_is_what_the_design_says() -> None:
    assert HEADER.encoded == WORKED_HEADER
    assert hashlib.sha256(WORKED_HEADER).hexdigest() == WORKED_SHA256


@settings(deadline=None, derandomize=True)
@given(st.lists(st.binary(max_size=12) | st.sampled_from([b" ", b"0", b"1 0 "]), max_size=6))
def test_a_frame_can_be_read_back_so_no_two_lists_of_parts_share_one(parts: list[bytes]) -> None:
    assert parts_of(frame(*parts)) == parts


def test_a_wrong_form_is_refused_and_the_field_named() -> None:
    assert set(WRONG) == set(flat(RECORD))
    for name, wrong in [(name, wrong) for name, forms in WRONG.items() for wrong in forms]:
        with pytest.raises(FormatError, match=f"^{name} ") as refusal:
            changed(RECORD, **{name: wrong})
        assert not wrong or repr(wrong) not in str(refusal.value)


def test_an_owner_may_be_any_short_plain_name() -> None:
    for owner in ("a", "0", "a.b_c-d", "a" * 64):
        assert changed(RECORD, owner=owner).owner == owner


def test_a_ciphertext_has_at_most_one_mebibyte() -> None:
    for length in (0, 1, 2**20):
        assert len(replace(RECORD, ciphertext=bytes(length)).ciphertext) == length
    with pytest.raises(FormatError, match="ciphertext must be at most 1048576 bytes"):
        replace(RECORD, ciphertext=bytes(2**20 + 1))


@pytest.mark.parametrize(
    "kind", [Header, EncryptedMessage, Submission, Receipt, WrappedKey, SealedRecord]
)
def test_every_field_is_named_and_needed_and_cannot_be_changed_in_place(kind: type) -> None:
    whole = {field.name: (flat(RECORD) | {"header": HEADER})[field.name] for field in fields(kind)}
    for name, value in whole.items():
        others = {key: whole[key] for key in whole if key != name}
        with pytest.raises(TypeError, match=name):
            kind(**others)
        with pytest.raises(TypeError, match="positional"):
            kind(value, **others)
        with pytest.raises(FrozenInstanceError):
            setattr(kind(**whole), name, value)


def test_an_encrypted_message_alone_may_be_as_long_as_a_key_file() -> None:
    message = EncryptedMessage(nonce=bytes(12), ciphertext=bytes(2**20 + 1), tag=bytes(16))
    assert len(message.ciphertext) == 2**20 + 1
