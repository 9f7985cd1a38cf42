"""The man in the middle: what passes him, what he changes, and what stops him."""

import http.client
import json
import os
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask, Response, jsonify, request
from vocabulary import ROOT, a_server, ask, exchange, next_answer, tls_socket

from securedata import BackgroundServer, Client
from securedata.errors import FormatError, ListenError, RefusedError, SignatureError
from securedata.lab import ManInTheMiddle, flip_bit
from securedata.lab.tls.man_in_the_middle import Edit, Exchange

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
            cookie=request.headers.get("Cookie"),
            agent=request.headers.get("User-Agent"),
        )

    @app.route("/chunks")
    def chunks() -> Response:
        return Response((part for part in ('{"big": "', BIG, '"}')), mimetype="application/json")

    @app.route("/nothing", methods=["GET", "POST"])
    def nothing() -> tuple[str, int]:
        return "", 204

    @app.route("/cookies")
    def cookies() -> Response:
        answer = jsonify(ok=True)
        answer.set_cookie("one", "1")
        answer.set_cookie("two", "2")
        return answer

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


def careless_client(attacker: ManInTheMiddle) -> Client:
    """One that trusts his CA, which is as good as trusting everybody's."""
    assert attacker.ca_file is not None
    return Client(attacker.url, ca_file=attacker.ca_file)


def at(wanted: str, change: Callable[[Json], Json]) -> Edit:
    """An edit of what passes at one path."""
    return lambda path, said: change(said) if path == wanted else said


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
    ]:
        direct, through = (ask(server, method, path) for server in (upstream, attacker))
        assert through.status_code == direct.status_code, path
        assert through.content == direct.content, path
        for name in ("Content-Type", "Allow"):
            assert through.headers.get(name) == direct.headers.get(name), path


def test_he_reads_what_is_json_and_leaves_the_rest(
    attacker: ManInTheMiddle,
) -> None:
    ask(attacker, "POST", "/told", json={"data": TEXT})
    ask(attacker, "POST", "/told", data=b"\xff no JSON")
    ask(attacker, "GET", "/list")
    ask(attacker, "GET", "/teapot")
    told, no_json, a_list, teapot = attacker.seen
    assert (told.method, told.path, told.status) == ("POST", "/told", 200)
    assert told.request == {"data": TEXT}
    assert told.answer is not None
    assert json.loads(told.answer["body"]) == {"data": TEXT}
    assert no_json.request is None
    assert a_list.answer is None
    assert teapot == Exchange("GET", "/teapot", None, 418, {"error": "I am a teapot."})


def test_a_pem_passes(server: BackgroundServer) -> None:
    with ManInTheMiddle(server) as attacker:
        answer = ask(attacker, "GET", "/public-key")
        assert answer.text == ask(server, "GET", "/public-key").text
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert attacker.seen == [Exchange("GET", "/public-key", None, 200, None)]


def test_a_request_in_chunks_passes(attacker: ManInTheMiddle) -> None:
    parts = [b'{"data": "', TEXT.encode(), b'"}']
    told = ask(attacker, "POST", "/told", data=iter(parts)).json()
    assert json.loads(told["body"]) == {"data": TEXT}
    assert told["length"] == str(len(b"".join(parts)))


def test_kept_connections_carry_many_requests(attacker: ManInTheMiddle) -> None:
    with tls_socket(attacker) as connection:
        for number in range(5):
            body = b'{"number": %d}' % number
            head = b"POST /told HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n"
            connection.sendall(head % len(body) + body)
            answer = next_answer(connection)
            assert json.loads(answer.body)["body"] == body.decode()
            assert answer.headers["content-length"] == str(len(answer.body))
    assert len(attacker.seen) == 5


def test_a_big_body_passes_and_the_refusal_of_one_that_is_too_big_is_the_servers(
    attacker: ManInTheMiddle, server: BackgroundServer
) -> None:
    told = ask(attacker, "POST", "/told", json={"data": BIG}).json()
    assert json.loads(told["body"]) == {"data": BIG}
    with ManInTheMiddle(server) as other:
        answer = ask(other, "POST", "/store", json={"data": "x" * 3_000_000})
        assert answer.status_code == 413
        assert answer.json() == {"error": "The body is over 1048576 bytes."}


def test_an_empty_body_passes_in_both_directions(attacker: ManInTheMiddle) -> None:
    answer = ask(attacker, "POST", "/nothing")
    assert (answer.status_code, answer.content) == (204, b"")
    assert ask(attacker, "POST", "/told").json()["body"] == ""
    assert b"\r\n\r\n" in exchange(
        attacker, b"HEAD /told HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    )


def test_headers_pass_and_cookies_are_nobody_elses(attacker: ManInTheMiddle) -> None:
    with requests.Session() as session:
        verify = str(attacker.ca_file)
        set_cookies = session.get(f"{attacker.url}/cookies", verify=verify, timeout=5)
        assert set_cookies.cookies.get_dict() == {"one": "1", "two": "2"}
        headers = {"User-Agent": "mine"}
        told = session.get(f"{attacker.url}/told", headers=headers, verify=verify, timeout=5).json()
        assert (told["agent"], told["cookie"]) == ("mine", "one=1; two=2")
    assert ask(attacker, "GET", "/told").json()["cookie"] is None


def test_a_redirect_is_left_to_the_client(attacker: ManInTheMiddle) -> None:
    answer = ask(attacker, "GET", "/away", allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (302, "https://bank.example/")


# What he changes.


def test_an_edited_request_arrives_with_its_new_length(upstream: BackgroundServer) -> None:
    with ManInTheMiddle(upstream, edit_request=lambda path, said: {"data": BIG}) as attacker:
        told = ask(attacker, "POST", "/told", json={"data": "short"}).json()
        assert json.loads(told["body"]) == {"data": BIG}
        assert told["length"] == str(len(told["body"]))
        assert attacker.seen[0].request == {"data": "short"}


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


def test_what_an_edit_leaves_alone_passes_byte_by_byte(upstream: BackgroundServer) -> None:
    body = b'{"b":  1.0, "a": "\xc3\xbc"}'
    with ManInTheMiddle(upstream, edit_request=lambda path, said: said) as attacker:
        assert ask(attacker, "POST", "/told", data=body).json()["body"] == body.decode()


def test_an_edit_may_change_the_object_that_it_is_handed(upstream: BackgroundServer) -> None:
    def edit(path: str, said: Json) -> Json:
        said["data"] = "changed"
        return said

    with ManInTheMiddle(upstream, edit_request=edit) as attacker:
        told = ask(attacker, "POST", "/told", json={"data": TEXT}).json()
        assert json.loads(told["body"]) == {"data": "changed"}
        assert attacker.seen[0].request == {"data": TEXT}


@pytest.mark.parametrize("direction", ["edit_request", "edit_answer"])
def test_an_edit_that_raises_is_told_and_kept(upstream: BackgroundServer, direction: str) -> None:
    edits: dict[str, Edit] = {direction: lambda path, said: {"tag": said["no such field"]}}
    with ManInTheMiddle(upstream, **edits) as attacker:
        answer = ask(attacker, "POST", "/told", json={"data": TEXT})
        assert answer.status_code == 502
        assert answer.json() == {
            "error": "The man in the middle gave up: KeyError: 'no such field'"
        }
        (error,) = attacker.errors
        assert isinstance(error, KeyError)
        assert ask(attacker, "GET", "/nothing").status_code == 204


@pytest.mark.parametrize(
    ("edited", "kind"),
    [(None, FormatError), ("text", FormatError), ({"data": b"bytes"}, TypeError)],
)
def test_an_edit_must_return_json(
    upstream: BackgroundServer, edited: Any, kind: type[Exception]
) -> None:
    with ManInTheMiddle(upstream, edit_request=lambda path, said: edited) as attacker:
        assert ask(attacker, "POST", "/told", json={"data": TEXT}).status_code == 502
        assert [type(error) for error in attacker.errors] == [kind]


# The three edits of the lesson, against the real service.


def test_a_sealed_record_that_he_edits_is_caught_by_its_signature(
    server: BackgroundServer,
) -> None:
    receipt = Client(server.url, ca_file=str(server.ca_file)).store(TEXT)
    edit = at(
        "/retrieve", lambda said: said | {"encrypted_data": flip_bit(said["encrypted_data"], 0)}
    )
    with ManInTheMiddle(server, edit_request=edit) as attacker:
        with pytest.raises(RefusedError, match=r"Invalid signature\. Data may be compromised\."):
            careless_client(attacker).retrieve(submission=receipt)
        assert SignatureError.__name__ in server.log_tail(1)[0]


def test_a_text_that_he_edits_on_its_way_to_store_is_signed_as_if_it_were_yours(
    server: BackgroundServer,
) -> None:
    edit = at("/store", lambda said: said | {"data": "retreat at dawn"})
    with ManInTheMiddle(server, edit_request=edit) as attacker:
        receipt = careless_client(attacker).store(TEXT)
        assert attacker.seen[0].request == {"data": TEXT}
    honest = Client(server.url, ca_file=str(server.ca_file))
    assert honest.retrieve(submission=receipt) == "retreat at dawn"


def test_an_answer_of_retrieve_that_he_edits_goes_unnoticed(server: BackgroundServer) -> None:
    receipt = Client(server.url, ca_file=str(server.ca_file)).store(TEXT)
    edit = at("/retrieve", lambda said: said | {"decrypted_data": "retreat at dawn"})
    with ManInTheMiddle(server, edit_answer=edit) as attacker:
        assert careless_client(attacker).retrieve(submission=receipt) == "retreat at dawn"
        assert attacker.seen[0].answer == {
            "decrypted_data": TEXT,
            "signature_status": "Signature is valid.",
        }


def test_whoever_verifies_lets_nothing_pass(server: BackgroundServer) -> None:
    with ManInTheMiddle(server, edit_request=lambda path, said: {"data": "x"}) as attacker:
        for path in ("/store", "/retrieve"):
            with pytest.raises(requests.exceptions.SSLError, match="CERTIFICATE_VERIFY_FAILED"):
                requests.post(
                    attacker.url + path,
                    json={"data": TEXT},
                    verify=str(server.ca_file),
                    timeout=5,
                )
        assert attacker.seen == []
        assert attacker.errors == []


def test_he_himself_verifies_the_server(
    upstream: BackgroundServer, server: BackgroundServer
) -> None:
    with ManInTheMiddle(upstream) as attacker, ManInTheMiddle(attacker) as in_front:
        assert ask(in_front, "GET", "/nothing").status_code == 204
        attacker.ca_file = server.ca_file  # not his own: whom he claims to be is now nobody known
        assert ask(in_front, "GET", "/nothing").status_code == 502
        assert [type(error) for error in in_front.errors] == [requests.exceptions.SSLError]


# His life.


def test_without_a_server_the_client_is_told(tmp_path: Path) -> None:
    upstream = a_server(an_app(), tmp_path)
    with ManInTheMiddle(upstream) as attacker:
        answer = ask(attacker, "GET", "/told")
        assert answer.status_code == 502
        assert answer.json()["error"].startswith("The man in the middle gave up: ")
        with upstream:
            assert ask(attacker, "GET", "/told").ok


def test_stopped_in_the_middle_started_twice_and_stopped_twice_he_keeps_his_address(
    upstream: BackgroundServer,
) -> None:
    attacker = ManInTheMiddle(upstream)
    attacker.stop()
    attacker.start()
    url = attacker.url
    with tls_socket(attacker) as connection:
        connection.sendall(b"POST /told HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{")
        attacker.stop()
        attacker.stop()
        with pytest.raises((http.client.HTTPException, OSError)):
            next_answer(connection)
    attacker.start()
    attacker.start()
    assert attacker.url == url
    assert ask(attacker, "GET", "/told").ok
    attacker.stop()


def test_his_certificate_is_for_the_same_names_and_from_a_ca_of_his_own(
    attacker: ManInTheMiddle, upstream: BackgroundServer
) -> None:
    assert attacker.ca_file != upstream.ca_file
    with tls_socket(attacker) as connection:
        names = dict(connection.getpeercert() or {})["subjectAltName"]
    assert isinstance(connection, ssl.SSLSocket)
    assert [name for _, name in names] == ["localhost", "127.0.0.1", "0:0:0:0:0:0:0:1"]


def test_he_stands_on_this_machine_only(upstream: BackgroundServer) -> None:
    attacker = ManInTheMiddle(upstream)
    attacker.host = "0.0.0.0"
    with pytest.raises(ListenError, match="can be reached from other machines"):
        attacker.start()


PROGRAM = """
import sys, requests
from securedata.lab import ManInTheMiddle, serve_twin

twin = serve_twin()
attacker = ManInTheMiddle(twin, edit_answer=lambda path, said: said["nothing"])
attacker.start()
for verify in (attacker.ca_file, twin.ca_file):
    for body in ({"data": "text"}, {}, [], None):
        try:
            requests.post(attacker.url + "/store", json=body, verify=str(verify), timeout=5)
        except requests.exceptions.SSLError:
            pass
assert attacker.errors
if "stop" in sys.argv:
    attacker.stop()
    twin.stop()
"""


@pytest.mark.thorough
@pytest.mark.parametrize("ending", ["stop", "exit"])
def test_he_prints_nothing(ending: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, ending],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
