"""The record format: exact bytes, one reading of every frame, and no shape but the right one."""

import hashlib
from dataclasses import FrozenInstanceError, fields, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from securedata import Receipt, SealedRecord, Submission
from securedata.errors import FormatError
from securedata.record import frame, header, key_id_data, signed_bytes, wrapping_data

# The worked header that the design publishes: 143 bytes with its last space.
WORKED_HEADER = (
    b"13 securedata/v1 11 aes-256-gcm 19 dsa-2048-256-sha256 32 00112233445566778899aabbccddeeff"
    b" 5 local 16 0123456789abcdef 20 2026-01-02T03:04:05Z "
)
WORKED_SHA256 = "6643f15af6d2910b46153e27d427311b95c8c71b8ddf477a3ed5e704b92f22a0"

RECORD = SealedRecord(
    record_id="00112233445566778899aabbccddeeff",
    owner="local",
    signer_id="0123456789abcdef",
    created="2026-01-02T03:04:05Z",
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
HEADER_PARTS = ("record_id", "owner", "signer_id", "created")

lists_of_parts = st.lists(st.binary(max_size=12), max_size=5)


def parts_of(framed: bytes) -> list[bytes]:
    """Read a frame back: a length, a space, that many bytes, a space, and again."""
    parts = []
    while framed:
        length, _, rest = framed.partition(b" ")
        assert rest[int(length) :].startswith(b" ")
        parts.append(rest[: int(length)])
        framed = rest[int(length) + 1 :]
    return parts


def taken(record: Submission, kind: type[Submission]) -> dict[str, Any]:
    return {field.name: getattr(record, field.name) for field in fields(kind)}


def test_the_worked_header_is_what_the_design_says() -> None:
    assert RECORD.header == WORKED_HEADER
    assert len(WORKED_HEADER) == 143
    assert hashlib.sha256(RECORD.header).hexdigest() == WORKED_SHA256


def test_what_is_signed_wrapped_and_named_begins_with_its_purpose() -> None:
    assert signed_bytes(b"head", b"nonce", b"", b"t") == b"4 head 5 nonce 0  1 t "
    assert wrapping_data(b"head") == b"25 securedata/v1/wrapped-key 4 head "
    assert key_id_data("aes-256-gcm", b"") == b"20 securedata/v1/key-id 11 aes-256-gcm 0  "


def test_a_length_is_decimal_without_leading_zeros() -> None:
    assert frame(b"") == b"0  "
    assert frame(b"x" * 10) == b"10 xxxxxxxxxx "
    assert frame() == b""


def test_text_and_its_ascii_bytes_are_framed_alike() -> None:
    assert frame("local") == frame(b"local")


@settings(deadline=None, derandomize=True)
@given(lists_of_parts)
def test_a_frame_can_be_read_back(parts: list[bytes]) -> None:
    assert parts_of(frame(*parts)) == parts


@settings(deadline=None, derandomize=True)
@given(lists_of_parts, lists_of_parts)
def test_no_two_lists_of_parts_share_a_frame(one: list[bytes], other: list[bytes]) -> None:
    assert (frame(*one) == frame(*other)) == (one == other)


@settings(deadline=None, derandomize=True)
@given(st.lists(st.sampled_from([b"", b" ", b"0", b"1", b"0 ", b"1 0 "]), max_size=6))
def test_parts_that_look_like_lengths_do_not_confuse_a_frame(parts: list[bytes]) -> None:
    assert parts_of(frame(*parts)) == parts
    assert frame(*parts) != frame(b"".join(parts)) or len(parts) == 1


@pytest.mark.parametrize(("name", "wrong"), CASES)
def test_a_wrong_shape_is_refused_and_the_field_named(name: str, wrong: object) -> None:
    with pytest.raises(FormatError, match=f"^{name} ") as refusal:
        replace(RECORD, **{name: wrong})  # type: ignore[arg-type]
    assert not wrong or repr(wrong) not in str(refusal.value)


@pytest.mark.parametrize("name", HEADER_PARTS)
def test_a_header_refuses_the_same_shapes(name: str) -> None:
    for wrong in WRONG[name]:
        with pytest.raises(FormatError, match=f"^{name} "):
            header(**{part: getattr(RECORD, part) for part in HEADER_PARTS} | {name: wrong})


def test_there_are_wrong_shapes_for_every_field() -> None:
    assert set(WRONG) == {field.name for field in fields(SealedRecord)}


@pytest.mark.parametrize("owner", ["a", "0", "a.b_c-d", "a" * 64])
def test_an_owner_may_be_any_short_plain_name(owner: str) -> None:
    assert replace(RECORD, owner=owner).owner == owner


@pytest.mark.parametrize("length", [0, 1, 100_000])
def test_a_ciphertext_may_have_any_length(length: int) -> None:
    assert len(replace(RECORD, ciphertext=bytes(length)).ciphertext) == length


@pytest.mark.parametrize("kind", [Submission, Receipt, SealedRecord])
def test_each_step_takes_exactly_its_own_fields_and_refuses_one_less(
    kind: type[Submission],
) -> None:
    whole = taken(RECORD, kind)
    assert taken(kind(**whole), kind) == whole
    for name in whole:
        with pytest.raises(TypeError, match=name):
            kind(**{key: value for key, value in whole.items() if key != name})


def test_a_submission_is_four_fields_and_a_receipt_adds_four_and_a_record_two() -> None:
    assert [len(fields(kind)) for kind in (Submission, Receipt, SealedRecord)] == [4, 8, 10]


def test_a_record_cannot_be_changed_in_place() -> None:
    for field in fields(RECORD):
        with pytest.raises(FrozenInstanceError):
            setattr(RECORD, field.name, getattr(RECORD, field.name))


def test_the_signature_covers_every_field_but_itself_and_the_wrapped_key() -> None:
    other = SealedRecord(
        record_id="f" * 32,
        owner="other",
        signer_id="f" * 16,
        created="2026-01-02T03:04:06Z",
        key_id="f" * 16,
        wrapped_key=bytes([1] * 60),
        nonce=bytes([1] * 12),
        ciphertext=b"other",
        tag=bytes([1] * 16),
        signature=bytes([1] * 64),
    )
    changed = {
        field.name: replace(RECORD, **{field.name: getattr(other, field.name)}).signed_bytes
        for field in fields(RECORD)
    }
    uncovered = {name for name, signed in changed.items() if signed == RECORD.signed_bytes}
    assert uncovered == {"signature", "key_id", "wrapped_key"}


def test_a_receipt_signs_the_same_bytes_as_its_record() -> None:
    receipt = Receipt(**taken(RECORD, Receipt))
    assert receipt.signed_bytes == RECORD.signed_bytes
    assert parts_of(receipt.signed_bytes) == [
        WORKED_HEADER,
        RECORD.nonce,
        RECORD.ciphertext,
        RECORD.tag,
    ]
