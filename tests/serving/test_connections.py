"""Who may stay connected, and for how long; over real sockets."""

import errno
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from crowd import wait_until
from flask import Flask
from vocabulary import (
    ROOT,
    RunningService,
    a_server,
    ask,
    next_answer,
    tls_socket,
)

from securedata import BackgroundServer
from securedata.serving import connections
from securedata.serving.connections import Reception

HEALTH = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
HEAD = b"POST /store HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
IN_TIME = 8  # seconds; a machine may be busy


@pytest.fixture
def server(tmp_path: Path) -> Iterator[BackgroundServer]:
    app = Flask("example")
    app.add_url_rule("/health", "health", lambda: "fine")
    app.add_url_rule("/long", "long", lambda: "a" * 4_000_000)
    app.add_url_rule("/slow", "slow", lambda: time.sleep(3) or "done")
    with a_server(app, tmp_path) as running:
        yield running


def plain(server: BackgroundServer) -> socket.socket:
    return socket.create_connection(("localhost", server.port), timeout=IN_TIME)


def after(server: BackgroundServer, *said: bytes) -> ssl.SSLSocket:
    """A connection on which this was said; each but the last was answered."""
    connection = tls_socket(server, timeout=IN_TIME)
    for request in said[:-1]:
        connection.sendall(request)
        assert next_answer(connection).status == 200
    connection.sendall(said[-1])
    return connection


def is_hung_up_on(connection: socket.socket) -> bool:
    """Whether the end comes before we lose patience."""
    with socket.socket(fileno=connection.detach()) as raw:  # below TLS
        raw.settimeout(IN_TIME)
        try:
            while raw.recv(65536):
                pass
        except TimeoutError:
            return False
        except ConnectionError:
            pass
        return True


# How long.


@pytest.mark.parametrize("said", [None, b"\x16\x03\x01\x02\x00\x01", "TLS", HEAD], ids=str)
def test_a_client_without_a_head_is_hung_up_on(
    server: BackgroundServer, said: bytes | str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 1)
    if said in (None, b"\x16\x03\x01\x02\x00\x01"):
        connection = plain(server)
        connection.sendall(said or b"")  # type: ignore[arg-type]
    else:
        connection = after(server, b"" if said == "TLS" else HEAD)
    assert is_hung_up_on(connection)


@pytest.mark.parametrize(
    "said", [(HEALTH, b""), (HEALTH, HEAD), (HEALTH, b"GET /long HTTP/1.1\r\nHost: a\r\n\r\n")]
)
def test_a_client_that_stalls_after_an_answer_is_hung_up_on(
    server: BackgroundServer, said: tuple[bytes, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "IDLE_SECONDS", 1)
    connection = after(server, *said)
    time.sleep(3)  # nothing is read of a long answer
    assert is_hung_up_on(connection)


def test_a_client_that_asks_now_and_then_or_waits_for_its_answer_stays(
    server: BackgroundServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 1)
    monkeypatch.setattr(connections, "IDLE_SECONDS", 2.5)
    with tls_socket(server) as one, tls_socket(server) as other:
        other.sendall(b"GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n")
        for _ in range(5):
            one.sendall(HEALTH)
            assert next_answer(one).status == 200
            time.sleep(1)
        assert next_answer(other).body == b"done"


# How many.


def test_when_all_places_are_taken_the_oldest_idle_client_goes_first(
    server: BackgroundServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_places", lambda: 4)
    with ExitStack() as stack:
        busy = stack.enter_context(after(server, b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"))
        asked = stack.enter_context(after(server, HEALTH, b""))
        silent = [stack.enter_context(plain(server)) for _ in range(2)]
        time.sleep(0.2)
        assert ask(server, "GET", "/health").ok  # a fifth
        assert silent[0].recv(1) == b""
        for connection in (asked, after(server, HEALTH, HEALTH)):
            connection.sendall(HEALTH)
            assert next_answer(connection).status == 200
        assert next_answer(busy).body == b"done"


def test_when_nobody_is_idle_a_client_waits_for_its_place(
    server: BackgroundServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_places", lambda: 1)
    with after(server, b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n") as busy:
        time.sleep(0.2)
        assert ask(server, "GET", "/health").ok
        assert next_answer(busy).body == b"done"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_246_silent_strangers_at_a_limit_of_256_files_hold_up_nobody(tmp_path: Path) -> None:
    service = RunningService(tmp_path)
    app = [sys.executable, str(ROOT / "app.py"), "--port", str(service.port)]
    with service.log.open("wb") as log:
        service.process = subprocess.Popen(
            ["sh", "-c", 'ulimit -n 256; exec "$@"', "sh", *app],
            cwd=tmp_path,
            stdout=log,
            stderr=log,
        )
    try:
        wait_until(service._answers)
        with ExitStack() as stack:
            for _ in range(246):
                stack.enter_context(socket.create_connection(("localhost", service.port)))
            began = time.monotonic()
            assert service.post("/store", {"data": "hello"}).status_code == 200
            assert time.monotonic() - began < IN_TIME
    finally:
        service.kill()
    assert service.log.stat().st_size < 10_000


def test_that_clients_cannot_be_accepted_is_logged_once_and_ends(
    server: BackgroundServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no_file(*_: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    with monkeypatch.context() as patch:
        patch.setattr(Reception, "_accept", no_file)
        with suppress(OSError):  # accepts what it was waiting for
            ask(server, "GET", "/health")
        time.sleep(1)
    assert ask(server, "GET", "/health").ok
    assert server.log_tail(1000) == ["clients have to wait: [Errno 24] Too many open files"]


# Chunks.


def test_a_body_of_many_tiny_chunks_is_refused(server: BackgroundServer) -> None:
    with after(server, CHUNKED + b"1\r\na\r\n" * 66) as connection:
        assert next_answer(connection).status == 400


def test_a_body_of_many_chunks_with_a_short_one_at_the_end_is_taken(
    server: BackgroundServer,
) -> None:
    chunks = (b"100\r\n" + b"a" * 256 + b"\r\n") * 80 + b"1\r\na\r\n0\r\n\r\n"
    with after(server, CHUNKED.replace(b"POST /store", b"GET /health") + chunks) as connection:
        assert next_answer(connection).status == 200


@pytest.mark.serial
def test_health_is_answered_among_clients_that_send_tiny_chunks(server: BackgroundServer) -> None:
    def flood() -> None:
        while not ended.is_set():
            with suppress(OSError), after(server, CHUNKED) as connection:
                connection.sendall(b"1\r\na\r\n" * 40_000)

    ended = threading.Event()
    floods = [threading.Thread(target=flood) for _ in range(4)]
    for thread in floods:
        thread.start()
    try:
        for _ in range(20):
            began = time.monotonic()
            assert ask(server, "GET", "/health").ok
            assert time.monotonic() - began < 2  # it was 11 s
    finally:
        ended.set()
        for thread in floods:
            thread.join()
