"""The ground of the tap: where it listens, and that it hangs up. See test_tap.py."""

import socket
from collections.abc import Callable

import pytest

from securedata import BackgroundServer
from securedata.errors import ListenError
from securedata_lab import Twin
from securedata_lab.lesson05_tls_certificates import ManInTheMiddle, Tap, serve_without_tls
from securedata_lab.servers.listener import Listener
from securedata_lab.twins.twin import TwinServer


def test_it_listens_at_every_address_of_localhost() -> None:
    with Listener("localhost") as listener:
        for family, *_, address in socket.getaddrinfo(
            "localhost", listener.port, type=socket.SOCK_STREAM
        ):
            with socket.socket(family, socket.SOCK_STREAM) as connection:
                connection.settimeout(5)
                connection.connect(address)
                assert connection.recv(1) == b""


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


def test_a_socket_that_comes_while_it_stops_is_hung_up_on() -> None:
    listener = Listener("127.0.0.1")
    listener.stop()
    one, other = socket.socketpair()
    with one, other:
        listener.hold(one)
        assert other.recv(1) == b""
