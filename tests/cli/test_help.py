"""The command as a whole: what it imports, and an output that cannot be written."""

import subprocess
import sys
from pathlib import Path

import pytest


def test_a_command_for_all_imports_nothing_for_lecturers() -> None:
    """It would take twice as long to start."""
    program = "import sys, securedata.cli; print(*sys.modules, sep='\\n')"
    loaded = subprocess.check_output([sys.executable, "-c", program], text=True).split()
    assert not [it for it in loaded if it.startswith(("securedata.lab", "securedata.classroom"))]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_an_output_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "securedata", "token", "create", "alice"]
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 2
    assert done.stderr == "securedata: No space left on device: what it did stays done\n"
