"""Points of a class: what an exercise is worth, a table to type points into, and gradebooks.

It reads verdicts and tables. No notebook is opened here.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import NamedTuple

from securedata.errors import FormatError
from securedata_classroom import spreadsheet
from securedata_classroom.grading import UNGRADED, Graded
from securedata_classroom.lessons import WRITTEN, Lesson, questions
from securedata_lab.every_check import EXERCISES
from securedata_lab.judging.engine import USUAL_POINTS

POINTS = {number: it.points for number, it in EXERCISES.items()}
NO_POINTS = ("student", "id", "total", "remark", "late", "tries", "note")
STUDENT, ID, TOTAL, REMARK, LATE, TRIES, NOTE = NO_POINTS
POSSIBLE = "points possible"  # the second row, as Canvas has it


class Column(NamedTuple):
    """A column of points: for a check, or for an answer in words.

    >>> Column("2.1 check", 2, "2.1", is_check=True).possible
    2
    """

    heading: str  # with a word: some spreadsheets read 1.1 as a date
    possible: int
    number: str  # of the exercise, or "2.written"
    is_check: bool


def columns(lesson: Lesson) -> list[Column]:
    """What has points in a lesson: half for the check, half for the sentence.

    An exercise that asks for no sentence has its half in the answer of one's own words.

    >>> from securedata_classroom.notebook import Cell
    >>> stub = Cell("...\\n# In one sentence: Why?", tags=frozenset({"stub"}), exercise="2.1")
    >>> [it.heading for it in columns(Lesson("02", (stub, Cell('check("2.1", my_x)'))))]
    ['2.1 check', '2.1 sentence']
    """
    asked, found, left = questions(lesson), list[Column](), 0
    own = f"{lesson.number}.{WRITTEN}"
    for number in lesson.exercises:
        points = POINTS.get(number, USUAL_POINTS)  # a fork's may be unknown here
        half = points // 2 if number in asked or own in asked else 0
        found.append(Column(f"{number} check", points - half, number, is_check=True))
        if number in asked:
            found.append(Column(f"{number} sentence", half, number, is_check=False))
        else:
            left += half
    if own in asked:
        found.append(Column(f"{lesson.number} own words", left, own, is_check=False))
    return found


def of_lesson(lesson: Lesson, grades: Sequence[Graded]) -> dict[str, Graded]:
    """What counts of each student: of this lesson, or else what is of none, such as a report.

    >>> [*of_lesson(Lesson("02", ()), [Graded("ada", "02", ""), Graded("bob", "03", "")])]
    ['ada']
    """
    worked = {it.student: it for it in grades if it.lesson == lesson.stem}
    return {it.student: it for it in reversed(grades) if not it.lesson} | worked


def table(
    lesson: Lesson, grades: Sequence[Graded], students: Iterable[str] = ()
) -> list[list[object]]:
    """The table to type points into: a row for each student, also for those of the class list.

    Cells of answers in words are empty, and 0 where nothing was added to the stub. Cells of checks
    are empty where nothing was judged. The head and the points possible come first.

    >>> from securedata_classroom.notebook import Cell
    >>> table(Lesson("02", (Cell('check("2.1", my_x)'),)), [])[1]
    ['points possible', '', 4, 4, '', '', '', '']
    """
    found = columns(lesson)
    rows = dict[str, list[object]]()
    for one in of_lesson(lesson, grades).values():
        cells = [_cell(one, it) for it in found]
        rows[one.student] = [one.student, one.id, *cells, "", "", one.late, one.tries, one.note]
    for student in students:
        nothing = ["" for _ in found]
        note = "nothing of this lesson was handed in"
        rows.setdefault(student, [student, "", *nothing, "", "", "", 0, note])
    possible = [it.possible for it in found]
    head: list[object] = [
        *(STUDENT, ID, *(it.heading for it in found)),
        *(TOTAL, REMARK, LATE, TRIES, NOTE),
    ]
    first: list[object] = [POSSIBLE, "", *possible, sum(possible), "", "", "", ""]
    return [head, first, *(rows[it] for it in sorted(rows, key=str.casefold))]


def to_points(lesson: Lesson, grades: Sequence[Graded], students: Iterable[str] = ()) -> str:
    """The table as a file.

    >>> from securedata_classroom.grading import Verdict
    >>> from securedata_classroom.notebook import Cell
    >>> lesson = Lesson("02", (Cell('check("2.1", my_x)'),))
    >>> print(to_points(lesson, [Graded("ada", "02", "", (Verdict("2.1", "correct"),))], ["oli"]))
    student,id,2.1 check,total,remark,late,tries,note
    points possible,,4,4,,,,
    ada,,4,,,,1,
    oli,,,,,,0,nothing of this lesson was handed in
    <BLANKLINE>
    """
    head, *rows = table(lesson, grades, students)
    return spreadsheet.to_csv([str(it) for it in head], rows)


def _cell(one: Graded, column: Column) -> int | str:
    if not column.is_check:
        return 0 if one.answers.get(column.number) == "" else ""
    verdict = next((it for it in one.verdicts if it.exercise == column.number), None)
    if verdict is None or verdict.state == UNGRADED:
        return ""
    return column.possible * verdict.points


@dataclass(frozen=True)
class Total:
    """What a student has in sum, which cells are empty, and the lecturer's remark.

    The points are None if all cells are empty.

    >>> print(Total("ada", "", 7.5, ()), Total("oli", "", None, ()))
    7.5 no points
    """

    student: str
    id: str
    points: float | None
    empty: tuple[str, ...]
    remark: str = ""

    def __str__(self) -> str:
        return "no points" if self.points is None else f"{self.points:g}"


def totals(text: str) -> tuple[float, list[Total]]:
    r"""The points possible, and each student's sum, of a table that `to_points` has written.

    A column with 0 points possible counts nothing, whatever stands in it.

    Raises:
        FormatError: it is no such table, or a cell holds what cannot be points.

    >>> totals("student,id,2.1 check,total\npoints possible,,2,2\nada,,2,\nbob,,,\n")[0]
    2.0
    """
    rows = spreadsheet.from_csv(text, {STUDENT, ID, TOTAL})
    if not rows or rows[0][STUDENT] != POSSIBLE:
        raise FormatError(f"its second row must be {POSSIBLE!r}: do not sort the table")
    headings = [it for it in rows[0] if it and it not in NO_POINTS]
    possible = {it: _points(rows[0][it], f"row 2, {it!r}") or 0 for it in headings}
    found = []
    for place, row in enumerate(rows[1:], 3):
        if not row[STUDENT].strip():
            continue  # spreadsheets add empty rows
        points = {it: _points(row[it], f"row {place} ({row[STUDENT]}), {it!r}") for it in headings}
        for it, value in points.items():
            if possible[it] and (value or 0) > possible[it]:
                raise FormatError(
                    f"row {place} ({row[STUDENT]}), {it!r}: {value:g} is more than the "
                    f"{possible[it]:g} of row 2; change one of the two"
                )
        typed = [value for it, value in points.items() if value is not None and possible[it]]
        empty = tuple(it for it in headings if points[it] is None and possible[it])
        summed, empty = (sum(typed), empty) if typed else (None, ())
        remark = row.get(REMARK, "").strip()
        found.append(Total(row[STUDENT], row[ID], summed, empty, remark))
    return sum(possible.values()), found


def _points(text: str, where: str) -> float | None:
    text = text.strip()
    if not text:
        return None
    if not re.fullmatch(r"\d{1,6}([.,]\d{1,6})?", text):
        raise FormatError(f"{where}: {text!r} is no number of points")
    return float(text.replace(",", "."))


# Gradebooks. Only students whose id the download's names had are in these.


def to_moodle(found: Sequence[Total]) -> str:
    """A grading worksheet for Moodle in English, or "".

    The columns: moodle/moodle, mod/assign/feedback/offline/importgradeslib.php, init(), and
    get_editor_fields() in mod/assign/feedback/comments/locallib.php, where a comment is HTML.
    Their names are those of the lecturer's language there. An empty comment would delete one that
    is there: if nobody has a remark, the column is missing.

    >>> print(to_moodle([Total("ada", "Participant 7", 17.5, (), "0 < k < q")]))
    Identifier,Full name,Grade,Last modified (grade),Feedback comments
    Participant 7,ada,17.5,,<p>0 &lt; k &lt; q</p>
    <BLANKLINE>
    """
    ours = [
        it
        for it in found
        if it.id.startswith("Participant ") and (it.points is not None or it.remark)
    ]
    rows = [
        (it.id, it.student, "" if it.points is None else str(it), "", _as_html(it.remark))
        for it in ours
    ]
    head = ("Identifier", "Full name", "Grade", "Last modified (grade)", "Feedback comments")
    width = len(head) if any(it.remark for it in ours) else len(head) - 1
    return spreadsheet.to_csv(head[:width], [it[:width] for it in rows]) if rows else ""


def _as_html(remark: str) -> str:
    return f"<p>{escape(remark)}</p>" if remark else ""


def to_canvas(found: Sequence[Total], title: str, possible: float) -> str:
    """A file for the import of Canvas's gradebook, with one assignment, or "".

    The head, its order and the row of points: instructure/canvas-lms, lib/gradebook_importer.rb.
    Students are found by the ID.

    >>> print(to_canvas([Total("ada", "Canvas 7", 17.5, ())], "02", 20))
    Student,ID,SIS User ID,SIS Login ID,Section,02
    Points Possible,,,,,20
    ada,7,,,,17.5
    <BLANKLINE>
    """
    rows = [
        (it.student, it.id.removeprefix("Canvas "), "", "", "", str(it))
        for it in found
        if it.id.startswith("Canvas ") and it.points is not None
    ]
    head = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section", title)
    row = ("Points Possible", "", "", "", "", f"{possible:g}")
    return spreadsheet.to_csv(head, [row, *rows]) if rows else ""
