"""`securedata --help`: nothing is cut, and `python -m securedata` is the same."""

import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from securedata.cli import main


def groups(group: click.Group, *path: str) -> Iterator[tuple[str, ...]]:
    yield path
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from groups(command, *path, name)


@pytest.mark.parametrize("columns", [None, "80", "50"])
@pytest.mark.parametrize("path", list(groups(main)), ids=" ".join)
def test_no_summary_of_a_command_is_cut(path: tuple[str, ...], columns: str | None) -> None:
    shown = CliRunner().invoke(main, [*path, "--help"], env={"COLUMNS": columns}).stdout
    summaries = shown.partition("Commands:")[2]
    assert summaries
    assert "..." not in summaries


def test_the_module_is_the_command() -> None:
    command = [sys.executable, "-m", "securedata", "token", "--help"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert shown == CliRunner().invoke(main, ["token", "--help"], prog_name="securedata").stdout
