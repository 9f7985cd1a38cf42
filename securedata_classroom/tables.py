"""What a lecturer reads: a table, and a summary."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape
from itertools import chain, count

from securedata.printable import printable
from securedata_classroom import spreadsheet
from securedata_classroom.grading import Graded, Verdict
from securedata_lab.judging.saved_results import NOT_ATTEMPTED, SOLVED

COLUMNS = ["student", "lesson", "exercise", "state", "late", "tries", "marks", "message", "file"]
STUDENTS = ["student", "lesson", "exercises", "late", "tries"]
MOST_MESSAGES = 3
MOST_NAME_BYTES = 200  # disks take 255, with the ending
STYLE = (
    ":root{color-scheme:light dark}body{font:16px/1.5 sans-serif;max-width:70em;margin:2em auto;"
    "padding:0 1em}table{border-collapse:collapse;margin:1em 0}caption{text-align:left;"
    "font-weight:bold}td,th{border:1px solid #999;padding:4px 8px;text-align:left;"
    "vertical-align:top}td.n{text-align:right}"
)


def to_csv(graded: Sequence[Graded]) -> str:
    """One row for each student and exercise.

    >>> verdict = Verdict("2.1", "correct", "the moved row is refused")
    >>> print(to_csv([Graded("ada", "02_aes_gcm", "ada.ipynb", (verdict,))]))
    student,lesson,exercise,state,late,tries,marks,message,file
    ada,02_aes_gcm,2.1,correct,,1,,the moved row is refused,ada.ipynb
    <BLANKLINE>
    """
    return spreadsheet.to_csv(
        COLUMNS,
        (
            (
                *(one.student, one.lesson, it.exercise, it.state, one.late, one.tries),
                *("; ".join((*it.marks, *one.marks)), it.words, one.name),
            )
            for one in graded
            for it in one.verdicts
        ),
    )


def file_name(student: str) -> str:
    """A student's name as the name of a file: letters, digits, dots and dashes.

    >>> file_name("Ada Lovelace"), file_name("../é")
    ('Ada-Lovelace', 'é')
    """
    name = re.sub(r"[^\w.-]+", "-", unicodedata.normalize("NFC", student)).strip(".-")
    return name.encode()[:MOST_NAME_BYTES].decode(errors="ignore") or "student"


def file_names(students: Iterable[str]) -> dict[str, str]:
    """A file's name for each student. A number tells two apart that would be the same.

    >>> file_names(["Ada B", "Ada-B"])
    {'Ada B': 'Ada-B', 'Ada-B': 'Ada-B-2'}
    """
    names, taken = dict[str, str](), set[str]()
    for student in dict.fromkeys(students):
        plain = file_name(student)
        numbered = (f"{plain}-{n}" for n in count(2))
        free = (it for it in chain([plain], numbered) if it.casefold() not in taken)
        names[student] = next(free)
        taken.add(names[student].casefold())  # for some disks, Ada and ada are one name
    return names


def to_html(graded: Sequence[Graded], students: Iterable[str] = ()) -> str:
    """The summary: which exercises failed most, with which message; and which tricks were tried.

    `students` are all of the class: those who handed in nothing are in the table, too.

    >>> verdict = Verdict("2.1", "not yet", "expected 5, got 4; count again")
    >>> "<td>count again (1)" in to_html([Graded("ada", "02_aes_gcm", "ada.ipynb", (verdict,))])
    True
    """
    numbers = list(dict.fromkeys(it.exercise for one in graded for it in one.verdicts))
    found = {n: [it for one in graded for it in one.verdicts if it.exercise == n] for n in numbers}
    hardest = sorted(numbers, key=lambda n: _share(found[n]))
    exercises = [
        [n or "(no lesson)", *_counts(found[n]), "<br>".join(_messages(found[n]))] for n in hardest
    ]
    rows = [(it.student, it.lesson, _correct(it), it.late, str(it.tries)) for it in graded]
    came = {(it.student, it.lesson) for it in graded}
    unclear = {it.student for it in graded if not it.lesson}  # what it is of, nobody knows
    lessons = {it.lesson for it in graded if it.lesson}
    expected = {(it, lesson) for it in {*students} - unclear for lesson in lessons}
    rows += [(*it, "nothing was handed in", "", "0") for it in expected - came]
    rows.sort(key=lambda it: (it[0].casefold(), it[1]))
    marked = [
        [escape(one.student), it.exercise, escape("; ".join(it.marks))]
        for one in graded
        for it in (*one.verdicts, Verdict("", "", marks=one.marks))
        if it.marks
    ]
    heads = ["exercise", "correct", "not yet", "not attempted", "not graded", "most frequent"]
    tables = [
        _table("Exercises, hardest first: of those who tried", heads, exercises),
        _table("Students", STUDENTS, [[*map(escape, it)] for it in rows]),
        _table("Look at these: no point comes from them", ["student", "exercise", "what"], marked),
    ]
    page = (
        "<!doctype html><html lang=en><meta charset=utf-8><title>Grades</title>"
        f"<style>{STYLE}</style><h1>Grades</h1>{''.join(tables)}</html>"
    )
    return f"{printable(page)}\n"


def _share(verdicts: Sequence[Verdict]) -> float:
    """How many are correct of those who tried; an exercise that nobody tried is no hard one."""
    tried = [it.points for it in verdicts if it.state in (SOLVED, "not yet")]
    return sum(tried) / len(tried) if tried else 2


def _correct(one: Graded) -> str:
    return f"{one.points} of {len(one.verdicts)} correct" if one.lesson else one.note


def _counts(verdicts: Iterable[Verdict]) -> list[str]:
    states = Counter(it.state for it in verdicts)
    named = [states[state] for state in (SOLVED, "not yet", NOT_ATTEMPTED)]
    return [str(it) for it in (*named, states.total() - sum(named))]


def _messages(verdicts: Iterable[Verdict]) -> list[str]:
    """What went wrong most often, without the values, which differ from student to student."""
    why = Counter(it.words.rpartition("; ")[2] for it in verdicts if it.words and not it.points)
    return [f"{escape(words)} ({count})" for words, count in why.most_common(MOST_MESSAGES)]


def _table(caption: str, heads: list[str], rows: list[list[str]]) -> str:
    if not rows:
        return ""
    head = "".join(f"<th scope=col>{it}" for it in heads)
    body = "".join(f"<tr>{''.join(f'<td>{cell}' for cell in row)}" for row in rows)
    return f"<table><caption>{caption}</caption><tr>{head}{body}</table>"
