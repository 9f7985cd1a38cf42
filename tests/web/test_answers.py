"""What is said when something is wrong: JSON to the client, and the reason to the log alone."""

import re
from pathlib import Path

import pytest
from vocabulary import a_server, a_vault, ask, change_row, exchange, stored_by

from securedata import BackgroundServer, create_app
from securedata.web.contract import OUR_MISTAKE

JSON = {"Content-Type": "application/json"}


def stored_record(server: BackgroundServer, text: str = "attack at dawn") -> dict[str, str]:
    """The four fields and the id of a record that was stored just now."""
    stored = stored_by(server, text)
    return {**stored["data"], "record_id": stored["record_id"]}


def last_line(server: BackgroundServer) -> str:
    return server.log_tail(1)[0]


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


def test_a_bug_is_told_to_the_log_and_not_to_the_client(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    app = create_app(a_vault(tmp_path))
    app.add_url_rule("/bug", "bug", lambda: 1 / 0)
    with a_server(app, tmp_path) as server:
        for _ in range(20):  # more than there are threads
            answer = ask(server, "GET", "/bug")
            assert (answer.status_code, answer.json()) == (500, {"error": OUR_MISTAKE})
        log = "\n".join(server.log_tail(100))
    assert "Traceback" in log
    assert "ZeroDivisionError: division by zero" in log
    assert capfd.readouterr() == ("", "")
