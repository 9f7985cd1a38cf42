"""Notebooks as text, without a notebook package: their cells, and nothing else."""

import ast
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from securedata.errors import FormatError

CHECK_LINE = re.compile(r"""^check\(\s*["'](\d+\.\d+)["']""", re.MULTILINE)


@dataclass(frozen=True)
class Cell:
    """One cell: code or text, its id, its tags, and the exercise that its metadata name."""

    source: str
    is_code: bool = True
    id: str = ""
    tags: frozenset[str] = frozenset()
    exercise: str = ""

    @property
    def checks(self) -> str:
        """The exercise whose check stands in this cell, or "".

        >>> Cell('check("1.2", my_read)').checks, Cell("x = 1").checks
        ('1.2', '')
        """
        found = CHECK_LINE.search(self.source) if self.is_code else None
        return found[1] if found else ""

    @property
    def is_check(self) -> bool:
        """Whether nothing but calls of `check` stand in this cell.

        >>> Cell('check("1.2", my_read)').is_check, Cell('def f(): ...\\ncheck("1.2", f)').is_check
        (True, False)
        """
        return bool(self.checks) and all(map(_is_call_of_check, _statements(self.source)))

    @property
    def check_arguments(self) -> tuple[str, ...]:
        """What stands behind the number in the check line.

        >>> Cell('check("1.3", my_forge, twins["ecb"])').check_arguments
        ('my_forge', "twins['ecb']")
        """
        for statement in _statements(self.source):
            if _is_call_of_check(statement):
                with suppress(RecursionError):  # hundreds of minus signs
                    return tuple(ast.unparse(it) for it in statement.value.args[1:])  # type: ignore[attr-defined]
        return ()


def cells_of(content: bytes) -> list[Cell]:
    """The cells of a notebook file.

    Raises:
        FormatError: it is no notebook of format 4.

    >>> cells_of(b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": ["a\\\\n", "b"]}]}')
    [Cell(source='a\\nb', is_code=True, id='', tags=frozenset(), exercise='')]
    """
    try:
        raw = json.loads(content)
    except (ValueError, RecursionError):
        raise FormatError("it is no notebook: its text is no JSON") from None
    if not isinstance(raw, dict) or not isinstance(raw.get("cells"), list):
        raise FormatError("it is no notebook of format 4: save it with a newer Jupyter")
    return [cell for it in raw["cells"] if (cell := _cell(it)) is not None]


def _cell(raw: Any) -> Cell | None:
    if not isinstance(raw, dict) or raw.get("cell_type") not in ("code", "markdown"):
        return None
    metadata = _dict(raw.get("metadata"))
    tags = metadata.get("tags")
    return Cell(
        source=_text(raw.get("source")),
        is_code=raw["cell_type"] == "code",
        id=_text(raw.get("id")),
        tags=frozenset(map(str, tags if isinstance(tags, list) else ())),
        exercise=_text(_dict(metadata.get("securedata")).get("exercise")),
    )


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "".join(it for it in value if isinstance(it, str))
    return value if isinstance(value, str) else ""


def _statements(source: str) -> list[ast.stmt]:
    try:
        return ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def _is_call_of_check(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Call)
        and isinstance(statement.value.func, ast.Name)
        and statement.value.func.id == "check"
        and len(statement.value.args) > 0
    )


def exercises_in(cells: Iterable[Cell]) -> Iterator[str]:
    """The numbers of the exercises that a notebook's cells belong to, as they come.

    >>> [*exercises_in([Cell("x", exercise="2.1"), Cell('check("2.2", my_x)'), Cell("y")])]
    ['2.1', '2.2']
    """
    for cell in cells:
        number = cell.exercise or cell.checks
        if re.fullmatch(r"\d+\.\d+", number):
            yield number
