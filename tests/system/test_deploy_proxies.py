"""Behind nginx and behind Caddy, with the very files of docs/deploy/: who may ask, and what is kept
out of logs and files."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from proxies import Caddy, Nginx, Proxy
from vocabulary import RunningService, a_token, a_vault, ask, next_answer, tls_socket

from securedata import BackgroundServer, CertificateAuthority, create_app, server_context

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


def test_a_token_is_passed_on_and_a_text_comes_back(proxy: Proxy, token: str) -> None:
    stored = post(proxy, "/store", {"data": TEXT}, token)
    assert stored.status_code == 200, stored.text
    assert stored.json()["owner"] == "alice"
    answer = post(proxy, "/retrieve", stored.json()["data"], token)
    assert answer.json()["decrypted_data"] == TEXT


def test_without_a_token_nobody_is_local_although_the_proxy_is(proxy: Proxy) -> None:
    for path in ("/store", "/retrieve"):
        answer = post(proxy, path, {"data": TEXT})
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_the_page_and_the_document_are_reached_too(proxy: Proxy) -> None:
    assert "Content-Security-Policy" in ask(proxy, "GET", "/").headers
    assert ask(proxy, "GET", "/openapi.json").json()["openapi"].startswith("3.1")
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
    over = post(proxy, "/store", {"data": "\1" * 175_000}, token)
    assert over.status_code == 413
    assert "error" in over.json()
    # Passed on, it would race against the answer of the service, which does not wait for its end.
    assert running.log.read_text().count(" 413 ") == before


def test_bodies_in_chunks_have_the_same_limit_and_are_refused_by_the_proxy(
    proxy: Proxy, running: RunningService, token: str
) -> None:
    before = running.log.read_text().count(" 413 ")
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    for pieces, status in [(170_000, 200), (200_000, 413)]:
        chunks = [b'{"data": "', *[b"\\u0001"] * pieces, b'"}']
        packed = (b"".join(chunks[start : start + 100]) for start in range(0, len(chunks), 100))
        answer = ask(
            proxy, "POST", "/store", data=packed, headers=headers, auth=lambda request: request
        )
        assert answer.status_code == status, answer.text
    assert "error" in answer.json()
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
def test_a_service_that_another_ca_vouches_for_is_not_spoken_to(
    kind: type[Proxy], running: RunningService, token: str, tmp_path: Path
) -> None:
    another = tmp_path / "another-ca.pem"
    another.write_text(CertificateAuthority.create("securedata local CA").certificate_pem)
    before = running.log.read_text().count("POST /store")
    with kind(tmp_path, running.port, another) as proxy:
        answer = post(proxy, "/store", {"data": TEXT}, token)
        assert answer.status_code == 502
        assert "error" in answer.json()
        assert token not in proxy.written()
    assert running.log.read_text().count("POST /store") == before


@PROXIES
def test_a_service_of_another_name_is_not_spoken_to(kind: type[Proxy], tmp_path: Path) -> None:
    ca = CertificateAuthority.create("Test CA")
    ca_file = tmp_path / "ca.pem"
    ca_file.write_text(ca.certificate_pem)
    tls = server_context(ca.issue("127.0.0.1"))  # and not localhost
    with (
        BackgroundServer(create_app(a_vault(tmp_path)), tls=tls, ca_file=ca_file) as server,
        kind(tmp_path, server.port, ca_file) as proxy,
    ):
        assert ask(proxy, "GET", "/health").status_code == 502
        assert server.log_tail() == []


@PROXIES
def test_a_service_that_is_down_is_said_in_json(kind: type[Proxy], tmp_path: Path) -> None:
    service = RunningService(tmp_path)
    service.ca_file.parent.mkdir()
    service.ca_file.write_text(CertificateAuthority.create("Test CA").certificate_pem)
    with kind(tmp_path, service.port, service.ca_file) as proxy:
        answer = post(proxy, "/store", {"data": TEXT})
        assert answer.status_code == 502
        assert "error" in answer.json()


class StrictNginx(Nginx):
    """One that any machine is too fast for: 1 request a second, after the burst."""

    def committed(self, file: str) -> str:
        return super().committed(file).replace("rate=50r/s", "rate=1r/s")


def test_nginx_slows_down_whoever_asks_too_often(running: RunningService, tmp_path: Path) -> None:
    with StrictNginx(tmp_path, running.port, running.ca_file) as proxy:
        statuses = [ask(proxy, "GET", "/health").status_code for _ in range(90)]
        assert set(statuses) == {200}
        while (answer := ask(proxy, "GET", "/health")).status_code == 200:
            assert len(statuses) < 300
            statuses.append(200)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "1"
    assert answer.json() == {"error": "Too many requests from this address."}
