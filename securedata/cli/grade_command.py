"""`securedata grade`: the notebooks of a class, each run and judged in a sandbox."""

import importlib.util
import os
import sys
from pathlib import Path

import click

import securedata
from securedata.classroom import grading
from securedata.classroom.grading import UNGRADED, ClassList, Graded, marked_if_twice
from securedata.classroom.lessons import lessons_in, questions
from securedata.classroom.sandbox import Sandbox
from securedata.classroom.submissions import submissions_in
from securedata.classroom.tables import (
    file_name,
    file_names,
    to_csv,
    to_gradescope,
    to_html,
    to_markdown,
)
from securedata.cli.options import PATH, Command
from securedata.errors import FormatError, StorageError

CLONE = Path(securedata.__file__).parent.parent / "notebooks"


@click.command(cls=Command)
@click.argument("folder", type=PATH)
@click.option("--out", type=PATH, show_default="grades-LESSON.csv", help="The table.")
@click.option(
    "--notebooks",
    default=CLONE,
    show_default="those of the repository",
    type=PATH,
    help="The folder of the notebooks that were handed out.",
)
@click.option("--class-list", type=PATH, help="A CSV file: student, and the name of lab.me.")
@click.option(
    "--trust",
    is_flag=True,
    help="Run without bubblewrap: cells can read your files and forge verdicts.",
)
def grade(
    folder: Path, out: Path | None, notebooks: Path, class_list: Path | None, trust: bool
) -> None:
    """Run and judge the notebooks that a class has handed in.

    FOLDER is a folder or a zip: from nbgrader, from Moodle, or one folder or notebook for each
    student. Only the students' own cells are taken over into the original notebook.

    Beside the table come a summary (.html), all answers in words (-answers.md), and the folder
    -gradescope/ (one results.json for each notebook). Several lessons are in grades.csv.
    """
    if importlib.util.find_spec("IPython") is None:
        raise FormatError("IPython is missing: install the kit with securedata-kit[lab]")
    lessons = lessons_in(notebooks)
    submissions = submissions_in(folder, [it.stem for it in lessons])
    people = _class_list(class_list)
    run = grading.grade(submissions, lessons, Sandbox(trust), os.cpu_count() or 1, people)
    with click.progressbar(run, len(submissions), "Grading", file=sys.stderr) as bar:
        grades = [*bar]
    grades.sort(key=lambda it: (it.student.casefold(), it.lesson, it.name))
    grades = marked_if_twice(grades)
    asked = {number: text for it in lessons for number, text in questions(it).items()}
    out = out or Path(f"{_name(grades)}.csv")
    _write(out, grades, asked, people)
    _say_who_is_missing(grades, people)
    ungraded = sum(any(it.state == UNGRADED for it in one.verdicts) for one in grades)
    words = f"{len(grades)} notebooks, {sum(it.points for it in grades)} points: {out}"
    click.echo(f"{words}; {ungraded} could not be graded, see there" if ungraded else words)


def _name(grades: list[Graded]) -> str:
    """What the files are called: the next lesson's must not replace this one's."""
    lessons = {it.lesson for it in grades} - {""}
    return f"grades-{lessons.pop()}" if len(lessons) == 1 else "grades"


def _say_who_is_missing(grades: list[Graded], people: ClassList) -> None:
    came = {it.student for it in grades}
    for words, names in (
        ("nothing was handed in by", people.people.keys() - came),
        ("not on the class list", came - people.people.keys() if people.people else ()),
    ):
        if names:
            click.echo(f"securedata: {words}: {', '.join(sorted(names))}", err=True)


def _class_list(path: Path | None) -> ClassList:
    if path is None:
        return ClassList()
    try:
        return ClassList.read(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise FormatError(f"{path}: this class list is not UTF-8: save it as CSV UTF-8") from None
    except OSError:
        raise FormatError(f"{path}: this class list cannot be read") from None


def _write(out: Path, grades: list[Graded], asked: dict[str, str], people: ClassList) -> None:
    results = out.with_name(f"{out.stem}-gradescope")
    files = {
        out: to_csv(grades),
        out.with_suffix(".html"): to_html(grades, people.people),
        out.with_name(f"{out.stem}-answers.md"): to_markdown(grades, asked),
    }
    folders = file_names(one.student for one in grades)
    for one in grades:
        name = one.lesson or file_name(Path(one.name).stem)
        path = results / folders[one.student] / f"{name}.json"
        files[path] = to_gradescope(one)
    try:
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            # Excel reads umlauts in a CSV file only behind this mark.
            encoding = "utf-8-sig" if path == out else "utf-8"
            path.write_text(text, encoding=encoding, errors="replace")
    except OSError as error:
        raise StorageError(f"{error.filename}: {error.strerror}") from None
