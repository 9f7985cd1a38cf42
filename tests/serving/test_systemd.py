"""systemd hears that the service is ready, and that its event loop lives."""

import os
import socket
import threading
import time
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


def drain(systemd: socket.socket) -> int:
    """How many heartbeats have come."""
    systemd.settimeout(0)
    count = 0
    try:
        while systemd.recv(100):
            count += 1
    except BlockingIOError:
        return count


def test_the_service_says_that_it_is_ready_and_goes_on(
    systemd: socket.socket, tmp_path: Path
) -> None:
    with RunningService(tmp_path, NOTIFY_SOCKET=systemd.getsockname()):
        for _ in range(3):
            assert systemd.recv(100).split() == [b"READY=1", b"WATCHDOG=1"]


def test_a_blocked_event_loop_is_silent(systemd: socket.socket, tmp_path: Path) -> None:
    tell = heartbeat(systemd.getsockname())
    blocked, go_on = threading.Event(), threading.Event()

    def block() -> None:
        tell()
        blocked.set()
        go_on.wait(timeout=10)

    server = a_server(Flask("example"), tmp_path)
    server.start(block)
    assert blocked.wait(timeout=10)
    assert drain(systemd) == 1
    time.sleep(2.5)
    assert drain(systemd) == 0
    go_on.set()
    server.stop()


@pytest.mark.skipif(not Path("/proc/net/unix").exists(), reason="names without a file: Linux")
def test_the_socket_may_have_a_name_without_a_file() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(f"\0securedata-test-{os.getpid()}")  # one for each run beside another
        heartbeat(f"@securedata-test-{os.getpid()}")()
        assert drain(systemd) == 1
