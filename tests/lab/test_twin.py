"""The control twin over real TLS: what AES-GCM refuses by itself, and what is no answer of ours."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from vocabulary import ask

from securedata.errors import FormatError, ListenError
from securedata.lab import Row, Twin, TwinClient, flip_bit, serve_twin
from securedata.lab.twin import FLAWS, TwinServer, create_twin_app

FIELDS = Twin().json_names
COMPROMISED = "Invalid tag. Data may be compromised."
TEXT = "attack at dawn"
UNKNOWN = "f" * 32
Json = dict[str, Any]
fuzzing = settings(max_examples=100, deadline=None, derandomize=True, database=None)


@pytest.fixture(scope="module")
def control() -> Iterator[TwinServer]:
    with TwinServer(Twin()) as server:
        yield server


def store(server: TwinServer, text: str = TEXT) -> Json:
    answer = ask(server, "POST", "/store", json={"data": text})
    assert answer.status_code == 200, answer.text
    stored: Json = answer.json()
    return stored


def retrieve(server: TwinServer, body: Json) -> requests.Response:
    return ask(server, "POST", "/retrieve", json=body)


def assert_refused(answer: requests.Response, words: str = COMPROMISED) -> None:
    assert (answer.status_code, answer.json()) == (400, {"error": words})


def assert_a_sentence(words: str) -> None:
    """An error for people: a capital letter first, and one full stop at the end."""
    assert words[0].isupper()
    assert words.endswith(".")
    assert not words.endswith("..")


def a_client(twin: Twin) -> FlaskClient:
    """The twin's app, without the network."""
    return create_twin_app(twin).test_client()


# Storing and retrieving.


def test_a_stored_text_comes_back_by_its_fields_and_by_its_record_id(control: TwinServer) -> None:
    stored = store(control)
    assert set(stored["data"]) == set(FIELDS)
    assert retrieve(control, stored["data"]).json() == {"decrypted_data": TEXT}
    by_id = retrieve(control, {"record_id": stored["record_id"]})
    assert by_id.json() == {"decrypted_data": TEXT}
    both = retrieve(control, stored["data"] | {"record_id": stored["record_id"]})
    assert both.json() == {"decrypted_data": TEXT}


@pytest.mark.parametrize("text", ["", "x", "Grüße, 世界 🔐", "a\0b"])
def test_any_text_comes_back(control: TwinServer, text: str) -> None:
    assert retrieve(control, store(control, text)["data"]).json() == {"decrypted_data": text}


def test_a_long_text_comes_back(control: TwinServer) -> None:
    text = "x" * 100_000
    assert retrieve(control, store(control, text)["data"]).json() == {"decrypted_data": text}


def test_a_fresh_nonce_of_12_bytes_and_a_tag_of_16_for_every_text(control: TwinServer) -> None:
    rows = [TwinClient(control).store(TEXT) for _ in range(20)]
    assert {(len(row.nonce), len(row.ciphertext), len(row.tag)) for row in rows} == {
        (12, len(TEXT), 16)
    }
    assert len({row.nonce for row in rows}) == len({row.tag for row in rows}) == 20


def test_the_twins_client_speaks_bytes_and_words(control: TwinServer) -> None:
    client = TwinClient(control)
    row = client.store(TEXT)
    assert client.retrieve(row) == TEXT
    assert client.retrieve(Row(row.nonce, row.ciphertext, bytes(16))) == COMPROMISED
    assert client.retrieve_by_id(list(control.rows)[-1]) == TEXT
    assert client.retrieve_by_id(UNKNOWN) == "There is no such record."


# What is refused.


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("bit", [0, 7, 50, -1])
def test_a_flipped_bit_in_any_field_is_refused(control: TwinServer, field: str, bit: int) -> None:
    data = store(control)["data"]
    changed = data | {field: flip_bit(data[field], bit % (4 * len(data[field])))}
    assert_refused(retrieve(control, changed))


@pytest.mark.parametrize("length", [0, 1, 4, 12, 15, 17, 32])
def test_a_tag_of_another_length_is_refused(control: TwinServer, length: int) -> None:
    data = store(control)["data"]
    assert_refused(retrieve(control, data | {"tag": (data["tag"] * 2)[: 2 * length]}))


@pytest.mark.parametrize("length", [1, 8, 11, 13, 16])
def test_a_nonce_of_another_length_is_refused(control: TwinServer, length: int) -> None:
    data = store(control)["data"]
    assert_refused(retrieve(control, data | {"nonce": (data["nonce"] * 2)[: 2 * length]}))


def test_a_row_that_an_attacker_changed_is_refused_and_one_put_back_is_not(
    control: TwinServer,
) -> None:
    record_id = store(control)["record_id"]
    row = control.rows[record_id]
    control.rows[record_id] = Row(row.nonce, row.ciphertext, bytes(16))
    assert_refused(retrieve(control, {"record_id": record_id}))
    control.rows[record_id] = row
    assert retrieve(control, {"record_id": record_id}).json() == {"decrypted_data": TEXT}
    del control.rows[record_id]
    assert_refused(retrieve(control, {"record_id": record_id}), "There is no such record.")


def test_a_row_that_an_attacker_deleted_costs_no_other_row() -> None:
    twin = Twin()
    client = a_client(twin)
    first, last = (client.post("/store", json={"data": text}).json for text in ("first", "last"))
    assert first is not None
    assert last is not None
    del twin.rows[first["record_id"]]
    client.post("/store", json={"data": "new"})
    answer = client.post("/retrieve", json={"record_id": last["record_id"]})
    assert answer.json == {"decrypted_data": "last"}


def test_sealed_bytes_that_are_not_utf_8_are_refused(control: TwinServer) -> None:
    words = "The decrypted bytes are not UTF-8 text."
    for sealed in (b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"half \xe2\x82"):
        control.rows["bytes"] = control.twin.seal(sealed, "bytes")
        assert_refused(retrieve(control, {"record_id": "bytes"}), words)


def test_the_log_tells_why(control: TwinServer) -> None:
    data = store(control)["data"]
    retrieve(control, data | {"tag": "00" * 16})
    assert control.log_tail(1) == ["POST /retrieve 400 TagError: the tag does not fit"]
    retrieve(control, {"record_id": UNKNOWN})
    assert control.log_tail(1) == [
        "POST /retrieve 400 RecordNotFoundError: There is no such record."
    ]
    retrieve(control, data)
    assert control.log_tail(1) == ["POST /retrieve 200"]


# Bad input.

GOOD = {"nonce": "00" * 12, "encrypted_data": "00", "tag": "00" * 16}


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("/retrieve", {}, 'The field "nonce" is missing.'),
        ("/retrieve", GOOD | {"nonce": "xy"}, 'The field "nonce" must be lower-case hex, '),
        ("/retrieve", GOOD | {"tag": "abc"}, 'The field "tag" must be lower-case hex, '),
        ("/retrieve", GOOD | {"tag": "AB"}, 'The field "tag" must be lower-case hex, '),
        ("/retrieve", GOOD | {"tag": None}, 'The field "tag" must be a string, not null.'),
        ("/retrieve", GOOD | {"nonce": ""}, "Nonce cannot be empty."),
        ("/retrieve", GOOD | {"signature": ""}, 'The field "signature" is unknown here.'),
        ("/retrieve", {"record_id": 5}, 'The field "record_id" must be a string, not a number.'),
        ("/retrieve", {"record_id": ""}, "There is no such record."),
        ("/retrieve", {"record_id": UNKNOWN}, "There is no such record."),
        ("/retrieve", {"record_id": UNKNOWN, "tag": ""}, 'The field "nonce" is missing.'),
        ("/retrieve", [], "The body must be a JSON object, not an array."),
        ("/store", {}, 'The field "data" is missing.'),
        ("/store", {"data": 1}, 'The field "data" must be a string, not a number.'),
        ("/store", {"data": "", "name": ""}, 'The field "name" is unknown here.'),
        ("/sign-up", {}, 'The field "name" is missing.'),
        ("/sign-up", {"name": ["Ada"]}, 'The field "name" must be a string, not an array.'),
    ],
)
def test_bad_input_is_answered_with_a_sentence(
    control: TwinServer, path: str, body: object, words: str
) -> None:
    answer = ask(control, "POST", path, json=body)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(words)
    assert_a_sentence(answer.json()["error"])


@pytest.mark.parametrize("field", FIELDS)
def test_a_field_that_is_missing_is_named(control: TwinServer, field: str) -> None:
    body = {name: value for name, value in GOOD.items() if name != field}
    assert_refused(retrieve(control, body), f'The field "{field}" is missing.')


@pytest.mark.parametrize("path", ["/store", "/sign-up", "/retrieve"])
@pytest.mark.parametrize(
    "body", [b"", b"text", b"{", b"\xff", b'{"data": "a", "data": "b"}', b"[[" * 999]
)
def test_a_body_that_is_not_json_is_a_bad_request(
    control: TwinServer, path: str, body: bytes
) -> None:
    answer = ask(control, "POST", path, data=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert list(answer.json()) == ["error"]


@pytest.mark.parametrize(
    ("path", "body"), [("/store", b'{"data": "\\ud800"}'), ("/sign-up", b'{"name": "\\udfff"}')]
)
def test_half_a_character_is_a_bad_request(path: str, body: bytes) -> None:
    answer = a_client(Twin()).post(path, data=body, content_type="application/json")
    assert answer.status_code == 400


def test_other_paths_methods_and_types_are_refused_in_json(control: TwinServer) -> None:
    for status, answer in [
        (404, ask(control, "GET", "/public-key")),
        (405, ask(control, "GET", "/retrieve")),
        (415, ask(control, "POST", "/retrieve", data="record_id=1")),
    ]:
        assert answer.status_code == status
        assert list(answer.json()) == ["error"]


# Signing up.


def test_a_profile_is_a_name_and_a_role_that_is_user(control: TwinServer) -> None:
    client = TwinClient(control)
    assert client.retrieve(client.sign_up("Ada")) == "name=Ada;role=user"
    assert client.retrieve(client.sign_up("")) == "name=;role=user"
    assert client.retrieve(client.sign_up("世界 & co")) == "name=世界 & co;role=user"


@pytest.mark.parametrize("name", ["Eve;role=admin", "a;b", "a=b", ";", "="])
def test_nobody_signs_up_as_admin(control: TwinServer, name: str) -> None:
    answer = ask(control, "POST", "/sign-up", json={"name": name})
    assert_refused(answer, 'The field "name" must not hold ; or =.')


# Where it listens, and what chance does.


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_a_twin_listens_on_this_machine_only(host: str) -> None:
    server = TwinServer(Twin(), host=host)
    with pytest.raises(ListenError, match="can be reached from other machines"):
        server.start()


@pytest.mark.parametrize("flaw", FLAWS)
def test_a_seed_makes_everything_the_same_again(flaw: str) -> None:
    def rows(seed: int | str | None) -> list[Row]:
        twin = FLAWS[flaw](seed)
        return [twin.seal(TEXT.encode(), record_id=str(number)) for number in range(3)]

    assert rows(1) == rows(1)
    assert rows(1) != rows(2)
    assert rows("Ada Lovelace") == rows("Ada Lovelace")
    assert rows("Ada Lovelace") != rows("Alan Turing")
    assert rows(None) != rows(None)


def test_serving_a_twin_twice_gives_the_same_server_and_another_seed_another() -> None:
    servers = [serve_twin("control", seed=11), serve_twin(seed=11), serve_twin(seed=12)]
    try:
        assert servers[0] is servers[1]
        assert servers[0] is not servers[2]
        assert servers[0].url != servers[2].url
        assert serve_twin(Twin, seed=11) is servers[0]
    finally:
        for server in servers:
            server.stop()


def test_an_unknown_flaw_is_refused_with_a_list_of_them_all() -> None:
    with pytest.raises(FormatError) as refusal:
        serve_twin("rot13")
    assert all(flaw in str(refusal.value) for flaw in FLAWS)


def test_a_flaw_registers_itself_by_its_name_and_a_subclass_without_one_does_not() -> None:
    class Rot13(Twin):
        flaw = "rot13"

    class MyTwin(Rot13):
        pass

    try:
        assert FLAWS["rot13"] is Rot13
        assert MyTwin not in FLAWS.values()
    finally:
        del FLAWS["rot13"]


# Whatever comes.

lengths = st.sampled_from([0, 1, 7, 8, 12, 15, 16, 17, 32, 48, 4112])
some_bytes = st.one_of(
    st.binary(max_size=40), st.builds(lambda byte, n: byte * n, st.binary(max_size=1), lengths)
)


@pytest.mark.parametrize("flaw", FLAWS)
def test_no_bytes_make_a_twin_stumble(flaw: str) -> None:
    client = a_client(FLAWS[flaw](seed=1))

    @fuzzing
    @given(st.fixed_dictionaries(dict.fromkeys(FLAWS[flaw](seed=1).json_names, some_bytes)))
    def answers(row: dict[str, bytes]) -> None:
        body = {field: value.hex() for field, value in row.items()}
        answer = client.post("/retrieve", json=body)
        assert answer.status_code in (200, 400, 403)
        assert answer.is_json

    answers()


@pytest.mark.parametrize("flaw", FLAWS)
def test_every_refusal_is_a_sentence(flaw: str) -> None:
    client = a_client(FLAWS[flaw](seed=1))
    for nonce, length in [(0, 16), (16, 0), (16, 15), (16, 16), (15, 5000), (17, 16), (12, 16)]:
        body = dict.fromkeys(FLAWS[flaw](seed=1).json_names, "")
        body |= {"nonce": "00" * nonce, "encrypted_data": "00" * length}
        answer = client.post("/retrieve", json=body)
        assert answer.json is not None
        if answer.status_code != 200:
            assert_a_sentence(answer.json["error"])
