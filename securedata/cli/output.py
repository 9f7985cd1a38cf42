"""What commands print: JSON for programs, and tables and lines for people."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

from securedata.printable import printable

MOST_NAME = 60  # letters of a student's in a row: a longer one could fill the screen


def to_json(answer: Mapping[str, Any]) -> str:
    """JSON in ASCII: indented for a person at a terminal, else one line as the server writes it.

    >>> print(to_json({"text": "é", "length": 1}))
    {"text":"\\u00e9","length":1}
    """
    if sys.stdout.isatty():
        return json.dumps(answer, indent=2)
    return json.dumps(answer, separators=(",", ":"))


def say(line: str, *, is_error: bool = False) -> None:
    r"""Print a line in which others' text may stand: it cannot move the cursor, or begin a line.

    >>> say("eve\nkim 6 of 6")
    eve\nkim 6 of 6
    """
    click.echo(printable(line), err=is_error)


def table(rows: Sequence[Mapping[str, str | int | None]]) -> str:
    """Columns under the names of the fields. Numbers are at the right of their column.

    >>> print(table([{"key_id": "first", "records": 12}, {"key_id": None, "records": 3}]))
    Key id  Records
    first        12
    -             3
    """
    columns = []
    for field in rows[0]:
        values = [row[field] for row in rows]
        cells = ["-" if value is None else str(value) for value in values]
        cells.insert(0, field.replace("_", " ").capitalize())
        width = max(map(len, cells))
        to_right = isinstance(values[0], int)
        columns.append([cell.rjust(width) if to_right else cell.ljust(width) for cell in cells])
    return "\n".join("  ".join(line).rstrip() for line in zip(*columns, strict=True))
