"""`make tomorrow LESSON=01 MINUTES=50`: one folder with all that a lecturer needs for a class.

The plans of docs/teaching/before.md say which lessons go with LESSON and MINUTES. For each there is
a notebook to show, one with the solutions, a run sheet, slides and a quiz; for the class, the zip
of `make student`. Slides and zip are made anew only if they, or what they are made of, changed.
"""

import argparse
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import handout
import nbformat
from nbconvert.filters import markdown2html
from quizzes import quizzes, write_quizzes
from slides import FOLDED, TEMPLATES, build
from workshop import NOTEBOOKS, ROOT, TEACHING, masters, write

TOMORROW = ROOT / "build" / "tomorrow"
# All that slides and zip are made of, and more: so they are made too often, and never too seldom.
SOURCES = ("docs", "notebooks", "securedata", "securedata_classroom", "securedata_lab", "tools")
LESSON = r"\d\d|run_through"
PLAN = re.compile(r"^### (\d+) minutes\n(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
ROW = re.compile(rf"^\| ((?:{LESSON}).*?) \| (.+?)(?: \| (.*?))? ?\|$", re.MULTILINE)
IN_CLASS = re.compile(rf"(?:^|, )({LESSON})\b")
LINK = re.compile(r"\[([^]]*)\]\([^)]*\)")
TO_A_NOTEBOOK = re.compile(r"\[([^]]*)\]\(\w+\.ipynb\)")  # no other one lies in the folder
# Known before class, so not on the desk: a paragraph, and a list below it.
NOT_PRINTED = re.compile(
    r"^\*\*(?:For the lecturer only|What the audit|At home).*?(?=\n\n(?!\* )|\Z)", re.M | re.S
)


def plans() -> dict[str, dict[str, tuple[str, str]]]:
    """What is done in class, and at home, by MINUTES and LESSON."""
    return {
        minutes: {
            lesson: (in_class.replace("LESSON", lesson), at_home)
            for lessons, in_class, at_home in ROW.findall(table)
            for lesson in re.findall(LESSON, lessons)
        }
        for minutes, table in PLAN.findall((TEACHING / "before.md").read_text(encoding="utf-8"))
    }


def to_show(path: Path) -> nbformat.NotebookNode:
    """A student notebook for the wall: nothing is folded in it, so no hint and no answer.

    The run-through keeps its folds: nobody works in it, and they are its last screens.
    """
    student = handout.student_notebook(path, solutions=False, hand_in="")
    notebook = nbformat.reads(student, as_version=4)
    for cell in notebook.cells:
        text = cell.source if path.stem == "run_through" else FOLDED.sub("", cell.source)
        cell.source = TO_A_NOTEBOOK.sub(r"\1", text).strip()
    notebook.cells = [it for it in notebook.cells if it.source and it.id != "hand-in"]
    return notebook


def run_sheet(page: str) -> str:
    """What to print of a lecturer's page: all but quiz, points, and what is known before class."""
    head, *sections = re.split(r"^(?=## )", page.replace(": the lecturer's page", ""), flags=re.M)
    title = head.partition("\n")[0].removeprefix("# ")
    kept = [it for it in sections if not it.startswith(("## Quiz", "## How to grade"))]
    # The head's links lead to the notebooks. Paper has no links, so the others' words stand alone.
    texts = [re.sub(rf"{LINK.pattern} · ", "", head), *(NOT_PRINTED.sub("", it) for it in kept)]
    # In a table, `a \| b` is a | b. nbconvert leaves the backslash.
    parts = [markdown2html(LINK.sub(r"\1", it)).replace("\\|", "|") for it in texts]
    return TEMPLATES.get_template("run_sheet.html.j2").render(parts=parts, title=title)


def up_to_date(part: Path, sources: str, make: Callable[[], object]) -> None:
    """Make a folder, unless it and its sources are as they were when it was made last."""
    note = part.with_name(f".{part.name}-are-made-of")
    if not note.exists() or note.read_text(encoding="utf-8") != f"{sources} {digest(part)}":
        shutil.rmtree(part, ignore_errors=True)
        make()
        write(note, f"{sources} {digest(part)}")


def digest(*places: Path) -> str:
    """The SHA-256 of all files in these places, with their names. Compiled ones do not count."""
    files = sorted(it for place in places for it in (place, *place.rglob("*")) if it.is_file())
    known = [f"{it} {handout.digest(it)}" for it in files if it.parent.name != "__pycache__"]
    return sha256("\n".join(known).encode()).hexdigest()


def prepare(
    folder: Path, lessons: list[Path], home: bool, choices: dict[str, Any]
) -> Iterator[tuple[Path, str]]:
    """Write the folder; say of each file what it is for."""
    folder.mkdir(parents=True, exist_ok=True)
    decks, quiz, students = folder / "slides", folder / "quiz", folder / "students"
    for lesson in lessons:
        page = (TEACHING / f"{lesson.stem}.md").read_text(encoding="utf-8")
        sheet = write(folder / f"{lesson.stem}_run_sheet.html", run_sheet(page))
        yield sheet, "to print: the clock, what to do, what to ask, and the answers"
        nbformat.write(to_show(NOTEBOOKS / f"{lesson.stem}.ipynb"), folder / f"{lesson.stem}.ipynb")
        yield folder / f"{lesson.stem}.ipynb", "to show: `make lab`, then open it there"
        solved = shutil.copy(lesson, folder / f"{lesson.stem}_solved.ipynb")
        yield solved, "for you: the solutions, and what each cell should print"
    sources = digest(*(ROOT / it for it in SOURCES), *(it for it in ROOT.iterdir() if it.is_file()))
    try:
        up_to_date(decks, sources, lambda: build(decks, lessons))
        yield from ((decks / f"{it.stem}.html", "slides; S: the speaker's view") for it in lessons)
    except SystemExit as why:
        print(f"There are no slides. {why}")
    asked = {
        title: [it for it in questions if home or it.place == "class"]
        for title, questions in quizzes().items()
        if title in {it.stem for it in lessons}
    }
    for file in write_quizzes(quiz, asked):
        yield file, "a quiz for Canvas" if file.suffix == ".zip" else "a quiz for Moodle"
    up_to_date(students, f"{sources} {choices}", lambda: handout.write_zip(students, **choices))
    yield from ((it, "for students, today") for it in students.iterdir())


def main() -> None:
    """Write the folder, and say what lies where."""
    parser = argparse.ArgumentParser()
    for name in ("--lesson", "--minutes", "--home"):
        parser.add_argument(name, default="")
    given, choices = handout.choices(parser)
    lesson, known = given.lesson.zfill(2), plans()
    in_class, at_home = known.get(given.minutes, {}).get(lesson, ("", ""))
    if not in_class:
        possible = [f"MINUTES={it} with LESSON={', '.join(known[it])}" for it in known]
        sys.exit(
            f"docs/teaching/before.md has no plan with LESSON={given.lesson} and "
            f"MINUTES={given.minutes}. Possible is {'; '.join(possible)}."
        )
    print(f"In class: {in_class}. Homework: {at_home or 'none'}.")
    names = IN_CLASS.findall(in_class)
    lessons = [path for name in names for path in masters() if path.stem.startswith(name)]
    folder = TOMORROW / f"{lesson}-{given.minutes}"
    for path, words in prepare(folder, lessons, given.home == "yes", choices):
        print(f"{path.relative_to(ROOT)}: {words}")


if __name__ == "__main__":
    main()
