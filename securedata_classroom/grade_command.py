"""`securedata grade`: the notebooks of a class, each run and judged in a sandbox."""

import importlib.util
import os
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Set
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import click

import securedata
from securedata.cli.options import PATH, Command
from securedata.cli.output import MOST_NAME, say
from securedata.errors import FormatError, StorageError
from securedata.private_file import OWNER_ONLY
from securedata_classroom import feedback, grading, parts, points, spreadsheet
from securedata_classroom.grading import UNGRADED, ClassList, Graded, counted
from securedata_classroom.lessons import Lesson, lessons_in, only
from securedata_classroom.marking import models, to_marking
from securedata_classroom.sandbox import Sandbox, processors
from securedata_classroom.submissions import is_anonymous, submissions_in
from securedata_classroom.tables import (
    file_names,
    to_csv,
    to_html,
)

CLONE = Path(securedata.__file__).parent.parent / "notebooks"
MOST_NOTE = 1000  # letters: the tables have all


@click.command(cls=Command)
@click.argument("folder", type=PATH, required=False)
@click.option("--out", type=PATH, show_default="grades-LESSON.csv", help="The table.")
@click.option(
    "--notebooks",
    default=CLONE,
    show_default="those of the repository",
    type=PATH,
    help="The folder of the notebooks that were handed out.",
)
@click.option("--class-list", type=PATH, help="A CSV file: student, and the name of lab.me.")
@click.option("--best", is_flag=True, help="Of several tries, the best one counts, not the last.")
@click.option("--exercises", default="", help="Those that were set, such as 1.1,1.2. Else all.")
@click.option("--with", "packages", multiple=True, help="A package that cells may import, too.")
@click.option(
    "--part", default="", help="Grade a part of the hand-ins, such as 3/8: the third of eight."
)
@click.option("--join", is_flag=True, help="FOLDER has the files of all parts: write the tables.")
@click.option("--answers", type=PATH, help="Add up the points in this -points.csv. No FOLDER.")
@click.option(
    "--trust",
    is_flag=True,
    help="Run without bubblewrap: cells can read your files and forge verdicts.",
)
def grade(
    folder: Path | None,
    out: Path | None,
    notebooks: Path,
    class_list: Path | None,
    best: bool,
    exercises: str,
    packages: tuple[str, ...],
    part: str,
    join: bool,
    answers: Path | None,
    trust: bool,
) -> None:
    """Run and judge the notebooks that a class has handed in.

    FOLDER is a folder or a zip: from nbgrader, Moodle or Canvas, or one folder or notebook for
    each student. Only the students' own cells are taken over into the original notebook.

    Beside the table come a summary (.html), a page to mark all answers in words on
    (-marking.html), and the table of points that it fills in (-points.csv). Several lessons are
    in grades.csv.

    Then, `securedata grade --answers grades-LESSON-points.csv` adds up, and writes a page of
    feedback for each student, and files for the gradebooks of Moodle and Canvas.
    """
    if (folder is None) == (answers is None):
        raise click.UsageError("name either a FOLDER to grade, or --answers FILE to add up")
    if trust and packages:
        raise click.UsageError("--with shows packages in the sandbox: leave out --trust")
    if answers is not None:
        _add_up(answers)
    if folder is not None:
        people = _class_list(class_list)
        options: dict[str, Any] = {"best": best, "exercises": [*filter(None, exercises.split(","))]}
        if join:
            options, grades = parts.joined(folder)
            asked = only(lessons_in(notebooks), options["exercises"])
            _finish(grades, out, asked, people, notebooks)
        else:
            _grade(folder, out, notebooks, people, options, part, partial(Sandbox, trust, packages))


def _grade(
    folder: Path,
    out: Path | None,
    notebooks: Path,
    people: ClassList,
    options: dict[str, Any],
    part: str,
    sandbox: Callable[[], Sandbox],
) -> None:
    if importlib.util.find_spec("IPython") is None:
        raise FormatError(
            'IPython is missing: install the kit again with its extra lab, as in ".[lab]"'
        )
    for kind in (SyntaxWarning, DeprecationWarning):  # they quote the cells that are parsed here
        warnings.simplefilter("ignore", kind)
    lessons, table = lessons_in(notebooks), out or Path("grades.csv")
    asked = only(lessons, options["exercises"])
    submissions, boxes = submissions_in(folder, [it.stem for it in lessons]), sandbox()
    if part:
        options["hand-ins"] = len(submissions)
        submissions = parts.chosen(submissions, part)
        out = table = table.with_stem(f"{table.stem}-part-{part.replace('/', '-of-')}")
    so_far = table.with_stem(f"{table.stem}-so-far")
    _save({so_far: to_csv([])})
    click.echo(f"securedata: grading {len(submissions)} files; {so_far} grows row by row", err=True)
    numbers = {"", *(number for it in asked for number in it.exercises)}
    left = Counter(it.student for it in submissions)
    done, grades = defaultdict[str, list[Graded]](list), list[Graded]()
    try:
        for one in grading.grade(submissions, lessons, boxes, processors(), people):
            verdicts = tuple(it for it in one.verdicts if it.exercise in numbers)
            done[one.student].append(replace(one, verdicts=verdicts))
            left -= Counter([one.student])
            if one.student not in left:
                found = counted(done[one.student], options["best"])
                _save({so_far: to_csv(found).partition("\n")[2]}, "a")
                _say_rows(found)
                grades += found
    except KeyboardInterrupt:  # an older table may be there
        if not grades:
            click.echo("securedata: stopped, and no table was written", err=True)
            raise
    if part and not left:
        file = table.with_suffix(".json")
        _save({file: parts.to_json(part, options, grades)})
        click.echo(f"part {part}, {len(submissions)} hand-ins: {file}; --join needs all parts")
    else:
        _finish(grades, out, asked, people, notebooks, left)
    so_far.unlink()
    if left:
        raise KeyboardInterrupt


def _say_rows(grades: Iterable[Graded]) -> None:
    for one in grades:
        judged = f"{one.points} of {len(one.verdicts)} correct" if one.lesson else ""
        say(f"{one.student:24.{MOST_NAME}} {judged:16} {one.note:.{MOST_NOTE}}".rstrip())


def _finish(
    grades: list[Graded],
    out: Path | None,
    lessons: list[Lesson],
    people: ClassList,
    notebooks: Path,
    left: Collection[str] = (),
) -> None:
    """Write the tables, and say who has no grade. `left` are those who were not graded yet."""
    grades.sort(key=lambda it: (it.student.casefold(), it.lesson, it.name))
    out = out or Path(f"{_name(grades)}.csv")
    people = ClassList({name: it for name, it in people.people.items() if name not in left})
    _write(out, grades, lessons, people, notebooks)
    _say_who_is_missing(grades, people)
    if left:
        say(f"securedata: stopped; not graded yet: {', '.join(left)}", is_error=True)
    verdicts = [(one.student, it.state == UNGRADED) for one in grades for it in one.verdicts]
    if all(is_ungraded for _, is_ungraded in verdicts):
        raise FormatError(f"nothing could be graded: {out} says why")
    names = ", ".join(dict.fromkeys(student for student, is_it in verdicts if is_it))
    next_step = f"; not graded, or not all of it: {names}. The rows say what is next"
    say(f"{len(grades)} hand-ins: {out}{next_step if names else ''}")


def _add_up(path: Path) -> None:
    try:
        marked = _text(path)
        possible, found = points.totals(marked)
    except FormatError as error:
        raise FormatError(f"{path}: {error}") from None
    base = path.with_name(path.stem.partition("-points")[0])
    title = base.name.removeprefix("grades-")
    rows = [(it.student, it.id, "" if it.points is None else str(it)) for it in found]
    texts = {
        "total": spreadsheet.to_csv((points.STUDENT, points.ID, points.TOTAL), rows),
        "moodle": points.to_moodle(found),
        "canvas": points.to_canvas(found, title, possible),
    }
    for one in found:
        empty = f"no points yet: {', '.join(one.empty)}" if one.empty else ""
        say(f"{one.student:24.{MOST_NAME}} {one!s:10} {empty}".rstrip())
    unknown = [it.student for it in found if not it.id and it.points is not None]
    if unknown and (texts["moodle"] or texts["canvas"] or any(map(is_anonymous, unknown))):
        words = f"{len(unknown)} without an id are in no gradebook file"
        say(f"securedata: {words}: {', '.join(unknown)}", is_error=True)
    files = {Path(f"{base}-{name}.csv"): text for name, text in texts.items() if text}
    _save(files)
    click.echo(f"{len(found)} students, {possible:g} points possible: {', '.join(map(str, files))}")
    _give_feedback(base, title, marked, found)


def _give_feedback(base: Path, title: str, marked: str, found: list[points.Total]) -> None:
    """A page for each student, and what Moodle and Canvas hand on. Verdicts are in the table."""
    several = base.name.rpartition("-")[0]  # lessons are in one table
    tables = (base.with_name(f"{it}.csv") for it in (base.name, several))
    table = next(filter(Path.is_file, tables), None)
    if table is None:
        words = f"put {base.name}.csv, which was written with the points, into one folder with them"
        say(f"securedata: no feedback was written: {words}", is_error=True)
        return
    try:
        verdicts = feedback.verdicts_in(_text(table), marked)
    except FormatError as error:
        raise FormatError(f"{table}: {error}") from None
    texts, names = feedback.texts(marked, verdicts), file_names(verdicts)
    pages = {Path(f"{names[it]}.html"): feedback.to_html(title, texts[it]) for it in texts}
    start = base.with_name(f"feedback-{title}")
    folder = _without_others(start, pages.keys())
    zips = {
        "moodle": feedback.to_moodle_zip(title, found, texts),
        "canvas": feedback.to_canvas_zip(title, verdicts, texts),
    }
    packed = {Path(f"{start}-{name}.zip"): content for name, content in zips.items() if content}
    _save({folder / name: text for name, text in pages.items()})
    _save(packed)
    click.echo(f"feedback for {len(pages)}: {', '.join(map(str, (folder, *packed)))}")
    lost = [it.student for it in found if it.points is not None and it.student not in texts]
    if lost:
        words = f"no feedback for {', '.join(lost)}: {table} does not name them"
        say(f"securedata: {words}", is_error=True)


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
            say(f"securedata: {words}: {', '.join(sorted(names))}", is_error=True)


def _class_list(path: Path | None) -> ClassList:
    if path is None:
        return ClassList()
    try:
        return ClassList.read(_text(path))
    except FormatError as error:
        raise FormatError(f"{path}, the class list: {error}") from None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise FormatError("it is not UTF-8: save it as CSV UTF-8") from None
    except OSError as error:
        raise FormatError(f"it cannot be read: {error.strerror}") from None


def _write(
    out: Path, grades: list[Graded], lessons: list[Lesson], people: ClassList, notebooks: Path
) -> None:
    files = {out: to_csv(grades), out.with_suffix(".html"): to_html(grades, people.people)}
    for lesson in lessons:
        if any(it.lesson == lesson.stem for it in grades):
            stem = out.stem if out.stem.endswith(lesson.stem) else f"{out.stem}-{lesson.stem}"
            text = points.to_points(lesson, grades, people.people)
            table = _free(out.with_name(f"{stem}-points.csv"), text)
            marking = to_marking(
                table.name, lesson, grades, people.people, models(notebooks, lesson)
            )
            files |= {table: text, out.with_name(f"{stem}-marking.html"): marking}
    _save(files)


def _without_others(folder: Path, ours: Set[Path]) -> Path:
    """The folder, or one with a number: the files of another class must not be among these."""
    free, number = folder, 1
    while {it.relative_to(free) for it in free.glob("*.html")} - ours:
        number += 1
        free = folder.with_name(f"{folder.name}-{number}")
    if free != folder:
        click.echo(f"securedata: {folder} has files of other students; see {free}", err=True)
    return free


def _free(path: Path, text: str) -> Path:
    """The path, or one with a number: points may have been typed into the file that is there."""
    free, number = path, 1
    while free.exists() and free.read_bytes() != text.encode("utf-8-sig", "replace"):
        number += 1
        free = path.with_name(f"{path.stem}-{number}.csv")
    if free != path:
        click.echo(f"securedata: {path} stays as it is; the new points are in {free}", err=True)
    return free


def _save(files: Mapping[Path, str | bytes], mode: str = "w") -> None:
    """They have students' names, so nobody else on this machine may read them."""
    try:
        for path, text in files.items():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Excel reads umlauts in a CSV file only behind this mark, which stands in front.
            encoding = "utf-8-sig" if path.suffix == ".csv" and mode == "w" else "utf-8"
            content = text if isinstance(text, bytes) else text.encode(encoding, "replace")
            with open(path, f"{mode}b", opener=partial(os.open, mode=OWNER_ONLY)) as file:
                file.write(content)
    except OSError as error:
        raise StorageError(f"{error.filename}: {error.strerror}") from None
