"""Notebooks as a class hands them in: the student notebook, and what somebody made of it."""

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

from vocabulary import ROOT

from securedata_classroom.grading import Graded, Verdict
from securedata_classroom.lessons import lessons_in, questions

NOTEBOOKS = ROOT / "notebooks"
LESSONS = lessons_in(NOTEBOOKS)
THREE = LESSONS[2]
Notebook = dict[str, Any]


def handed_out(lesson: str, folder: Path = NOTEBOOKS) -> Notebook:
    """The student notebook of a lesson, such as "02", as nobody has worked in it."""
    return read(next(folder.glob(f"{lesson}_*.ipynb")))


def solved(lesson: str, only: Collection[str] | None = None, folder: Path = NOTEBOOKS) -> Notebook:
    """The student notebook with the solutions of these exercises, or of all."""
    notebook = handed_out(lesson, folder)
    for number in exercises(notebook):
        if only is None or number in only:
            (stub,) = (source(it) for it in notebook["cells"] if _is_stub(it, number))
            given = stub.partition("# In one sentence")[0]
            answered(notebook, number, f"{given}\n{solution(number)}")
    return notebook


def exercises(notebook: Notebook) -> list[str]:
    """The numbers of all exercises with a stub."""
    return [_exercise(it) for it in notebook["cells"] if "stub" in _tags(it)]


def solution(number: str) -> str:
    """The code of our solution."""
    (path,) = (NOTEBOOKS / "solutions").glob(f"0{number[0]}_*.ipynb")
    (cell,) = (
        it for it in read(path)["cells"] if _exercise(it) == number and "solution" in _tags(it)
    )
    return source(cell)


def answered(notebook: Notebook, number: str, code: str) -> Notebook:
    """The notebook, with this code in place of a stub."""
    (cell,) = (it for it in notebook["cells"] if _is_stub(it, number))
    cell["source"] = code
    return notebook


def added(notebook: Notebook, number: str, code: str) -> Notebook:
    """The notebook with one cell more, in front of the check line of an exercise.

    The cell is as a tool makes it that knows nothing of the kit.
    """
    cell = {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": code,
    }
    place = next(
        n for n, it in enumerate(notebook["cells"]) if source(it).startswith(f'check("{number}"')
    )
    notebook["cells"].insert(place, cell)
    return notebook


def with_check(notebook: Notebook, number: str, line: str) -> Notebook:
    """The notebook, with this line in place of the check of an exercise."""
    for cell in notebook["cells"]:
        if source(cell).startswith(f'check("{number}"'):
            cell["source"] = line
    return notebook


def graded(student: str, said: str = "So.", state: str = "correct", student_id: str = "") -> Graded:
    """Lesson 03, graded: all exercises have this state, and all sentences are these words."""
    verdicts = tuple(Verdict(it, state, "why") for it in THREE.exercises)
    answers = dict.fromkeys(questions(THREE), said)
    return Graded(student, THREE.stem, "a.ipynb", verdicts, answers, id=student_id)


def source(cell: Notebook) -> str:
    """The text of a cell."""
    return "".join(cell["source"])


def saved(notebook: Notebook, path: Path) -> Path:
    """Write a notebook to this file, and return the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


def read(path: Path) -> Notebook:
    """The notebook in a file."""
    notebook: Notebook = json.loads(path.read_text(encoding="utf-8"))
    return notebook


def _is_stub(cell: Notebook, number: str) -> bool:
    return _exercise(cell) == number and "stub" in _tags(cell)


def _tags(cell: Notebook) -> list[str]:
    return list(cell["metadata"].get("tags", []))


def _exercise(cell: Notebook) -> str:
    return str(cell["metadata"].get("securedata", {}).get("exercise", ""))
