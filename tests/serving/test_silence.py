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
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
import requests
from vocabulary import ROOT, ask, exchange, next_answer, tls_socket

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
HEAD = b"POST /store HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
HEALTH = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
both_endings = pytest.mark.parametrize("ending", ["stop", "exit"])


class Program:
    """A program with a server in it, and all that it prints."""

    def __init__(self, folder: Path, ending: str, *options: str, setup: str = "") -> None:
        self.ca_file = folder / "ca.pem"
        self._printed = folder / "printed"
        command = [sys.executable, *options, "-c", setup + PROGRAM, ending]
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
        deadline = time.monotonic() + 30
        while not (folder / "port").exists():
            assert self.process.poll() is None, self.printed
            assert time.monotonic() < deadline, self.printed
            time.sleep(0.02)
        self.port = int((folder / "port").read_text())
        self.url = f"https://localhost:{self.port}"

    @property
    def printed(self) -> str:
        return self._printed.read_text(errors="replace")

    def end(self) -> int:
        """Let it end; return its exit code."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(timeout=15)

    def __enter__(self) -> "Program":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()


# Rudeness. Each returns the sockets that stay open.


def plain(program: Program) -> socket.socket:
    return socket.create_connection(("localhost", program.port), timeout=10)


def reset(connection: socket.socket) -> None:
    """Hang up without a goodbye: a TCP RST."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def talk_no_tls(program: Program) -> list[socket.socket]:
    chance = random.Random(1)
    for nonsense in (b"", b"\0", HEALTH, chance.randbytes(1000), b"\x16\x03\x01\x02\x00\x01"):
        with plain(program) as connection:
            connection.sendall(nonsense)
        connection = plain(program)
        connection.sendall(nonsense)
        reset(connection)
    return [plain(program) for _ in range(3)]


BEGINNINGS = [
    b"",
    b"GET /hea",
    HEALTH,
    HEALTH * 50,
    HEAD,
    HEAD + b"Content-Length: 100\r\n\r\n{",
    HEAD + b"Content-Length: 99999999\r\n\r\n{",
    HEAD + b"Transfer-Encoding: chunked\r\n\r\nff\r\n{",
    HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nno length\r\n",
    b"GET /bug HTTP/1.1\r\n\r\n",
    b"\0garbage\r\n\r\n",
]


def break_off(program: Program) -> list[socket.socket]:
    left_open = []
    for beginning in BEGINNINGS:
        for _ in range(2):
            with tls_socket(program) as connection:
                connection.sendall(beginning)
            connection = tls_socket(program)
            connection.sendall(beginning)
            reset(connection)
        connection = tls_socket(program)
        connection.sendall(beginning)
        left_open.append(connection)
    return list(left_open)


def say_too_much_and_go(program: Program) -> list[socket.socket]:
    """What follows the body is no HTTP, and the 400 for it meets nobody: asyncio would tell."""
    request = HEAD + b"Content-Length: 17\r\nExpect: 100-continue\r\n\r\n" + HEALTH * 30
    for _ in range(100):  # one in twenty is gone at the right moment
        with tls_socket(program) as connection:
            connection.sendall(request)
    return []


def break_tls_itself(program: Program) -> list[socket.socket]:
    """A good handshake, and then records that nobody encrypted."""
    left_open = []
    for record in (HEALTH, b"\x17\x03\x03\x00\x20" + bytes(32), b"\x15\x03\x03\x00\x02\x02\x00"):
        connection = plain(program)
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        context = ssl.create_default_context(cafile=program.ca_file)
        tls = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                connection.sendall(outgoing.read())
                incoming.write(connection.recv(65536))
        connection.sendall(outgoing.read() + record)
        left_open.append(connection)
    return left_open


def be_answered_badly(program: Program) -> list[socket.socket]:
    for method, path in [("GET", "/bug"), ("GET", "/nowhere"), ("PUT", "/store")]:
        ask(program, method, path)
    ask(program, "POST", "/store", data=b"\xff", headers={"Content-Type": "application/json"})
    exchange(program, b"no HTTP\r\n\r\n")
    exchange(program, HEAD + b"Content-Length: 3000000\r\n\r\n" + b"a" * 3_000_000)
    return []


def stay(program: Program) -> list[socket.socket]:
    connections = [tls_socket(program) for _ in range(3)]
    for connection in connections:
        connection.sendall(HEALTH)
        assert next_answer(connection).status == 200
    return list(connections)


RUDENESS = [talk_no_tls, break_off, say_too_much_and_go, break_tls_itself, be_answered_badly, stay]


# The tests.


@both_endings
def test_it_prints_nothing_whatever_clients_do(tmp_path: Path, ending: str) -> None:
    with Program(tmp_path, ending) as program:
        connections = [connection for rude in RUDENESS for connection in rude(program)]
        assert ask(program, "GET", "/health").ok
        assert program.end() == 0
        assert program.printed == ""
        for connection in connections:
            connection.close()


A_LOG_OF_ITS_OWN = """
import logging
logging.basicConfig(level=logging.INFO)
"""


def test_it_prints_nothing_where_the_program_prints_its_own_log(tmp_path: Path) -> None:
    with Program(tmp_path, "stop", setup=A_LOG_OF_ITS_OWN) as program:
        for rude in RUDENESS:
            for connection in rude(program):
                connection.close()
        assert program.end() == 0
        assert program.printed == ""


@pytest.mark.parametrize("attempt", range(5))
def test_a_program_ends_with_the_server_running(tmp_path: Path, attempt: int) -> None:
    with Program(tmp_path, "exit") as program, requests.Session() as session:
        for _ in range(1 + attempt):
            health = session.get(f"{program.url}/health", verify=str(program.ca_file), timeout=30)
            assert health.ok
        assert program.end() == 0
        assert program.printed == ""


@both_endings
def test_an_answer_under_way_at_the_end_is_no_reason_to_print(tmp_path: Path, ending: str) -> None:
    with Program(tmp_path, ending) as program, tls_socket(program) as connection:
        connection.sendall(b"GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n")
        time.sleep(0.3)
        assert program.end() == 0
        assert program.printed == ""


@both_endings
def test_a_broken_body_that_waits_for_the_end_is_no_reason_to_print(
    tmp_path: Path, ending: str
) -> None:
    broken = HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nno length\r\n"
    with Program(tmp_path, ending) as program, ExitStack() as waiting:
        for _ in range(3):
            connection = waiting.enter_context(tls_socket(program))
            connection.sendall(broken)
            assert next_answer(connection).status == 400
        assert program.end() == 0
        assert program.printed == ""


FEW_FILES = """
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))
"""


@pytest.mark.serial
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_it_survives_in_silence_when_there_are_no_more_files(tmp_path: Path) -> None:
    with Program(tmp_path, "stop", setup=FEW_FILES) as program:
        crowd = [plain(program) for _ in range(200)]
        time.sleep(0.2)
        for connection in crowd:
            connection.close()
        deadline = time.monotonic() + 10
        answered = False
        while not answered and time.monotonic() < deadline:
            with suppress(requests.RequestException):
                answered = ask(program, "GET", "/health").ok
        assert answered
        assert program.end() == 0
        assert program.printed == ""


# Other event loops and parsers that uvicorn would take if it found them.

TRAP = "raise RuntimeError('this was imported, and must not be')"
NOT_THERE = "import sys\nsys.modules.update(uvloop=None, httptools=None, websockets=None)"


@pytest.mark.parametrize("installed", [True, False], ids=["installed", "not installed"])
def test_it_is_the_same_with_and_without_uvloop_and_httptools(
    tmp_path: Path, installed: bool
) -> None:
    if installed:
        for name in ("uvloop", "httptools", "websockets"):
            (tmp_path / f"{name}.py").write_text(TRAP)
    with Program(tmp_path, "stop", setup="" if installed else NOT_THERE) as program:
        stored = ask(program, "POST", "/store", json={"data": "hello"})
        assert stored.status_code == 200
        assert exchange(program, b"no HTTP\r\n\r\n").endswith(b'"Invalid HTTP request received."}')
        assert program.end() == 0
        assert program.printed == ""
