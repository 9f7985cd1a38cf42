"""`make minutes`: how long a first reader needs for a lesson, by what stands in its notebook.

All lessons have the same rates, fitted to sixteen clocks: docs/teaching/before.md compares them.
"""

import ast
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path

import nbformat
from workshop import NOTEBOOKS, UNCOUNTED_CODE

# Minutes for each of what is counted.
RATES = {
    "words": 1 / 200,
    "drawings": 0.5,
    "predictions": 1.5,
    "outputs": 1.25,  # of a cell to run; an exercise has its own
    "tables": 3,  # the closing one, beside its output
    "by hand": 4,
    "one line": 4,  # exercises, by the lines that a student writes
    "two lines": 9,
    "more lines": 12,
    "duels": 22,  # an attack of two lines, and one of more: no check judges them
    "start": 3,
    "recap": 2.5,
    "first reading": 4,  # what a first reader needs above the sum
}
LINES = {1: "one line", 2: "two lines"}
# What no reader counts as words: images, tags with their attributes, and where links lead.
UNREAD = re.compile(r'\[?!\[[^]]*\]\([^)]*\)\]?|</?[a-z](?:"[^"]*"|[^>"])*>|(?<=\])\([^)]*\)')
FOLDED = re.compile(r"<details>.*?</details>", re.DOTALL)
FENCED = re.compile(r"```python\n(.*?)```", re.DOTALL)


def minutes(counted: Counter[str]) -> float:
    """How long it takes.

    >>> minutes(Counter({"words": 400, "two lines": 1}))
    11.0
    """
    return sum(RATES[it] * often for it, often in counted.items())


def count(notebook: nbformat.NotebookNode) -> tuple[Counter[str], Counter[str]]:
    """What there is to read, to run and to write: in class, and at home.

    The hints of exercises are not counted: the rate of an exercise includes them.
    """
    part = in_class = Counter({"start": 1, "recap": 1, "first reading": 1})
    at_home, stubs = Counter({"start": 1}), dict[str, str]()
    for cell in notebook.cells:
        tags = {*cell.metadata.get("tags", [])}
        number = cell.metadata.get("securedata", {}).get("exercise", "")
        if cell.source.startswith("## At home"):
            part = at_home
        if cell.cell_type == "markdown" and "answer" not in tags:
            part += _to_read(cell, FOLDED.sub("", cell.source) if number else cell.source)
            if number in stubs and (solution := FENCED.findall(cell.source)):
                lines = lines_to_write(stubs.pop(number), "\n".join(solution))
                part[LINES.get(lines, "more lines")] += 1
        elif "stub" in tags:
            stubs[number] = cell.source
        elif not {*UNCOUNTED_CODE, "solution", "answer"} & tags and "check(" not in cell.source:
            part["duels" if "..." in cell.source else "outputs"] += 1
    return in_class, at_home


def _to_read(cell: nbformat.NotebookNode, text: str) -> Counter[str]:
    """What is in a cell of text. The badge that `make address` writes is nothing to read.

    >>> badge = "[![Open in Colab](badge.svg)](page)"
    >>> _to_read(nbformat.v4.new_markdown_cell(), f"{badge} A [link](page).")["words"]
    2
    """
    kind = cell.metadata.get("securedata", {}).get("kind")
    return Counter(
        {
            "words": len(UNREAD.sub("", text).split()),
            "drawings": text.count("data-drawing"),
            "predictions": text.count("Before you run"),
            "tables": kind == "table",
            "by hand": kind == "by hand" or "Now by hand" in text,
        }
    )


def lines_to_write(stub: str, solution: str) -> int:
    """How many lines, or values in place of `...`, a student writes into a stub.

    >>> lines_to_write("def my_pair(a):\\n    return ..., ...", "def my_pair(a):\\n    return a, 1")
    2
    """
    before, after = _parts(stub), _parts(solution)
    lines = 0
    for name in {*before, *after}:
        is_gone = name not in after  # what was stolen is typed, and stands in no solution
        new = (after[name] - before[name]).total()
        dots = sum(it.count("...") for it in before[name]) if new or is_gone else 0
        lines += max(new, dots)
    return lines


def _parts(source: str) -> dict[str, Counter[str]]:
    """The lines of each function or class, and of all else by what stands before an `=`."""
    parts = defaultdict[str, Counter[str]](Counter)
    for statement in ast.parse(source).body:
        text = ast.unparse(statement)
        parts[getattr(statement, "name", text.partition("=")[0])].update(text.splitlines())
    return parts


def main(folder: Path) -> None:
    """Print the minutes of each lesson in this folder."""
    for path in sorted(folder.glob("0[1-8]_*.ipynb")):
        in_class, at_home = count(nbformat.read(path, as_version=4))
        shown = ", ".join(f"{often} {it}" for it, often in in_class.items() if often)
        print(f"{path.stem:22} {minutes(in_class):3.0f}, at home {minutes(at_home):3.0f}: {shown}")


if __name__ == "__main__":
    main(Path(*sys.argv[1:]) if sys.argv[1:] else NOTEBOOKS)
