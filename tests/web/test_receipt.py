"""A receipt as JSON, and back."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from vocabulary import a_vault

from securedata import Header, Receipt, Submission, receipt_from_json, receipt_to_json
from securedata.errors import FormatError
from securedata.web.receipt import submission_from_json

GOOD: dict[str, Any] = {
    "message": "Data stored securely",
    "data": {
        "nonce": "00" * 12,
        "encrypted_data": "00ff",
        "tag": "00" * 16,
        "signature": "00" * 64,
    },
    "record_id": "00" * 16,
    "owner": "local",
    "signer_id": "11" * 8,
    "created": "2026-01-02T03:04:05Z",
}
FIELDS = list(GOOD["data"])


def with_data(**fields: object) -> dict[str, Any]:
    return {**GOOD, "data": {**GOOD["data"], **fields}}


def test_a_receipt_is_read_from_the_answer_of_store() -> None:
    assert receipt_from_json(GOOD) == Receipt(
        nonce=bytes(12),
        ciphertext=b"\x00\xff",
        tag=bytes(16),
        signature=bytes(64),
        header=Header(
            record_id="00" * 16,
            owner="local",
            signer_id="11" * 8,
            created="2026-01-02T03:04:05Z",
        ),
    )


@pytest.mark.parametrize("garbage", [{}, [], "hello", None, 7, {"data": None}, {"error": "no"}])
def test_what_is_no_answer_of_store_is_no_receipt(garbage: Any) -> None:
    with pytest.raises(FormatError, match="not an answer of /store"):
        receipt_from_json(garbage)
    with pytest.raises(FormatError, match="not an answer of /store"):
        receipt_from_json({**GOOD, "data": None})


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("value", [None, 7, "zz", "0", ["00"], "é", "FF" * 16, "0 " * 16])
def test_a_byte_field_that_is_not_hex_is_no_receipt(field: str, value: object) -> None:
    with pytest.raises(FormatError, match=f'"{field}" must be'):
        receipt_from_json(with_data(**{field: value}))


@pytest.mark.parametrize("field", ["nonce", "tag", "signature"])
def test_a_byte_field_of_another_length_is_no_receipt(field: str) -> None:
    with pytest.raises(FormatError, match=f'"{field}" must be [0-9]+ hex digits, not 2'):
        receipt_from_json(with_data(**{field: "00"}))


@pytest.mark.parametrize("field", ["record_id", "owner", "signer_id", "created"])
@pytest.mark.parametrize("value", [None, 7, "", "../../etc", "A" * 32])
def test_a_text_field_of_another_form_is_no_receipt(field: str, value: object) -> None:
    with pytest.raises(FormatError, match=field):
        receipt_from_json({**GOOD, field: value})
    with pytest.raises(FormatError):
        receipt_from_json({name: kept for name, kept in GOOD.items() if name != field})


def test_a_submission_is_read_from_the_four_fields_alone() -> None:
    receipt = receipt_from_json(GOOD)
    for data in (GOOD["data"], {**GOOD["data"], "more": "does not matter"}):
        read = submission_from_json(data)
        assert type(read) is Submission
        for field in fields(read):
            assert getattr(read, field.name) == getattr(receipt, field.name)


@pytest.mark.parametrize("garbage", [{}, {"nonce": None}, GOOD])
def test_what_has_not_the_four_fields_is_no_submission(garbage: Any) -> None:
    with pytest.raises(FormatError, match='The field "nonce"'):
        submission_from_json(garbage)


def test_what_becomes_json_comes_back() -> None:
    assert json.dumps(receipt_to_json(receipt_from_json(GOOD))) == json.dumps(GOOD)


def test_what_is_the_servers_is_not_in_a_receipt(tmp_path: Path) -> None:
    record = a_vault(tmp_path).store("attack at dawn")
    shown = str(receipt_to_json(record))
    assert record.nonce.hex() in shown
    assert record.key_id not in shown
    assert record.wrapped_key.hex() not in shown
