"""The server prints nothing, ever, and never holds up the end of its program.

In a process of its own, so that everything that is printed is seen.
"""

import os
import random
import socket
import ssl
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest
from crowd import wait_until
from serving.raw import BROKEN_CHUNKS, CHUNKED, HEAD, HEALTH, after, get, plain
from vocabulary import ROOT, ask, exchange, tls_socket

pytestmark = pytest.mark.thorough

# Serves until its stdin is closed; then stops the server, or ends with the server running.
PROGRAM = """
import sys, time
from pathlib import Path
from vocabulary import a_server, a_vault
from securedata import create_app

folder = Path.cwd()
app = create_app(a_vault(folder))
app.add_url_rule("/bug", "bug", lambda: 1 / 0)
app.add_url_rule("/slow", "slow", lambda: time.sleep(1) or "late")
server = a_server(app, folder)
server.start()
(folder / "port.new").write_text(str(server.port))
(folder / "port.new").rename(folder / "port")
sys.stdin.read()
if "stop" in sys.argv:
    server.stop()
"""


class Program:
    """A program with a server in it, and all that it prints."""

    def __init__(self, folder: Path, ending: str, *, setup: str = "") -> None:
        self.ca_file = folder / "ca.pem"
        self._printed = folder / "printed"
        command = [sys.executable, "-c", setup + PROGRAM, ending]
        path = [str(ROOT / "tests"), str(folder), os.environ.get("PYTHONPATH", str(ROOT))]
        with self._printed.open("wb") as printed:
            self.process = subprocess.Popen(
                command,
                cwd=folder,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(path)},
                stdin=subprocess.PIPE,
                stdout=printed,
                stderr=printed,
            )
        wait_until(lambda: (folder / "port").exists() or self.process.poll() is not None)
        self.port = int((folder / "port").read_text())
        self.url = f"https://localhost:{self.port}"

    def end_in_silence(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        exit_code = self.process.wait(timeout=15)
        assert (exit_code, self._printed.read_text(errors="replace")) == (0, "")

    def __enter__(self) -> "Program":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()


# Rudeness. Each returns the sockets that stay open.


def reset(connection: socket.socket) -> None:
    """Hang up without a goodbye: a TCP RST."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def talk_no_tls(program: Program) -> list[socket.socket]:
    chance = random.Random(1)
    for nonsense in (b"", b"\0", HEALTH, chance.randbytes(1000), b"\x16\x03\x01\x02\x00\x01"):
        for hang_up in (socket.socket.close, reset):
            connection = plain(program)
            connection.sendall(nonsense)
            hang_up(connection)
    return [plain(program) for _ in range(3)]


BEGINNINGS = [
    b"",
    b"GET /hea",
    HEALTH,
    HEALTH * 50,
    HEAD,
    HEAD + b"Content-Length: 100\r\n\r\n{",
    HEAD + b"Content-Length: 99999999\r\n\r\n{",
    CHUNKED + b"ff\r\n{",
    BROKEN_CHUNKS,
    b"GET /bug HTTP/1.1\r\n\r\n",
    b"\0garbage\r\n\r\n",
]


def break_off(program: Program) -> list[socket.socket]:
    for beginning in BEGINNINGS:
        for hang_up in (ssl.SSLSocket.close, reset) * 2:
            hang_up(after(program, beginning))
    return [after(program, beginning) for beginning in BEGINNINGS]


def break_tls_itself(program: Program) -> list[socket.socket]:
    """A good handshake, and then records that nobody encrypted."""
    left_open = []
    for record in (HEALTH, b"\x17\x03\x03\x00\x20" + bytes(32), b"\x15\x03\x03\x00\x02\x02\x00"):
        raw = socket.socket(fileno=tls_socket(program).detach())  # below TLS
        raw.sendall(record)
        left_open.append(raw)
    return left_open


def be_answered_badly(program: Program) -> list[socket.socket]:
    for method, path in [("GET", "/bug"), ("GET", "/nowhere"), ("PUT", "/store")]:
        ask(program, method, path)
    exchange(program, b"no HTTP\r\n\r\n")
    exchange(program, HEAD + b"Content-Length: 3000000\r\n\r\n" + b"a" * 3_000_000)
    return []


def stay(program: Program) -> list[socket.socket]:
    return [after(program, HEALTH, b"") for _ in range(3)]


RUDENESS = [talk_no_tls, break_off, break_tls_itself, be_answered_badly, stay]
A_LOG_OF_ITS_OWN = "import logging\nlogging.basicConfig(level=logging.INFO)\n"


# The tests.


@pytest.mark.parametrize(
    ("ending", "setup"), [("stop", ""), ("exit", ""), ("stop", A_LOG_OF_ITS_OWN)]
)
def test_it_prints_nothing_whatever_clients_do(tmp_path: Path, ending: str, setup: str) -> None:
    with Program(tmp_path, ending, setup=setup) as program:
        connections = [connection for rude in RUDENESS for connection in rude(program)]
        assert ask(program, "GET", "/health").ok
        program.end_in_silence()
        for connection in connections:
            connection.close()


@pytest.mark.parametrize("ending", ["stop", "exit"])
def test_an_answer_under_way_at_the_end_is_no_reason_to_print(tmp_path: Path, ending: str) -> None:
    with Program(tmp_path, ending) as program, after(program, get("/slow")):
        time.sleep(0.3)
        program.end_in_silence()
