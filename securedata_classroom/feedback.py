"""What a student gets back: verdicts with the judge's sentences, points, the lecturer's remark.

It reads two tables, and makes pages and the zips that Moodle and Canvas take.
"""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from html import escape

from securedata_classroom import spreadsheet
from securedata_classroom.causes import NEXT
from securedata_classroom.pages import page
from securedata_classroom.points import STUDENT, Total, totals
from securedata_classroom.submissions import before_the_file
from securedata_classroom.tables import file_name

Row = Mapping[str, str]
NEEDED = {"student", "exercise", "state", "message", "file"}
MOST_FOLDER = 60  # letters: Moodle keeps 255 of a whole path


def verdicts_in(table: str, marked: str) -> dict[str, list[Row]]:
    """What a `grades-LESSON.csv` says of each student, of the exercises in a table of points.

    Raises:
        FormatError: it is no such table.

    >>> table = "student,exercise,state,message,file\\nada,2.1,correct,,\\nada,3.1,correct,,\\n"
    >>> marked = "student,id,2.1 check,total\\npoints possible,,2,2\\n"
    >>> [it["exercise"] for it in verdicts_in(table, marked)["ada"]]
    ['2.1']
    """
    headings = spreadsheet.from_csv(marked, {STUDENT})[0]
    found = dict[str, list[Row]]()
    for row in spreadsheet.from_csv(table, NEEDED):
        if not row["exercise"] or f"{row['exercise']} check" in headings:
            found.setdefault(row["student"], []).append(row)
    return found


def texts(marked: str, verdicts: Mapping[str, Sequence[Row]]) -> dict[str, str]:
    """For each student who handed in: all that is said to them, as HTML on one line.

    >>> marked = "student,id,2.1 check,total,remark\\npoints possible,,2,2,\\nada,,1,,Go on.\\n"
    >>> row = {"exercise": "2.1", "state": "correct", "message": "1 < 2"}
    >>> print(texts(marked, {"ada": [row]})["ada"].replace("><", ">\\n<"))
    <p>
    <b dir="auto">ada</b>: 1 of 2 points</p>
    <blockquote dir="auto">Go on.</blockquote>
    <article>
    <h2>Exercise 2.1</h2>
    <p>
    <b>correct</b> 1 &lt; 2</p>
    <p class="points">check 1 of 2</p>
    </article>
    """
    worth, found = totals(marked)
    possible, *rows = spreadsheet.from_csv(marked, {STUDENT})
    typed = {it[STUDENT]: it for it in rows}
    return {
        it.student: "".join(_said(it, worth, possible, typed[it.student], verdicts[it.student]))
        for it in found
        if it.student in verdicts
    }


def _said(
    one: Total, worth: float, possible: Row, typed: Row, verdicts: Sequence[Row]
) -> Iterator[str]:
    points = str(one) if one.points is None else f"{one} of {worth:g} points"
    yield f'<p><b dir="auto">{escape(one.student)}</b>: {points}</p>'
    if one.remark:
        yield f'<blockquote dir="auto">{escape(one.remark)}</blockquote>'
    counts = [it for it in possible if it and it[0].isdigit() and possible[it].strip("0., ")]
    numbers = [*(it["exercise"] for it in verdicts), *(it.partition(" ")[0] for it in counts)]
    for number in dict.fromkeys(numbers):
        parts = [
            f"<p><b>{escape(it['state'])}</b> {escape(it['message'].partition(NEXT)[0])}</p>"
            for it in verdicts
            if it["exercise"] == number
        ]
        given = [
            f"{kind} {typed[heading].strip() or '–'} of {possible[heading].strip()}"
            for heading in counts
            for start, _, kind in [heading.partition(" ")]
            if start == number
        ]
        if given:
            parts.append(f'<p class="points">{escape(", ".join(given))}</p>')
        name = f"Exercise {number}" if "." in number else "In your own words"
        yield f"<article><h2>{name if number else 'Your file'}</h2>{''.join(parts)}</article>"


def to_html(title: str, text: str) -> str:
    """The page for one student.

    >>> "<title>02: feedback</title>" in to_html("02", "<p>Well done.</p>")
    True
    """
    return page("feedback.html", title=escape(title), text=text)


def _to_notebook(title: str, text: str) -> str:
    r"""The same as a notebook. Of HTML on one line, Jupyter reads only $ as something else.

    >>> json.loads(_to_notebook("02", "<p>$1</p>"))["cells"][0]["source"]
    '<h1>02</h1><p>&#36;1</p>'
    """
    source = f"<h1>{escape(title)}</h1>{text}".replace("$", "&#36;")
    cell = {"cell_type": "markdown", "id": "feedback", "metadata": {}, "source": source}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def to_moodle_zip(title: str, found: Sequence[Total], texts: Mapping[str, str]) -> bytes:
    """For "Upload multiple feedback files in a zip"; b"" if no student is Moodle's.

    moodle/moodle, mod/assign/feedback/file/importziplib.php, is_valid_filename_for_import(): it
    splits a folder's name at each _ and wants four pieces. The second is the participant's number,
    the last two name the plugin. So no _ may be in the student's name.

    >>> content = to_moodle_zip("02", [Total("a_b", "Participant 7", 1, ())], {"a_b": ""})
    >>> zipfile.ZipFile(io.BytesIO(content)).namelist()
    ['a b_7_assignfeedback_file_/feedback-02.html']
    """
    ours = [it for it in found if it.student in texts and it.id.startswith("Participant ")]
    return _zip(
        {
            f"{_plain(it.student)}_{it.id.removeprefix('Participant ')}_assignfeedback_file_"
            f"/feedback-{file_name(title)}.html": to_html(title, texts[it.student])
            for it in ours
        }
    )


def _plain(student: str) -> str:
    return file_name(student).replace("_", " ")[:MOST_FOLDER]


def to_canvas_zip(
    title: str, verdicts: Mapping[str, Sequence[Row]], texts: Mapping[str, str]
) -> bytes:
    """For "Upload Submissions"; b"" if no student is Canvas's.

    instructure/canvas-lms, app/models/abstract_assignment.rb, infer_comment_context_from_filename:
    it splits a file's name at each _, and the first two numbers are the user's and the file's that
    was handed in. The comment's file then has that one's name. So for a notebook we send one.

    >>> content = to_canvas_zip("02", {"ada": [{"file": "lovelaceada_12_77_a.ipynb"}]}, {"ada": ""})
    >>> zipfile.ZipFile(io.BytesIO(content)).namelist()
    ['lovelaceada_12_77_feedback.ipynb']
    """
    files = dict[str, str]()
    for student, text in texts.items():
        handed_in = verdicts[student][0]["file"].partition("/")[0]
        if before := before_the_file(handed_in):
            is_notebook = handed_in.lower().endswith(".ipynb")
            name = f"{before}feedback.{'ipynb' if is_notebook else 'html'}"
            files[name] = _to_notebook(title, text) if is_notebook else to_html(title, text)
    return _zip(files)


def _zip(files: Mapping[str, str]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue() if files else b""
