"""`securedata --help`: no summary is cut, and `python -m securedata` is the same command."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from securedata.cli import main


@pytest.mark.parametrize("path", [[], ["token"]], ids=["securedata", "securedata token"])
def test_no_summary_of_a_command_is_cut(path: list[str]) -> None:
    shown = CliRunner().invoke(main, [*path, "--help"], env={"COLUMNS": "50"}).stdout
    _, found, summaries = shown.partition("Commands:")
    assert found
    assert "..." not in summaries


def test_a_command_for_all_imports_nothing_for_lecturers() -> None:
    """It would take twice as long to start."""
    program = "import sys, securedata.cli; print(*sys.modules, sep='\\n')"
    loaded = subprocess.check_output([sys.executable, "-c", program], text=True).split()
    assert not [it for it in loaded if it.startswith(("securedata.lab", "securedata.classroom"))]


def test_the_module_is_the_command() -> None:
    command = [sys.executable, "-m", "securedata", "token", "--help"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    ours = CliRunner().invoke(main, ["token", "--help"], prog_name="securedata").stdout
    assert shown.split() == ours.split()  # lines may break elsewhere


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_an_output_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "securedata", "token", "create", "alice"]
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 2
    assert done.stderr == "securedata: No space left on device: what it did stays done\n"
