"""A receipt as JSON, and back."""

import json
from typing import Any

import pytest

from securedata import Header, Receipt, receipt_from_json, receipt_to_json
from securedata.errors import FormatError

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
        # hostile.py has all that is no hex, or of another length.
        assert_no_receipt(GOOD | {"data": DATA | {field: "zz"}}, f'"{field}" must be')
    for field in HEADER:
        for value in (None, 7, "", "../../etc", "A" * 32):
            assert_no_receipt(GOOD | {field: value}, field)
        assert_no_receipt({name: kept for name, kept in GOOD.items() if name != field}, ".")
