"""Behind nginx and behind Caddy, with the very files of docs/deploy/: who may ask, and what is kept
out of logs and files."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests
from proxies import Caddy, Nginx, Proxy
from vocabulary import RunningService, a_token, a_vault, ask, next_answer, tls_socket

from securedata import BackgroundServer, CertificateAuthority, create_app, server_context
from securedata.keys.service_keys import new_token

if TYPE_CHECKING:
    from postgres import Postgres

pytestmark = pytest.mark.thorough

PROXIES = pytest.mark.parametrize("kind", [Nginx, Caddy])
TEXT = "a text that must not lie about"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    with RunningService(tmp_path_factory.mktemp("service")) as service:
        yield service


@pytest.fixture(scope="module")
def token(running: RunningService) -> str:
    """Made before any proxy is started, as docs/deploy.md has it."""
    return a_token(running)


@pytest.fixture(scope="module", params=[Nginx, Caddy], ids=["nginx", "caddy"])
def proxy(
    request: pytest.FixtureRequest,
    running: RunningService,
    token: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Proxy]:
    folder = tmp_path_factory.mktemp("proxy")
    with request.param(folder, running.port, running.ca_file) as started:
        yield started


def post(proxy: Proxy, path: str, body: object, token: str | None = None) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    # A prepared header, as curl sends it: ~/.netrc would replace it otherwise.
    return ask(proxy, "POST", path, json=body, headers=headers, auth=lambda request: request)


def retrieve_and_read_slowly(proxy: Proxy, record_id: str, token: str) -> None:
    """As a client far away does: meanwhile the answer has to be kept somewhere."""
    body = json.dumps({"record_id": record_id})
    head = (
        f"POST /retrieve HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with tls_socket(proxy) as connection:
        connection.sendall((head + body).encode())
        time.sleep(0.5)
        assert next_answer(connection).status == 200


def test_a_token_is_passed_on_and_without_one_the_answer_is_401(proxy: Proxy, token: str) -> None:
    stored = post(proxy, "/store", {"data": TEXT}, token)
    assert (stored.status_code, stored.json()["owner"]) == (200, "alice")
    answer = post(proxy, "/retrieve", stored.json()["data"], token)
    assert answer.json()["decrypted_data"] == TEXT
    for path in ("/store", "/retrieve"):
        answer = post(proxy, path, {"data": TEXT})
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert "Content-Security-Policy" in ask(proxy, "GET", "/").headers
    assert ask(proxy, "GET", "/log").status_code == 403


def test_the_longest_body_passes_and_a_longer_one_is_refused_in_json_by_the_proxy(
    proxy: Proxy, running: RunningService, token: str
) -> None:
    before = running.log.read_text().count(" 413 ")
    longest = "\1" * 174_000  # six bytes each in JSON, both ways
    stored = post(proxy, "/store", {"data": longest}, token)
    assert stored.status_code == 200, stored.text
    answer = post(proxy, "/retrieve", {"record_id": stored.json()["record_id"]}, token)
    assert answer.json()["decrypted_data"] == longest
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    body = b'{"data": "' + b"\\u0001" * 200_000 + b'"}'
    in_chunks = (body[start : start + 1000] for start in range(0, len(body), 1000))
    for sent in (body, in_chunks):
        over = ask(proxy, "POST", "/store", data=sent, headers=headers, auth=lambda it: it)
        assert over.status_code == 413
        assert "error" in over.json()
    # Passed on, it would race against the answer of the service, which does not wait for its end.
    assert running.log.read_text().count(" 413 ") == before


def test_neither_tokens_nor_texts_are_written_down(proxy: Proxy, token: str) -> None:
    """Also where something goes wrong; and no text becomes a file for a moment."""
    stored = post(proxy, "/store", {"data": TEXT + "\1" * 170_000}, token).json()
    retrieve_and_read_slowly(proxy, stored["record_id"], token)
    post(proxy, "/retrieve?secret=" + "ab" * 16, {"data": TEXT}, token)
    written = proxy.written()
    assert "/store" in written  # it does log
    assert token not in written
    assert TEXT not in written
    assert "temporary file" not in written


@PROXIES
@pytest.mark.parametrize("name", ["another CA", "another name"])
def test_a_service_that_cannot_be_verified_is_not_spoken_to(
    kind: type[Proxy], name: str, tmp_path: Path
) -> None:
    ca, other = (CertificateAuthority.create("securedata local CA") for _ in range(2))
    (tmp_path / "trusted.pem").write_text(ca.certificate_pem)
    leaf = other.issue("localhost") if name == "another CA" else ca.issue("127.0.0.1")
    token = new_token()
    with (
        BackgroundServer(create_app(a_vault(tmp_path)), tls=server_context(leaf)) as server,
        kind(tmp_path, server.port, tmp_path / "trusted.pem") as proxy,
    ):
        answer = post(proxy, "/store", {"data": TEXT}, token)
        assert answer.status_code in (502, 503)
        assert "error" in answer.json()
        assert server.log_tail() == []
        assert token not in proxy.written()


@PROXIES
def test_services_share_one_database_and_the_work_and_one_may_die(
    kind: type[Proxy], postgres: "Postgres", tmp_path: Path
) -> None:
    options = ("--database", postgres.new_database())
    first, second = (RunningService(tmp_path, *options) for _ in range(2))
    second.log = tmp_path / "second.log"
    (tmp_path / "proxy").mkdir()
    with first, second, kind(tmp_path / "proxy", first.port, first.ca_file, second.port) as proxy:
        token = a_token(first)

        def store() -> dict[str, Any]:
            answer = post(proxy, "/store", {"data": TEXT}, token)
            assert answer.status_code == 200, answer.text
            return dict(answer.json())

        receipts = [store() for _ in range(20)]
        assert all("/store 200" in it.log.read_text() for it in (first, second))
        first.kill()
        time.sleep(8 if kind is Caddy else 0)  # it asks every 5 s
        receipts += [store() for _ in range(20)]
        for receipt in receipts:
            answer = post(proxy, "/retrieve", receipt["data"], token)
            assert answer.json()["decrypted_data"] == TEXT, answer.text


class StrictNginx(Nginx):
    """One that any machine is too fast for: 1 request a second, after the burst."""

    level = "crit"

    def committed(self, file: str) -> str:
        return super().committed(file).replace("rate=50r/s", "rate=1r/s")


def test_nginx_answers_429_to_too_many_requests(running: RunningService, tmp_path: Path) -> None:
    with StrictNginx(tmp_path, running.port, running.ca_file) as proxy:
        statuses = [ask(proxy, "GET", "/health").status_code for _ in range(90)]
        assert set(statuses) == {200}
        secret = {"Referer": f"https://localhost/{'ab' * 16}"}
        while (answer := ask(proxy, "GET", "/health?ab" + 15 * "ab", headers=secret)).ok:
            assert len(statuses) < 300
            statuses.append(200)
        assert 16 * "ab" not in proxy.written()
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "1"
    assert answer.json() == {"error": "Too many requests from this address."}
