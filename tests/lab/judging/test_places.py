"""Everything that belongs to an exercise is there. What is missing is named, with its place.

CONTRIBUTING.md, "Add an exercise" and "Add a lesson", list the same places in the same order.
tools/exercise.py asks for those of one exercise, and plays its answers.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from lab.judging.test_answers import LESSONS
from lab.judging.written import Lesson
from vocabulary import ROOT

from securedata_lab.every_check import EXERCISES

ENOUGH_WRONG = 4
PLACES = (
    "notebooks/solutions/{}.ipynb",
    "securedata_lab/lesson{}/__init__.py",
    "docs/teaching/{}.md",
)
LISTS = ("README.md", "docs/teaching/README.md", "pyproject.toml")
STEMS = sorted(  # of a new lesson, one place is enough to be asked for the others
    {
        found[1]
        for place in PLACES
        for path in ROOT.glob(place.format("*"))
        if (found := re.search(r"(?:/|lesson)(0[1-9]_\w+)", path.as_posix()))
    }
)


def cells_by_exercise(notebook: Path) -> dict[str, list[Any]]:
    """The cells of each exercise. "In your own words" is not one of them: no check reads it."""
    found: dict[str, list[Any]] = {}
    for cell in nbformat.read(notebook, as_version=4).cells if notebook.exists() else []:
        number = cell.metadata.get("securedata", {}).get("exercise", "")
        if re.fullmatch(r"\d\.\d+", number):
            found.setdefault(number, []).append(cell)
    return found


def rows(page: str, columns: int) -> dict[str, list[list[str]]]:
    """The rows of the page's tables that begin with an exercise and have so many columns."""
    found: dict[str, list[list[str]]] = {}
    for row in re.findall(r"^\| \d\.\d+ .*\|$", page, re.MULTILINE):
        parts = [it.strip() for it in re.split(r"(?<!\\)\|", row)[1:-1]]
        if len(parts) == columns:
            found.setdefault(parts[0].split()[0], []).append(parts)
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


def missing(stem: str) -> Iterator[str]:
    """What is missing of the lesson and of its exercises, each with its place."""
    notebook, room, page = (it.format(stem) for it in PLACES)
    room = room.removesuffix("/__init__.py")
    lesson = f"lesson {stem[:2]}"
    for place in PLACES:
        if not (ROOT / place.format(stem)).exists():
            yield f"{lesson} has no {place.format(stem)}"
    for place in LISTS:
        if stem not in (ROOT / place).read_text("utf-8"):
            yield f"{lesson} is not in {place}"
    text = (ROOT / page).read_text("utf-8") if (ROOT / page).exists() else ""
    answers, cells = LESSONS.get(f"lesson{stem[:2]}", Lesson()), cells_by_exercise(ROOT / notebook)
    graded = rows(text, 6)
    numbers = {it for it in EXERCISES if it[0] == stem[1]} | {*cells, *answers.right}
    for number in sorted(numbers):
        for what in missing_cells(cells.get(number, []), number):
            yield f"{number} lacks {what}: {notebook}"
        if number not in EXERCISES:
            yield f'{number} lacks @exercise("{number}", …): {room}/checks'
        if not answers.right.get(number):
            yield f"{number} lacks a right answer: RIGHT in {room}/answers.py"
        if len(answers.wrong.get(number, [])) < ENOUGH_WRONG:
            yield (
                f"{number} has fewer than {ENOUGH_WRONG} wrong answers with a part of their line: "
                f"WRONG in {room}/answers.py"
            )
        if number not in graded:
            yield f"{number} lacks its row of six columns: {page}, How to grade"
        elif number in EXERCISES and int(graded[number][0][1]) != EXERCISES[number].points:
            yield f"{number} has different points: {page} and @exercise(…, points=…)"
    at_home = re.search(r"\*\*At home:\*\* exercises? [\d., and to]+", text)
    last = next(reversed(cells), f"{stem[1]}.1")  # of the notebook
    if at_home is None or last not in at_home[0]:
        yield f"{last} is not among the exercises of At home: {page}"
    points = sum(int(row[1]) for all_rows in graded.values() for row in all_rows)
    if f"\n{points} points. " not in text:
        yield f"the points add up to {points}, not to what {page} says"


@pytest.mark.parametrize("stem", STEMS)
@pytest.mark.whole
def test_an_exercise_has_all_its_places(stem: str) -> None:
    lacking = [*missing(stem)]
    if lacking:
        pytest.fail("\n".join(lacking), pytrace=False)


def test_of_a_new_lesson_each_missing_place_is_named() -> None:
    places = {f"lesson 09 has no {it.format('09_new')}" for it in PLACES}
    assert places | {f"lesson 09 is not in {it}" for it in LISTS} <= {*missing("09_new")}
