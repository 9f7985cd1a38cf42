"""Everything that belongs to an exercise is there. What is missing is named, with its place.

CONTRIBUTING.md, "Add an exercise", lists the same places in the order in which one fills them.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from lab.judging.test_answers import LESSONS
from vocabulary import ROOT

from securedata_lab.every_check import EXERCISES

ENOUGH_WRONG = 3
NOTEBOOKS = sorted((ROOT / "notebooks" / "solutions").glob("0[1-9]_*.ipynb"))


def cells_by_exercise(notebook: Path) -> dict[str, list[Any]]:
    """The cells of each exercise. "In your own words" is not one of them: no check reads it."""
    found: dict[str, list[Any]] = {}
    for cell in nbformat.read(notebook, as_version=4).cells:
        number = cell.metadata.get("securedata", {}).get("exercise", "")
        if re.fullmatch(r"\d\.\d", number):
            found.setdefault(number, []).append(cell)
    return found


def rows(page: Path, columns: int) -> dict[str, list[list[str]]]:
    """The rows of the page's tables that begin with an exercise and have so many columns."""
    found: dict[str, list[list[str]]] = {}
    for row in re.findall(r"^\| \d\.\d.*\|$", page.read_text("utf-8"), re.MULTILINE):
        parts = [it.strip() for it in re.split(r"(?<!\\)\|", row)[1:-1]]
        if len(parts) == columns:
            found.setdefault(parts[0][:3], []).append(parts)
    return found


def missing_cells(cells: list[Any], number: str) -> Iterator[str]:
    if not any(cell.source.startswith("#") for cell in cells if cell.cell_type == "markdown"):
        yield "its task, in a cell that begins with a heading"
    for tag in ("stub", "solution"):
        if not any(tag in cell.metadata.get("tags", []) for cell in cells):
            yield f"a cell tagged {tag}"
    if not any(cell.source.startswith(f'check("{number}", ') for cell in cells):
        yield f'a cell check("{number}", …)'
    if sum(cell.source.count("<details>") for cell in cells) != 3:
        yield "three folded hints"


def missing(notebook: Path) -> Iterator[str]:
    """What is missing of the lesson's exercises, each with its place."""
    lesson, page = notebook.name[:2], ROOT / "docs" / "teaching" / f"{notebook.stem}.md"
    answers, cells = LESSONS[f"lesson{lesson}"], cells_by_exercise(notebook)
    graded = rows(page, 6)
    numbers = {it for it in EXERCISES if it[0] == lesson[1]} | {*cells, *answers.right}
    for number in sorted(numbers):
        for what in missing_cells(cells.get(number, []), number):
            yield f"{number} lacks {what}: notebooks/solutions/{notebook.name}"
        if number not in EXERCISES:
            place = f"securedata_lab/lesson{notebook.stem}/checks"
            yield f'{number} lacks @exercise("{number}", …): {place}'
        if not answers.right.get(number):
            place = f"securedata_lab/lesson{notebook.stem}/answers.py"
            yield f"{number} lacks a right answer: RIGHT in {place}"
        if len(answers.wrong.get(number, [])) < ENOUGH_WRONG:
            yield (
                f"{number} has fewer than {ENOUGH_WRONG} wrong answers with a part of their line: "
                f"WRONG in securedata_lab/lesson{notebook.stem}/answers.py"
            )
        if number not in graded:
            yield f"{number} lacks its row of six columns: docs/teaching/{page.name}, How to grade"
        elif number in EXERCISES and int(graded[number][0][1]) != EXERCISES[number].points:
            places = f"docs/teaching/{page.name} and @exercise(…, points=…)"
            yield f"{number} has different points: {places}"
    at_home = re.search(r"\*\*At home:\*\* exercises [\d., and to]+", page.read_text("utf-8"))
    if at_home is None or max(numbers) not in at_home[0]:
        yield f"{max(numbers)} is not among the exercises of At home: docs/teaching/{page.name}"
    points = sum(int(row[1]) for all_rows in graded.values() for row in all_rows)
    if f"\n{points} points. " not in page.read_text("utf-8"):
        yield f"the points add up to {points}, not to what docs/teaching/{page.name} says"


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
@pytest.mark.whole
def test_an_exercise_has_all_its_places(notebook: Path) -> None:
    lacking = [*missing(notebook)]
    if lacking:
        pytest.fail("\n".join(lacking), pytrace=False)
