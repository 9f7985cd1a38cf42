"""A receipt as JSON, and back."""

import json
import re
from typing import Any

import pytest

from securedata import Header, Receipt, Submission, receipt_from_json, receipt_to_json
from securedata.errors import FormatError
from securedata.web.receipt import submission_from_json

DATA = {"nonce": "00" * 12, "encrypted_data": "00ff", "tag": "00" * 16, "signature": "00" * 64}
HEADER = {
    "record_id": "00" * 16,
    "owner": "local",
    "signer_id": "11" * 8,
    "created": "2026-01-02T03:04:05Z",
}
GOOD: dict[str, Any] = {"message": "Data stored securely", "data": DATA, **HEADER}
BYTES = {"nonce": bytes(12), "ciphertext": b"\0\xff", "tag": bytes(16), "signature": bytes(64)}


def test_a_receipt_is_read_from_the_answer_of_store_and_becomes_it_again() -> None:
    receipt = receipt_from_json(GOOD)
    assert receipt == Receipt(header=Header(**HEADER), **BYTES)
    assert json.dumps(receipt_to_json(receipt)) == json.dumps(GOOD)


def assert_no_receipt(answer: Any, why: str) -> None:
    with pytest.raises(FormatError, match=why):
        receipt_from_json(answer)


def test_what_does_not_have_its_form_is_no_receipt() -> None:
    for garbage in ({}, [], "hello", None, 7, {"data": None}, {"error": "no"}, GOOD | {"data": 7}):
        assert_no_receipt(garbage, "not an answer of /store")
    for field in DATA:
        for value in (None, 7, "zz", "0", ["00"], "é", "FF" * 16, "0 " * 16):
            assert_no_receipt(GOOD | {"data": DATA | {field: value}}, f'"{field}" must be')
        if field != "encrypted_data":
            for value in ("00", "00" * 65):  # too short, and too long
                wrong = GOOD | {"data": DATA | {field: value}}
                assert_no_receipt(wrong, f'"{field}" must be .*[0-9] hex digits, not {len(value)}')
    for field in HEADER:
        for value in (None, 7, "", "../../etc", "A" * 32):
            assert_no_receipt(GOOD | {field: value}, field)
        assert_no_receipt({name: kept for name, kept in GOOD.items() if name != field}, ".")


def test_a_submission_is_read_from_the_four_fields_alone() -> None:
    for data in (DATA, {**DATA, "more": "does not matter"}):
        assert submission_from_json(data) == Submission(**BYTES)
    for garbage in ({}, {"nonce": None}, GOOD):
        with pytest.raises(FormatError, match=re.escape('The field "nonce"')):
            submission_from_json(garbage)
