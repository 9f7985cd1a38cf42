"""Relays: nobody fills one for others, or holds a connection alone."""

import socket
from pathlib import Path

import pytest

from securedata.classroom.tournament import relay


def test_idle_connections_are_few_and_end_with_their_client(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "MOST_CONNECTIONS", 2)
    with socket.create_server(("localhost", 0)) as server:
        port = server.getsockname()[1]
        relay.relay(f"unix:{tmp_path}/it", lambda: f"tcp:{port}")

        def joined() -> tuple[socket.socket, socket.socket]:
            client = relay.connected(f"unix:{tmp_path}/it")
            client.settimeout(10)
            client.sendall(b"x")
            return client, server.accept()[0]  # which never hangs up by itself

        (first, _held), (second, _too) = joined(), joined()
        with second, relay.connected(f"unix:{tmp_path}/it") as third:
            third.settimeout(10)
            assert third.recv(1) == b""
            first.close()
            joined()[0].close()
