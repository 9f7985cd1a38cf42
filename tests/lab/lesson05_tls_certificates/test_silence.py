"""The servers of the TLS lessons print nothing and leave no files, whatever clients do."""

from pathlib import Path

import pytest
from lab.programs import run_program

HELLO = """
from securedata_lab.lesson05_tls_certificates.hello_server import hello_server
server = hello_server()
assert server.ca_file.exists()
running = [server]
"""

REFUSED = """
from securedata_lab.lesson05_tls_certificates import ask_requests
from securedata_lab.lesson05_tls_certificates.hello_server import hello_server
running = [hello_server(), hello_server()]
for server, stranger in (running, running[::-1]):
    assert ask_requests(server.url, stranger.ca_file).words == "unknown CA"
"""

MAN_IN_THE_MIDDLE = """
import requests
from securedata_lab import Twin, serve_twin
from securedata_lab.lesson05_tls_certificates import ManInTheMiddle
twin = serve_twin(Twin)
attacker = ManInTheMiddle(twin, edit_answer=lambda path, said: said["nothing"])
attacker.start()
for verify in (attacker.ca_file, twin.ca_file):
    for body in ({"data": "text"}, {}, [], None):
        try:
            answer = requests.post(
                attacker.url + "/store", json=body, verify=str(verify), timeout=5
            )
        except requests.exceptions.SSLError:
            pass
assert answer.status_code == 502
running = [attacker, twin]
"""

TAP = """
import socket, struct
import requests
from securedata_lab.lesson06_tls_on_the_wire import Tap, replay
from securedata_lab.lesson05_tls_certificates.hello_server import hello_server
server = hello_server()
tap = Tap(server.url)
tap.start()
connect = lambda: socket.create_connection(("localhost", tap.port))
idle = [connect().detach() for _ in range(5)]
for _ in range(20):
    rude = connect()
    rude.sendall(b"\\x16\\x03\\x01")
    rude.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    rude.close()
    with connect() as short:
        short.sendall(b"no TLS")
for _ in range(3):
    assert requests.get(tap.url, verify=str(server.ca_file), timeout=5).text == "hello\\n"
replay(tap.url, tap.connections[-1].client)
running = [tap, server]
"""

STOP = """
for one in running:
    one.stop()
"""


@pytest.mark.parametrize("ending", [STOP, ""], ids=["stop", "exit"])
@pytest.mark.parametrize(
    "program",
    [
        HELLO,
        pytest.param(REFUSED, marks=pytest.mark.thorough),
        pytest.param(MAN_IN_THE_MIDDLE, marks=pytest.mark.thorough),
        pytest.param(TAP, marks=pytest.mark.thorough),
    ],
    ids=["hello", "refused", "man in the middle", "tap"],
)
def test_nothing_is_printed_and_no_file_is_left(tmp_path: Path, program: str, ending: str) -> None:
    done = run_program(tmp_path, program + ending)
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
    assert list(tmp_path.iterdir()) == []
