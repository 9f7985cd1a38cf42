"""An answer of /store leaves the server when its record is on the disk: its system calls show it.

No kill can show that, since what a killed process has written is safe with the operating system.
Only a power cut loses what was not synced.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from bench.client import Connection, post
from vocabulary import RunningService

pytestmark = pytest.mark.serial

STORES = 100

# What we look for, as strace writes it; the descriptor's file stands after it in <>.
JOURNAL = r"\(\d+<[^>]*-wal>"
TLS_DATA = r'\(\d+<(?:socket|TCP)[^>]*>, *"\\27\\3\\3'  # application data (RFC 9846, 5.1)
STEPS = {
    "R": re.compile(rf"\d+ +(?:read|recvfrom){TLS_DATA}"),  # a request comes
    "W": re.compile(rf"\d+ +pwrite64{JOURNAL}"),  # a record is written
    "S": re.compile(rf"\d+ +(?:fdatasync|fsync){JOURNAL}"),  # and is on the disk
    "A": re.compile(rf"\d+ +(?:write|sendto){TLS_DATA}"),  # an answer goes
}
UNFINISHED = " <unfinished ...>"
RESUMED = re.compile(r"(\d+) +<\.\.\. \w+ resumed>")


class Strace:
    """Writes down the system calls of a running process and all its threads, in their order."""

    def __init__(self, process: int, trace: Path) -> None:
        if shutil.which("strace") is None:
            pytest.skip("needs the strace command")
        calls = "trace=read,recvfrom,pwrite64,fdatasync,fsync,write,sendto"
        command = ["strace", "-f", "-y", "-e", calls, "-o", str(trace), f"--attach={process}"]
        self._trace = trace
        self._process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        assert self._process.stderr is not None
        said = self._process.stderr.readline()
        if " attached" not in said:
            pytest.skip(f"may not trace a process: {said}")

    def stop(self) -> list[str]:
        """What it has seen."""
        self._process.terminate()
        self._process.communicate(timeout=30)
        return self._trace.read_text().splitlines()


def steps(trace: list[str]) -> Iterator[str]:
    """The letters of what happened.

    A call that another thread interrupts is written down in two parts, and what it has received in
    the second: it counts when it ends.
    """
    begun: dict[str, str] = {}
    for line in trace:
        if resumed := RESUMED.match(line):
            line = begun.pop(resumed[1], "") + line[resumed.end() :]
        if line.endswith(UNFINISHED):
            begun[line.split()[0]] = line.removesuffix(UNFINISHED)
            continue
        yield from (letter for letter, call in STEPS.items() if call.match(line))


def test_between_a_request_and_its_answer_there_is_a_write_and_then_a_sync(
    service: RunningService, tmp_path: Path
) -> None:
    connection = Connection(service.port, service.ca_file)
    connection.ask(post("/store", {"data": "the first makes the connections"}))
    strace = Strace(service.process.pid, tmp_path / "trace")
    for number in range(STORES):
        connection.ask(post("/store", {"data": f"text {number}"}))
    happened = "".join(steps(strace.stop()))
    assert re.fullmatch(rf"([WS]*R+[WS]*W[WS]*S[WS]*A+){{{STORES}}}[WS]*", happened)
