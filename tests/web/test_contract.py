"""The contract: every route, status and limit in it holds, and requests become typed values."""

import json
from pathlib import Path

from vocabulary import HEADER_FIELDS, ROOT, a_vault

from securedata import create_app
from securedata.web.app import ANSWERS
from securedata.web.contract import (
    DATA,
    ENDPOINTS,
    FOUR_FIELDS,
    FULL,
    HEX_FIELDS,
    RECEIPT,
    RETRIEVE,
    STORE,
)
from securedata.web.page import FILES

BY_FIELDS = {field.name: field.example for field in FOUR_FIELDS}


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
