"""What is said when something is wrong: JSON to the client, and the reason to the log alone."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from vocabulary import a_server, a_vault, ask, change_row, exchange

from securedata import BackgroundServer, create_app
from securedata.web.contract import OUR_MISTAKE

JSON = {"Content-Type": "application/json"}


def stored_record(server: BackgroundServer, text: str = "attack at dawn") -> dict[str, str]:
    """The four fields and the id of a record that was stored just now."""
    stored = ask(server, "POST", "/store", json={"data": text}).json()
    return {**stored["data"], "record_id": stored["record_id"]}


def last_line(server: BackgroundServer) -> str:
    return server.log_tail(1)[0]


def assert_is_error(answer: requests.Response, status: int, words: str) -> None:
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/json"
    assert list(answer.json()) == ["error"]
    assert words in answer.json()["error"]


UNKNOWN = ["/nowhere", "/store/", "/STORE", "/health/../store", "/%00", "/%ff"]
ODD = ["?x", "health", "//health", "/%2fhealth"]  # Werkzeug would redirect, or serve /health


def test_an_unknown_address_is_404_in_json(server: BackgroundServer) -> None:
    for target in UNKNOWN + ODD:
        head = f"GET {target} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
        answer = exchange(server, head.encode())
        assert answer.startswith(b"HTTP/1.1 404 "), target
        assert b"content-type: application/json" in answer.lower()
        assert b'{"error":"No such address. See /docs."}' in answer
        assert b"evil" not in answer


def test_a_wrong_method_or_one_in_small_letters_is_405_and_the_right_ones_are_named(
    server: BackgroundServer,
) -> None:
    for line, right in (
        (b"GET /store", b"POST"),
        (b"BREW /health", b"GET"),
        (b"post /store", b"POST"),
        (b"gEt /health", b"GET"),
    ):
        head = line + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        answer = exchange(server, head)
        assert answer.startswith(b"HTTP/1.1 405 ")
        (allowed,) = re.findall(rb"\r\nAllow: (.*?)\r\n", answer)
        assert right in allowed.split(b", ")
        assert b'{"error":"The method' in answer
        assert last_line(server) == f"{line.decode()} 405"


def test_no_answer_may_be_kept_by_anyone_or_run_as_a_page(server: BackgroundServer) -> None:
    record = stored_record(server)
    by_id = {"record_id": record["record_id"]}
    for status, answer in [
        (200, ask(server, "GET", "/health")),
        (200, ask(server, "GET", "/public-key")),
        (200, ask(server, "POST", "/store", json={"data": "hello"})),
        (200, ask(server, "POST", "/retrieve", json=by_id)),
        (400, ask(server, "POST", "/retrieve", json=record | {"tag": "0" * 32})),
        (404, ask(server, "GET", "/nowhere")),
        (405, ask(server, "GET", "/store")),
        (413, ask(server, "POST", "/store", data=b"x" * 1024 * 1024 + b"x")),
        (415, ask(server, "POST", "/store", data=b"hello")),
    ]:
        assert answer.status_code == status
        assert answer.headers["Cache-Control"] == "no-store", status
        assert answer.headers["X-Content-Type-Options"] == "nosniff", status
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"], status
        assert "Server" not in answer.headers


# The log.


def test_the_log_says_which_check_failed_and_the_answer_does_not(server: BackgroundServer) -> None:
    answers = set()
    for error, change, body in (
        ("SignatureError", "tag = tag", {"signature": "0" * 128}),
        ("RecordNotFoundError", "owner = 'eve'", {}),
        ("TagError", "wrapped_key = zeroblob(60)", {}),
        ("DamagedRecordError", "created = 'now'", {}),
    ):
        record = stored_record(server)
        change_row(server, record["record_id"], change)
        answers.add(ask(server, "POST", "/retrieve", json=record | body).content)
        assert f" 400 {error}: " in last_line(server)
    assert len(answers) == 1


def test_the_log_says_why_a_body_was_not_taken_for_json(server: BackgroundServer) -> None:
    ask(server, "POST", "/store", data=b"hello")
    assert last_line(server).startswith("POST /store 415 The Content-Type")


def test_the_log_holds_no_plaintext(server: BackgroundServer) -> None:
    record = stored_record(server, "swordfish")
    for body in (
        record,
        record | {"tag": "0" * 32},
        record | {"nonce": "swordfish"},
        {"record_id": "swordfish"},
        {"swordfish": 1},
    ):
        ask(server, "POST", "/retrieve", json=body)
    for text in (["swordfish"], "swordfish\ud800", "swordfish" * 50_000):
        ask(server, "POST", "/store", json={"data": text})
    for data in (b'{"data": "swordfish', b'{"data": "swordfish\xff"}', b"swordfish" * 200_000):
        ask(server, "POST", "/store?data=swordfish", data=data, headers=JSON)
    assert "swordfish" not in "\n".join(server.log_tail(1000))


# A mistake of ours.


@pytest.fixture
def server_with_a_bug(tmp_path: Path) -> Iterator[BackgroundServer]:
    app = create_app(a_vault(tmp_path))

    @app.get("/bug")
    def bug() -> str:
        raise ZeroDivisionError("secret detail")

    with a_server(app, tmp_path) as running:
        yield running


def test_a_bug_is_told_to_the_log_and_not_to_the_client(
    server_with_a_bug: BackgroundServer, capfd: pytest.CaptureFixture[str]
) -> None:
    for _ in range(20):  # more than there are threads
        assert_is_error(ask(server_with_a_bug, "GET", "/bug"), 500, OUR_MISTAKE)
    log = "\n".join(server_with_a_bug.log_tail(100))
    assert "Traceback" in log
    assert "ZeroDivisionError: secret detail" in log
    assert capfd.readouterr() == ("", "")
