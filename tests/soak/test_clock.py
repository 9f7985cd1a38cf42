"""A clock that is a year behind, or ten years ahead, and then right again: everything goes on.

Server, commands and clients of one machine share its clock, wrong as it may be: faketime tells
them all the same.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from vocabulary import ROOT, free_port

pytestmark = pytest.mark.serial

SECUREDATA = str(Path(sys.executable).with_name("securedata"))
PRESENT, A_YEAR_BACK, TEN_YEARS_AHEAD = "+0d", "-365d", "+3653d"


class Machine:
    """A folder in which commands are typed, on a machine whose clock may be wrong."""

    def __init__(self, folder: Path) -> None:
        if shutil.which("faketime") is None:
            pytest.skip("needs the faketime command")
        # The command itself would stand between us and the process that we end.
        library = ["faketime", "-f", "+0d", "printenv", "LD_PRELOAD"]
        self._faketime = subprocess.check_output(library, text=True).strip()
        self.folder = folder
        self.clock = PRESENT
        self.port = free_port()
        self.ids: dict[str, str] = {}  # of every text that was stored

    @contextmanager
    def serving(self, clock: str) -> Iterator[None]:
        """A server that is started at this time, by a clock that stays so far off."""
        self.clock = clock
        log = (self.folder / "service.log").open("ab")
        command = [sys.executable, str(ROOT / "app.py"), "--port", str(self.port)]
        process = subprocess.Popen(command, cwd=self.folder, env=self._environment, stderr=log)
        try:
            self._wait_for(process)
            yield
        finally:
            process.terminate()
            process.wait(timeout=30)
            log.close()
        assert "Traceback" not in (self.folder / "service.log").read_text()

    def securedata(self, *arguments: str, text: str | None = None) -> str:
        """What a command prints that somebody types now."""
        done = subprocess.run(
            [SECUREDATA, *arguments],
            cwd=self.folder,
            env=self._environment,
            input=text,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def store(self, text: str) -> None:
        self.ids[text] = self.securedata("store", text=text).strip()

    def assert_all_readable(self) -> None:
        for text, record_id in self.ids.items():
            assert self.securedata("retrieve", record_id) == text

    @property
    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "LD_PRELOAD": self._faketime,
            "FAKETIME": self.clock,
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",  # a wait is as long as ever
            "SECUREDATA_URL": f"https://localhost:{self.port}",
        }

    def _wait_for(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + 30
        while True:
            assert process.poll() is None, (self.folder / "service.log").read_text()
            assert time.monotonic() < deadline, "the service did not listen within 30 s"
            try:
                socket.create_connection(("localhost", self.port), timeout=5).close()
                return
            except OSError:
                time.sleep(0.05)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize("wrong", [A_YEAR_BACK, TEN_YEARS_AHEAD])
def test_what_was_stored_at_one_time_is_read_at_another(machine: Machine, wrong: str) -> None:
    for clock in (PRESENT, wrong, PRESENT):
        with machine.serving(clock):
            machine.securedata("rotate")
            machine.securedata("rotate", "--signer")
            machine.store(f"stored by the clock {clock}, number {len(machine.ids)}")
            machine.assert_all_readable()
    listed = re.findall(r"^  \w{16}  (\w+) +(-?\d+) days", machine.securedata("keys"), re.M)
    off = str(-int(wrong.removesuffix("d")))
    ages = [("primary", "0"), ("earlier", off), ("earlier", "0"), ("earlier", "0")]
    assert listed == 2 * ages


@pytest.mark.parametrize("wrong", [A_YEAR_BACK, TEN_YEARS_AHEAD])
def test_a_server_that_was_first_started_at_the_wrong_time_serves_at_the_right_one(
    machine: Machine, wrong: str
) -> None:
    for clock in (wrong, PRESENT):
        with machine.serving(clock):
            machine.store(f"stored by the clock {clock}")
            machine.assert_all_readable()
