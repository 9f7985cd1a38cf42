"""`securedata --help`: no summary is cut, and `python -m securedata` is the same command."""

import subprocess
import sys

import pytest
from click.testing import CliRunner

from securedata.cli import main


@pytest.mark.parametrize("columns", ["80", "50"])
@pytest.mark.parametrize("path", [[], ["token"]], ids=["securedata", "securedata token"])
def test_no_summary_of_a_command_is_cut(path: list[str], columns: str) -> None:
    shown = CliRunner().invoke(main, [*path, "--help"], env={"COLUMNS": columns}).stdout
    summaries = shown.partition("Commands:")[2]
    assert summaries
    assert "..." not in summaries


def test_the_module_is_the_command() -> None:
    command = [sys.executable, "-m", "securedata", "token", "--help"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    ours = CliRunner().invoke(main, ["token", "--help"], prog_name="securedata").stdout
    assert shown.split() == ours.split()  # lines may break elsewhere
