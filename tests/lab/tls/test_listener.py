"""The ground of the tap and of hello: threads that begin, hang up and end."""

import socket
import threading
import time
from collections.abc import Callable

import pytest

from securedata import BackgroundServer
from securedata.errors import ListenError
from securedata.lab import ManInTheMiddle, Tap, Twin, serve_without_tls
from securedata.lab.tls.listener import Listener
from securedata.lab.twins.twin import TwinServer


class Waiting(Listener):
    """Waits for a byte that never comes."""

    def serve(self, client: socket.socket) -> None:
        client.recv(1)


def test_it_listens_at_every_address_of_localhost() -> None:
    with Listener("localhost") as listener:
        for family, *_, address in socket.getaddrinfo(
            "localhost", listener.port, type=socket.SOCK_STREAM
        ):
            with socket.socket(family, socket.SOCK_STREAM) as connection:
                connection.settimeout(5)
                connection.connect(address)
                assert connection.recv(1) == b""


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "nowhere.invalid"])
def test_it_refuses_to_be_reached_from_other_machines(host: str) -> None:
    with pytest.raises(ListenError, match=r"other machines|no address of this machine"):
        Listener(host).start()


@pytest.mark.parametrize(
    "create",
    [
        lambda: Tap("http://localhost:1"),
        lambda: ManInTheMiddle(TwinServer(Twin())),
        lambda: TwinServer(Twin()),
        serve_without_tls,
    ],
)
def test_every_server_of_the_lab_refuses_it_too(create: Callable[[], BackgroundServer]) -> None:
    server = create()
    server.stop()
    server.host = "0.0.0.0"
    with pytest.raises(ListenError, match="can be reached from other machines"):
        server.start()


def test_a_taken_port_is_one_sentence() -> None:
    with Listener("localhost") as one:
        other = Listener("localhost")
        other.port = one.port
        with pytest.raises(ListenError, match="is in use"):
            other.start()


def test_when_it_stops_no_thread_of_a_client_is_left() -> None:
    threads = threading.active_count()
    with Waiting("127.0.0.1") as listener:
        clients = [socket.create_connection(("127.0.0.1", listener.port)) for _ in range(5)]
        while threading.active_count() < threads + 6:
            time.sleep(0.005)
    assert threading.active_count() == threads
    for client in clients:
        client.close()


def test_a_socket_that_comes_while_it_stops_is_hung_up_on() -> None:
    listener = Listener("127.0.0.1")
    listener.stop()
    one, other = socket.socketpair()
    with one, other:
        listener.hold(one)
        assert other.recv(1) == b""
