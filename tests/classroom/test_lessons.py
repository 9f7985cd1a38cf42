"""A submission beside its original: what counts as a check line, and what as a trick."""

import json

import pytest
from classroom.handing_in import LESSONS, answered, handed_out, source, with_check

from securedata.errors import FormatError
from securedata_classroom.grading import UNGRADED, grade
from securedata_classroom.lessons import (
    Lesson,
    Merged,
    merged,
    refuse_another_edition,
)
from securedata_classroom.notebook import Cell, cells_of
from securedata_classroom.sandbox import Sandbox
from securedata_classroom.submissions import Submission

LINE = 'check("2.7", my_fits)'
LESSON_02 = LESSONS[1]


def with_check_line(line: str) -> Merged:
    """Lesson 02, handed in with another cell in place of the check of 2.7."""
    notebook = with_check(handed_out("02"), "2.7", line)
    return merged(LESSON_02, cells_of(json.dumps(notebook).encode()))


@pytest.mark.parametrize(
    "line",
    [
        LINE,
        "check('2.7',my_fits)  # now it is right",
        '# the line\ncheck(\n    "2.7",  # the number\n    my_fits,\n)',
        f"  {LINE}",
        'check ("2.7", my_fits)',
        f"{LINE};",
        f"%time {LINE}",
        f"%%time\n{LINE}",
        f"!ls\nprint(my_fits)\n{LINE}",
        f"verdict = {LINE}\nverdict",
        f"my_fits = solves\n{LINE}",
        f"my_fits = = solves\n{LINE}",
        f"if my_fits:\n    {LINE}",
        f"{LINE}\n{LINE}",
    ],
)
def test_a_check_line_in_another_form_is_not_marked(line: str) -> None:
    found = with_check_line(line)
    assert (found.edited, found.deleted) == ([], [])


@pytest.mark.parametrize("line", ["", f"# {LINE}", f"print('{LINE}')", 'test("2.7", my_fits)'])
def test_a_check_line_that_is_missing_is_marked(line: str) -> None:
    assert with_check_line(line).deleted == ["2.7"]


@pytest.mark.parametrize(
    "line", ['check("2.7", solves)', 'check("2.7")', 'check("2.7", my_fits, 1)']
)
def test_a_check_of_something_else_is_marked(line: str) -> None:
    assert with_check_line(line).edited == ["2.7"]


def test_an_answer_without_metadata_belongs_to_the_check_below_it() -> None:
    check = Cell('check("9.1", my_x)', exercise="9.1")
    whole = merged(Lesson("09", (check,)), [Cell("my_x = = 1"), Cell(check.source)])
    assert [step.exercise for step in whole.steps] == ["9.1", "9.1"]


def test_an_answer_whose_cell_became_text_is_still_code() -> None:
    stub = {"cell_type": "markdown", "metadata": {"tags": ["stub"]}, "source": "my_x = 1"}
    (cell,) = cells_of(json.dumps({"cells": [stub]}).encode())
    assert cell.is_code


QUESTION, SAID = "# In one sentence: Why do you need no M?", "It cancels out."
STUB_27 = """def my_fits(h, one, two):
    return ...

show_fits(one, two, my_fits)
count_fits(my_fits, blocks=1)  # 500 other pairs, each with its own H
"""


@pytest.mark.parametrize(
    ("stub", "added", "below"),
    [
        (f"{STUB_27}{QUESTION} {SAID}", "", ""),
        (f"{STUB_27}{QUESTION}\n# It cancels\n# out.", "", ""),
        (f"{STUB_27}{QUESTION}\n\n# {SAID}", "", ""),
        (f"{STUB_27}{QUESTION}\n#\n\n# {SAID}", "", ""),
        (f"# {SAID}\n{STUB_27}{QUESTION}\n#", "", ""),
        (f"{STUB_27}# {SAID}", "", ""),
        (f'{STUB_27}{QUESTION}\n#\n"{SAID}"', "", ""),
        (f'{STUB_27}{QUESTION}\n#\nprint("{SAID}")', "", ""),
        (f"{STUB_27}{QUESTION}\n{SAID}", "", ""),
        (f"{STUB_27}{QUESTION}\n#", f"# {SAID}", ""),
        (f"{STUB_27}{QUESTION}\n#", SAID, ""),
        (f"{STUB_27}{QUESTION}\n#", "", SAID),
        (f"{STUB_27}{QUESTION}\n#", "", ""),
        ("my_fits = solves", "print(my_fits)", ""),
    ],
)
@pytest.mark.parametrize("has_metadata", [True, False])
def test_a_sentence_is_found_wherever_it_was_written(
    stub: str, added: str, below: str, has_metadata: bool
) -> None:
    notebook = answered(handed_out("02"), "2.7", stub)
    place = next(n for n, it in enumerate(notebook["cells"]) if source(it) == LINE)
    text = {"cell_type": "markdown", "metadata": {}, "source": below}
    code = {"cell_type": "code", "metadata": {}, "source": added}
    notebook["cells"][place : place + 1] = [code, notebook["cells"][place], text]
    for cell in notebook["cells"]:
        cell["metadata"] = cell["metadata"] if has_metadata else {}
    found = merged(LESSON_02, cells_of(json.dumps(notebook).encode())).answers
    expected = SAID if "It cancels" in f"{stub}{added}{below}" else ""
    assert found == dict.fromkeys(found, "") | {"2.7": expected}


def test_a_translated_question_is_shown_with_its_answer() -> None:
    notebook = answered(handed_out("02"), "2.7", f"{STUB_27}# Warum nicht?\n# {SAID}")
    found = merged(LESSON_02, cells_of(json.dumps(notebook).encode())).answers
    assert found["2.7"] == f"Warum nicht? {SAID}"


LESSON = Lesson("09", (Cell('check("9.1", my_x)'),), edition=4)
OLD_SET_UP = Cell("import glob\n\nfrom securedata import lab\nlab.me('')")


@pytest.mark.parametrize(
    ("named", "cells", "kit"),
    [
        (3, [], "edition 3: grade it with kit 0.2"),
        (None, [OLD_SET_UP], "edition 3: grade it with kit 0.2"),
        (5, [], "edition 5: grade it with the kit that it came with"),
    ],
)
def test_another_edition_is_refused_and_its_kit_named(
    named: int | None, cells: list[Cell], kit: str
) -> None:
    with pytest.raises(FormatError, match=kit):
        refuse_another_edition(LESSON, named, cells)


@pytest.mark.parametrize("named", [4, None])
def test_the_same_edition_is_graded_also_without_metadata(named: int | None) -> None:
    cells = [Cell("import securedata_lab as lab"), Cell(OLD_SET_UP.source, is_code=False)]
    refuse_another_edition(LESSON, named, cells)


def test_hand_ins_of_another_edition_have_a_row_that_names_their_kit() -> None:
    old, other = handed_out("01"), handed_out("01")
    del old["metadata"]["securedata"]
    old["cells"].append({"cell_type": "code", "source": OLD_SET_UP.source})
    other["metadata"]["securedata"]["edition"] = 3
    content = [json.dumps(it).encode() for it in (old, other)]
    handed_in = [Submission(f"student {n}", "01.ipynb", it) for n, it in enumerate(content)]
    rows = [*grade(handed_in, LESSONS, Sandbox(trust=True), 1)]
    assert [it.lesson for it in rows] == ["01_aes_modes"] * 2
    assert {verdict.state for it in rows for verdict in it.verdicts} == {UNGRADED}
    assert all(it.note.endswith("edition 3: grade it with kit 0.2") for it in rows)
