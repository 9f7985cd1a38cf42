"""The tap: every byte recorded and none changed, however the two sides behave; and its end."""

import random
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
import requests
from crowd import wait_until

from securedata.errors import FormatError
from securedata_lab.lesson05_tls_certificates.hello_server import hello_server
from securedata_lab.lesson05_tls_certificates.tap import Answer, Tap, replay
from securedata_lab.servers.listener import Listener

TEXT = "attack at dawn"
STOPPED_SECONDS = 2

released = threading.Event()  # lets go those who say nothing


class Server(Listener):
    """A TCP server that does this with every client."""

    def __init__(self, conduct: Callable[[socket.socket], object]) -> None:
        super().__init__("localhost")
        self._conduct = conduct

    @property
    def url(self) -> str:
        return f"http://{self.address}"

    def serve(self, client: socket.socket) -> None:
        self._conduct(client)


def all_of(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(65536), b""))


def echo(client: socket.socket) -> None:
    while data := client.recv(65536):
        client.sendall(data)


def listen_then_answer(client: socket.socket) -> None:
    client.sendall(all_of(client)[::-1])


def reset(connection: socket.socket) -> None:
    """Hang up without a goodbye: a TCP RST."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def refuse_early(client: socket.socket) -> None:
    """Answers while the client is still sending, and reads no more of it."""
    client.recv(1)
    client.sendall(b"too much")
    client.shutdown(socket.SHUT_WR)
    time.sleep(0.2)


def say_nothing(client: socket.socket) -> None:
    """Reads nothing, answers nothing, and does not notice when the client goes."""
    released.wait(5)
    time.sleep(0.05)  # `stop` waits for this thread


def talk_on_and_on(client: socket.socket) -> None:
    while True:
        client.sendall(bytes(65536))


@contextmanager
def tapped(conduct: Callable[[socket.socket], object]) -> Iterator[Tap]:
    with Server(conduct) as server, Tap(server.url) as tap:
        yield tap


def connect(tap: Tap) -> socket.socket:
    return socket.create_connection(("localhost", tap.port), timeout=5)


def wait_until_closed(tap: Tap) -> None:
    wait_until(lambda: tap.connections != [] and all(it.closed for it in tap.connections))


# Bytes.


def test_its_url_is_the_servers_with_another_port() -> None:
    with Tap("https://localhost:5000/base") as tap:
        assert tap.url == f"https://localhost:{tap.port}/base"
    assert Tap("http://127.0.0.1").url.startswith("http://127.0.0.1:")
    assert Tap("http://[::1]:80").url.startswith("http://[::1]:")


def test_every_byte_passes_unchanged_and_is_recorded_also_after_the_client_has_said_all() -> None:
    data = random.Random(1).randbytes(8_000_000)
    with tapped(listen_then_answer) as tap, connect(tap) as client:
        client.sendall(data)
        client.shutdown(socket.SHUT_WR)
        assert all_of(client) == data[::-1]
        wait_until_closed(tap)
        (connection,) = tap.connections
        assert connection.client == data
        assert connection.server == data[::-1]


def test_what_has_arrived_is_already_recorded() -> None:
    with tapped(echo) as tap, connect(tap) as client:
        for count in range(1, 200):
            client.sendall(b"x")
            assert client.recv(1) == b"x"
            assert len(tap.connections[0].server) == len(tap.connections[0].client) == count


# How connections end.


def test_a_client_that_resets_is_the_end_even_if_the_server_does_not_notice() -> None:
    released.clear()
    with tapped(say_nothing) as tap:
        client = connect(tap)
        client.sendall(b"hello")
        wait_until(lambda: tap.connections != [] and tap.connections[0].client == b"hello")
        reset(client)
        wait_until_closed(tap)
        released.set()


def test_silence_is_not_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("securedata_lab.lesson05_tls_certificates.tap.CONNECT_SECONDS", 0.1)
    with tapped(echo) as tap, connect(tap) as client:
        for _ in range(2):
            time.sleep(0.3)
            client.sendall(b"x")
            assert client.recv(1) == b"x"


def test_an_answer_before_the_end_of_the_request_still_comes_through() -> None:
    with tapped(refuse_early) as tap, connect(tap) as client:
        with suppress(OSError):
            for _ in range(200):
                client.sendall(bytes(65536))
                time.sleep(0.001)
        assert client.recv(100) == b"too much"


def test_without_a_server_the_client_meets_the_end_and_later_ones_do_not() -> None:
    server = hello_server()
    server.stop()
    with Tap(server.url) as tap:
        with connect(tap) as client, suppress(ConnectionResetError):
            assert all_of(client) == b""
        wait_until_closed(tap)
        with server:
            assert requests.get(tap.url, verify=str(server.ca_file), timeout=5).text == "hello\n"


# Its life.


@pytest.mark.serial
@pytest.mark.parametrize("conduct", [echo, say_nothing, talk_on_and_on])
def test_it_stops_soon_whoever_is_connected_and_the_port_is_free(
    conduct: Callable[[socket.socket], object],
) -> None:
    released.clear()
    threads = threading.active_count()
    with Server(conduct) as server:
        tap = Tap(server.url)
        tap.start()
        clients = [connect(tap) for _ in range(5)]
        for client in clients[1:]:
            client.setblocking(False)
            with suppress(BlockingIOError):
                while conduct is not echo:  # until nothing more goes in: neither side reads
                    client.send(bytes(65536))
        wait_until(lambda: len(tap.connections) == 5)
        started = time.monotonic()
        tap.stop()
        assert time.monotonic() - started < STOPPED_SECONDS
        released.set()
        socket.create_server(("127.0.0.1", tap.port)).close()
        wait_until_closed(tap)
        for client in clients:
            client.close()
    assert threading.active_count() <= threads


# Where it stands.


@pytest.mark.parametrize(
    "url",
    [
        "https://bank.example",
        "http://192.0.2.7:80",
        "http://0.0.0.0:80",
        "https://localhost.bank.example",
        "https://localhost@bank.example",
        "http://[2001:db8::1]:80",
        "ftp://localhost",
        "localhost:5000",
        "",
    ],
)
def test_it_is_for_ones_own_server_only(url: str) -> None:
    for refused in (Tap, lambda url: replay(url, b"")):
        with pytest.raises(FormatError, match="this is for your own server"):
            refused(url)


# Replay.


@pytest.mark.serial
def test_a_server_that_never_answers_is_not_waited_for_and_none_is_an_error() -> None:
    started = time.monotonic()
    with Server(lambda client: all_of(client)) as server:
        assert replay(server.url, b"hello?") == [Answer(b"", hung_up=False)]
    assert time.monotonic() - started < 5  # without an end it would take for ever
    with pytest.raises(ConnectionRefusedError):
        replay("http://localhost:1", b"")
