"""The class before and after: only who answered twice counts, and the figures are those by hand."""

import pytest

from securedata.errors import FormatError
from securedata_classroom.comparison import compare, report
from securedata_classroom.inventory_answers import Answered
from securedata_classroom.questions import Answer, Question


def asked(name: str, concept: str) -> Question:
    answers = (Answer("right", True), Answer("wrong", False, "a slip"), Answer("worse", False))
    return Question(name, "?", answers, concept)


QUESTIONS = [asked("1", "Bytes"), asked("2", "Bytes"), asked("3", "Keys")]


def said(*letters: str) -> Answered:
    """Answers to the questions in order: r is right, w wrong, x worse, and - none."""
    places = {"r": 0, "w": 1, "x": 2}
    given = zip(QUESTIONS, letters, strict=True)
    return {it.name: it.answers[places[letter]] for it, letter in given if letter in places}


BEFORE = {"Ada": said(*"wwr"), "Bob": said(*"rwr"), "Cy": said(*"xxr"), "Di": said(*"w-r")}
AFTER = {"Ada": said(*"rrr"), "Bob": said(*"rwx"), "Cy": said(*"xrr"), "Di": said(*"rrr")}


def test_the_report_shows_a_row_and_two_wrong_answers_for_each_concept() -> None:
    lines = report(compare(QUESTIONS, BEFORE, AFTER)).splitlines()
    assert [" ".join(it.split()) for it in lines[1:12]] == [
        "Not answered: 1 before, 0 after; they count as wrong.",
        "",
        "concept before after gain",
        "Bytes 12 % 75 % 0.71",
        'fell most, 50 % to 0 %: "wrong"',
        "(a slip)",
        'now chosen most, 25 % to 25 %: "worse"',
        "Keys 100 % 75 % -",
        'now chosen most, 0 % to 25 %: "worse"',
        "all 42 % 75 % 0.57",
        "",
    ]
    assert "nothing was missing" in lines[-1]


def test_students_left_out_are_named_if_one_may_have_two_names() -> None:
    asked = ["Only before: Eve, Flo.", "Only after: eve.", "Has one student two of these names?"]
    before = BEFORE | {"Flo": said(*"www"), "Eve": said(*"www")}
    both = report(compare(QUESTIONS, before, AFTER | {"eve": said(*"www")})).splitlines()
    assert both[0] == "Answered both times: 4. Left out: 2 only before, 1 only after."
    assert both[1:4] == asked
    assert "Flo" not in report(compare(QUESTIONS, before, AFTER))


def test_nobody_in_both_files_is_one_sentence() -> None:
    with pytest.raises(FormatError, match="nobody is in both files"):
        compare(QUESTIONS, {"Ada": {}}, {"ada@example.org": {}})
