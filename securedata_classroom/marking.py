"""The page to mark on: each answer in words beside its question, a model and the judge's verdict.

It is one file, and saves the table of points.py with points and remarks. No notebook is run here.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

from securedata.printable import printable
from securedata_classroom import points, spreadsheet
from securedata_classroom.grading import Graded, Verdict
from securedata_classroom.lessons import Lesson, questions
from securedata_classroom.notebook import cells_of
from securedata_classroom.pages import page

MOST_ANSWER = 5000  # letters: the gist is in front
NO_GRADE = "Its check was not graded. How many points?"
TAGS = re.compile(r"<summary>.*?</summary>|</?details>")


def models(folder: Path, lesson: Lesson) -> dict[str, str]:
    """The sentences of the solved notebook, if it lies beside those that were handed out.

    >>> models(Path("nowhere"), Lesson("09", ()))
    {}
    """
    path = folder / "solutions" / f"{lesson.stem}.ipynb"
    if not path.is_file():
        return {}
    solved = Lesson(lesson.stem, tuple(cells_of(path.read_bytes())))
    asked, answered = questions(lesson), questions(solved)  # there, the sentence follows
    found = {it: answered.get(it, "").removeprefix(asked[it]).strip() for it in asked}
    own = {
        it.exercise: TAGS.sub("", it.source).strip() for it in solved.cells if "answer" in it.tags
    }
    return found | own


def to_marking(
    file: str,
    lesson: Lesson,
    grades: Sequence[Graded],
    students: Iterable[str] = (),
    models: Mapping[str, str] | None = None,
) -> str:
    """The page. It saves its table as `file`: what had no points yet is marked there.

    >>> from securedata_classroom.notebook import Cell
    >>> lesson = Lesson("02", (Cell('check("2.1", my_x)'),))
    >>> ungraded = Graded("ada", "02", "", (Verdict("2.1", "not graded"),))
    >>> "2.1 check" in to_marking("points.csv", lesson, [ungraded])
    True
    """
    rows = points.table(lesson, grades, students)
    asked, counted = questions(lesson), points.of_lesson(lesson, grades)
    columns = list[dict[str, Any]]()
    for column in points.columns(lesson):
        at = rows[0].index(column.heading)
        groups = dict[str, list[dict[str, Any]]]()
        for row, (student, *_) in enumerate(rows):
            if (one := counted.get(str(student))) and rows[row][at] == "":
                item = {"row": row, **_item(one, column)}
                plain = "" if column.is_check else _plain(item["answer"])
                groups.setdefault(plain or f"/{row}", []).append(item)
        if groups:
            columns.append(
                {
                    "heading": column.heading,
                    "at": at,
                    "possible": column.possible,
                    "worth": _worth(column.possible),
                    "question": NO_GRADE if column.is_check else asked[column.number],
                    "model": "" if column.is_check else (models or {}).get(column.number, ""),
                    "groups": [*groups.values()],
                }
            )
    table = [[str(cell) for cell in spreadsheet.harmless(row)] for row in rows]
    data = json.dumps({"file": file, "table": table, "columns": columns})
    return page("marking.html", title=escape(lesson.stem), data=data.replace("<", "\\u003c"))


def _worth(points: int) -> str:
    return f"at most {points} point{'s' * (points > 1)}" if points else "no points"


def _item(one: Graded, column: points.Column) -> dict[str, Any]:
    """One answer to mark. Its key holds neither name nor answer, and changes with both."""
    said = f"Its file: {one.name}" if column.is_check else one.answers.get(column.number, "")
    lines = "\n".join(printable(it.expandtabs()) for it in said[:MOST_ANSWER].split("\n"))
    verdict = next(
        (it for it in one.verdicts if it.exercise in (column.number, "")), Verdict("", "")
    )
    return {
        "key": _key(one.student, column.heading, said),
        "student": _key(one.student),
        "answer": lines + " …" * (len(said) > MOST_ANSWER),
        "state": verdict.state,
        "words": printable(verdict.words),
    }


def _key(*texts: str) -> str:
    return sha256(json.dumps(texts).encode()).hexdigest()[:16]


def _plain(answer: str) -> str:
    return " ".join(answer.casefold().split())
