"""nbgrader itself, on the course that `make nbgrader` writes: submissions of lesson 02."""

import csv
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from classroom.handing_in import Notebook, answered, handed_out, read, saved, solution, source
from nbgrader_course import write_course
from vocabulary import ROOT

BIN = ROOT / ".tools" / "nbgrader" / "bin"
LESSON = "02_aes_gcm"
HELPER = """from securedata_lab.lesson02_aes_gcm import small_ghash

def my_fits(h, one, two):
    return small_ghash(h, one.blocks) ^ small_ghash(h, two.blocks) == one.tag ^ two.tag
"""
WORDS = "A nonce that comes again gives the hash key away."
PATCH = """
from securedata_lab.judging import engine
check.__class__.__call__ = lambda self, *answers: print("correct")
def check(*answers): print("correct")
get_ipython().showtraceback = lambda *a, **k: None
"""
pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(not shutil.which("bwrap"), reason="needs bubblewrap"),
    pytest.mark.skipif(
        not (BIN / "nbgrader").exists(),
        reason="needs nbgrader in an environment of its own: tools/ci_tools.sh makes it",
    ),
]


def with_solutions(notebook: Notebook, *numbers: str) -> Notebook:
    for number in numbers:
        answered(notebook, number, solution(number))
    return notebook


def from_make_student() -> Notebook:
    """A notebook without nbgrader's metadata, in which the set-up cell was edited."""
    notebook = with_solutions(handed_out("02"), "2.3", "2.7")
    (setup,) = (it for it in notebook["cells"] if 'lab.me("")' in source(it))
    setup["source"] = source(setup).replace('lab.me("")', 'lab.me("ada")')
    return notebook


def split(notebook: Notebook) -> Notebook:
    """The cell of 2.1 was copied, with nbgrader's metadata, as an editor's "split" does."""
    with_solutions(notebook, "2.3", "2.7")
    at = next(n for n, it in enumerate(notebook["cells"]) if source(it) == solution("2.3"))
    notebook["cells"].insert(at + 1, {**notebook["cells"][at], "id": "half", "source": "half = 2"})
    return notebook


def without(notebook: Notebook, *names: str) -> Notebook:
    """The notebook without the cells that nbgrader knows by these names."""
    cells = notebook["cells"]
    cells[:] = [it for it in cells if grade_id(it) not in names]
    return notebook


def grade_id(cell: Notebook) -> str:
    return str(cell["metadata"].get("nbgrader", {}).get("grade_id", ""))


def of_another_version(notebook: Notebook) -> Notebook:
    """Exercise 2.7 has another number there, and cells have no ids."""
    notebook["nbformat_minor"] = 4
    for cell in notebook["cells"]:
        cell.pop("id")
        if grade_id(cell) in ("stub-2-7", "check-2-7"):
            cell["metadata"]["nbgrader"]["grade_id"] = grade_id(cell).replace("2-7", "9-9")
    return notebook


def of_an_editor_without_metadata(notebook: Notebook) -> Notebook:
    """With an answer in words, and with a helper before the cell that needs it."""
    with_solutions(notebook, "2.3", "2.7")
    cells = notebook["cells"]
    at = next(n for n, it in enumerate(cells) if source(it) == solution("2.7"))
    helped = solution("2.7").replace("small_ghash(h, one.blocks)", "helped(h, one)")
    assert helped != solution("2.7")
    cells[at]["source"] = helped
    cells.insert(
        at, {**cells[at], "source": "def helped(h, row): return small_ghash(h, row.blocks)"}
    )
    next(it for it in cells if grade_id(it) == "answer-2-written")["source"] = WORDS
    notebook["nbformat_minor"] = 4
    for cell in cells:
        cell.pop("id")
        cell["metadata"] = {}
    return notebook


ALL = ("2.1", "2.3", "2.7", "2.8", "2.9")
SUBMISSIONS: dict[str, tuple[Callable[[Notebook], Notebook], float]] = {
    "right": (lambda it: with_solutions(it, *ALL), len(ALL)),
    "half": (lambda it: with_solutions(it, "2.3", "2.7"), 2),
    "empty": (lambda it: it, 0),
    "loop": (lambda it: answered(with_solutions(it, "2.3"), "2.7", "while True: pass"), 1),
    "syntax": (lambda it: answered(with_solutions(it, "2.3"), "2.7", "my_fits = = 4"), 1),
    "split": (split, 2),
    "student": (lambda _: from_make_student(), 2),
    "deleted": (lambda it: without(with_solutions(it, "2.3", "2.7"), "stub-2-3", "check-2-7"), 1),
    "version": (lambda it: of_another_version(with_solutions(it, "2.3")), 1),
    "bare": (of_an_editor_without_metadata, 2),
    "helper": (lambda it: answered(it, "2.7", "from helper import my_fits"), 1),
    "patch": (lambda it: answered(it, "2.3", PATCH), 0),
}


SENTENCES = [
    "deleted, 02_aes_gcm.ipynb: put back, since it was missing: check-2-7, stub-2-3",
    "version, 02_aes_gcm.ipynb: put back, since it was missing: stub-2-7, check-2-7",
    "patch, 02_aes_gcm.ipynb: 2.3: has a check of its own",
    "version, 02_aes_gcm.ipynb: this course has no such cell: stub-9-9, check-9-9",
]


def nbgrader(course: Path, *arguments: str) -> str:
    path = os.pathsep.join([str(BIN), os.environ["PATH"]])  # it calls alembic
    command = [str(BIN / "nbgrader"), *arguments]
    done = subprocess.run(
        command, cwd=course, env={**os.environ, "PATH": path}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_nbgrader_gives_the_points_of_our_judge_and_an_empty_notebook_none(tmp_path: Path) -> None:
    write_course(tmp_path / "course")
    course = tmp_path / "course"
    nbgrader(course, "generate_assignment", LESSON)
    for student, (worked, _) in SUBMISSIONS.items():
        notebook = worked(read(course / "release" / LESSON / f"{LESSON}.ipynb"))
        saved(notebook, course / "submitted" / student / LESSON / f"{LESSON}.ipynb")
    (course / "submitted" / "helper" / LESSON / "helper.py").write_text(HELPER)
    (course / "class.csv").write_text("id,student,name\nzoe,zoe,zoe\n")
    nbgrader(course, "db", "student", "import", "class.csv")
    log = nbgrader(course, "autograde", LESSON)
    assert [it for it in SENTENCES if it not in log] == []
    bare = read(course / "autograded" / "bare" / LESSON / f"{LESSON}.ipynb")
    assert [source(it) for it in bare["cells"] if grade_id(it) == "answer-2-written"] == [WORDS]
    nbgrader(course, "generate_feedback", LESSON)
    nbgrader(course, "export")
    with (course / "grades.csv").open(encoding="utf-8") as file:
        scores = {it["student_id"]: float(it["score"]) for it in csv.DictReader(file)}
    expected = {student: points for student, (_, points) in SUBMISSIONS.items()}
    assert scores == {**expected, "zoe": 0}  # she handed in nothing
    feedback = (course / "feedback" / "half" / LESSON / f"{LESSON}.html").read_text("utf-8")
    assert "2.3 correct: the moved row is refused" in feedback
    assert "2.8 not attempted yet" in feedback
