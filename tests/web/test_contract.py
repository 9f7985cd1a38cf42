"""The one table: validation and document both follow it, and nothing is said that is not in it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from vocabulary import ROOT, a_vault

from securedata import create_app
from securedata.errors import FormatError
from securedata.serving.gateway import BODY_SECONDS
from securedata.web import openapi
from securedata.web.app import ANSWERS
from securedata.web.body import checked_body
from securedata.web.contract import (
    BY_FIELDS,
    DATA,
    ENDPOINTS,
    FOUR_FIELDS,
    FULL,
    HEX_FIELDS,
    MAX_BODY_BYTES,
    NONCE,
    RECEIPT,
    RECORD_ID,
    RETRIEVE,
    STORE,
    TAG,
    TO_STORE,
    TOO_LARGE,
    TOO_SLOW,
    Endpoint,
    Field,
    Fixed,
    Form,
    Hex,
    Inner,
)

LENGTHS = {field.name: field.length for field in FOUR_FIELDS.required if isinstance(field, Hex)}


def checked(endpoint: Endpoint, body: object) -> dict[str, str]:
    with Flask("example").test_request_context(json=body):
        return checked_body(endpoint)


def documented(endpoint: Endpoint, field: str, monkeypatch: pytest.MonkeyPatch) -> object:
    """What the document says of a field if this were the only endpoint."""
    monkeypatch.setattr(openapi, "ENDPOINTS", (endpoint,))
    schemas = openapi.openapi_document(token_needed=False)["components"]["schemas"]  # type: ignore[index]
    return schemas[endpoint.takes[-1].name]["properties"][field]


def with_field(endpoint: Endpoint, form: Form, changed: Field) -> Endpoint:
    """The same endpoint, but for one field of its last form."""
    required = tuple(changed if field.name == changed.name else field for field in form.required)
    return replace(endpoint, takes=(*endpoint.takes[:-1], replace(form, required=required)))


def test_every_endpoint_of_the_table_is_a_route_and_every_post_is_in_the_table(
    tmp_path: Path,
) -> None:
    rules = create_app(a_vault(tmp_path)).url_map.iter_rules()
    routes = {(method, rule.rule) for rule in rules for method in rule.methods or ()}
    table = {(endpoint.method, endpoint.path) for endpoint in ENDPOINTS}
    assert table <= routes
    assert {route for route in routes if route[0] == "POST"} <= table


def test_every_status_of_an_error_of_ours_is_in_the_table() -> None:
    statuses = {status for status, _ in ANSWERS.values()}
    assert statuses <= {refusal.status for refusal in STORE.refusals}
    # Who only reads needs no room.
    assert statuses - {FULL.status} <= {refusal.status for refusal in RETRIEVE.refusals}


def test_no_endpoint_has_two_refusals_of_one_status() -> None:
    for endpoint in ENDPOINTS:
        statuses = [refusal.status for refusal in endpoint.refusals]
        assert len(set(statuses)) == len(statuses)


def test_the_limits_in_the_sentences_are_those_that_hold() -> None:
    assert TOO_SLOW.sentences == (f"The body did not arrive within {BODY_SECONDS} seconds.",)
    assert f" {BODY_SECONDS} s " in TOO_SLOW.when
    assert TOO_LARGE.sentences == (f"The body is over {MAX_BODY_BYTES} bytes.",)
    assert f"{len(RECORD_ID.example)} " in RECORD_ID.form


def test_the_examples_are_the_record_that_the_format_page_prints() -> None:
    known = json.loads((ROOT / "tests/crypto/known_answer.json").read_text(encoding="utf-8"))
    for field in RECEIPT.required:
        if not isinstance(field, Inner | Fixed):
            assert field.example == known["record"][field.name]
    for field in FOUR_FIELDS.required:
        assert isinstance(field, Hex)
        assert field.example == known["record"][HEX_FIELDS[field.name]]
    assert DATA.example == known["inputs"]["plaintext"]


@pytest.mark.parametrize("endpoint", [STORE, RETRIEVE], ids=lambda endpoint: endpoint.name)
def test_every_form_of_examples_is_taken(endpoint: Endpoint) -> None:
    for form in endpoint.takes:
        body = {it.name: it.example for it in form.fields if isinstance(it, Field)}
        assert checked(endpoint, body) == body


def test_a_body_is_checked_as_the_form_that_it_fits_exactly_or_else_as_the_last() -> None:
    by_id = {"record_id": RECORD_ID.example}
    assert checked(RETRIEVE, by_id) == by_id
    with pytest.raises(FormatError, match='"encrypted_data" is missing'):
        checked(RETRIEVE, by_id | {"nonce": NONCE.example})
    with pytest.raises(FormatError, match='"nonce" is missing'):
        checked(RETRIEVE, {})


def test_a_changed_length_moves_the_validation_and_the_document(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fields = {name: "0" * 2 * (length or 1) for name, length in LENGTHS.items()}
    shorter = with_field(RETRIEVE, BY_FIELDS, replace(TAG, length=15))
    assert checked(shorter, fields | {"tag": "0" * 30})
    with pytest.raises(FormatError, match='"tag" must be 30 hex digits, not 32'):
        checked(shorter, fields)
    said = documented(shorter, "tag", monkeypatch)
    assert {"minLength": 30, "maxLength": 30, "pattern": "^[0-9a-f]{30}$"}.items() <= said.items()  # type: ignore[attr-defined]


def test_a_changed_limit_moves_the_validation_and_the_document(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shorter = with_field(STORE, TO_STORE, replace(DATA, max_bytes=5))
    assert checked(shorter, {"data": "12345"})
    with pytest.raises(FormatError, match="is 6 bytes of UTF-8; at most 5 are stored"):
        checked(shorter, {"data": "123456"})
    assert documented(shorter, "data", monkeypatch)["maxLength"] == 5  # type: ignore[index]


def test_a_renamed_field_moves_the_validation_and_the_document(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    renamed = replace(STORE, takes=(replace(TO_STORE, required=(replace(DATA, name="text"),)),))
    assert checked(renamed, {"text": "hello"}) == {"text": "hello"}
    with pytest.raises(FormatError, match='"data" is unknown'):
        checked(renamed, {"data": "hello"})
    assert documented(renamed, "text", monkeypatch)


def test_a_request_can_ask_only_for_what_can_be_checked() -> None:
    fixed = Fixed(name="data", meaning="Always this.", example="this")
    asking = replace(STORE, takes=(replace(TO_STORE, required=(fixed,)),))
    with pytest.raises(TypeError, match="data"):
        checked(asking, {"data": "this"})
