"""Who may ask: with tokens, every store and retrieve needs one, and owners never meet."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from vocabulary import a_server, a_vault, ask, client_of, exchange, stored_by

from securedata import (
    BackgroundServer,
    Client,
    KeyFile,
    RecordStore,
    Vault,
    create_app,
)
from securedata.errors import RefusedError, TokenError
from securedata.record import SealedRecord
from securedata.web.answers import loggable
from securedata.web.contract import ENDPOINTS

COMPROMISED = b'{"error":"Invalid signature. Data may be compromised."}\n'
TEXT = "attack at dawn"
# The same in every process: the names of tests hold them.
ALICE, BOB, NOBODY = (hashlib.sha256(name).hexdigest() for name in (b"alice", b"bob", b"nobody"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BackgroundServer]:
    """A service in which alice and bob have tokens."""
    folder = tmp_path_factory.mktemp("server")
    with a_server(create_app(a_vault(folder, alice=ALICE, bob=BOB)), folder) as running:
        yield running


def bearing(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def post(
    server: BackgroundServer, path: str, body: object, token: str | None = None
) -> requests.Response:
    return ask(server, "POST", path, json=body, headers=bearing(token) if token else {})


def assert_asked_for_a_token(answer: requests.Response, words: str) -> None:
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json() == {"error": words}
    assert ALICE not in str(answer.headers) + answer.text


# Who is let in.


def test_the_owner_of_a_record_is_the_name_of_the_token(server: BackgroundServer) -> None:
    receipt = stored_by(server, headers=bearing(ALICE))
    assert receipt["owner"] == "alice"
    for scheme in ("bearer", "BEARER", "Bearer "):
        for body in (receipt["data"], {"record_id": receipt["record_id"]}):
            headers = {"Authorization": f"{scheme} {ALICE}"}
            answer = ask(server, "POST", "/retrieve", json=body, headers=headers)
            assert answer.json()["decrypted_data"] == TEXT


MISSING = 'A token is needed: send the header "Authorization: Bearer TOKEN".'
MALFORMED = 'The Authorization header must be "Bearer", a space, and 64 hex digits.'
UNKNOWN = "This token is unknown or was revoked."


HEADERS = [
    (None, MISSING),
    ("", MALFORMED),
    (ALICE, MALFORMED),
    (f"Basic {ALICE}", MALFORMED),
    (f"Bearer {ALICE[:-1]}", MALFORMED),
    (f"Bearer {ALICE}0", MALFORMED),
    (f"Bearer {ALICE}, Bearer {ALICE}", MALFORMED),
    (f"Bearer {ALICE[:-1]}é", MALFORMED),
    (f"Bearer {NOBODY}", UNKNOWN),
]


def test_without_a_known_token_every_request_is_refused(server: BackgroundServer) -> None:
    for path in ("/store", "/retrieve"):
        for header, words in HEADERS:
            headers = {} if header is None else {"Authorization": header.encode("latin-1")}
            answer = ask(server, "POST", path, json={"data": TEXT}, headers=headers)
            assert_asked_for_a_token(answer, words)


def test_two_headers_are_not_one(server: BackgroundServer) -> None:
    request = (
        "POST /store HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n"
        f"Authorization: Bearer {NOBODY}\r\nAuthorization: Bearer {ALICE}\r\n\r\n"
    )
    assert exchange(server, request.encode()).startswith(b"HTTP/1.1 401 ")


def test_an_endpoint_with_a_body_needs_a_token_and_no_other_does(server: BackgroundServer) -> None:
    for endpoint in ENDPOINTS:
        wanted = 401 if endpoint.takes else 200
        for headers in ({}, bearing(NOBODY)):
            answer = ask(server, endpoint.method, endpoint.path, headers=headers)
            assert answer.status_code == wanted


# Owners.


def test_another_owners_record_answers_as_one_that_does_not_exist(server: BackgroundServer) -> None:
    receipt = stored_by(server, headers=bearing(ALICE))
    by_id = {"record_id": receipt["record_id"]}
    missing = post(server, "/retrieve", {"record_id": "0" * 32}, BOB)
    for body in (receipt["data"], by_id, receipt["data"] | by_id):
        answer = post(server, "/retrieve", body, BOB)
        assert (answer.status_code, answer.content) == (400, COMPROMISED)
        assert answer.content == missing.content
        assert {**answer.headers, "Date": ""} == {**missing.headers, "Date": ""}


# While the server runs.


def test_tokens_come_and_go_while_the_server_runs_and_the_door_stays_closed(
    own: BackgroundServer, key_file: KeyFile
) -> None:
    before = key_file.path.read_bytes()
    local = stored_by(own)
    assert local["owner"] == "local"
    # The first token closes it. What everybody stored before is not hers.
    key_file.update(lambda keys: keys.add_token("alice", ALICE).add_token("bob", BOB))
    assert_closed(own, local, None, MISSING)
    receipt = stored_by(own, headers=bearing(ALICE))
    assert receipt["owner"] == "alice"
    assert post(own, "/retrieve", local["data"], ALICE).content == COMPROMISED
    # A revoked token is refused at once.
    key_file.update(lambda keys: keys.revoke_token("alice"))
    assert_closed(own, receipt, ALICE, UNKNOWN)
    assert stored_by(own, headers=bearing(BOB))["owner"] == "bob"
    # The last one that is revoked opens no door, nor does a key file from before all tokens.
    key_file.update(lambda keys: keys.revoke_token("bob"))
    assert_closed(own, local, None, MISSING)
    key_file.path.write_bytes(before)
    assert_closed(own, local, None, MISSING)
    assert_closed(own, local, ALICE, UNKNOWN)


def test_a_token_that_is_revoked_while_a_record_is_looked_up_gets_no_text(
    own: BackgroundServer, key_file: KeyFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    key_file.update(lambda keys: keys.add_token("alice", ALICE))
    receipt, found = stored_by(own, headers=bearing(ALICE)), RecordStore.get

    def late(*asked: Any) -> SealedRecord:
        """As if another program had locked the table."""
        key_file.update(lambda keys: keys.revoke_token("alice"))
        return found(*asked)

    monkeypatch.setattr(RecordStore, "get", late)
    answer = post(own, "/retrieve", {"record_id": receipt["record_id"]}, ALICE)
    assert_asked_for_a_token(answer, UNKNOWN)


def assert_closed(
    server: BackgroundServer, receipt: dict[str, Any], token: str | None, words: str
) -> None:
    assert_asked_for_a_token(post(server, "/store", {"data": TEXT}, token), words)
    assert_asked_for_a_token(post(server, "/retrieve", receipt["data"], token), words)


def test_an_app_that_began_with_tokens_never_lets_anybody_in_without(key_file: KeyFile) -> None:
    before = key_file.path.read_bytes()
    key_file.update(lambda keys: keys.add_token("alice", ALICE))
    client = create_app(Vault(RecordStore("sqlite://"), key_file)).test_client()
    key_file.path.write_bytes(before)  # before anybody has asked for anything
    assert client.post("/store", json={"data": TEXT}).status_code == 401
    key_file.path.write_bytes(b"{}")
    for headers in ({}, bearing(ALICE)):
        answer = client.post("/store", json={"data": TEXT}, headers=headers)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


# The log.


def test_no_token_is_ever_logged_wherever_it_strays(server: BackgroundServer) -> None:
    for path in (f"/{ALICE}", f"/store/{ALICE.upper()}/x", f"/%20{ALICE}", f"/{ALICE}{ALICE}"):
        ask(server, "POST", path, headers=bearing(ALICE))
        ask(server, "POST", path, data=b"x" * (1024 * 1024 + 1), headers=bearing(ALICE))
    ask(server, ALICE, "/store")
    ask(server, ALICE, "/nowhere", data=b"x" * (1024 * 1024 + 1))
    ask(server, "POST", f"/store?token={ALICE}", json={}, headers=bearing(ALICE))
    ask(server, "POST", "/store", json={ALICE: 1, "data": ""}, headers=bearing(ALICE))
    ask(server, "POST", "/retrieve", json={"record_id": ALICE}, headers=bearing(ALICE))
    ask(server, "POST", "/store", json={"data": ""}, headers={"Authorization": f"Basic {ALICE}"})
    ask(server, "POST", "/store", json={"data": ""}, headers=bearing(NOBODY))
    log = "\n".join(server.log_tail(1000)).lower()
    assert "post /store 401 tokenerror: this token is unknown" in log
    for token in (ALICE, NOBODY):
        assert not any(token[at : at + 20] in log for at in range(45))


def test_a_path_in_the_log_is_one_short_line() -> None:
    assert loggable("/a\r\nb\u2028c") == "/a%0D%0Ab%E2%80%A8c"
    assert len(loggable("/" + "x" * 1000)) == 64
    assert loggable("/" + "0" * 32) == "/" + "0" * 32  # a record id may stand there


# The client.


def test_a_client_with_a_token_is_its_owner(server: BackgroundServer) -> None:
    alice = client_of(server, ALICE)
    receipt = alice.store(TEXT)
    assert (receipt.owner, alice.retrieve(submission=receipt)) == ("alice", TEXT)
    for token, error, words in (
        (None, TokenError, MISSING),
        (NOBODY, TokenError, UNKNOWN),
        (BOB, RefusedError, "Invalid signature. Data may be compromised."),
    ):
        with pytest.raises(error, match=re.escape(words)):
            client_of(server, token).retrieve(submission=receipt)


def test_a_netrc_file_does_not_take_the_tokens_place(
    server: BackgroundServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine localhost login eve password mallory\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert client_of(server, ALICE).store(TEXT).owner == "alice"


def test_a_malformed_token_is_refused_before_it_is_sent_and_not_quoted() -> None:
    for token in ("", f"{ALICE}\n", f" {ALICE}", ALICE.upper(), "Bearer x"):
        with pytest.raises(TokenError, match="64 lower-case hex digits") as refusal:
            Client("https://localhost:1", ca_file="ca.pem", token=token)
        assert ALICE not in str(refusal.value)
    assert ALICE not in repr(Client("https://localhost:1", ca_file="ca.pem", token=ALICE))
