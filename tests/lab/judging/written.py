"""Answers as students write them: code as text, and what a check says to it."""

import textwrap
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from securedata_lab import check
from securedata_lab.judging import engine

Code = str | list[str]  # a list, where a check takes several answers


@dataclass(frozen=True)
class Lesson:
    """A lesson's answers by exercise: right ones, and wrong ones with a part of their sentence.

    An answer is an expression, a definition of `answer`, or `answer = …`; an expression belongs to
    a function, whose parameters are in `heads`.
    """

    right: dict[str, list[Any]] = field(default_factory=dict)
    wrong: dict[str, list[Any]] = field(default_factory=dict)
    heads: dict[str, str] = field(default_factory=dict)
    names: dict[str, Any] = field(default_factory=dict)  # what other cells define
    servers: dict[str, Callable[[], AbstractContextManager[Any]]] = field(default_factory=dict)
    at_the_server: Callable[[Any], dict[str, Any]] = lambda server: {}  # more names
    is_file: bool = False  # the answer is the name of a file with this code, but for `heads`
    runs: int = 1

    @classmethod
    def of(cls, answers: ModuleType) -> "Lesson":
        """The table of an answers.py: its names in capitals, such as RIGHT, are these fields."""
        names = [it.name for it in fields(cls) if hasattr(answers, it.name.upper())]
        return cls(**{it: getattr(answers, it.upper()) for it in names})

    def arguments(self, number: str, code: Code, server: Any, folder: Path) -> list[object]:
        """What stands in the line of the check after the exercise's number."""
        if self.is_file and number not in self.heads:
            file = folder / "my_vault.py"
            file.write_text(str(code), encoding="utf-8")
            return [str(file)]
        names = self.names | self.at_the_server(server)
        codes = code if isinstance(code, list) else [code]
        answers = [written(it, self.heads.get(number, ""), names) for it in codes]
        return [*answers, *([server] if server else [])]


def written(code: str, head: str, names: dict[str, Any]) -> Any:
    """A student's `answer`: a whole definition of it, or what a function with this head returns."""
    body = textwrap.dedent(code)
    if not body.lstrip().startswith(("def ", "class ", "import ", "from ", "answer =")):
        body = f"def answer({head}):\n    return {code}" if head else f"answer = {code}"
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
