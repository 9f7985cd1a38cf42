"""The background server: its life, clients that stall, HTTP well formed and not, its log."""

import gc
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
import requests
from flask import Flask
from serving.raw import BODY, CHUNKED, HEAD, HEALTH, after, get, is_closed, is_free, plain, within
from vocabulary import a_server, a_vault, ask, exchange, next_answer

from securedata import (
    BackgroundServer,
    RecordStore,
    ServiceKeys,
    Vault,
    create_app,
)
from securedata.errors import ListenError

ANSWERED_SECONDS = 2  # a healthy client waits far less (docs/benchmarks.md); machines may be busy
STOPPED_SECONDS = 5


@pytest.fixture
def idle(tmp_path: Path) -> Iterator[BackgroundServer]:
    """A server of one test's own, not started."""
    server = a_server(create_app(a_vault(tmp_path)), tmp_path)
    yield server
    server.stop()


# Its life.


def test_it_answers_from_start_to_stop_at_one_address_with_one_set_of_records(
    idle: BackgroundServer,
) -> None:
    idle.stop()
    idle.start()
    url = idle.url
    stored = ask(idle, "POST", "/store", json={"data": "hello"}).json()
    for _ in range(2):
        idle.stop()
        idle.stop()
        assert is_free(idle.port)
        assert "stopped" in repr(idle)
        with pytest.raises(requests.ConnectionError):
            ask(idle, "GET", "/health")
        idle.start()
        idle.start()
        assert (idle.url, "running" in repr(idle)) == (url, True)
        back = ask(idle, "POST", "/retrieve", json=stored["data"])
        assert back.json()["decrypted_data"] == "hello"


@pytest.mark.thorough
def test_starting_again_and_again_does_not_gather_threads(idle: BackgroundServer) -> None:
    counts = []
    for _ in range(5):
        with idle:
            assert ask(idle, "GET", "/health").ok
        gc.collect()
        counts.append(threading.active_count())
    assert counts[-1] <= counts[0] + 1  # one of the last may still be on its way out


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


def test_a_start_at_a_port_in_use_fails_and_works_later(idle: BackgroundServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        idle.port = other.getsockname()[1]
        with pytest.raises(ListenError, match=f"^port {idle.port} of localhost is in use: .*port$"):
            idle.start()
    idle.start()
    assert ask(idle, "GET", "/health").ok


# Clients that stall.


def half_a_hello(server: BackgroundServer) -> socket.socket:
    """A TLS record header that promises 512 bytes, and the first four of them."""
    connection = plain(server)
    connection.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc")
    return connection


def answered(server: BackgroundServer, request: bytes) -> socket.socket:
    """Has its answer, maybe the server's goodbye too, and does not say goodbye itself."""
    connection = after(server, request)
    next_answer(connection)
    return connection


def deaf(server: BackgroundServer) -> socket.socket:
    """Asks for an answer of half a megabyte, and reads nothing of it."""
    body = b'{"data": "%b"}' % (b"a" * 250_000)
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(10)
    connection.connect(("127.0.0.1", server.port))
    context = ssl.create_default_context(cafile=server.ca_file)
    tls = context.wrap_socket(connection, server_hostname="localhost")
    tls.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    return tls


STALLS: list[Callable[[BackgroundServer], socket.socket]] = [
    plain,
    half_a_hello,
    lambda server: after(server, HEAD),
    lambda server: after(server, HEAD + b'Content-Length: 1000\r\n\r\n{"data": "'),
    lambda server: after(server, CHUNKED + b'100\r\n{"data": "'),
    lambda server: answered(server, HEALTH),
    lambda server: answered(server, HEALTH[:-2] + b"Connection: close\r\n\r\n"),
    lambda server: answered(server, b"no HTTP\r\n\r\n"),
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
        assert is_free(idle.port)
        assert all(map(is_closed, clients))
    idle.start()
    assert ask(idle, "GET", "/health").ok


@pytest.mark.serial
def test_it_stops_while_an_answer_hangs(tmp_path: Path) -> None:
    app, entered, go_on = Flask("slow"), threading.Event(), threading.Event()
    app.add_url_rule("/slow", "slow", lambda: entered.set() or str(go_on.wait(timeout=30)))
    server = a_server(app, tmp_path)
    server.start()
    with after(server, get("/slow")):
        assert entered.wait(timeout=10)
        with within(STOPPED_SECONDS):
            server.stop()
        assert is_free(server.port)
    go_on.set()


# HTTP, well formed and not.


@pytest.mark.serial
def test_a_connection_is_kept_and_no_answer_waits_for_an_acknowledgement(
    server: BackgroundServer,
) -> None:
    context = ssl.create_default_context(cafile=server.ca_file)
    connection = http.client.HTTPSConnection("localhost", server.port, context=context, timeout=10)
    connection.connect()
    first = connection.sock
    with within(1):  # without TCP_NODELAY, each answer takes 40 ms: 2 s in all
        for _ in range(50):
            connection.request("GET", "/health")
            assert connection.getresponse().read() == b'{"status":"ok"}\n'
    assert connection.sock is first
    connection.close()


UNUSUAL = [  # heads, and the status of the answer
    (b"GET https://localhost:5000/health HTTP/1.1\r\nHost: other", 200),  # RFC 9112, 3.2.2
    (b"POST HTTP://localhost?x HTTP/1.1\r\nHost: localhost", 405),  # its path is /
    (b"GET https://localhost//health HTTP/1.1\r\nHost: localhost", 404),
    (b"GET https://<b>/health HTTP/1.1\r\nHost: localhost", 400),
    (b"GET https://localhost/health HTTP/1.1\r\nHost: <b>", 400),
    (b"OPTIONS * HTTP/1.1\r\nHost: localhost", 404),
    (b"CONNECT localhost:443 HTTP/1.1\r\nHost: localhost", 404),
    *(
        (b"GET %b HTTP/1.1\r\nHost: evil.example" % target, 404)
        for target in (b"/store/", b"/STORE", b"/health/../store", b"/%00", b"/%ff", b"/\xff")
    ),
    *(  # Werkzeug would redirect, or serve /health
        (b"GET %b HTTP/1.1\r\nHost: localhost" % target, 404)
        for target in (b"?x", b"health", b"//health", b"/%2fhealth")
    ),
    (b"GET /nowhere?" + b"a&" * 5000 + b" HTTP/1.1\r\nHost: localhost", 404),
    (b"GET /%00%ff%c0 HTTP/1.1\r\nHost: localhost", 404),
    (b"GET /nowhere HTTP/1.0", 404),  # without a host
    (b"GET /health HTTP/1.1\r\nHost: [::1]:5000", 200),
    (b"GET /health HTTP/1.1\r\nHost: a_container:", 200),
    *(
        (b"GET /health HTTP/1.1\r\nHost: " + host, 400)
        for host in (b"", b"<b>", b"a b", b"a/b", b"u@a", b"a:b", b":5000", b"[::1", b"\xff")
    ),
    (b"GET /nowhere HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: \xff", 404),
    (b"GET /nowhere HTTP/1.1\r\nHost: a\r\nContent_Length: 5", 404),
    (b"GET /health HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade", 200),
    (b"POST /store HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Type: \xff", 415),
    (HEAD + b"Content_Type: text/plain\r\nContent-Length: 0", 400),  # as JSON, not 415
    (HEAD + b"Content-Length: 0\r\nContent-Length: 0", 400),
    (HEAD + b"Content-Length: 0\r\nExpect: 200-maybe", 400),
    (b"GET /health HTTP/1.1\r\nNo-Host: a", 400),
    (b"GET /health HTTP/1.1\r\nHost: a\r\nHost: b", 400),
    (b"HEAD /health HTTP/1.1\r\nHost: a\r\nHost: b", 400),
]


def test_unusual_http_is_answered_in_json(server: BackgroundServer) -> None:
    for head, status in UNUSUAL:
        with after(server, head + b"\r\n\r\n") as connection:
            answer = next_answer(connection)
        assert answer.status == status, head
        assert answer.headers["content-type"] == "application/json"
        is_explained = status != 200 and not head.startswith(b"HEAD")
        assert (b'{"error":' in answer.body) == is_explained


@pytest.fixture
def hanging_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("securedata.serving.connection.LINGER_SECONDS", 0.02)


LAST = {  # on its connection, by the request, its version or the answer
    "close": HEALTH.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"),
    "close in a list": HEALTH.replace(b"\r\n\r\n", b"\r\nConnection: TE, Close\r\n\r\n"),
    "HTTP/1.0": b"GET /health HTTP/1.0\r\n\r\n",
    "no Host": b"GET /health HTTP/1.1\r\nConnection: close\r\n\r\n",
    # RFC 9112, 6.1: what an old proxy takes for a body must not become a request.
    "chunks of HTTP/1.0": CHUNKED.replace(b"1.1\r\n", b"1.0\r\nConnection: keep-alive\r\n")
    + b"2\r\n{}\r\n0\r\n\r\n",
}


@pytest.mark.usefixtures("hanging_up")
@pytest.mark.parametrize("last", LAST.values(), ids=LAST)
def test_what_follows_the_last_request_is_not_done(tmp_path: Path, last: bytes) -> None:
    """It comes with it, in one write: else it would be stored, and nobody told."""
    records = RecordStore("sqlite://")
    app = create_app(Vault(records, ServiceKeys.generate()))
    with a_server(app, tmp_path) as server:
        more = HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY
        answers = exchange(server, last + 5 * more)
        assert answers.count(b"HTTP/1.1 ") == 1
        assert b"\r\nconnection: keep-alive\r\n" not in answers.lower()
        time.sleep(0.2)
    assert records.is_empty()


SMUGGLED = get("/smuggled")
MALFORMED = [
    b"\0\0\0\r\n\r\n",
    b"GET /health\r\n\r\n",  # HTTP/0.9
    b"GET /health HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n",
    b"GET /health HTTP/1.1\r\nHost: a\r\nX : b\r\n\r\n",
    *(
        HEAD + b"Content-Length: %b\r\n\r\n{}" % length
        for length in (b"-1", b"+2", b"", "٢".encode(), b"2, 3")
    ),
    HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} ",
    HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    # RFC 9112, 6.1: the chunks count. What the length would cut off must not become a request.
    HEAD
    + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
    + b"%x\r\n%b\r\n0\r\n\r\n" % (len(SMUGGLED), SMUGGLED),
    CHUNKED + b"zz\r\n{}\r\n0\r\n\r\n",
    CHUNKED + b"f" * 30 + b"\r\n",
    CHUNKED + b"1\r\n{}\r\n0\r\n\r\n",  # longer than it says
]


def test_malformed_http_is_answered_400_and_nothing_worse(server: BackgroundServer) -> None:
    for request in MALFORMED:
        answer = exchange(server, request)
        assert answer.startswith(b"HTTP/1.1 400 ") or not answer, (
            request
        )  # Tornado 6.5 may give none
        assert answer.count(b"HTTP/1.1 ") <= 1
    assert not any("smuggled" in line for line in server.log_tail(1000))
    assert ask(server, "GET", "/health").ok


@pytest.mark.parametrize("start", [HEALTH[:-2] + b"X: ", b""])
def test_a_head_without_end_is_cut_off(server: BackgroundServer, start: bytes) -> None:
    # The server may hang up while we still send, and the 400 may be lost on the way.
    with suppress(ConnectionError, ssl.SSLError), after(server, start) as connection:
        for _ in range(1000):
            connection.sendall(b"a" * 65536)
        pytest.fail("62 MiB of head were taken")
    assert ask(server, "GET", "/health").ok


# Its log.


def test_two_servers_in_one_process_have_two_logs(
    idle: BackgroundServer, server: BackgroundServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")  # whatever the program logs
    idle.start()
    ask(idle, "GET", "/on-the-first")
    exchange(idle, b"malformed\r\n\r\n")
    ask(server, "GET", "/on-the-second")
    first = ["GET /on-the-first 404"]
    assert idle.log_tail(1000) == first
    assert server.log_tail(1) == ["GET /on-the-second 404"]
