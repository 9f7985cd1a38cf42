"""The ground of the tap and of hello: threads that begin, hang up and end."""

import socket
import threading
import time

import pytest

from securedata.errors import ListenError
from securedata.lab.tls.listener import Listener, begin, hang_up


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


def test_a_taken_port_is_one_sentence() -> None:
    with Listener("localhost") as one:
        other = Listener("localhost")
        other.port = one.port
        with pytest.raises(ListenError, match="is in use"):
            other.start()


def test_it_hangs_up_when_it_stops_and_its_threads_end() -> None:
    threads = threading.active_count()
    with Waiting("127.0.0.1") as listener:
        clients = [socket.create_connection(("127.0.0.1", listener.port)) for _ in range(5)]
        while threading.active_count() < threads + 6:
            time.sleep(0.005)
    assert threading.active_count() == threads
    for client in clients:
        assert client.recv(1) == b""
        client.close()


def test_a_socket_that_comes_while_it_stops_is_hung_up_on() -> None:
    listener = Listener("127.0.0.1")
    listener.stop()
    one, other = socket.socketpair()
    with one, other:
        listener.hold(one)
        assert other.recv(1) == b""


def test_hanging_up_wakes_a_thread_that_waits_and_twice_is_harmless() -> None:
    one, other = socket.socketpair()
    with one, other:
        waiting = begin(one.recv, 1)
        hang_up(one)
        waiting.join(timeout=5)
        assert not waiting.is_alive()
        hang_up(one)
    hang_up(one)
