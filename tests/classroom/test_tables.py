"""The tables: what a spreadsheet, Gradescope, a Markdown reader and a browser make of them."""

import csv
import io
import json

import pytest

from securedata_classroom.grading import UNGRADED, Graded, Verdict
from securedata_classroom.tables import file_name, to_csv, to_gradescope, to_html, to_markdown

WRONG = Verdict("2.3", "not yet", "expected 49, got 50; the days of a week", ("check line edited",))
RIGHT = Verdict("2.1", "correct", "the moved row is refused")
FORMULA = ("=", "+", "-", "@", "\t=", "\uff1d")
HOSTILE = '=HYPERLINK("http://example.com")<script>'


def graded(student: str = "ada") -> Graded:
    return Graded(student, "02_aes_gcm", "ada.ipynb", (RIGHT, WRONG), {"2.3": "So.", "2.1": ""})


def test_the_table_has_a_row_for_each_exercise() -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv([graded()]))))
    assert [(it["student"], it["exercise"], it["points"]) for it in rows] == [
        ("ada", "2.1", "1"),
        ("ada", "2.3", "0"),
    ]
    assert rows[1]["marks"] == "check line edited"


def test_no_name_of_a_student_becomes_a_formula_or_a_script() -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv([graded(HOSTILE)]))))
    assert rows[0]["student"] == f"'{HOSTILE}"
    assert "<script>" not in to_html([graded(HOSTILE)])
    assert "<script>" not in to_markdown([graded(HOSTILE)], {"2.3": "Why?"})
    assert file_name(HOSTILE) == "HYPERLINK-http-example.com-script"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize(
    "text", ["=1+1", ";=1+1", "\t=1", "a\n=1+1", 'a;"=1+1"', "a\t@x", "\n-1", "\uff1d1+1"]
)
def test_no_message_becomes_a_formula_whatever_separates_the_cells(
    text: str, delimiter: str
) -> None:
    table = to_csv([Graded(text, "02", "", (Verdict("2.1", "not yet", text),))])
    cells = [it for row in csv.reader(io.StringIO(table), delimiter=delimiter) for it in row]
    assert [it for it in cells if it.startswith(FORMULA)] == []


@pytest.mark.parametrize(
    "answer",
    [
        "![x][p]\n\n[p]: https://e.example",
        "\\![x](https://e.example)",
        "\\\\[x]: https://e.example",
    ],
)
def test_no_answer_becomes_a_link_or_a_picture(answer: str) -> None:
    mistune = pytest.importorskip("mistune")  # JupyterLab brings it
    page = to_markdown([Graded("ada", "02", "", answers={"2.1": answer})], {"2.1": "Why?"})
    rendered = mistune.html(page)
    assert "<a " not in rendered
    assert "<img" not in rendered


ODD = "eve\x1b[2J\n\n\r\b\u202e\u2028\udcff| # **kim**"


@pytest.mark.parametrize(
    "table",
    [
        to_csv([Graded(ODD, "02", ODD, (Verdict("2.1", "not yet", ODD, (ODD,)),), marks=(ODD,))]),
        to_html([Graded(ODD, "02", ODD, (Verdict("2.1", "not yet", ODD, (ODD,)),), marks=(ODD,))]),
        to_html([Graded(ODD, "", ODD, (Verdict("", UNGRADED, ODD),))], [ODD]),
        to_markdown([Graded(it, "02", "", answers={"2.1": ODD}) for it in (ODD, "b")], {"2.1": ""}),
    ],
)
def test_what_cannot_be_printed_stands_in_no_table(table: str) -> None:
    assert [it for it in table.split("\n") if not it.isprintable()] == []
    assert "eve\\x1b[2J" in table.replace("\\[", "[")


@pytest.mark.parametrize("name", ["Ren\xe9\xa0Li", "\u5c71\u7530\u3000\u592a\u90ce", "o\u0308"])
def test_a_name_of_any_alphabet_stays_as_it_is(name: str) -> None:
    assert name in to_csv([graded(name)])
    assert name in to_html([graded(name)])
    assert name in to_markdown([graded(name)], {"2.3": "Why?"})


def test_a_name_stays_on_its_line() -> None:
    one = Graded("eve\n\n**zoe**\n\n> Hers.", "02", "", answers={"2.1": "So."})
    page = to_markdown([one], {"2.1": "Why?"})
    assert page.count("\n**") == 1
    assert page.count("\n>") == 1


def test_gradescope_adds_up_the_points_of_all_tests() -> None:
    tests = json.loads(to_gradescope(graded()))["tests"]
    assert [(it["number"], it["score"], it["max_score"], it["status"]) for it in tests] == [
        ("2.1", 1, 1, "passed"),
        ("2.3", 0, 1, "failed"),
    ]


def test_answers_stand_below_their_question_and_gaps_are_counted() -> None:
    page = to_markdown([graded(), graded("bob")], {"2.1": "Why not?", "2.3": "Why?"})
    assert "## 2.3\n\nWhy?\n\n**ada**\n\n> So.\n\nsame words as: bob\n\n**bob**\n\n> So." in page
    assert "## 2.1\n\nWhy not?\n\nNothing was written by 2 of 2." in page


def test_the_hardest_exercise_comes_first_with_its_most_frequent_message() -> None:
    page = to_html([graded(), graded("bob")])
    assert page.index("<td>2.3<td>0<td>2") < page.index("<td>2.1<td>2<td>0")
    assert "the days of a week (2)" in page
    assert "<td>ada<td>2.3<td>check line edited" in page


def test_who_handed_in_nothing_is_in_the_table_of_students() -> None:
    page = to_html([graded(), graded("eve")], ["ada", "bob"])
    assert "<td>bob<td>02_aes_gcm<td>nothing was handed in<tr><td>eve" in page
    assert page.count("nothing was handed in") == 1


def test_equal_sentences_are_shown_after_case_and_spaces() -> None:
    said = {"ada": "It is  not bound.", "fay": "it is not\nBound. ", "mia": "It is.", "oli": ""}
    grades = [Graded(it, "02", "", answers={"2.1": text}) for it, text in said.items()]
    page = to_markdown([*grades, Graded("zoe", "02", "", answers={"2.1": ""})], {"2.1": "Why?"})
    assert page.count("same words as") == 2
    assert "> It is  not bound.\n\nsame words as: fay\n" in page


def test_a_report_without_a_notebook_was_handed_in() -> None:
    report = Graded("oli", "", "", (Verdict("", UNGRADED, "no notebook: report.pdf"),))
    page = to_html([graded(), report], ["ada", "oli"])
    assert "nothing was handed in" not in page
    assert "<td>oli<td><td>not graded: no notebook: report.pdf" in page
