"""Sockets that listen: where, and where not."""

import errno
import os
import socket

import pytest

from securedata.errors import ListenError
from securedata.serving import listening
from securedata.serving.listening import listen


def test_other_machines_cannot_reach_it_unless_they_may() -> None:
    others = ["0.0.0.0", "0", "::", "::ffff:0.0.0.0", "192.0.2.7", "2001:db8::1"]
    for host in others:
        with pytest.raises(ListenError, match=r"other machines|no address of this machine"):
            listen(host, 0, loopback_only=True)
    listen("0.0.0.0", 0, loopback_only=False)[0].close()


def test_a_host_that_does_not_exist_is_one_sentence() -> None:
    for host in ("", "nowhere.invalid", "a..b", "a" * 64 + ".localhost", "a b"):
        with pytest.raises(ListenError, match="is no address of this machine"):
            listen(host, 0, loopback_only=True)


@pytest.mark.parametrize(
    ("system", "option"), [("posix", "SO_REUSEADDR"), ("nt", "SO_EXCLUSIVEADDRUSE")]
)
def test_no_second_server_takes_the_port(
    system: str, option: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    options: list[object] = []

    class Listener(socket.socket):
        def setsockopt(self, *option: object) -> None:
            options.append(option)

    monkeypatch.setattr(os, "name", system)
    monkeypatch.setattr(socket, "SO_EXCLUSIVEADDRUSE", -5, raising=False)  # Windows has it alone
    monkeypatch.setattr(socket, "socket", Listener)
    with listen("127.0.0.1", 0, loopback_only=True)[0]:
        assert options == [(socket.SOL_SOCKET, getattr(socket, option), 1)]


def test_a_port_that_is_free_at_one_address_only_is_not_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried: list[socket.socket] = []

    class Listener(socket.socket):
        def bind(self, address: tuple[str, int]) -> None:
            tried.append(self)
            if len(tried) == 2:  # as by a Jupyter kernel, which listens at 127.0.0.1 alone
                raise OSError(errno.EADDRINUSE, "in use")
            super().bind(address)

    monkeypatch.setattr(listening, "_addresses", lambda host: ["127.0.0.2", "127.0.0.1"])
    monkeypatch.setattr(socket, "socket", Listener)
    opened = listen("localhost", 0, loopback_only=True)
    assert len({it.getsockname()[1] for it in opened}) == 1
    assert [it.fileno() for it in tried] == [-1, -1, *(it.fileno() for it in opened)]
    for it in opened:
        it.close()


def test_a_port_that_is_not_for_everybody_names_another(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(addresses: list[str], port: int) -> list[socket.socket]:
        raise PermissionError(errno.EACCES, "Permission denied")  # as Linux for port 80

    monkeypatch.setattr(listening, "_bind_all", refused)
    with pytest.raises(ListenError, match="port 80: Permission denied; choose a port above 1023"):
        listen("localhost", 80, loopback_only=True)
