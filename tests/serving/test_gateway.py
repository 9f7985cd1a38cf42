"""Bodies on their way in: chunks, promises, too much, too slow; over real sockets."""

import json
import select
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import psutil
import pytest
from serving.raw import BODY, CHUNKED, HEAD, HEALTH, WHOLE, after
from vocabulary import (
    Answer,
    Reachable,
    RunningService,
    a_server,
    ask,
    exchange,
    next_answer,
    tls_socket,
)

from securedata import BackgroundServer, KeyFile, RecordStore, Vault, create_app
from securedata.keys.service_keys import new_token
from securedata.serving import gateway

MIB = 1024 * 1024


def in_chunks(*parts: bytes) -> bytes:
    """RFC 9112, 7.1."""
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def assert_too_large(answer: Answer) -> None:
    assert answer.status == 413
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["connection"] == "close"
    assert json.loads(answer.body) == {"error": "The body is over 1048576 bytes."}


def quiet_socket(server: Reachable) -> ssl.SSLSocket:
    """A connection that had one answer: what is readable on it from now on is the next."""
    return after(server, HEALTH, b"")


def readable(connection: ssl.SSLSocket, seconds: float) -> bool:
    return bool(select.select([connection], [], [], seconds)[0])


def ask_raw(server: BackgroundServer, request: bytes) -> Answer:
    with tls_socket(server) as connection:
        connection.sendall(request)
        return next_answer(connection)


# How a body may arrive.


@pytest.mark.parametrize(
    "chunks",
    [
        in_chunks(BODY),
        in_chunks(*(bytes([byte]) for byte in BODY)),
        b'11;name="value"\r\n' + BODY + b"\r\n0\r\n\r\n",  # an extension says nothing to us
        b"0011\r\n" + BODY + b"\r\n0\r\nTrailer: ignored\r\n\r\n",
    ],
    ids=["one chunk", "a byte a chunk", "an extension", "leading zeros and a trailer"],
)
def test_a_body_in_chunks_is_taken(server: BackgroundServer, chunks: bytes) -> None:
    assert ask_raw(server, CHUNKED + chunks).status == 200


def test_a_body_that_arrives_byte_by_byte_is_taken(server: BackgroundServer) -> None:
    with tls_socket(server) as connection:
        for byte in WHOLE:
            connection.sendall(bytes([byte]))
        assert next_answer(connection).status == 200


def test_a_body_where_none_is_wanted_does_no_harm(server: BackgroundServer) -> None:
    with_body = HEALTH[:-2] + b"Content-Length: 5\r\n\r\nhello"
    with after(server, with_body, HEALTH) as connection:
        assert next_answer(connection).status == 200


# Too much.


@pytest.mark.parametrize("length", [MIB + 1, 2**31, 10**19], ids=["1 MiB + 1", "2 GiB", "10^19"])
def test_a_length_over_the_limit_is_refused_before_anything_came(
    server: BackgroundServer, length: int
) -> None:
    with tls_socket(server) as connection:
        started = time.monotonic()
        connection.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % length)
        assert_too_large(next_answer(connection))
        assert time.monotonic() - started < 2


def test_one_who_waits_to_be_told_is_told_that_it_is_too_much(server: BackgroundServer) -> None:
    length = b"Content-Length: %d\r\n" % (MIB + 1)
    answer = exchange(server, HEAD + length + b"Expect: 100-continue\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"100 Continue" not in answer


def test_chunks_are_counted_as_they_come(server: BackgroundServer) -> None:
    with quiet_socket(server) as connection:
        connection.sendall(CHUNKED)
        chunk = b"10000\r\n" + b"a" * 65536 + b"\r\n"
        for _ in range(16):
            connection.sendall(chunk)
        assert not readable(connection, 0.1), "1 MiB is allowed"
        connection.sendall(b"1\r\na\r\n")
        assert_too_large(next_answer(connection))


def test_a_refusal_reaches_one_who_sends_it_all_first(server: BackgroundServer) -> None:
    length = 4 * MIB
    request = HEAD + b"Content-Length: %d\r\n\r\n" % length + b"a" * length
    assert_too_large(ask_raw(server, request))


def test_one_who_hangs_up_in_the_middle_does_no_harm(server: BackgroundServer) -> None:
    for head in (b"Content-Length: 1000\r\n\r\n", b"Content-Length: 9999999\r\n\r\n"):
        with tls_socket(server) as connection:
            connection.sendall(HEAD + head + b"{")
    assert ask(server, "GET", "/health").ok


def endless_chunks() -> Iterator[bytes]:
    yield CHUNKED
    while True:
        yield b"10000\r\n" + b"a" * 65536 + b"\r\n"


def two_gibibytes() -> Iterator[bytes]:
    yield HEAD + b"Content-Length: %d\r\n\r\n" % 2**31
    for _ in range(2**15):
        yield b"a" * 65536


@pytest.mark.serial
@pytest.mark.parametrize("body", [endless_chunks, two_gibibytes])
def test_a_flood_is_refused_and_costs_little_memory(
    service: RunningService, body: Callable[[], Iterator[bytes]]
) -> None:
    process = psutil.Process(service.process.pid)
    before = most = process.memory_info().rss
    sent, started = 0, time.monotonic()
    with quiet_socket(service) as connection:
        for part in body():
            connection.sendall(part)
            sent += len(part)
            most = max(most, process.memory_info().rss)
            if readable(connection, 0):
                break
        assert_too_large(next_answer(connection))
        connection.settimeout(2)
        with suppress(OSError):  # it hangs up on us, or at least no longer reads (Python 3.10)
            for part in body():
                connection.sendall(part)
                sent += len(part)
                most = max(most, process.memory_info().rss)
    assert sent < 64 * MIB
    assert time.monotonic() - started < 10
    assert most - before < 10 * MIB
    assert ask(service, "GET", "/health").ok


# A failure of ours.


def test_without_a_thread_the_answer_is_500_in_json_and_the_log_has_the_traceback(
    server: BackgroundServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_thread(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr("securedata.serving.lanes._Lane.resize", no_thread)
        answer = ask(server, "GET", "/health")
    assert answer.status_code == 500
    assert answer.json() == {"error": "The server failed; its log says more."}
    log = server.log_tail(100)
    assert "Traceback (most recent call last):" in log
    assert "RuntimeError: can't start new thread" in log


# From the head alone.


@pytest.fixture
def asking(tmp_path: Path) -> Iterator[tuple[BackgroundServer, bytes]]:
    """A server where a token is needed, and the header that bears one."""
    file = KeyFile.create(tmp_path / "keys.json")
    token = new_token()
    file.update(lambda ring: ring.add_token("alice", token))
    vault = Vault(RecordStore(f"sqlite:///{tmp_path}/records.sqlite3"), file)
    with a_server(create_app(vault), tmp_path) as server:
        yield server, b"Authorization: Bearer " + token.encode() + b"\r\n"


@pytest.mark.parametrize("framing", [b"Content-Length: 20", b"Transfer-Encoding: chunked"])
@pytest.mark.parametrize("expect", [b"", b"Expect: 100-continue\r\n"])
def test_without_a_token_a_body_is_not_waited_for(
    asking: tuple[BackgroundServer, bytes], framing: bytes, expect: bytes
) -> None:
    server, token = asking
    answer = exchange(server, HEAD + framing + b"\r\n" + expect + b"\r\n")
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert b"www-authenticate: Bearer" in answer
    with tls_socket(server) as connection:
        connection.sendall(HEAD + token + framing + b"\r\n" + expect + b"\r\n")
        if expect:
            assert connection.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(in_chunks(BODY) if b"chunked" in framing else BODY + b"   ")
        assert next_answer(connection).status == 200


@pytest.mark.parametrize(
    ("request_", "status"),
    [(b"POST /nowhere", 404), (b"PUT /store", 405), (b"GET /health", 200), (b"GET /page.js", 200)],
)
def test_nor_is_one_for_a_path_that_wants_none(
    asking: tuple[BackgroundServer, bytes], request_: bytes, status: int
) -> None:
    head = request_ + b" HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n"
    assert exchange(asking[0], head).startswith(b"HTTP/1.1 %d " % status)


def test_all_bodies_together_have_a_limit(
    server: BackgroundServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway, "ALL_BODIES_BYTES", 1_000_000)
    head = HEAD + b"Content-Length: 400000\r\n\r\n"
    with ExitStack() as stack:
        for _ in range(2):
            half = stack.enter_context(tls_socket(server))
            half.sendall(head + b"a" * 399_999)
        time.sleep(0.5)
        answer = ask_raw(server, head + b"a" * 300_000)
        assert (answer.status, answer.headers["retry-after"]) == (503, "5")
        assert ask(server, "POST", "/store", json={"data": "hello"}).ok  # it came as a whole
    time.sleep(0.5)
    assert ask_raw(server, head + b"a" * 400_000).status == 400  # it is no JSON


# Too slow.


@pytest.fixture
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "BODY_SECONDS", 0.5)


@pytest.mark.serial
@pytest.mark.usefixtures("in_a_hurry")
@pytest.mark.parametrize(
    "start",
    [
        b"Content-Length: 100\r\n\r\n",
        b'Content-Length: 100\r\n\r\n{"',
        b"Transfer-Encoding: chunked\r\n\r\n",
    ],
    ids=["nothing", "the beginning", "no chunk"],
)
def test_a_body_that_never_ends_is_dropped(server: BackgroundServer, start: bytes) -> None:
    started = time.monotonic()
    answer = ask_raw(server, HEAD + start)
    assert answer.status == 408
    assert json.loads(answer.body) == {"error": "The body did not arrive within 0.5 seconds."}
    assert 0.4 < time.monotonic() - started < 5
    assert server.log_tail(1) == ["POST /store 408 The body did not arrive within 0.5 seconds."]


@pytest.mark.serial
@pytest.mark.usefixtures("in_a_hurry")
def test_a_body_that_drips_is_dropped(server: BackgroundServer) -> None:
    started = time.monotonic()
    with quiet_socket(server) as connection:
        connection.sendall(HEAD + b"Content-Length: 1000\r\n\r\n")
        while not readable(connection, 0.05):
            connection.sendall(b"a")
            assert time.monotonic() - started < 5
        assert next_answer(connection).status == 408


@pytest.mark.serial
@pytest.mark.usefixtures("in_a_hurry")
def test_a_kept_connection_has_all_the_time_between_requests(server: BackgroundServer) -> None:
    with after(server, WHOLE, b"") as connection:
        time.sleep(0.8)
        connection.sendall(WHOLE)
        assert next_answer(connection).status == 200
