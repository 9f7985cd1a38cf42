"""Answers as students write them: code as text, and what a check says to it."""

import importlib
import textwrap
from typing import Any

import pytest

from securedata.lab import check

# `securedata.lab.checks.engine` is also the name of the object that lessons use.
engine = importlib.import_module("securedata.lab.checks.engine")


def written(code: str, head: str, names: dict[str, Any]) -> Any:
    """A student's `answer`: a whole definition of it, or what a function with this head returns."""
    body = textwrap.dedent(code)
    if not body.lstrip().startswith(("def ", "class ", "import ", "from ", "answer =")):
        body = f"def answer({head}):\n    return {code}"
    cell = {**names, "__name__": "__main__"}
    exec(body, cell)
    return cell["answer"]


def said(capsys: pytest.CaptureFixture[str], number: str, *answers: object) -> str:
    """The line that the check prints; never cut off."""
    capsys.readouterr()
    check(number, *answers)
    printed = capsys.readouterr().out
    assert printed.count("\n") == 1
    assert len(printed) <= engine.LINE_LENGTH, "cut off"
    return printed


def cases(table: dict[str, list[Any]]) -> list[Any]:
    """A table of answers by exercise, flat, for `parametrize`."""
    return [
        pytest.param(number, *(row if isinstance(row, tuple) else (row,)), id=f"{number}-{place}")
        for number, rows in table.items()
        for place, row in enumerate(rows)
    ]
