"""A clock that is a year behind, or ten years ahead, and then right again: everything goes on.

Server, commands and clients of one machine share its clock, wrong as it may be: faketime tells
them all the same.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from crowd import wait_until
from vocabulary import RunningService, securedata

pytestmark = pytest.mark.serial

PRESENT, A_YEAR_BACK, TEN_YEARS_AHEAD = "+0d", "-365d", "+3653d"


class Machine:
    """A folder in which commands are typed, on a machine whose clock may be wrong."""

    def __init__(self, folder: Path) -> None:
        if shutil.which("faketime") is None:
            pytest.skip("needs the faketime command")
        # The command itself would stand between us and the process that we end.
        library = ["faketime", "-f", "+0d", "printenv", "LD_PRELOAD"]
        self._settings = {
            "LD_PRELOAD": subprocess.check_output(library, text=True).strip(),
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",  # a wait is as long as ever
        }
        self._service = RunningService(folder)
        self._settings["SECUREDATA_URL"] = self._service.url
        self.ids: dict[str, str] = {}  # of every text that was stored

    @contextmanager
    def serving(self, clock: str) -> Iterator[None]:
        """A server that is started at this time, by a clock that stays so far off."""
        self._settings["FAKETIME"] = clock
        self._service.environment = self._settings
        self._service.begin()
        try:
            wait_until(lambda: "Serving " in self._service.log.read_text())
            yield
        finally:
            self._service.stop()
            assert "Traceback" not in self._service.log.read_text()
            self._service.log.unlink()

    def securedata(self, *arguments: str, text: str | None = None) -> str:
        """What a command prints that somebody types now."""
        environment = {**os.environ, **self._settings}
        done = securedata(self._service.folder, *arguments, input=text, env=environment)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def store(self, text: str) -> None:
        self.ids[text] = self.securedata("store", text=text).strip()

    def assert_all_readable(self) -> None:
        for text, record_id in self.ids.items():
            assert self.securedata("retrieve", record_id) == text


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize(
    "clocks",
    [(wrong, PRESENT, wrong) for wrong in (A_YEAR_BACK, TEN_YEARS_AHEAD)],
    ids=["a year back", "ten years ahead"],
)
def test_what_was_stored_at_one_time_is_read_at_another(
    machine: Machine, clocks: tuple[str, ...]
) -> None:
    """A server that was first started at the wrong time serves at the right one, and again."""
    for clock in clocks:
        with machine.serving(clock):
            machine.securedata("rotate")
            machine.securedata("rotate", "--signer")
            machine.store(f"stored by the clock {clock}, number {len(machine.ids)}")
            machine.assert_all_readable()
