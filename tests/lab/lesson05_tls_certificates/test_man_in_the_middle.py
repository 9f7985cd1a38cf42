"""The man in the middle: what passes, what is changed, and what stops it."""

import json
import ssl
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, Response, jsonify, request
from vocabulary import a_server, ask, next_answer, tls_socket

from securedata import BackgroundServer
from securedata.errors import FormatError
from securedata_lab.lesson05_tls_certificates import ManInTheMiddle, issue_certificate
from securedata_lab.lesson05_tls_certificates.man_in_the_middle import Edit, Exchange

Json = dict[str, Any]
TEXT = "attack at dawn"
BIG = "x" * 200_000


def an_app() -> Flask:
    """Tells what it was sent, and answers in many ways."""
    app = Flask("upstream", static_folder=None)

    @app.route("/told", methods=["GET", "POST", "PUT", "DELETE"])
    def told() -> Response:
        return jsonify(
            method=request.method,
            query=request.query_string.decode(),
            body=request.get_data().decode(),
            length=request.headers.get("Content-Length"),
            agent=request.headers.get("User-Agent"),
        )

    @app.route("/chunks")
    def chunks() -> Response:
        return Response((part for part in ('{"big": "', BIG, '"}')), mimetype="application/json")

    @app.route("/nothing", methods=["GET", "POST"])
    def nothing() -> tuple[str, int]:
        return "", 204

    @app.route("/away")
    def away() -> tuple[str, int, dict[str, str]]:
        return "", 302, {"Location": "https://bank.example/"}

    @app.route("/list")
    def a_list() -> Response:
        return Response("[1,  2]", mimetype="application/json")

    @app.route("/teapot")
    def teapot() -> tuple[Response, int]:
        return jsonify(error="I am a teapot."), 418

    return app


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BackgroundServer]:
    with a_server(an_app(), tmp_path_factory.mktemp("upstream")) as server:
        yield server


@pytest.fixture
def attacker(upstream: BackgroundServer) -> Iterator[ManInTheMiddle]:
    """Without edits: he only reads."""
    with ManInTheMiddle(upstream) as running:
        yield running


# What passes.


def test_whatever_the_server_answers_passes_unchanged(
    attacker: ManInTheMiddle, upstream: BackgroundServer
) -> None:
    for method, path in [
        ("GET", "/told?a=1&b=%20%C3%BC&c"),
        ("DELETE", "/told"),
        ("GET", "/list"),
        ("GET", "/teapot"),
        ("GET", "/nowhere"),
        ("PATCH", "/told"),
        ("OPTIONS", "/told"),
        ("GET", "//told"),
        ("GET", "/chunks"),
        ("POST", "/nothing"),
        ("HEAD", "/told"),
        ("GET", "/away"),  # a redirect is the client's
    ]:
        direct, through = (
            ask(server, method, path, allow_redirects=False) for server in (upstream, attacker)
        )
        assert through.status_code == direct.status_code, path
        assert through.content == direct.content, path
        for name in ("Content-Type", "Allow", "Location"):
            assert through.headers.get(name) == direct.headers.get(name), path


def test_json_is_read_and_the_rest_is_left_alone(attacker: ManInTheMiddle) -> None:
    ask(attacker, "POST", "/told", json={"data": TEXT})
    ask(attacker, "POST", "/told", data=b"\xff no JSON")
    ask(attacker, "GET", "/teapot")
    told, no_json, teapot = attacker.seen
    assert told.path == "/told"
    assert told.request == {"data": TEXT}
    assert told.answer is not None
    assert json.loads(told.answer["body"]) == {"data": TEXT}
    assert no_json.request is None
    assert teapot == Exchange("/teapot", None, {"error": "I am a teapot."})


# What is changed.


def in_place(path: str, said: Json) -> Json:
    said["data"] = "changed"
    return said


BODY = b'{"b":  1.0, "a": "\xc3\xbc"}'


@pytest.mark.parametrize(
    ("edit", "arrives"),
    [
        (lambda path, said: {"data": BIG}, json.dumps({"data": BIG})),
        (lambda path, said: said, BODY.decode()),  # byte by byte
        (in_place, json.dumps({"b": 1.0, "a": "ü", "data": "changed"})),
    ],
)
def test_an_edited_request_arrives_with_its_new_length(
    upstream: BackgroundServer, edit: Edit, arrives: str
) -> None:
    with ManInTheMiddle(upstream, edit_request=edit) as attacker:
        told = ask(attacker, "POST", "/told", data=BODY).json()
        assert told["body"] == arrives
        assert told["length"] == str(len(arrives.encode()))
        assert attacker.seen[0].request == json.loads(BODY)


@pytest.mark.parametrize("path", ["/teapot", "/chunks"])
def test_an_edited_answer_arrives_with_its_new_length(
    upstream: BackgroundServer, path: str
) -> None:
    with ManInTheMiddle(upstream, edit_answer=lambda path, said: {"at": path}) as attacker:
        with tls_socket(attacker) as connection:
            for _ in range(2):
                connection.sendall(b"GET %b HTTP/1.1\r\nHost: localhost\r\n\r\n" % path.encode())
                answer = next_answer(connection)
                assert json.loads(answer.body) == {"at": path}
                assert int(answer.headers["content-length"]) == len(answer.body)
        assert attacker.seen[0].answer != {"at": path}


@pytest.mark.parametrize("direction", ["edit_request", "edit_answer"])
@pytest.mark.parametrize(
    ("edit", "kind"),
    [
        (lambda path, said: {"tag": said["no such field"]}, KeyError),
        (lambda path, said: None, FormatError),
        (lambda path, said: "text", FormatError),
        (lambda path, said: {"data": b"bytes"}, TypeError),
    ],
)
def test_an_edit_that_raises_or_gives_no_json_is_told(
    upstream: BackgroundServer, direction: str, edit: Any, kind: type[Exception]
) -> None:
    edits: dict[str, Edit] = {direction: edit}
    with ManInTheMiddle(upstream, **edits) as attacker:
        answer = ask(attacker, "POST", "/told", json={"data": TEXT})
        assert answer.status_code == 502
        assert f"The man in the middle gave up: {kind.__name__}: " in answer.json()["error"]
        assert ask(attacker, "GET", "/nothing").status_code == 204


def test_it_verifies_the_server_itself(
    upstream: BackgroundServer, server: BackgroundServer
) -> None:
    with ManInTheMiddle(upstream) as attacker, ManInTheMiddle(attacker) as in_front:
        assert ask(in_front, "GET", "/nothing").status_code == 204
        attacker.ca_file = server.ca_file  # not his own: whom he claims to be is now nobody known
        answer = ask(in_front, "GET", "/nothing")
        assert answer.status_code == 502
        assert "gave up: SSLError: " in answer.json()["error"]


def test_a_certificate_of_ones_own_is_shown(upstream: BackgroundServer) -> None:
    mine = issue_certificate("localhost", names=["localhost"])
    with ManInTheMiddle(upstream, certificate=mine) as attacker:
        shown = ssl.get_server_certificate(("localhost", attacker.port))
        assert shown.split() == mine.certificate_pem.split()
        assert ask(attacker, "GET", "/teapot").status_code == 418  # ca_file holds it
