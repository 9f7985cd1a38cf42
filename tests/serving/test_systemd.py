"""systemd hears that the service is ready, and that its event loop lives."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from vocabulary import RunningService, a_server

from securedata.serving.systemd import heartbeat

pytestmark = pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="systemd is for Linux")


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(10)
        yield listener


def test_the_service_says_that_it_is_ready_and_goes_on(
    systemd: socket.socket, tmp_path: Path
) -> None:
    with RunningService(tmp_path, NOTIFY_SOCKET=systemd.getsockname()):
        for _ in range(3):
            assert systemd.recv(100).split() == [b"READY=1", b"WATCHDOG=1"]


def test_a_blocked_event_loop_is_silent(systemd: socket.socket, tmp_path: Path) -> None:
    tell = heartbeat(systemd.getsockname())
    go_on = threading.Event()

    def block() -> None:
        tell()
        go_on.wait(timeout=10)

    server = a_server(Flask("example"), tmp_path)
    server.start(block)
    assert systemd.recv(100)
    systemd.settimeout(2.5)
    with pytest.raises(TimeoutError):
        systemd.recv(100)
    go_on.set()
    server.stop()
