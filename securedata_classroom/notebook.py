"""Notebooks as text, without a notebook package: their cells, and nothing else."""

import ast
import json
import re
import textwrap
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeGuard

from securedata.errors import FormatError

CHECK_LINE = re.compile(r"""^check\(\s*["'](\d+\.\d+)["']""", re.MULTILINE)
MAGIC = re.compile(r"^[ \t]*(%+\w+[ \t]*|!.*)", re.MULTILINE)  # IPython's: %time, !ls
MOST_CELLS = 2_000  # a lesson has 80
_ONE_THREAD = threading.Lock()


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
    def check_calls(self) -> list[tuple[str, ...]]:
        """The number and the arguments of each call of `check`, wherever it stands in this cell.

        >>> Cell('%time check("1.3",my_forge, twins["ecb"])  # at last').check_calls
        [('1.3', 'my_forge', "twins['ecb']")]
        """
        tree = ast.Module(_statements(self.source), [])
        return [_arguments(it) for it in ast.walk(tree) if _is_check(it)]


def cells_of(content: bytes) -> list[Cell]:
    """The cells of a notebook file.

    Raises:
        FormatError: it is no notebook of format 4, or has too many cells.

    >>> cells_of(b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": ["a\\\\n", "b"]}]}')
    [Cell(source='a\\nb', is_code=True, id='', tags=frozenset(), exercise='')]
    """
    try:
        raw = json.loads(content)
    except (ValueError, RecursionError):
        raise FormatError("it is no notebook: its text is no JSON") from None
    if not isinstance(raw, dict) or not isinstance(raw.get("cells"), list):
        raise FormatError("it is no notebook of format 4: save it with a newer Jupyter")
    if len(raw["cells"]) > MOST_CELLS:
        raise FormatError(f"it has more than {MOST_CELLS:,} cells")
    return [cell for it in raw["cells"] if (cell := _cell(it)) is not None]


def edition_of(content: bytes) -> int | None:
    """Which edition of its lesson a notebook says that it is of; None if it says nothing.

    >>> edition_of(b'{"metadata": {"securedata": {"edition": 4}}, "cells": []}')
    4
    """
    metadata = _dict(_dict(json.loads(content)).get("metadata"))
    edition = _dict(metadata.get("securedata")).get("edition")
    return edition if isinstance(edition, int) else None


def _cell(raw: Any) -> Cell | None:
    if not isinstance(raw, dict) or raw.get("cell_type") not in ("code", "markdown", "raw"):
        return None
    metadata = _dict(raw.get("metadata"))
    tags = metadata.get("tags")
    named = frozenset(map(str, tags if isinstance(tags, list) else ()))
    return Cell(
        source=_text(raw.get("source")),
        is_code=raw["cell_type"] == "code" or "stub" in named,  # one key turns code into text
        id=_text(raw.get("id")),
        tags=named,
        exercise=_text(_dict(metadata.get("securedata")).get("exercise")),
    )


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "".join(it for it in value if isinstance(it, str))
    return value if isinstance(value, str) else ""


def parsed(source: str) -> ast.Module:
    """The syntax tree of a cell, by one thread at a time.

    Two threads that build trees at once disturb each other in some Pythons (3.11.7 is one):
    https://github.com/python/cpython/issues/106905.

    Raises:
        SyntaxError, ValueError, RecursionError, MemoryError: as `ast.parse` does.

    >>> len(parsed("x = 1; y = 2").body)
    2
    """
    with _ONE_THREAD:
        return ast.parse(source)


def _statements(source: str) -> list[ast.stmt]:
    for code in (source, MAGIC.sub("", textwrap.dedent(source))):
        with suppress(SyntaxError, ValueError, RecursionError, MemoryError):
            return parsed(code).body
    return []


def _is_call_of_check(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and _is_check(statement.value)


def _is_check(node: ast.AST) -> TypeGuard[ast.Call]:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "check"
        and len(node.args) > 0
    )


def _arguments(call: ast.Call) -> tuple[str, ...]:
    number = str(getattr(call.args[0], "value", ""))
    with suppress(RecursionError):  # hundreds of minus signs
        return number, *map(ast.unparse, call.args[1:])
    return number, "..."


def exercises_in(cells: Iterable[Cell]) -> Iterator[str]:
    """The numbers of the exercises that a notebook's cells belong to, as they come.

    >>> [*exercises_in([Cell("x", exercise="2.1"), Cell('check("2.2", my_x)'), Cell("y")])]
    ['2.1', '2.2']
    """
    for cell in cells:
        number = cell.exercise or cell.checks
        if re.fullmatch(r"\d+\.\d+", number):
            yield number
