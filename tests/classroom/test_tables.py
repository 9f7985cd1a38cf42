"""The tables: what a spreadsheet and a browser make of them."""

import csv
import io
from dataclasses import replace

import pytest

from securedata_classroom.grading import UNGRADED, Graded, Verdict
from securedata_classroom.tables import file_name, to_csv, to_html
from securedata_lab.judging.saved_results import SOLVED

WRONG = Verdict("2.3", "not yet", "expected 49, got 50; the days of a week", ("check line edited",))
RIGHT = Verdict("2.1", "correct", "the moved row is refused")
FORMULA = ("=", "+", "-", "@", "\t=", "\uff1d")
HOSTILE = '=HYPERLINK("http://example.com")<script>'


def graded(student: str = "ada") -> Graded:
    return Graded(student, "02_aes_gcm", "ada.ipynb", (RIGHT, WRONG), {"2.3": "So.", "2.1": ""})


def test_the_table_has_a_row_for_each_exercise() -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv([graded()]))))
    assert [(it["student"], it["exercise"], it["state"]) for it in rows] == [
        ("ada", "2.1", "correct"),
        ("ada", "2.3", "not yet"),
    ]
    assert rows[1]["marks"] == "check line edited"


def test_no_name_of_a_student_becomes_a_formula_or_a_script() -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv([graded(HOSTILE)]))))
    assert rows[0]["student"] == f"'{HOSTILE}"
    assert "<script>" not in to_html([graded(HOSTILE)])
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


ODD = "eve\x1b[2J\n\n\r\b\u202e\u2028\udcff| # **kim**"


@pytest.mark.parametrize(
    "table",
    [
        to_csv([Graded(ODD, "02", ODD, (Verdict("2.1", "not yet", ODD, (ODD,)),), marks=(ODD,))]),
        to_html([Graded(ODD, "02", ODD, (Verdict("2.1", "not yet", ODD, (ODD,)),), marks=(ODD,))]),
        to_html([Graded(ODD, "", ODD, (Verdict("", UNGRADED, ODD),))], [ODD]),
    ],
)
def test_what_cannot_be_printed_stands_in_no_table(table: str) -> None:
    assert [it for it in table.split("\n") if not it.isprintable()] == []
    assert "eve\\x1b[2J" in table


@pytest.mark.parametrize("name", ["Ren\xe9\xa0Li", "\u5c71\u7530\u3000\u592a\u90ce", "o\u0308"])
def test_a_name_of_any_alphabet_stays_as_it_is(name: str) -> None:
    assert name in to_csv([graded(name)])
    assert name in to_html([graded(name)])


def test_the_hardest_exercise_comes_first_with_its_most_frequent_message() -> None:
    page = to_html([graded(), graded("bob")])
    assert page.index("<td>2.3<td>0<td>2") < page.index("<td>2.1<td>2<td>0")
    assert "the days of a week (2)" in page
    assert "<td>ada<td>2.3<td>check line edited" in page
    stub = replace(RIGHT, state="not attempted yet")
    half = [replace(graded(), verdicts=(stub, it)) for it in (WRONG, replace(WRONG, state=SOLVED))]
    page = to_html([graded(), *half])  # 2.3 is harder, though more did not try 2.1
    assert page.index("<td>2.3<td>1<td>2") < page.index("<td>2.1<td>1<td>0<td>2")


def test_the_table_of_students_has_late_tries_and_who_handed_in_nothing() -> None:
    page = to_html([replace(graded(), late="late", tries=3), graded("eve")], ["ada", "bob"])
    assert "<td>1 of 2 correct<td>late<td>3" in page
    assert "<td>bob<td>02_aes_gcm<td>nothing was handed in<td><td>0<tr><td>eve" in page
    assert page.count("nothing was handed in") == 1


def test_a_report_without_a_notebook_was_handed_in() -> None:
    report = Graded("oli", "", "", (Verdict("", UNGRADED, "no notebook: report.pdf"),))
    page = to_html([graded(), report], ["ada", "oli"])
    assert "nothing was handed in" not in page
    assert "<td>oli<td><td>not graded: no notebook: report.pdf" in page
