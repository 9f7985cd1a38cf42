"""The contract: every route, status and limit in it holds, and requests become typed values."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from vocabulary import HEADER_FIELDS, ROOT, a_vault

from securedata import Submission, create_app
from securedata.errors import FormatError
from securedata.web.app import ANSWERS
from securedata.web.body import text_to_store, wanted_record
from securedata.web.contract import (
    DATA,
    ENDPOINTS,
    FOUR_FIELDS,
    FULL,
    HEX_FIELDS,
    RECEIPT,
    RECORD_ID,
    RETRIEVE,
    STORE,
)
from securedata.web.page import FILES

BY_ID = {"record_id": RECORD_ID.example}
BY_FIELDS = {field.name: field.example for field in FOUR_FIELDS}


def wanted(body: object) -> tuple[str | None, Submission | None]:
    with Flask("example").test_request_context(json=body):
        return wanted_record()


def test_the_routes_are_those_of_the_contract_and_of_the_page(tmp_path: Path) -> None:
    rules = create_app(a_vault(tmp_path)).url_map.iter_rules()
    routes = {(method, rule.rule) for rule in rules for method in rule.methods or ()}
    of_the_contract = {(endpoint.method, endpoint.path) for endpoint in ENDPOINTS}
    of_the_page = {("GET", path) for path in (*FILES, "/log")}
    added_by_flask = {("OPTIONS", path) for _, path in routes}
    added_by_flask |= {("HEAD", path) for method, path in routes if method == "GET"}
    assert routes == of_the_contract | of_the_page | added_by_flask


def test_every_status_of_an_error_of_ours_is_in_the_contract_once() -> None:
    statuses = {status for status, _ in ANSWERS.values()}
    assert statuses <= {refusal.status for refusal in STORE.refusals}
    # Reading needs no room.
    assert statuses - {FULL.status} <= {refusal.status for refusal in RETRIEVE.refusals}
    for endpoint in ENDPOINTS:
        assert len({refusal.status for refusal in endpoint.refusals}) == len(endpoint.refusals)


def test_the_examples_are_the_record_that_the_format_page_prints() -> None:
    known = json.loads((ROOT / "tests/crypto/known_answer.json").read_text(encoding="utf-8"))
    header = {it.name: it.example for it in RECEIPT.required if it.name in HEADER_FIELDS}
    assert header == {name: known["record"][name] for name in HEADER_FIELDS}
    assert {name: known["record"][ours] for name, ours in HEX_FIELDS.items()} == BY_FIELDS
    assert DATA.example == known["inputs"]["plaintext"]


def test_the_examples_are_taken_and_become_bytes_and_ids() -> None:
    with Flask("example").test_request_context(json={"data": DATA.example}):
        assert text_to_store() == DATA.example
    parts: dict[str, Any] = {HEX_FIELDS[name]: bytes.fromhex(it) for name, it in BY_FIELDS.items()}
    submission = Submission(**parts)
    assert wanted(BY_ID) == (RECORD_ID.example, None)
    assert wanted(BY_FIELDS) == (None, submission)
    assert wanted(BY_FIELDS | BY_ID) == (RECORD_ID.example, submission)
    assert {field.name for field in fields(Submission)} == set(HEX_FIELDS.values())


def test_a_body_that_is_not_an_id_alone_must_have_all_four_fields() -> None:
    with pytest.raises(FormatError, match='"encrypted_data" is missing'):
        wanted(BY_ID | {"nonce": BY_FIELDS["nonce"]})
