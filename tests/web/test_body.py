"""What clients send: hostile bodies at both addresses, never a 5xx, always JSON."""

import json
from typing import Any

import requests
from hypothesis import given, settings
from hypothesis import strategies as st
from vocabulary import ask
from web.hostile import CASES, FIELDS, JSON, ODD_BUT_GOOD

from securedata import BackgroundServer

ADDRESSES = st.sampled_from(["/store", "/retrieve"])
fuzzing = settings(max_examples=150, deadline=None, derandomize=True, database=None)


def post(
    server: BackgroundServer, path: str, body: bytes, headers: dict[str, str]
) -> requests.Response:
    # requests sends in chunks what it iterates over.
    in_chunks = "Transfer-Encoding" in headers
    data = iter([body[:9], body[9:]]) if in_chunks else body
    return ask(server, "POST", path, data=data, headers=headers)


def error_of(answer: requests.Response) -> str:
    """The sentence of an error, which must be JSON with this one key."""
    assert answer.headers["Content-Type"] == "application/json"
    body: dict[str, Any] = answer.json()
    assert list(body) == ["error"]
    assert isinstance(body["error"], str)
    return body["error"]


def test_a_hostile_body_gets_a_sentence_that_says_why(server: BackgroundServer) -> None:
    for path, body, word, status, headers in CASES:
        answer = post(server, path, body, headers)
        words = error_of(answer)
        assert (answer.status_code, word in words) == (status, True), (body[:80], words)
        assert len(words) < 200


def test_a_hostile_body_is_not_quoted_beyond_a_fields_name(server: BackgroundServer) -> None:
    for body in (b'{"data": ["swordfish"]}', b'{"data": "swordfish"', b'{"data": "swordfish\xff"}'):
        assert "swordfish" not in error_of(post(server, "/store", body, JSON))


def test_an_odd_body_that_is_good_json_is_stored(server: BackgroundServer) -> None:
    for body, headers, text in ODD_BUT_GOOD:
        stored = post(server, "/store", body, headers)
        assert stored.status_code == 200, stored.text
        record_id = json.dumps({"record_id": stored.json()["record_id"]}).encode()
        answer = post(server, "/retrieve", record_id, JSON).json()
        assert answer == {"decrypted_data": text, "signature_status": "Signature is valid."}


# Input that nobody thought of.

characters = st.text(st.characters())  # lone surrogates too
scalars = st.none() | st.booleans() | st.integers() | st.floats() | characters
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner) | st.dictionaries(characters, inner),
    max_leaves=10,
)
names = st.sampled_from(["data", "record_id", *FIELDS]) | characters
hexlike = st.text("0123456789abcdefABCDEF x\n１", max_size=40) | st.sampled_from(
    ["0" * length for length in (0, 24, 32, 128)]
)
objects = st.dictionaries(names, hexlike | values, max_size=6)
complete = st.fixed_dictionaries(dict.fromkeys(FIELDS, hexlike | scalars))


def assert_answered(answer: requests.Response) -> None:
    """Taken, or refused in the agreed form; in any case answered in JSON, and not with a 5xx."""
    if answer.status_code == 200:
        assert answer.headers["Content-Type"] == "application/json"
        assert "error" not in answer.json()
    else:
        assert 400 <= answer.status_code < 500
        assert error_of(answer)


@fuzzing
@given(path=ADDRESSES, body=values | objects | complete, as_ascii=st.booleans())
def test_any_json_is_answered(
    server: BackgroundServer, path: str, body: object, as_ascii: bool
) -> None:
    text = json.dumps(body, ensure_ascii=as_ascii)
    assert_answered(post(server, path, text.encode("utf-8", "surrogatepass"), JSON))


@fuzzing
@given(path=ADDRESSES, body=st.binary(), place=st.integers(0, 20))
def test_any_bytes_are_answered_alone_and_inside_good_json(
    server: BackgroundServer, path: str, body: bytes, place: int
) -> None:
    good = b'{"data": "hello \\u0041"}' if path == "/store" else json.dumps(FIELDS).encode()
    for whole in (body, good[:place] + body + good[place:]):
        assert_answered(post(server, path, whole, JSON))
