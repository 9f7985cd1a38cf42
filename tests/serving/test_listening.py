"""Sockets that listen: what only another system would show."""

import os
import socket

import pytest

from securedata.serving import listening


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
    with listening.listen("127.0.0.1", 0, loopback_only=True)[0]:
        assert options == [(socket.SOL_SOCKET, getattr(socket, option), 1)]
