"""The background server: its life, its rude clients, its silence; over real sockets."""

import gc
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import pytest
import requests
from flask import Flask
from vocabulary import a_server, a_vault, ask, exchange, next_answer, tls_socket

from securedata import BackgroundServer, client_context, create_app
from securedata.errors import ListenError

HEALTH = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
HEAD = b"POST /store HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
ANSWERED_SECONDS = 2  # a healthy client waits far less (docs/benchmarks.md); machines may be busy
STOPPED_SECONDS = 5


@pytest.fixture
def idle(tmp_path: Path) -> Iterator[BackgroundServer]:
    """A server of one test's own, not started."""
    server = a_server(create_app(a_vault(tmp_path)), tmp_path)
    yield server
    server.stop()


def port_is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


@contextmanager
def within(seconds: float) -> Iterator[None]:
    started = time.monotonic()
    yield
    assert time.monotonic() - started < seconds


# Its life.


def test_it_answers_once_it_has_started_and_not_after_it_stopped(idle: BackgroundServer) -> None:
    idle.start()
    assert ask(idle, "GET", "/health").ok
    idle.stop()
    with pytest.raises(requests.ConnectionError):
        ask(idle, "GET", "/health")


def test_starting_twice_and_stopping_twice_is_harmless(idle: BackgroundServer) -> None:
    idle.stop()
    idle.start()
    url = idle.url
    idle.start()
    assert idle.url == url
    assert ask(idle, "GET", "/health").ok
    idle.stop()
    idle.stop()
    assert port_is_free(idle.port)


def test_it_starts_again_at_the_same_address_with_the_same_records(
    idle: BackgroundServer,
) -> None:
    idle.start()
    url = idle.url
    stored = ask(idle, "POST", "/store", json={"data": "hello"}).json()
    for _ in range(2):
        idle.stop()
        idle.start()
        assert idle.url == url
        back = ask(idle, "POST", "/retrieve", json=stored["data"])
        assert back.json()["decrypted_data"] == "hello"


def test_as_a_context_manager_it_runs_inside_only(idle: BackgroundServer) -> None:
    with idle as running:
        assert running is idle
        assert "running" in repr(idle)
        assert ask(idle, "GET", "/health").ok
    assert "stopped" in repr(idle)
    assert port_is_free(idle.port)


def test_it_stops_when_the_block_raises(idle: BackgroundServer) -> None:
    with pytest.raises(ZeroDivisionError), idle:
        1 / 0  # noqa: B018 # the error is the point
    assert port_is_free(idle.port)


@pytest.mark.thorough
def test_starting_again_and_again_does_not_gather_threads(idle: BackgroundServer) -> None:
    counts = []
    for _ in range(5):
        with idle:
            assert ask(idle, "GET", "/health").ok
        gc.collect()
        counts.append(threading.active_count())
    assert counts[-1] <= counts[0] + 1  # one of the last may still be on its way out


def test_who_connects_once_it_is_bound_is_answered_when_it_starts(idle: BackgroundServer) -> None:
    idle.bind()
    url = idle.url
    assert not port_is_free(idle.port)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(ask, idle, "GET", "/health")
        idle.start()
        assert answer.result().ok
    assert idle.url == url


def test_bound_and_never_started_it_lets_the_port_go(idle: BackgroundServer) -> None:
    idle.bind()
    idle.stop()
    assert port_is_free(idle.port)


def test_waiting_ends_when_it_stops(idle: BackgroundServer) -> None:
    idle.start()
    waiting = threading.Thread(target=idle.wait)
    waiting.start()
    waiting.join(timeout=0.1)
    assert waiting.is_alive()
    idle.stop()
    waiting.join(timeout=5)
    assert not waiting.is_alive()


# Where it listens.


def test_localhost_is_every_address_it_has(server: BackgroundServer) -> None:
    for family, *_, address in socket.getaddrinfo(
        "localhost", server.port, type=socket.SOCK_STREAM
    ):
        with socket.socket(family, socket.SOCK_STREAM) as connection:
            connection.settimeout(10)
            connection.connect(address)


def test_it_listens_on_ipv6(tmp_path: Path) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    with a_server(create_app(a_vault(tmp_path)), tmp_path, host="::1") as server:
        assert server.url == f"https://[::1]:{server.port}"
        assert ask(server, "GET", "/health").ok


def test_a_busy_port_is_one_sentence(idle: BackgroundServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        idle.port = other.getsockname()[1]
        with pytest.raises(ListenError, match=f"^port {idle.port} of localhost is in use: .*port$"):
            idle.start()
    idle.start()  # and once it is free, nothing stands in the way
    assert ask(idle, "GET", "/health").ok


def own_address() -> str:
    """This machine's address for others, or else one that no machine has (RFC 5737)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.7", 9))  # sends nothing
        except OSError:
            return "192.0.2.7"
        return str(probe.getsockname()[0])


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "0", "::", "::ffff:0.0.0.0", "192.0.2.7", "2001:db8::1", own_address()]
)
def test_it_refuses_to_be_reached_from_other_machines(idle: BackgroundServer, host: str) -> None:
    idle.host = host
    with pytest.raises(ListenError, match=r"other machines|no address of this machine"):
        idle.start()


@pytest.mark.parametrize("host", ["", "nowhere.invalid", "a..b", "a" * 64 + ".localhost", "a b"])
def test_what_is_no_host_is_one_sentence(idle: BackgroundServer, host: str) -> None:
    idle.host = host
    with pytest.raises(ListenError, match="is no address of this machine"):
        idle.start()


# Clients that stall.


def silent(server: BackgroundServer) -> socket.socket:
    return socket.create_connection(("localhost", server.port), timeout=10)


def half_a_hello(server: BackgroundServer) -> socket.socket:
    """A TLS record header that promises 512 bytes, and the first four of them."""
    connection = silent(server)
    connection.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc")
    return connection


def half_the_headers(server: BackgroundServer) -> socket.socket:
    connection = tls_socket(server)
    connection.sendall(HEAD)
    return connection


def half_a_body(server: BackgroundServer) -> socket.socket:
    connection = tls_socket(server)
    connection.sendall(HEAD + b'Content-Length: 1000\r\n\r\n{"data": "')
    return connection


def half_a_chunk(server: BackgroundServer) -> socket.socket:
    connection = tls_socket(server)
    connection.sendall(HEAD + b'Transfer-Encoding: chunked\r\n\r\n100\r\n{"data": "')
    return connection


def idle_after_an_answer(server: BackgroundServer) -> socket.socket:
    connection = tls_socket(server)
    connection.sendall(HEALTH)
    assert next_answer(connection).status == 200
    return connection


def dismissed(server: BackgroundServer) -> socket.socket:
    """Has its answer and the server's goodbye, and does not say goodbye itself."""
    connection = tls_socket(server)
    connection.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert next_answer(connection).status == 200
    return connection


def malformed(server: BackgroundServer) -> socket.socket:
    """Has its 400 and the server's goodbye, and does not say goodbye itself."""
    connection = tls_socket(server)
    connection.sendall(b"no HTTP\r\n\r\n")
    assert next_answer(connection).status == 400
    return connection


def deaf(server: BackgroundServer) -> socket.socket:
    """Asks for an answer of half a megabyte, and reads nothing of it."""
    assert server.ca_file is not None
    body = b'{"data": "%b"}' % (b"a" * 250_000)
    plain = socket.socket()
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    plain.settimeout(10)
    plain.connect(("127.0.0.1", server.port))
    context = client_context(server.ca_file.read_text())
    connection = context.wrap_socket(plain, server_hostname="localhost")
    connection.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    return connection


STALLS = [
    silent,
    half_a_hello,
    half_the_headers,
    half_a_body,
    half_a_chunk,
    idle_after_an_answer,
    dismissed,
    malformed,
    deaf,
]


@contextmanager
def all_kinds_stall(server: BackgroundServer, count: int) -> Iterator[list[socket.socket]]:
    """So many clients of each kind, until the end of the block."""
    with ExitStack() as stack:
        yield [stack.enter_context(stall(server)) for stall in STALLS for _ in range(count)]


@pytest.mark.serial
def test_a_healthy_client_is_answered_among_200_that_stall(server: BackgroundServer) -> None:
    with all_kinds_stall(server, 23):
        for _ in range(5):
            with within(ANSWERED_SECONDS):
                stored = ask(server, "POST", "/store", json={"data": "hello"}).json()
            with within(ANSWERED_SECONDS):
                assert ask(server, "POST", "/retrieve", json=stored["data"]).status_code == 200


@pytest.mark.serial
def test_it_stops_in_time_hangs_up_on_everybody_and_frees_the_port(
    idle: BackgroundServer,
) -> None:
    idle.start()
    with all_kinds_stall(idle, 70) as clients:
        with within(STOPPED_SECONDS):
            idle.stop()
        assert port_is_free(idle.port)
        for client in clients:
            # Below TLS: a goodbye in TLS is no end of the connection.
            with socket.socket(fileno=client.detach()) as plain, suppress(ConnectionError):
                plain.settimeout(2)
                while plain.recv(65536):
                    pass
    idle.start()
    assert ask(idle, "GET", "/health").ok


def test_an_idle_client_does_not_delay_the_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("securedata.serving.server.GRACE_SECONDS", 60)
    server = a_server(create_app(a_vault(tmp_path)), tmp_path)
    server.start()
    with tls_socket(server) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert next_answer(connection).status == 200
        with within(30):
            server.stop()


@pytest.mark.serial
def test_it_stops_while_an_answer_is_being_worked_on(tmp_path: Path) -> None:
    app, entered, go_on = Flask("slow"), threading.Event(), threading.Event()

    @app.get("/slow")
    def slow() -> str:
        entered.set()
        go_on.wait(timeout=30)
        return "late"

    server = a_server(app, tmp_path)
    server.start()
    with tls_socket(server) as connection:
        connection.sendall(b"GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert entered.wait(timeout=10)
        with within(STOPPED_SECONDS):
            server.stop()
        assert port_is_free(server.port)
    go_on.set()


@pytest.mark.serial
def test_answers_under_way_are_finished_before_it_stops(tmp_path: Path) -> None:
    app, entered = Flask("slow"), threading.Event()

    @app.get("/slow")
    def slow() -> str:
        entered.set()
        time.sleep(0.3)
        return "in time"

    server = a_server(app, tmp_path)
    server.start()
    with tls_socket(server) as connection:
        connection.sendall(b"GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert entered.wait(timeout=10)
        stopping = threading.Thread(target=server.stop)
        stopping.start()
        assert next_answer(connection).body == b"in time"
    stopping.join()


# HTTP, well formed and not.


def test_a_connection_is_kept(server: BackgroundServer) -> None:
    assert server.ca_file is not None
    context = client_context(server.ca_file.read_text())
    connection = http.client.HTTPSConnection("localhost", server.port, context=context, timeout=10)
    connection.connect()
    first = connection.sock
    for _ in range(20):
        connection.request("GET", "/health")
        assert connection.getresponse().read() == b'{"status":"ok"}\n'
        assert connection.sock is first
    connection.close()


@pytest.mark.serial
def test_answers_on_a_kept_connection_wait_for_no_acknowledgement(server: BackgroundServer) -> None:
    # Without TCP_NODELAY each of them takes 40 ms: 2 s in all.
    with tls_socket(server) as connection, within(1):
        for _ in range(50):
            connection.sendall(HEALTH)
            assert next_answer(connection).status == 200


def test_requests_may_follow_each_other_before_the_answers(server: BackgroundServer) -> None:
    last = b"GET /nowhere HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    answers = exchange(server, HEALTH * 10 + last)
    assert answers.count(b"HTTP/1.1 200 OK\r\n") == 10
    assert answers.count(b'{"status":"ok"}\n') == 10
    assert answers.count(b"HTTP/1.1 404 Not Found\r\n") == 1
    assert answers.index(b"404") > answers.rindex(b"200 OK")


def test_head_is_get_without_the_body(server: BackgroundServer) -> None:
    answer = exchange(
        server, b"HEAD /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    )
    head, end, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"content-length: 16" in head
    assert (end, body) == (b"\r\n\r\n", b"")


class Request(NamedTuple):
    """The head of a request, and the status that its answer must have."""

    head: bytes
    status: int


WELL_FORMED = {
    "absolute form": Request(b"GET https://localhost/nowhere HTTP/1.1\r\nHost: localhost", 404),
    "asterisk form": Request(b"OPTIONS * HTTP/1.1\r\nHost: localhost", 404),
    "authority form": Request(b"CONNECT localhost:443 HTTP/1.1\r\nHost: localhost", 404),
    "CONNECT to a path": Request(b"CONNECT /health HTTP/1.1\r\nHost: localhost", 405),
    "TRACE": Request(b"TRACE /health HTTP/1.1\r\nHost: localhost", 405),
    "a method of its own": Request(b"BREW /store HTTP/1.1\r\nHost: localhost", 405),
    "a fragment": Request(b"GET /health#top HTTP/1.1\r\nHost: localhost", 404),
    "NUL and bytes that are not UTF-8": Request(b"GET /%00%ff%c0 HTTP/1.1\r\nHost: localhost", 404),
    "half a percent sign": Request(b"GET /%2 HTTP/1.1\r\nHost: localhost", 404),
    "HTTP/1.0 without a host": Request(b"GET /nowhere HTTP/1.0", 404),
    "an empty host": Request(b"GET /nowhere HTTP/1.1\r\nHost:", 404),
    "a host that is none": Request(b"GET /nowhere HTTP/1.1\r\nHost: <b>:99999", 404),
    "a header that is not ASCII": Request(b"GET /nowhere HTTP/1.1\r\nHost: a\r\nX: \xff\xfe", 404),
    "a Content-Type that is not ASCII": Request(
        b"POST /store HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Type: \xff", 415
    ),
    "one length, twice": Request(HEAD + b"Content-Length: 0\r\nContent-Length: 0", 400),
    "an unknown expectation": Request(HEAD + b"Content-Length: 0\r\nExpect: 200-maybe", 400),
    "headers that look like others": Request(
        b"GET /nowhere HTTP/1.1\r\nHost: a\r\nContent_Length: 5\r\nTransfer_Encoding: chunked", 404
    ),
    "a proxy's headers": Request(
        b"GET /nowhere HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: \x80\r\nX-Forwarded-Proto: gopher",
        404,
    ),
}


@pytest.mark.parametrize("request_", WELL_FORMED.values(), ids=WELL_FORMED)
def test_unusual_http_is_answered_in_json(server: BackgroundServer, request_: Request) -> None:
    answer = exchange(server, request_.head + b"\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 %d " % request_.status)
    assert b"content-type: application/json\r\n" in answer
    assert b'{"error":' in answer


@pytest.mark.parametrize("protocol", ["websocket", "h2c", "TLS/1.0, HTTP/1.1"])
def test_a_wish_for_another_protocol_is_answered_in_http(
    server: BackgroundServer, protocol: str
) -> None:
    with tls_socket(server) as connection:
        connection.sendall(
            b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            b"Upgrade: %b\r\n\r\n" % protocol.encode()
        )
        answer = next_answer(connection)
    assert answer.status in (200, 400)
    assert answer.headers["content-type"] == "application/json"


MALFORMED = {
    "no HTTP at all": b"\0\0\0\r\n\r\n",
    "HTTP/0.9": b"GET /health\r\n\r\n",
    "no version": b"GET /health \r\nHost: localhost\r\n\r\n",
    "no host": b"GET /health HTTP/1.1\r\n\r\n",
    "two hosts": b"GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "a space in the path": b"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n",
    "a path that is not ASCII": b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n",
    "a NUL in a header": b"GET /health HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n",
    "a space before the colon": b"GET /health HTTP/1.1\r\nHost: a\r\nX : b\r\n\r\n",
    "a header without a colon": b"GET /health HTTP/1.1\r\nHost: a\r\nhello\r\n\r\n",
    "a length of 5,000 digits": HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n",
    "a negative length": HEAD + b"Content-Length: -1\r\n\r\n",
    "a length with a sign": HEAD + b"Content-Length: +2\r\n\r\n{}",
    "a length in hex": HEAD + b"Content-Length: 0x2\r\n\r\n{}",
    "a length of nothing": HEAD + b"Content-Length: \r\n\r\n",
    "a length in Arabic digits": HEAD + "Content-Length: ٢\r\n\r\n{}".encode(),
    "two lengths": HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} ",
    "two lengths in one": HEAD + b"Content-Length: 2, 3\r\n\r\n{} ",
    "an unknown transfer coding": HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "chunked twice": HEAD + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "a chunk of no length": HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    "a chunk of negative length": HEAD + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n{}\r\n0\r\n\r\n",
    "a chunk length of 30 digits": HEAD
    + b"Transfer-Encoding: chunked\r\n\r\n"
    + b"f" * 30
    + b"\r\n",
    "a chunk that is longer": HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("request_", MALFORMED.values(), ids=MALFORMED)
def test_malformed_http_is_answered_400_in_json_and_nothing_worse(
    server: BackgroundServer, request_: bytes
) -> None:
    answer = exchange(server, request_)
    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b'{"error": "Invalid HTTP request received."}' in answer
    assert b"content-type: application/json\r\n" in answer.lower()
    assert answer.count(b"HTTP/1.1 ") == 1
    assert server.log_tail(1) == ["Invalid HTTP request received."]
    assert ask(server, "GET", "/health").ok


@pytest.mark.parametrize(
    "start",
    [b"GET /health HTTP/1.1\r\nX: ", b"GET /", b"", b"\0"],
    ids=["one header", "one path", "one method", "no HTTP"],
)
def test_a_head_without_end_is_cut_off(server: BackgroundServer, start: bytes) -> None:
    # It may hang up while we still send, and the 400 may be lost on the way.
    with suppress(ConnectionError, ssl.SSLError), tls_socket(server) as connection:
        connection.sendall(start)
        for _ in range(1000):
            connection.sendall(b"a" * 65536)
        pytest.fail("62 MiB of head were taken")
    assert ask(server, "GET", "/health").ok


def test_a_length_beside_chunks_does_not_smuggle_a_request(server: BackgroundServer) -> None:
    # RFC 9112, 6.1: the chunks count. What the length would cut off must not become a request.
    smuggled = b"GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"
    chunk = b"%x\r\n%b\r\n0\r\n\r\n" % (len(smuggled), smuggled)
    both = b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"  # and it is hung up on
    answer = exchange(server, HEAD + both + chunk)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1 ") == 1
    assert not any("smuggled" in line for line in server.log_tail())


def test_http_without_tls_gets_no_answer(server: BackgroundServer) -> None:
    with silent(server) as connection:
        connection.sendall(HEALTH)
        try:
            answer = connection.recv(65536)
        except ConnectionError:
            answer = b""
    assert b"HTTP" not in answer
    assert ask(server, "GET", "/health").ok


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")  # as it should be
def test_old_tls_is_refused(server: BackgroundServer) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    with silent(server) as connection, pytest.raises((ssl.SSLError, ConnectionError)):
        context.wrap_socket(connection)


# Its log.


def test_two_servers_in_one_process_have_two_logs(
    idle: BackgroundServer, server: BackgroundServer
) -> None:
    idle.start()
    ask(idle, "GET", "/on-the-first")
    exchange(idle, b"malformed\r\n\r\n")
    ask(server, "GET", "/on-the-second")
    assert [line for line in idle.log_tail(1000) if "on-the" in line] == ["GET /on-the-first 404"]
    assert server.log_tail(1) == ["GET /on-the-second 404"]
    assert "Invalid HTTP request received." in idle.log_tail(1000)
    ask(server, "GET", "/health")
    exchange(idle, b"malformed\r\n\r\n")
    assert server.log_tail(1) == ["GET /health 200"]


def test_the_log_is_the_same_whatever_the_program_logs(
    idle: BackgroundServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    idle.start()
    ask(idle, "GET", "/health")
    ask(idle, "GET", "/nowhere")
    assert idle.log_tail(2) == ["GET /health 200", "GET /nowhere 404"]
