"""Points: the table to type into, what comes back from a spreadsheet, and two gradebooks."""

import csv
import io

import pytest
from classroom.handing_in import LESSONS, THREE, graded

from securedata.errors import FormatError
from securedata_classroom.grading import UNGRADED, Graded, Verdict
from securedata_classroom.lessons import Lesson
from securedata_classroom.points import POINTS, columns, to_canvas, to_moodle, to_points, totals


def typed(text: str, points: str) -> str:
    """The table, as a spreadsheet in Germany saves it: with points in each sentence's cell."""
    rows = list(csv.reader(io.StringIO(text)))
    for row in rows[2:]:
        for n, heading in enumerate(rows[0]):
            if heading.endswith(("sentence", "words")) and not row[n]:
                row[n] = points
    saved = io.StringIO()
    csv.writer(saved, delimiter=";").writerows([*rows, [""] * 3])
    return f"\ufeff{saved.getvalue()}"


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda it: it.stem)
def test_a_lesson_has_twenty_points_and_half_are_for_sentences(lesson: Lesson) -> None:
    assert sum(it.possible for it in columns(lesson)) == 20
    assert sum(it.possible for it in columns(lesson) if it.is_check) == 10
    assert all(POINTS[it] % 2 == 0 for it in lesson.exercises)


def test_the_sentence_that_3_4_does_not_ask_for_is_that_of_ones_own_words() -> None:
    found = {it.heading: it.possible for it in columns(THREE)}
    assert (found["3.4 check"], found["3 own words"]) == (3, 3)
    assert "3.4 sentence" not in found


def test_each_student_has_one_row_with_a_cell_for_each_answer() -> None:
    report = Graded("oli", "", "", (Verdict("", UNGRADED, "report.pdf"),))
    grades = [report, graded("ada"), graded("mia", "", "not yet"), graded("fay", state=UNGRADED)]
    table = csv.DictReader(io.StringIO(to_points(THREE, grades, ["ada", "zoe"])))
    rows = {it["student"]: it for it in table}
    assert list(rows) == ["points possible", "ada", "fay", "mia", "oli", "zoe"]
    assert (rows["fay"]["3.1 check"], rows["fay"]["note"]) == ("", "not graded: why")
    assert (rows["ada"]["3.1 check"], rows["ada"]["3.1 sentence"]) == ("3", "")
    assert (rows["mia"]["3.1 check"], rows["mia"]["3.1 sentence"]) == ("0", "0")
    assert (rows["oli"]["3.1 check"], rows["oli"]["note"]) == ("", "not graded: report.pdf")
    assert rows["zoe"]["note"] == "nothing of this lesson was handed in"


def test_points_come_back_from_a_spreadsheet_and_are_added_up() -> None:
    table = to_points(THREE, [graded("ada"), graded("mia", "", "not yet")], ["zoe"])
    possible, (ada, mia, zoe) = totals(typed(table, "0,5").replace("\r\nzoe;;", "\r\nzoe;;;"))
    assert (possible, ada.points, mia.points) == (20, 12, 0)
    _, (ada, mia, zoe) = totals(table)
    assert (ada.points, mia.points, zoe.points, str(zoe)) == (10, 0, None, "no points")
    sentences = ("3.1 sentence", "3.2 sentence", "3.3 sentence", "3 own words")
    assert ada.empty == sentences
    assert (mia.empty, zoe.empty) == ((), ())


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a,b\n", "it has no column id and student and total; found: a, b"),
        ("student,id,2.1,total\nada,,1,\n", "its second row must be 'points possible'"),
        ("student,id,2.1,total\npoints possible,,2,2\nada,,3,\n", "row 3 (ada), '2.1': 3 is more"),
        ("student,id,2.1,total\npoints possible,,2,2\nada,,-1,\n", "'-1' is no number of points"),
        ("student,id,2.1,total\npoints possible,,2,2\nada,,nan,\n", "'nan' is no number of points"),
        ("student,id,2.1,total\nada,,1,\npoints possible,,2,\n", "do not sort the table"),
        ("student,id,2.1,total\npoints possible,,two,2\n", "row 2, '2.1': 'two' is no number"),
    ],
)
def test_a_table_that_cannot_be_added_up_is_one_sentence(text: str, why: str) -> None:
    with pytest.raises(FormatError) as refused:
        totals(text)
    assert why in str(refused.value)


def test_a_column_with_0_possible_counts_nothing() -> None:
    table = "student,id,2.1 check,2.8 check,total\npoints possible,,2,0,\nada,,1,1,\nmia,,,1,\n"
    possible, (ada, mia) = totals(table)
    assert (possible, ada.points, mia.points) == (2, 1, None)
    assert ada.empty == ()


def test_moodle_and_canvas_get_their_own_students_with_points() -> None:
    ids = {"ada": "Participant 7", "mia": "Canvas 9", "fay": ""}
    table = to_points(THREE, [graded(it, student_id=number) for it, number in ids.items()])
    possible, found = totals(table)
    assert to_moodle(found).splitlines() == [
        "Identifier,Full name,Grade,Last modified (grade)",
        "Participant 7,ada,10,",
    ]
    assert to_canvas(found, "03", possible).splitlines() == [
        "Student,ID,SIS User ID,SIS Login ID,Section,03",
        "Points Possible,,,,,20",
        "mia,9,,,,10",
    ]
    nobody = Graded("oli", "", "", (Verdict("", UNGRADED, "pdf"),), id="Participant 8")
    assert to_moodle(totals(to_points(THREE, [nobody]))[1]) == ""


def test_a_remark_is_a_comment_of_moodles_and_no_html() -> None:
    rows = "points possible,,2,2,\nada,Participant 7,1,,a < b & c\nbob,Participant 8,2,,\n"
    head = "student,id,2.1 check,total,remark\n"
    _, found = totals(head + rows + "oli,Participant 9,,,Come and see me.\n")
    assert [it.split(",", 2)[2] for it in to_moodle(found).splitlines()] == [
        "Grade,Last modified (grade),Feedback comments",
        "1,,<p>a &lt; b &amp; c</p>",
        "2,,",
        ",,<p>Come and see me.</p>",  # a remark alone changes no grade
    ]
