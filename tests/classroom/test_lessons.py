"""A submission beside its original: what counts as a check line, and what as a trick."""

import json

import pytest
from classroom.handing_in import NOTEBOOKS, handed_out, source

from securedata.classroom.lessons import Lesson, Merged, lessons_in, merged
from securedata.classroom.notebook import Cell, cells_of

LINE = 'check("2.5", my_days)'


def with_check_line(line: str) -> Merged:
    """Lesson 02, handed in with another cell in place of the check of 2.5."""
    notebook = handed_out("02")
    for cell in notebook["cells"]:
        if source(cell) == LINE:
            cell["source"] = line
    (lesson,) = (it for it in lessons_in(NOTEBOOKS) if it.number == "2")
    return merged(lesson, cells_of(json.dumps(notebook).encode()))


@pytest.mark.parametrize(
    "line",
    [
        LINE,
        "check('2.5',my_days)  # now it is right",
        '# the days\ncheck(\n    "2.5",  # the number\n    my_days,\n)',
        f"  {LINE}",
        'check ("2.5", my_days)',
        f"{LINE};",
        f"%time {LINE}",
        f"%%time\n{LINE}",
        f"!ls\nprint(my_days)\n{LINE}",
        f"verdict = {LINE}\nverdict",
        f"my_days = 49.7\n{LINE}",
        f"my_days = = 49.7\n{LINE}",
        f"if my_days:\n    {LINE}",
        f"{LINE}\n{LINE}",
    ],
)
def test_a_check_line_in_another_form_is_not_marked(line: str) -> None:
    found = with_check_line(line)
    assert (found.edited, found.deleted) == ([], [])


@pytest.mark.parametrize("line", ["", f"# {LINE}", f"print('{LINE}')", 'test("2.5", my_days)'])
def test_a_check_line_that_is_missing_is_marked(line: str) -> None:
    assert with_check_line(line).deleted == ["2.5"]


@pytest.mark.parametrize(
    "line", ['check("2.5", 49.71)', 'check("2.5")', 'check("2.5", my_days, 1)']
)
def test_a_check_of_something_else_is_marked(line: str) -> None:
    assert with_check_line(line).edited == ["2.5"]


def test_an_answer_without_metadata_belongs_to_the_check_below_it() -> None:
    check = Cell('check("9.1", my_x)', exercise="9.1")
    whole = merged(Lesson("09", (check,)), [Cell("my_x = = 1"), Cell(check.source)])
    assert [step.exercise for step in whole.steps] == ["9.1", "9.1"]


def test_an_answer_whose_cell_became_text_is_still_code() -> None:
    stub = {"cell_type": "markdown", "metadata": {"tags": ["stub"]}, "source": "my_x = 1"}
    (cell,) = cells_of(json.dumps({"cells": [stub]}).encode())
    assert cell.is_code
