"""Who may stay connected, and for how long; over real sockets."""

import asyncio
import errno
import random
import socket
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from serving.raw import BODY, CHUNKED, HEAD, HEALTH, IN_TIME, after, get, is_closed, plain, within
from vocabulary import APP, RunningService, a_server, a_vault, ask, next_answer, tls_socket

from securedata import BackgroundServer, create_app
from securedata.certificates.tls import client_context
from securedata.keys.service_keys import new_token
from securedata.serving import connections
from securedata.serving.connection import IDLE_SECONDS, TRY_HTTPS

HALF_A_HELLO = b"\x16\x03\x01\x02\x00\x01"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[BackgroundServer]:
    app = Flask("example")
    app.add_url_rule("/health", "health", lambda: "fine")
    app.add_url_rule("/store", "store", lambda: "stored", methods=["POST"])
    app.add_url_rule("/long", "long", lambda: "a" * 4_000_000)
    app.add_url_rule("/slow", "slow", lambda: time.sleep(3) or "done")
    with a_server(app, tmp_path) as running:
        yield running


def test_a_client_without_a_head_is_disconnected(
    server: BackgroundServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    half_a_hello = plain(server)
    half_a_hello.sendall(HALF_A_HELLO)
    silent = [plain(server), half_a_hello, after(server, b""), after(server, HEAD)]
    # Not before: a handshake may take long.
    monkeypatch.setattr("securedata.serving.connection.HEAD_SECONDS", 1)
    for connection in silent:
        assert is_closed(connection)


@pytest.mark.thorough
def test_a_client_that_stalls_after_an_answer_is_disconnected(
    server: BackgroundServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    stalled = [after(server, HEALTH, said) for said in (b"", HEAD, get("/long"))]
    monkeypatch.setattr("securedata.serving.connection.IDLE_SECONDS", 1)
    time.sleep(3)  # nothing is read of the long answer
    for connection in stalled:
        assert is_closed(connection)


@pytest.mark.thorough
def test_a_client_that_asks_now_and_then_or_waits_for_its_answer_stays(
    server: BackgroundServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1_000_000.0]
    monkeypatch.setattr(
        "securedata.serving.connection.time", SimpleNamespace(monotonic=lambda: now[0])
    )
    with after(server, HEALTH, b"") as one, after(server, HEALTH, get("/slow")) as other:
        for _ in range(2):
            one.sendall(HEALTH)
            assert next_answer(one).status == 200
            silent = tls_socket(server)
            now[0] += IDLE_SECONDS - 1
            assert is_closed(silent)  # and with it all that are late
        one.sendall(HEALTH)
        assert next_answer(one).status == 200
        assert next_answer(other).body == b"done"


def test_every_end_is_said_in_tls(
    server: BackgroundServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("securedata.serving.connection.IDLE_SECONDS", 1)
    context = client_context(server.ca_file.read_text())
    for request in (HEALTH, HEALTH[:-2] + b"Connection: close\r\n\r\n", b"no HTTP\r\n\r\n"):
        with context.wrap_socket(
            plain(server), server_hostname="localhost", suppress_ragged_eofs=False
        ) as client:
            client.sendall(request)
            while client.recv(65536):  # raises SSLEOFError without a goodbye
                pass


def test_plain_http_is_told_to_try_https_and_not_reset(server: BackgroundServer) -> None:
    with plain(server) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        with connection.makefile("rb") as answer:
            said = answer.read()
    assert said == TRY_HTTPS


BROKEN_RECORDS = {
    "random bytes": random.Random(33).randbytes(200),
    "a corrupt record": b"\x17\x03\x03\x00\x40" + bytes(64),
    "a huge record": b"\x17\x03\x03\xff\xff" + bytes(65535),
    "an empty record": b"\x17\x03\x03\x00\x00",
    "an alert in the clear": b"\x15\x03\x03\x00\x02\x02\x28",
}


@pytest.mark.parametrize("broken", BROKEN_RECORDS.values(), ids=BROKEN_RECORDS)
@pytest.mark.whole
def test_a_broken_tls_record_ends_the_connection_and_is_one_line_in_the_log(
    server: BackgroundServer, broken: bytes
) -> None:
    connection = tls_socket(server)
    if hasattr(socket, "TCP_CORK"):  # both arrive at once: then Tornado reads in another place
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
    connection.sendall(HEAD + b"Content-Length: 100\r\n\r\n{")
    raw = socket.socket(fileno=connection.detach())
    with suppress(ConnectionError):  # the server need not read it to the end
        raw.sendall(broken)
    if hasattr(socket, "TCP_CORK"):
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 0)
    assert is_closed(raw)
    [line] = server.log_tail(100)
    assert line.startswith("TLS with a client is broken: ")
    assert ask(server, "GET", "/health").ok


def test_requests_that_are_sent_ahead_are_answered_in_turn(server: BackgroundServer) -> None:
    with after(server, (HEALTH + get("/nowhere")) * 20) as connection:
        assert [next_answer(connection).status for _ in range(40)] == [200, 404] * 20


# When all places are taken.


def test_the_oldest_idle_client_goes_first(
    server: BackgroundServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_places", lambda: 4)
    monkeypatch.setattr("securedata.serving.connection.NEW_SECONDS", 0)
    with ExitStack() as stack:
        busy = stack.enter_context(after(server, get("/slow")))
        silent = [stack.enter_context(plain(server)) for _ in range(2)]
        time.sleep(0.2)
        asked = stack.enter_context(after(server, HEALTH, b""))
        assert ask(server, "GET", "/health").ok  # a fifth
        assert silent[0].recv(1) == b""
        asked.sendall(HEALTH)
        assert next_answer(asked).status == 200
        assert next_answer(busy).body == b"done"


def test_a_new_client_is_not_the_first_to_go(
    server: BackgroundServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_places", lambda: 4)
    # Three handshakes may take long.
    monkeypatch.setattr("securedata.serving.connection.NEW_SECONDS", 10)
    with ExitStack() as stack:
        new = stack.enter_context(tls_socket(server))
        asked = [stack.enter_context(after(server, HEALTH, b"")) for _ in range(3)]
        stack.enter_context(plain(server))
        assert is_closed(asked[0])
        new.sendall(HEALTH)
        assert next_answer(new).status == 200


def test_a_client_with_a_token_goes_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "_places", lambda: 3)
    token = new_token()
    bears = b"Authorization: Bearer " + token.encode()
    request = HEAD + bears + b'\r\nContent-Length: 13\r\n\r\n{"data": "a"}'
    app = create_app(a_vault(tmp_path, alice=token))
    with a_server(app, tmp_path) as server, ExitStack() as stack:
        alice = stack.enter_context(after(server, request, b""))
        for _ in range(5):
            stranger = HEALTH.replace(b"\r\n\r\n", b"\r\n" + bears + b"\r\n\r\n")  # proves nothing
            stack.enter_context(after(server, stranger, b""))
        alice.sendall(request)
        assert next_answer(alice).status == 200


@pytest.mark.serial
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no ulimit")
def test_strangers_who_come_and_go_at_a_limit_of_256_files_hold_up_nobody(tmp_path: Path) -> None:
    limited = ["sh", "-c", 'ulimit -n 256; exec "$@"', "sh", *APP]
    service = RunningService(tmp_path, command=limited)
    service.start()
    ended = threading.Event()

    def come_and_go() -> None:
        with ExitStack() as stack:
            while not ended.is_set():
                with suppress(OSError):
                    stack.enter_context(plain(service, timeout=1)).sendall(HALF_A_HELLO)

    try:
        with ExitStack() as silent:
            for _ in range(246):
                silent.enter_context(plain(service))
            strangers = threading.Thread(target=come_and_go)
            strangers.start()
            for _ in range(5):
                with within(IN_TIME):
                    assert service.post("/store", {"data": "hello"}).status_code == 200
            time.sleep(2)  # now strangers alone are here, and each is new
            for _ in range(3):
                with after(service, HEAD + b"Content-Length: 17\r\n\r\n") as connection:
                    time.sleep(0.3)
                    connection.sendall(BODY)
                    assert next_answer(connection).status == 200
    finally:
        ended.set()
        strangers.join()
        service.kill()
    assert "Too many open files" not in service.log.read_text()
    assert service.log.stat().st_size < 10_000


@pytest.mark.thorough
def test_that_clients_cannot_be_accepted_is_logged_once_a_minute_and_ends(
    server: BackgroundServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no_file(*_: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    with monkeypatch.context() as patch:
        patch.setattr(asyncio.SelectorEventLoop, "sock_accept", no_file)
        with suppress(OSError):  # is accepted, and has to make room at once
            ask(server, "GET", "/health")
        time.sleep(2.5)
    assert ask(server, "GET", "/health").ok
    assert server.log_tail(1000) == ["clients have to wait: [Errno 24] Too many open files"]


@pytest.mark.serial
def test_health_is_answered_among_clients_that_send_tiny_chunks(service: RunningService) -> None:
    def flood() -> None:
        while not ended.is_set():
            with suppress(OSError), after(service, CHUNKED) as connection:
                connection.sendall(b"1\r\na\r\n" * 100_000)

    ended, seconds = threading.Event(), []
    floods = [threading.Thread(target=flood) for _ in range(4)]
    for thread in floods:
        thread.start()
    try:
        for _ in range(20):
            began = time.monotonic()
            assert ask(service, "GET", "/health").ok
            seconds.append(time.monotonic() - began)
    finally:
        ended.set()
        for thread in floods:
            thread.join()
    assert statistics.median(seconds) < 0.5  # 0.1, but these clients share our processor
