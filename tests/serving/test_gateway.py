"""Bodies on their way in: chunks, promises, too much, too slow; over real sockets."""

import gc
import json
import select
import ssl
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest
from flask import Flask
from hypothesis import example, given, settings
from hypothesis import strategies as st
from serving.raw import BODY, CHUNKED, HEAD, HEALTH, after, within
from vocabulary import Answer, RunningService, a_server, a_vault, ask, exchange, locked, next_answer

from securedata import BackgroundServer, KeyFile, RecordStore, Vault, create_app
from securedata.clock import now
from securedata.keys.service_keys import new_token
from securedata.serving import gateway

MIB = 1024 * 1024
EXPECT = b"Expect: 100-continue\r\n"


def of_length(length: int) -> bytes:
    return HEAD + b"Content-Length: %d\r\n\r\n" % length


def in_chunks(*parts: bytes) -> bytes:
    """RFC 9112, 7.1."""
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def assert_too_large(answer: Answer) -> None:
    assert answer.status == 413
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["connection"] == "close"
    assert json.loads(answer.body) == {"error": "The body is over 1048576 bytes."}


def readable(connection: ssl.SSLSocket, seconds: float) -> bool:
    return bool(select.select([connection], [], [], seconds)[0])


def ask_raw(server: BackgroundServer, request: bytes) -> Answer:
    with after(server, request) as connection:
        return next_answer(connection)


# How a body may arrive.


def test_a_body_in_chunks_is_taken(server: BackgroundServer) -> None:
    for chunks in (
        in_chunks(BODY),
        in_chunks(*(bytes([byte]) for byte in BODY)),
        b"0011\r\n" + BODY + b"\r\n0\r\n\r\n",
    ):
        assert ask_raw(server, CHUNKED + chunks).status == 200, chunks


def test_a_body_where_none_is_wanted_does_no_harm(server: BackgroundServer) -> None:
    with_body = HEALTH[:-2] + b"Content-Length: 5\r\n\r\nhello"
    with after(server, with_body, HEALTH) as connection:
        assert next_answer(connection).status == 200


def test_many_chunks_are_taken_unless_they_are_tiny(server: BackgroundServer) -> None:
    long = b'{"data": "%b"}' % (b"a" * 30_000)
    parts = [long[begin : begin + 256] for begin in range(0, len(long), 256)]
    assert ask_raw(server, CHUNKED + in_chunks(*parts)).status == 200
    answer = ask_raw(server, CHUNKED + b"1\r\na\r\n" * 200)
    assert answer.status == 400
    assert answer.headers["content-type"] == "application/json"


def test_a_body_that_ends_while_it_is_refused_does_no_harm(tmp_path: Path) -> None:
    app = Flask("example")
    app.extensions["admits"] = lambda environ: time.sleep(0.3)
    with a_server(app, tmp_path) as server, after(server, of_length(17)) as connection:
        time.sleep(0.1)
        connection.sendall(BODY)
        assert next_answer(connection).status == 404
        connection.sendall(HEALTH)
        assert next_answer(connection).status == 404


# Too much.


@pytest.mark.serial
def test_a_length_over_the_limit_is_refused_before_anything_came(server: BackgroundServer) -> None:
    for length in (MIB + 1, 2**31, 10**19):
        with within(2):
            assert_too_large(ask_raw(server, of_length(length)))
            expecting = of_length(length)[:-2] + EXPECT + b"\r\n"
            assert_too_large(ask_raw(server, expecting))  # and no 100 before it


def test_chunks_are_counted_as_they_come(server: BackgroundServer) -> None:
    with after(server, HEALTH, CHUNKED) as connection:
        for _ in range(16):
            connection.sendall(b"10000\r\n" + b"a" * 65536 + b"\r\n")
        assert not readable(connection, 0.1), "1 MiB is allowed"
        connection.sendall(b"1\r\na\r\n")
        assert_too_large(next_answer(connection))


def test_a_refusal_reaches_a_client_that_first_sends_it_all(server: BackgroundServer) -> None:
    assert_too_large(ask_raw(server, of_length(4 * MIB) + b"a" * 4 * MIB))


def endless_chunks() -> Iterator[bytes]:
    yield CHUNKED
    while True:
        yield b"10000\r\n" + b"a" * 65536 + b"\r\n"


@pytest.mark.serial
def test_a_flood_is_refused_and_costs_little_memory(service: RunningService) -> None:
    process = psutil.Process(service.process.pid)
    before = most = process.memory_info().rss
    sent = 0
    with within(10), after(service, HEALTH, b"") as connection:
        for part in endless_chunks():
            connection.sendall(part)
            sent += len(part)
            most = max(most, process.memory_info().rss)
            if readable(connection, 0):
                break
        assert_too_large(next_answer(connection))
        connection.settimeout(2)
        with suppress(OSError):  # it hangs up on us, or at least no longer reads (Python 3.10)
            for part in endless_chunks():
                connection.sendall(part)
                sent += len(part)
                most = max(most, process.memory_info().rss)
    assert sent < 64 * MIB
    assert most - before < 10 * MIB
    assert ask(service, "GET", "/health").ok


@pytest.mark.serial
def test_an_unread_answer_costs_little_memory(service: RunningService) -> None:
    stored = service.post("/store", {"data": "\1" * 150_000}).json()
    by_id = json.dumps({"record_id": stored["record_id"]}).encode()
    length = b"Content-Length: %d\r\n\r\n" % len(by_id)
    request = HEAD.replace(b"/store", b"/retrieve") + length + by_id
    process = psutil.Process(service.process.pid)
    with ExitStack() as stack:
        before = process.memory_info().rss
        for _ in range(40):
            stack.enter_context(after(service, request))
        time.sleep(1)
        assert process.memory_info().rss - before < 20 * MIB  # it was 39 MiB


@pytest.mark.thorough
@pytest.mark.usefixtures("in_a_hurry")
def test_a_refused_body_is_forgotten_at_once(server: BackgroundServer) -> None:
    gc.disable()
    tracemalloc.start()
    try:
        for _ in range(10):
            answer = ask_raw(server, of_length(MIB) + b"a" * 900_000)
            assert answer.status == 408
        assert tracemalloc.get_traced_memory()[0] < 4 * MIB
    finally:
        tracemalloc.stop()
        gc.enable()


def test_all_bodies_together_have_a_limit(
    server: BackgroundServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway, "ALL_BODIES_BYTES", 1_000_000)
    with ExitStack() as stack:
        longest, other = (
            stack.enter_context(after(server, of_length(400_000) + b"a" * length))
            for length in (399_999, 350_000)
        )
        time.sleep(0.5)
        assert ask_raw(server, of_length(300_000) + b"a" * 300_000).status == 400  # it is no JSON
        answer = next_answer(longest)
        assert (answer.status, answer.headers["retry-after"]) == (503, "5")
        assert answer.headers["cache-control"] == "no-store"
        other.sendall(b"a" * 50_000)
        assert next_answer(other).status == 400
        assert ask(server, "POST", "/store", json={"data": "hello"}).ok
    time.sleep(0.5)
    assert ask_raw(server, of_length(400_000) + b"a" * 400_000).status == 400  # it is no JSON


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


class Asking(NamedTuple):
    """A server where a token is needed, the header that bears one, and what the server keeps."""

    server: BackgroundServer
    bears: bytes
    key_file: KeyFile
    records: RecordStore


@pytest.fixture
def asking(tmp_path: Path) -> Iterator[Asking]:
    key_file, token = KeyFile.create(tmp_path / "keys.json"), new_token()
    key_file.update(lambda keys: keys.add_token("alice", token))
    records = RecordStore(f"sqlite:///{tmp_path}/records.sqlite3")
    with a_server(create_app(Vault(records, key_file)), tmp_path) as server:
        yield Asking(server, b"Authorization: Bearer %b\r\n" % token.encode(), key_file, records)


@pytest.mark.parametrize("framing", [b"Content-Length: 20", b"Transfer-Encoding: chunked"])
@pytest.mark.parametrize("expect", [b"", EXPECT])
def test_without_a_token_no_body_is_read(asking: Asking, framing: bytes, expect: bytes) -> None:
    rest = framing + b"\r\n" + expect + b"\r\n"
    answer = exchange(asking.server, HEAD + rest)
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert b"\r\nwww-authenticate: bearer\r\n" in answer.lower()
    with after(asking.server, HEAD + asking.bears + rest) as connection:
        if expect:
            assert connection.recv(65536).startswith(b"HTTP/1.1 100 ")
        connection.sendall(in_chunks(BODY) if b"chunked" in framing else BODY + b"   ")
        assert next_answer(connection).status == 200


@pytest.mark.parametrize("expect", [b"", EXPECT])
@pytest.mark.parametrize("path", [b"/store", b"/retrieve"])
def test_a_token_that_is_revoked_while_the_body_comes_is_refused(
    asking: Asking, path: bytes, expect: bytes
) -> None:
    head = HEAD.replace(b"/store", path) + asking.bears + b"Content-Length: 17\r\n" + expect
    with after(asking.server, head + b"\r\n") as connection:
        if expect:
            assert connection.recv(65536).startswith(b"HTTP/1.1 100 ")
        time.sleep(0.2)  # the app has said that it admits the body
        asking.key_file.update(lambda keys: keys.revoke_token("alice"))
        connection.sendall(BODY)
        assert next_answer(connection).status == 401
    assert asking.records.is_empty()


@pytest.mark.serial
def test_a_token_that_is_revoked_while_the_database_is_waited_for_stores_nothing(
    asking: Asking, tmp_path: Path
) -> None:
    request = HEAD + asking.bears + b"Content-Length: 17\r\n\r\n" + BODY
    with locked(tmp_path / "records.sqlite3"):
        connection = after(asking.server, request)
        time.sleep(0.5)  # the app has admitted the body, and its record waits
        asking.key_file.update(lambda keys: keys.revoke_token("alice"))
    with connection:
        assert next_answer(connection).status == 401
    assert asking.records.is_empty()


def spelled(word: str) -> st.SearchStrategy[bytes]:
    """Each letter of the word may be small."""
    letters = (st.sampled_from([it, it.lower()]) for it in word)
    return st.tuples(*letters).map(lambda chosen: "".join(chosen).encode())


METHODS = spelled("POST") | st.sampled_from([b"PUT", b"GET", b"HEAD", b"BREW", b"POST.", b"P%4fST"])
PATHS = st.sampled_from(
    b"/store /%73tore /store?x //store /store/ /store;x /STORE /store%2f /./store store * "
    b"/retrieve /health /page.js HTTPS://localhost/store https://localhost//store "
    b"http://u@localhost/store".split()
)
RIGHT = b"0" * 64
CLAIMS = st.sampled_from(
    [
        b"",
        b"Authorization: Bearer " + b"1" * 64,
        b"Authorization: Bearer " + RIGHT + b"0",
        b"Authorization: Basic " + RIGHT,
        b"Authorization: Bearer " + b"1" * 64 + b"\r\nAuthorization: Bearer " + RIGHT,
        b"Authorization_: Bearer " + RIGHT,
        b"Proxy-Authorization: Bearer " + RIGHT,
    ]
)
FRAMINGS = st.sampled_from(
    [
        b"Content-Length: 1000",
        b"content-length:1000, 1000",
        b"Content-Length: " + b"9" * 5000,
        b"Content-Length: +5",
        b"Transfer-Encoding: chunked",
        b"transfer-encoding:Chunked",
        b"Transfer-Encoding: gzip, chunked",
        b"Transfer-Encoding: chunked\r\nContent-Length: 5",
    ]
)
OTHERS = st.sampled_from(
    [EXPECT, b"expect: 100-CONTINUE\r\n", b"Content_Length: 5\r\n", b"Host: a\r\n", b""]
)


@pytest.mark.usefixtures("in_a_hurry")
def test_without_a_right_token_no_body_is_waited_for_however_the_head_is_spelled(
    tmp_path: Path,
) -> None:
    with a_server(create_app(a_vault(tmp_path, alice=RIGHT.decode())), tmp_path) as server:

        @given(st.tuples(METHODS, PATHS, st.sampled_from([b"0", b"1"]), CLAIMS, FRAMINGS, OTHERS))
        @example((b"post", b"/store", b"1", b"", b"Content-Length: 1000", b""))
        @example((b"GET", b"/health", b"1", b"", b"Content-Length: 1000", b""))
        @settings(max_examples=100, deadline=None)
        def check(head: tuple[bytes, ...]) -> None:
            method, path, minor, claim, framing, other = head
            line = b"%b %b HTTP/1.%b\r\nHost: localhost\r\n" % (method, path, minor)
            fields = b"".join(it + b"\r\n" for it in (claim, framing) if it) + other
            # No whole body. Who waits for it answers 408 in the end. What the app refuses, Tornado
            # could refuse, too.
            answer = exchange(server, line + fields + b"\r\n5\r\nhello\r\n")
            assert answer[:12] in (b"HTTP/1.1 %d" % it for it in (200, 400, 401, 404, 405, 413))
            assert answer.count(b"HTTP/1.1 ") == 1

        check()


def test_a_body_that_comes_late_is_signed_by_the_signer_of_then(asking: Asking) -> None:
    old = asking.key_file.service_keys.signer.key_id
    with after(asking.server, HEAD + asking.bears + b"Content-Length: 17\r\n\r\n") as connection:
        time.sleep(0.2)  # the app has said that it admits the body
        asking.key_file.update(lambda keys: keys.promote_signer().end_signer(old, now()))
        connection.sendall(BODY)
        receipt = json.loads(next_answer(connection).body)
    assert receipt["signer_id"] == asking.key_file.service_keys.signer.key_id != old


# Too slow.


@pytest.fixture
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "BODY_SECONDS", 0.5)
    monkeypatch.setattr("securedata.serving.connection.LINGER_SECONDS", 0.02)


@pytest.mark.serial
@pytest.mark.usefixtures("in_a_hurry")
@pytest.mark.parametrize("start", [of_length(100), of_length(100) + b'{"', CHUNKED])
def test_a_body_that_never_ends_or_drips_is_dropped(server: BackgroundServer, start: bytes) -> None:
    words = "The body did not arrive within 0.5 seconds."
    began = time.monotonic()
    with after(server, HEALTH, start) as connection, within(5):
        while not readable(connection, 0.05):
            connection.sendall(b"1" if start is CHUNKED else b"")
        answer = next_answer(connection)
    assert time.monotonic() - began > 0.4
    assert (answer.status, json.loads(answer.body)) == (408, {"error": words})
    assert server.log_tail(1) == [f"POST /store 408 {words}"]
