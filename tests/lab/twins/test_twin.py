"""The control twin, also over real TLS; and what all twins share."""

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from lab.attacker import Attacker
from vocabulary import ask, free_port

from securedata_lab import Row, Twin, TwinClient
from securedata_lab.lesson01_aes_modes.flaws import Cbc, Ecb, FixedNonceCtr
from securedata_lab.lesson03_dsa_signatures.flaws import PublicKeyFromRequest
from securedata_lab.lesson03_dsa_signatures.signed_twin import SignedTwin
from securedata_lab.lesson07_secure_store.flaws import AlgorithmFromRow
from securedata_lab.servers.clients import NoAnswerError
from securedata_lab.servers.token_client import User
from securedata_lab.twins.twin import TwinServer, create_twin_app

FIELDS = ["nonce", "encrypted_data", "tag"]
COMPROMISED = "Invalid tag. Data may be compromised."
NO_RECORD = "There is no such record."
TEXT = "attack at dawn"

NOTHING_SIGNED = [Twin, Cbc, Ecb, FixedNonceCtr]
SIGNED = [SignedTwin, PublicKeyFromRequest, AlgorithmFromRow]
every_twin = pytest.mark.parametrize("kind", [*NOTHING_SIGNED, *SIGNED])


def assert_a_sentence(words: str) -> None:
    """An error for people: a capital letter first, and one full stop at the end."""
    assert words[0].isupper()
    assert words.endswith(".")
    assert not words.endswith("..")


def a_client(twin: Twin) -> FlaskClient:
    """The twin's app, without the network."""
    return create_twin_app(twin).test_client()


# Storing and retrieving.


@every_twin
def test_an_honest_text_comes_back_whatever_the_flaw(kind: type[Twin]) -> None:
    user = Attacker(kind())

    @settings(max_examples=20, deadline=None, derandomize=True, database=None)
    @given(st.text(max_size=60))
    def comes_back(text: str) -> None:
        assert user.retrieve(user.store(text)) == (200, text)
        assert user.retrieve_by_id(list(user.twin.rows)[-1]) == (200, text)

    comes_back()


def test_the_client_speaks_bytes_and_words_and_every_text_has_a_fresh_nonce() -> None:
    with TwinServer(Twin()) as control:
        client = TwinClient(control)
        rows = [client.store(TEXT) for _ in range(20)]
        lengths = {(len(row.nonce), len(row.ciphertext), len(row.tag)) for row in rows}
        assert lengths == {(12, len(TEXT), 16)}
        assert len({row.nonce for row in rows}) == 20
        assert client.retrieve(rows[0]) == client.retrieve_by_id(list(control.rows)[-1]) == TEXT
        assert client.retrieve(Row(rows[0].nonce, rows[0].ciphertext, bytes(16))) == COMPROMISED
        stored = ask(control, "POST", "/store", json={"data": TEXT}).json()
        assert list(stored["data"]) == FIELDS
        both = stored["data"] | {"record_id": stored["record_id"]}
        assert ask(control, "POST", "/retrieve", json=both).json() == {"decrypted_data": TEXT}


def test_a_server_that_has_stopped_is_one_sentence_also_in_a_notebook() -> None:
    with TwinServer(Twin()) as server:
        client = TwinClient(server)
    with pytest.raises(NoAnswerError, match="Run the server cell again") as stopped:
        client.store(TEXT)
    assert stopped.value.__suppress_context__
    assert stopped.value._render_traceback_() == [str(stopped.value)]


def test_a_proxy_that_is_asked_for_localhost_is_named_and_the_advice_helps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", ".example.org")  # it wins over the other
    with TwinServer(Twin()) as server:
        client, ada = TwinClient(server), User(server, "ada")
        with pytest.raises(NoAnswerError, match="a proxy is set") as lost:
            client.retrieve_by_id("5")
        with pytest.raises(NoAnswerError, match="a proxy is set"):
            ada.retrieve({"record_id": "5"})
        exec(str(lost.value).partition("then this cell: ")[2])
        assert ada.retrieve({"record_id": "5"}) == f"400 {NO_RECORD}"


# What is refused.


def test_an_attacker_may_delete_rows() -> None:
    user = Attacker(Twin())
    for text in (TEXT, "other"):
        user.store(text)
    first, other = user.twin.rows
    del user.twin.rows[first]
    assert user.retrieve_by_id(first) == (400, NO_RECORD)
    user.store("new")  # takes no id that another row has
    assert user.retrieve_by_id(other) == (200, "other")


# Bad input.

GOOD = {"nonce": "00" * 12, "encrypted_data": "00", "tag": "00" * 16}


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        *(
            ("/retrieve", {name: GOOD[name] for name in FIELDS if name != field}, f'"{field}" is')
            for field in FIELDS
        ),
        ("/retrieve", GOOD | {"nonce": "xy"}, 'The field "nonce" must be lower-case hex, '),
        ("/retrieve", GOOD | {"tag": None}, 'The field "tag" must be a string, not null.'),
        ("/retrieve", GOOD | {"nonce": ""}, "Nonce cannot be empty."),
        ("/retrieve", GOOD | {"signature": ""}, 'The field "signature" is unknown here.'),
        ("/retrieve", {"record_id": 5}, 'The field "record_id" must be a string, not a number.'),
        ("/retrieve", {"record_id": ""}, NO_RECORD),
        ("/retrieve", {"record_id": "0", "tag": ""}, 'The field "nonce" is missing.'),
        ("/store", {}, 'The field "data" is missing.'),
        ("/store", {"data": "", "name": ""}, 'The field "name" is unknown here.'),
        ("/store", {"data": "\ud800"}, "lone surrogate"),
        ("/sign-up", {"name": ["Ada"]}, 'The field "name" must be a string, not an array.'),
        ("/sign-up", [], "The body must be a JSON object, not an array."),
        ("/sign-up", {"name": "Eve;role"}, 'The field "name" must not hold ; or =.'),
        ("/sign-up", {"name": "="}, 'The field "name" must not hold ; or =.'),
    ],
)
def test_bad_input_is_answered_with_a_sentence(path: str, body: object, words: str) -> None:
    answer = a_client(Twin()).post(path, json=body)
    assert answer.status_code == 400
    assert words in answer.get_json()["error"]
    assert_a_sentence(answer.get_json()["error"])


# What chance does.


@every_twin
def test_a_seed_makes_everything_the_same_again(kind: type[Twin]) -> None:
    def rows(seed: int | str | None) -> list[Row]:
        twin = kind(seed)  # type: ignore[arg-type]  # a text will do, too
        return [twin.seal(TEXT.encode(), record_id=str(number)) for number in range(3)]

    for seed, other in [(1, 2), ("Ada Lovelace", "Alan Turing")]:
        assert rows(seed) == rows(seed) != rows(other)
    assert rows(None) != rows(None)


lengths = st.sampled_from([0, 1, 7, 8, 12, 15, 16, 17, 32, 48, 4112])
some_bytes = st.one_of(
    st.binary(max_size=40), st.builds(lambda byte, n: byte * n, st.binary(max_size=1), lengths)
)


@every_twin
def test_no_bytes_make_a_twin_stumble_and_every_refusal_is_a_sentence(kind: type[Twin]) -> None:
    twin = kind(seed=1)
    client = a_client(twin)

    @settings(max_examples=100, deadline=None, derandomize=True, database=None)
    @given(st.fixed_dictionaries(dict.fromkeys(twin.json_names, some_bytes)))
    def answers(row: dict[str, bytes]) -> None:
        body = {field: value.hex() for field, value in row.items()}
        answer = client.post("/retrieve", json=body)
        assert answer.status_code in (200, 400, 403)
        if answer.status_code != 200:
            assert_a_sentence(answer.get_json()["error"])

    answers()
