"""The record format: exact bytes, one reading of every frame, and no shape but the right one."""

import hashlib
from dataclasses import FrozenInstanceError, fields, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vocabulary import changed, flat

from securedata import Header, Receipt, SealedRecord, Submission
from securedata.errors import FormatError
from securedata.record import WrappedKey, frame, key_id_data, signed_bytes, wrapping_data

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
        " " + good[1:digits],
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
        "2026-01-02T03:04:05+00:00",
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
CASES = [
    pytest.param(name, wrong, id=f"{name}-{number}")
    for name, wrongs in WRONG.items()
    for number, wrong in enumerate(wrongs)
]


def parts_of(framed: bytes) -> list[bytes]:
    """Read a frame back: a length, a space, that many bytes, a space, and again."""
    parts = []
    while framed:
        length, _, rest = framed.partition(b" ")
        assert rest[int(length) :].startswith(b" ")
        parts.append(rest[: int(length)])
        framed = rest[int(length) + 1 :]
    return parts


def parts_of_a(record: object) -> dict[str, Any]:
    return {field.name: getattr(record, field.name) for field in fields(record)}  # type: ignore[arg-type]


def test_the_worked_header_is_what_the_design_says() -> None:
    assert HEADER.encoded == WORKED_HEADER
    assert hashlib.sha256(WORKED_HEADER).hexdigest() == WORKED_SHA256


def test_what_is_signed_wrapped_and_named_begins_with_its_purpose() -> None:
    head = b"143 %b " % WORKED_HEADER
    assert signed_bytes(HEADER, b"nonce", b"", b"t") == head + b"5 nonce 0  1 t "
    assert wrapping_data(HEADER) == b"25 securedata/v1/wrapped-key " + head
    assert key_id_data("aes-256-gcm", b"") == b"20 securedata/v1/key-id 11 aes-256-gcm 0  "


def test_a_length_is_decimal_without_leading_zeros_and_text_is_ascii() -> None:
    assert frame(b"") == b"0  "
    assert frame("x" * 10) == frame(b"x" * 10) == b"10 xxxxxxxxxx "
    assert frame() == b""


@settings(deadline=None, derandomize=True)
@given(st.lists(st.binary(max_size=12) | st.sampled_from([b" ", b"0", b"1 0 "]), max_size=6))
def test_a_frame_can_be_read_back_so_no_two_lists_of_parts_share_one(parts: list[bytes]) -> None:
    assert parts_of(frame(*parts)) == parts


@pytest.mark.parametrize(("name", "wrong"), CASES)
def test_a_wrong_form_is_refused_and_the_field_named(name: str, wrong: object) -> None:
    with pytest.raises(FormatError, match=f"^{name} ") as refusal:
        changed(RECORD, **{name: wrong})
    assert not wrong or repr(wrong) not in str(refusal.value)


def test_there_are_wrong_forms_for_every_field() -> None:
    assert set(WRONG) == set(flat(RECORD))


def test_a_wrapped_key_refuses_the_same_forms() -> None:
    for name in ("key_id", "wrapped_key"):
        for wrong in WRONG[name]:
            good = {"header": HEADER, "key_id": "0" * 16, "wrapped_key": bytes(60)}
            with pytest.raises(FormatError, match=f"^{name} "):
                WrappedKey(**good | {name: wrong})  # type: ignore[arg-type]


def test_a_header_must_be_one() -> None:
    for wrong in (None, WORKED_HEADER.decode(), {"record_id": "0" * 32}):
        with pytest.raises(FormatError, match=r"^header must"):
            replace(RECORD, header=wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("owner", ["a", "0", "a.b_c-d", "a" * 64])
def test_an_owner_may_be_any_short_plain_name(owner: str) -> None:
    assert changed(RECORD, owner=owner).owner == owner


def test_a_ciphertext_has_at_most_one_mebibyte() -> None:
    for length in (0, 1, 2**20):
        assert len(replace(RECORD, ciphertext=bytes(length)).ciphertext) == length
    with pytest.raises(FormatError, match="ciphertext must be at most 1048576 bytes"):
        replace(RECORD, ciphertext=bytes(2**20 + 1))


@pytest.mark.parametrize("record", [HEADER, RECORD])
def test_every_field_is_needed_and_none_can_be_changed_in_place(record: object) -> None:
    whole = parts_of_a(record)
    for name, value in whole.items():
        with pytest.raises(TypeError, match=name):
            type(record)(**{key: whole[key] for key in whole if key != name})
        with pytest.raises(FrozenInstanceError):
            setattr(record, name, value)


def test_a_receipt_adds_the_header_to_a_submission_and_a_record_the_wrapped_key() -> None:
    submission = {"nonce", "ciphertext", "tag", "signature"}
    assert {field.name for field in fields(Submission)} == submission
    assert {field.name for field in fields(Receipt)} == submission | {"header"}
    assert set(parts_of_a(RECORD)) == submission | {"header", "key_id", "wrapped_key"}


def test_the_signature_covers_every_field_but_itself_and_the_wrapped_key() -> None:
    other: dict[str, Any] = {
        "record_id": "f" * 32,
        "owner": "other",
        "signer_id": "f" * 16,
        "created": "2026-01-02T03:04:06Z",
        "key_id": "f" * 16,
        "wrapped_key": bytes([1] * 60),
        "nonce": bytes([1] * 12),
        "ciphertext": b"other",
        "tag": bytes([1] * 16),
        "signature": bytes([1] * 64),
    }
    signed = {name: changed(RECORD, **{name: other[name]}).signed_bytes for name in flat(RECORD)}
    uncovered = {name for name in signed if signed[name] == RECORD.signed_bytes}
    assert uncovered == {"signature", "key_id", "wrapped_key"}


def test_a_record_signs_its_header_nonce_ciphertext_and_tag() -> None:
    signed = [WORKED_HEADER, RECORD.nonce, RECORD.ciphertext, RECORD.tag]
    assert parts_of(RECORD.signed_bytes) == signed
    assert (RECORD.record_id, RECORD.owner) == (HEADER.record_id, HEADER.owner)
