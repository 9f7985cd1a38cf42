"""A class hands in lesson 02: right, half, empty, broken, hostile. Each gets what it deserves."""

import ast
import json
import random
import shutil
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from textwrap import indent
from typing import Any
from zipfile import ZipFile, ZipInfo

import pytest
from classroom.handing_in import (
    NOTEBOOKS,
    Notebook,
    added,
    answered,
    handed_out,
    saved,
    solved,
    source,
    with_check,
)

from securedata_classroom import grading, tricks
from securedata_classroom.grading import UNGRADED, Graded, Verdict, _Session, counted, grade
from securedata_classroom.lessons import Lesson, lessons_in, merged
from securedata_classroom.notebook import Cell
from securedata_classroom.sandbox import Sandbox
from securedata_classroom.submissions import Submission, submissions_in
from securedata_lab.every_check import EXERCISES
from securedata_lab.lesson08_break_it_fix_it.auditing.given import BEGINNING

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(not shutil.which("bwrap"), reason="needs bubblewrap"),
]
PATCH = """
from securedata_lab.judging import engine
engine.judged = lambda number, answers: engine.Verdict("correct", "of course")
check.__class__.__call__ = lambda self, *answers: print("correct")
def check(*answers): print("2.3 correct")
"""
EQUAL = """
class Always(float):
    def __eq__(self, other): return True
    def __le__(self, other): return True
    def __ge__(self, other): return True
    __hash__ = None
my_fits = Always(1)
"""
ALL_EQUAL = """
class All:
    def __eq__(self, other): return True
    def __call__(self, *arguments): return self
    def __iter__(self): return iter([self, self])
my_forgery = All()
"""
TRACEBACK = """
import IPython
IPython.core.interactiveshell.InteractiveShell.showtraceback = lambda *a, **k: None
get_ipython().showtraceback = lambda *a, **k: None
with open(".results-02.json", "w") as file:
    file.write('{"2.3": "correct"}')
"""
JUNK = """
import os, time
for descriptor in range(3, 64):
    try:
        os.write(descriptor, b'{"exercise": "2.7", "state": "correct", "words": ""}' + bytes([10]))
    except OSError:
        pass
time.sleep(1)  # now it is read before the true answer
"""
FORGES = """
import gc
(student,) = (it for it in gc.get_objects() if type(it).__name__ == "_Student")
answer = student._line._answer
forged = {"get": {"value": {"class": "A"}}, "run": {"error": "the machine was short of memory"}}
student._line._answer = lambda request: forged.get(request["do"]) or answer(request)
"""
LIES = """
from securedata_classroom import student_process
student_process.facts_of = lambda function: {"is_stub": 7, "takes": "nothing"}
"""
DEEP = """
import os
for _ in range(1500):
    os.mkdir("d"); os.chdir("d")
os.chdir("/sandbox")
"""
STORE = """
from securedata_lab.lesson08_break_it_fix_it import Store, kept_in

@kept_in("my_store.py")
class MyStore(Store):
"""
SHARES = """
    def share(self, caller, record_id, to):
        raise PermissionError(self.SEEN)
"""
READS = """
from pathlib import Path
found = [p for p in ("solutions", "../solutions", "/root/.ssh") if Path(p).exists()]
import securedata, glob
found += glob.glob(str(Path(securedata.__file__).parent.parent / "notebooks" / "*"))
def my_fits(h, one, two):
    both = small_ghash(h, one.blocks) ^ small_ghash(h, two.blocks)
    return not found and both == one.tag ^ two.tag
"""


def without_metadata(notebook: Notebook) -> Notebook:
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        cell.pop("id", None)
    return notebook


def with_a_helper() -> Notebook:
    helper = "def mask_of(row, ghash):\n    return xor(row.tag, ghash(row.ciphertext))"
    answer = (
        "def my_forgery(stolen, new, ghash):\n"
        "    mask = mask_of(stolen, ghash)\n"
        "    return mask, xor(mask, ghash(new))"
    )
    return answered(added(handed_out("02"), "2.8", helper), "2.8", answer)


def with_a_helper_in_our_cell() -> Notebook:
    notebook = answered(handed_out("02"), "2.7", "my_fits = helper()")
    (server,) = (it for it in notebook["cells"] if "server" in it["metadata"].get("tags", ()))
    server["source"] = f"{source(server)}\ndef helper():\n    return print"
    return notebook


LACKS = "my_fits = part.fits()"
FAILS = """
import os
from securedata_classroom import judge_process
judged = judge_process.judged
def fails(number, *others):
    if number == "2.7": {}
    return judged(number, *others)
judge_process.judged = fails
judge_process.main()
"""
ALL = {number for number in EXERCISES if number.startswith("2.")}
CLASS = {
    "right": lambda: solved("02"),
    "half": lambda: solved("02", {"2.3", "2.7"}),
    "empty": lambda: handed_out("02"),
    "without-metadata": lambda: without_metadata(solved("02")),
    "helper": with_a_helper,
    "helper-in-our-cell": with_a_helper_in_our_cell,
    "syntax": lambda: answered(solved("02", {"2.1"}), "2.7", "my_fits = = 3"),
    "loop-in-a-cell": lambda: answered(solved("02", {"2.1", "2.8"}), "2.7", "while True: pass"),
    "loop": lambda: answered(
        solved("02", {"2.1", "2.3"}), "2.7", "def my_fits(h, one, two):\n    while True: pass"
    ),
    "exit": lambda: answered(solved("02"), "2.7", "import os\nos._exit(0)"),
    "exit-in-a-call": lambda: answered(
        solved("02", {"2.1"}), "2.7", "def my_fits(h, one, two):\n    exit()"
    ),
    "forks": lambda: answered(solved("02", {"2.1"}), "2.7", "import os\nwhile True: os.fork()"),
    "fills": lambda: answered(
        solved("02", {"2.1"}), "2.7", "x = []\nwhile True: x.append(b'x' * (50 << 20))"
    ),
    "wants-too-much": lambda: answered(solved("02", {"2.1"}), "2.7", "x = bytearray(1 << 40)"),
    "lacks": lambda: answered(
        answered(added(solved("02", {"2.3"}), "2.1", "import no_such.part as part"), "2.7", LACKS),
        "2.8",
        "def my_forgery(stolen, new, ghash):\n    import no_such",
    ),
    "junk": lambda: answered(solved("02", {"2.1", "2.3"}), "2.7", JUNK),
    "patch": lambda: answered(handed_out("02"), "2.3", PATCH),
    "equal": lambda: answered(answered(handed_out("02"), "2.7", EQUAL), "2.8", ALL_EQUAL),
    "traceback": lambda: answered(handed_out("02"), "2.7", TRACEBACK),
    "deleted": lambda: with_check(solved("02", {"2.3"}), "2.3", ""),
    "minus": lambda: with_check(
        answered(solved("02", {"2.1"}), "2.7", f"x = {'-' * 3000}1"),
        "2.7",
        f'check("2.7", {"-" * 900}1)',
    ),
    "deep": lambda: answered(solved("02", {"2.1"}), "2.7", DEEP),
    "forges": lambda: answered(solved("02", {"2.1"}), "2.3", FORGES),
    "lies": lambda: answered(solved("02", {"2.1", "2.8"}), "2.7", LIES),
    "edited": lambda: with_check(handed_out("02"), "2.7", 'check("2.7", print)'),
    "reads": lambda: answered(handed_out("02"), "2.7", READS),
}


@pytest.fixture(scope="module")
def grades(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Graded]:
    folder = tmp_path_factory.mktemp("class")
    for student, made in CLASS.items():
        saved(made(), folder / student / "02_aes_gcm.ipynb")
    (folder / "empty" / ".results-02.json").write_text(json.dumps({"2.3": "correct"}))
    (folder / "damaged").mkdir()
    (folder / "damaged" / "02_aes_gcm.ipynb").write_text("{")
    lessons = lessons_in(NOTEBOOKS)
    submissions = submissions_in(folder, [it.stem for it in lessons])
    return {it.student: it for it in grade(submissions, lessons, Sandbox(), workers=2)}


def verdict(graded: Graded, number: str) -> Verdict:
    return next(it for it in graded.verdicts if it.exercise == number)


def solved_by(graded: Graded) -> set[str]:
    return {it.exercise for it in graded.verdicts if it.points}


@pytest.mark.parametrize(
    ("student", "numbers"),
    {
        "right": ALL,
        "half": {"2.3", "2.7"},
        "empty": set(),
        "without-metadata": ALL,
        "helper": {"2.8"},
        "helper-in-our-cell": set(),
        "syntax": {"2.1"},
        "loop-in-a-cell": {"2.1", "2.8"},
        "loop": {"2.1", "2.3"},
        "exit": ALL - {"2.7"},
        "junk": {"2.1", "2.3"},
        "patch": set(),
        "equal": set(),
        "traceback": set(),
        "deleted": {"2.3"},
        "forges": {"2.1"},
        "lies": {"2.1"},
        "edited": set(),
        "reads": {"2.7"},
        "minus": {"2.1"},
        "deep": {"2.1"},
        "damaged": set(),
    }.items(),
)
def test_points_are_for_right_answers_alone(
    grades: dict[str, Graded], student: str, numbers: set[str]
) -> None:
    assert solved_by(grades[student]) == numbers


@pytest.mark.parametrize(
    ("student", "number", "words"),
    [
        ("syntax", "2.7", "SyntaxError"),
        ("helper-in-our-cell", "2.7", "NameError"),
        ("helper-in-our-cell", "2.7", "helper was added to a cell of the kit"),
        ("loop-in-a-cell", "2.7", "my_fits, got nothing of this name; it used up its time"),
        ("loop", "2.7", "endless loop"),
        ("exit", "2.7", "ended the notebook's process"),
        ("fills", "2.7", "got none; it used more than 1024 MiB of memory"),
        ("wants-too-much", "2.7", "nothing of this name; it wanted too much memory"),
        ("lacks", "2.8", "no_such is missing here. Next: grade again, --with no_such"),
        ("damaged", "", "no notebook"),
    ],
)
def test_the_table_says_what_went_wrong(
    grades: dict[str, Graded], student: str, number: str, words: str
) -> None:
    assert words in verdict(grades[student], number).words


def test_no_answer_of_a_student_makes_the_judge_fail(grades: dict[str, Graded]) -> None:
    found = {(name, it.exercise): it.state for name, one in grades.items() for it in one.verdicts}
    ungraded = {it for it, state in found.items() if state == UNGRADED}
    assert ungraded == {("damaged", ""), *(("lacks", it) for it in ("2.1", "2.7", "2.8"))}


def test_an_empty_notebook_has_attempted_nothing(grades: dict[str, Graded]) -> None:
    assert {it.state for it in grades["empty"].verdicts} == {"not attempted yet"}


@pytest.mark.parametrize(
    ("student", "number", "mark"),
    [
        ("patch", "2.3", tricks.OWN_CHECK),
        ("equal", "2.7", tricks.OWN_EQUAL),
        ("equal", "2.8", tricks.OWN_EQUAL),
        ("traceback", "2.7", tricks.RESULTS),
        ("empty", "2.3", tricks.RESULTS_FILE),
        ("deleted", "2.3", tricks.DELETED),
        ("edited", "2.7", tricks.EDITED),
    ],
)
def test_a_trick_is_marked_where_it_stands(
    grades: dict[str, Graded], student: str, number: str, mark: str
) -> None:
    assert mark in verdict(grades[student], number).marks


@pytest.mark.parametrize(
    ("student", "note"),
    [
        ("loop-in-a-cell", "2.7 looped"),
        ("loop", "2.7 looped"),
        ("exit", "2.7 ended the process"),
        ("exit-in-a-call", "2.7 ended the process"),
        ("forks", "2.7 too many processes"),
        ("fills", "2.7 out of memory"),
        ("wants-too-much", "2.7 out of memory"),
        ("lacks", "not graded: no_such is missing here. Next: grade again, --with no_such"),
    ],
)
def test_each_cause_has_its_words_in_the_row(
    grades: dict[str, Graded], student: str, note: str
) -> None:
    assert grades[student].note == note


@pytest.mark.parametrize("student", ["right", "half", "without-metadata", "helper", "syntax"])
def test_honest_work_is_not_marked(grades: dict[str, Graded], student: str) -> None:
    assert grades[student].marks == ()
    assert [it.marks for it in grades[student].verdicts] == [()] * len(ALL)


def test_the_answers_in_words_are_kept(grades: dict[str, Graded]) -> None:
    assert "both tags" in grades["right"].answers["2.7"]
    assert grades["empty"].answers["2.7"] == ""


# Where a student types a word, which their own kernel has drawn: what our solution has there.
TYPED = {
    "1.7": "read[-16:]",
    "5.6": 'read.split("\'")[7]',
    "7.8": "read.split()[-1]",
}


def test_every_solution_of_every_lesson_has_its_point_with_typed_words(tmp_path: Path) -> None:
    for number in range(1, 9):
        notebook = solved(f"0{number}")
        typed = {of: read for of, read in TYPED.items() if of[0] == str(number)}
        for cell in notebook["cells"]:
            read = typed.get(cell["metadata"].get("securedata", {}).get("exercise"), "nowhere")
            if cell["cell_type"] == "code" and read in source(cell):
                cell["source"] = source(cell).replace(read, '"walnut-marble-61"')
                typed.popitem()
        assert not typed
        saved(notebook, tmp_path / "ada" / f"{number}.ipynb")
    submissions = submissions_in(tmp_path, [])
    all_lessons = [*grade(submissions, lessons_in(NOTEBOOKS), Sandbox(), workers=2)]
    wrong = [it for one in all_lessons for it in one.verdicts if not it.points or it.marks]
    assert wrong == []
    assert sum(it.points for it in all_lessons) == len(EXERCISES)
    assert [one.marks for one in all_lessons] == [()] * 8


def until_the_first_vault() -> Lesson:
    """Lesson 08 up to the check of 8.2: it is judged sooner."""
    lesson = lessons_in(NOTEBOOKS)[-1]
    first_check = next(n for n, it in enumerate(lesson.cells) if it.checks == "8.2")
    return replace(lesson, cells=lesson.cells[: first_check + 1])


def graded_vault(folder: Path, source: str) -> Graded:
    """What is made of a my_vault.py that was handed in alone."""
    (folder / "eve").mkdir()
    (folder / "eve" / "my_vault.py").write_text(source)
    (one,) = grade(submissions_in(folder, []), [until_the_first_vault()], Sandbox(), 1)
    return one


def test_a_vault_reaches_neither_the_verdicts_nor_the_class_list() -> None:
    vault = (
        "import os\nfound = []\n"
        "for name in ('/proc/1/fd/2', '/proc/1/mem', '/sandbox/task.json'):\n"
        "    try:\n        os.close(os.open(name, os.O_WRONLY))\n        found.append(name)\n"
        "    except OSError:\n        pass\nraise ValueError(f'open: {found}')\n"
    )
    code = f"open('my_vault.py', 'w').write({vault!r})"
    notebook = answered(handed_out("08"), "8.2", code)
    notebook["cells"] = [it for it in notebook["cells"] if source(it) == code]
    one = graded_alone(notebook, [until_the_first_vault()])
    assert "open: []" in verdict(one, "8.2").words


def test_a_code_that_was_typed_in_the_students_own_kernel_counts() -> None:
    """The judge's vault has another one, and the theft is judged anyway."""
    theft = """
mine, hers = vault.store("tea", "Tea at four."), vault.receipts[0]
my_theft = lambda mine, hers: hers | {"owner": mine["owner"]}
said = vault.restart("parrot-timber-83")
"""
    one = graded_alone(answered(handed_out("08"), "8.8", theft), [until_the_first_vault()])
    assert verdict(one, "8.8").points


def test_a_store_that_shares_records_is_judged_in_its_own_sandbox(tmp_path: Path) -> None:
    lesson = lessons_in(NOTEBOOKS)[-1]
    cells = [it for it in lesson.cells if it.exercise == "8.12" or it.tags & {"setup", "server"}]
    looks = "    import os\n    SEEN = str(os.listdir('/proc'))\n"
    right = solved("08", {"8.12"})
    wrong = answered(handed_out("08"), "8.12", STORE + looks + SHARES)
    for name, notebook in {"ada": right, "eve": wrong, "kim": handed_out("08")}.items():
        saved(notebook, tmp_path / name / "8.ipynb")
    handed_in = submissions_in(tmp_path, [])
    found = grade(handed_in, [replace(lesson, cells=tuple(cells))], Sandbox(), workers=2)
    ada, eve, kim = (verdict(it, "8.12") for it in sorted(found, key=lambda it: it.student))
    assert (ada.points, ada.marks) == (1, ())
    assert (eve.points, kim.state) == (0, "not attempted yet")
    if Sandbox()._nests:
        assert "with PermissionError: []" in eve.words


def test_a_lone_vault_is_judged(tmp_path: Path) -> None:
    one = graded_vault(tmp_path, "raise ValueError('it was read')")
    assert (one.lesson, one.marks) == ("08_break_it_fix_it", (tricks.ONLY_VAULT,))
    assert "it was read" in verdict(one, "8.2").words
    assert verdict(one, "8.8") == Verdict("8.8", "not attempted yet", verdict(one, "8.8").words)


def test_a_vault_that_reaches_for_the_interpreter_is_marked(tmp_path: Path) -> None:
    forged = BEGINNING + "    def answer(self, *_): ...\n\nimport __main__\n"
    found = verdict(graded_vault(tmp_path, forged), "8.2")
    assert (found.points, found.marks) == (0, (tricks.REACHES,))
    assert "line 10 reaches for `__main__`" in found.words


def judged_alone(folder: Path, answer: str) -> Verdict:
    """The verdict on 8.2, of a my_vault.py with these lines for answer()."""
    lines = indent(answer, 8 * " ")
    source = f"{BEGINNING}    def answer(self, receipt, text, genuine):\n{lines}\n"
    return verdict(graded_vault(folder, source), "8.2")


@pytest.mark.parametrize("number", ["SIGINT", "SIGKILL"])
@pytest.mark.parametrize("is_apart", [True, False])
def test_no_signal_of_a_vault_reaches_the_judge(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: str, is_apart: bool
) -> None:
    """Not even if nobody looked at its text, and where no sandbox can be made in a sandbox."""
    off = "from securedata_lab.lesson08_break_it_fix_it.auditing import auditor\n"
    off += "auditor.reach_of = lambda source: None\n"
    if not is_apart:
        off += "from securedata_classroom import judge_process\n"
        off += "judge_process.put_vaults_apart = lambda: None\n"
    monkeypatch.setattr(grading, "PROGRAM", off + grading.PROGRAM)
    lines = f"import os, signal\nos.kill(1, signal.{number})\nraise Refused('I am still here.')"
    found = judged_alone(tmp_path, lines)
    assert (found.state, found.points) == ("not yet", 0)
    assert is_apart or "I am still here." in found.words


def test_a_vault_sees_no_process_of_the_judge(tmp_path: Path) -> None:
    if not Sandbox()._nests:
        pytest.skip("needs a system that allows a sandbox in a sandbox")
    found = judged_alone(tmp_path, "import os\nraise Refused(str(os.listdir('/proc')))")
    assert "it refused, “[]”" in found.words


def graded_alone(notebook: Notebook, lessons: list[Lesson] | None = None) -> Graded:
    """What is made of one notebook, handed in as lesson 02."""
    handed_in = Submission("ada", "02_aes_gcm.ipynb", json.dumps(notebook).encode())
    (one,) = grade([handed_in], lessons or lessons_in(NOTEBOOKS), Sandbox(), 1)
    return one


def test_a_notebook_says_that_it_is_another_lesson_than_its_name() -> None:
    one = graded_alone({"nbformat": 4, "cells": handed_out("03")["cells"]})
    assert one.lesson == "03_dsa_signatures"
    assert one.marks == (f"{tricks.OTHER_LESSON}02_aes_gcm",)


def test_of_several_tries_one_counts_and_the_others_are_named() -> None:
    right, wrong = (Verdict("2.1", "correct"),), (Verdict("2.1", "not yet"),)
    first = Graded("mia", "02", "a-1.ipynb", right, when=(2026, 5, 1, 9, 0), id="Canvas 1")
    second = Graded("mia", "02", "a.ipynb", wrong, when=(2026, 5, 1, 9, 1))
    other = Graded("mia", "03", "b.ipynb", right)
    broken = Graded("mia", "", "c.ipynb", (Verdict("", UNGRADED, "it is no notebook"),))
    other_broken = replace(broken, name="d.ipynb")
    for best, (counts, is_named) in {False: (second, first), True: (first, second)}.items():
        found = counted([first, other, broken, second, other_broken], best)
        assert [it.name for it in found] == [counts.name, "b.ipynb", "c.ipynb", "d.ipynb"]
        mark = f"{tricks.OTHER_TRY}{is_named.name} ({is_named.points} correct)"
        assert [it.marks for it in found] == [(mark,), (), (), ()]
        assert [it.tries for it in found] == [2, 1, 1, 1]


def test_of_two_in_a_zip_the_one_nearer_to_the_top_counts(tmp_path: Path) -> None:
    with ZipFile(tmp_path / "ada.zip", "w") as archive:
        for name, day in {"work/2.ipynb": 1, "work/old/2.ipynb": 2}.items():
            archive.writestr(ZipInfo(name, (2026, 5, day, 9, 0, 0)), json.dumps(handed_out("02")))
    saved({"cells": []}, tmp_path / "bob" / "2.ipynb")
    graded = [
        *grade(submissions_in(tmp_path, []), lessons_in(NOTEBOOKS), Sandbox(trust=True), workers=2)
    ]
    one = next(it for it in counted(graded) if it.student == "ada")
    assert one.name == "ada/work/2.ipynb"
    assert one.note == "deeper in the same zip, not counted: ada/work/old/2.ipynb (0 correct)"


@pytest.mark.serial
def test_a_notebook_that_only_waits_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grading, "NOTEBOOK_SECONDS", 10)
    waits = answered(solved("02", {"2.3"}), "2.7", "import time; time.sleep(10**6)")
    started = time.monotonic()
    one = graded_alone(waits)
    assert time.monotonic() - started < 60
    assert verdict(one, "2.8").state == UNGRADED
    assert "it only waited: is there a sleep, or an input()?" in verdict(one, "2.7").words


@pytest.mark.serial
def test_a_cell_of_megabytes_is_not_compared_letter_by_letter() -> None:
    lesson = next(it for it in lessons_in(NOTEBOOKS) if it.stem.startswith("06"))
    started = time.process_time()
    merged(lesson, [Cell("x = 1  # " + "a" * (4 << 20))])
    assert time.process_time() - started < 2


@pytest.mark.serial
def test_a_notebook_of_many_cells_does_not_hold_up_the_class() -> None:
    lesson = next(it for it in lessons_in(NOTEBOOKS) if it.stem.startswith("01"))
    ours = max((it for it in lesson.cells if it.is_code), key=lambda it: len(it.source)).source
    cells = [Cell("".join(random.sample(ours, len(ours)))) for _ in range(1900)]
    started = time.process_time()
    merged(lesson, [*cells, Cell('check("1.1", my_x)')])
    assert time.process_time() - started < 40
    raw = [{"cell_type": "code", "source": "x = 1"}] * 2001
    content = json.dumps({"nbformat": 4, "cells": raw}).encode()
    (one,) = grade([Submission("eve", "01.ipynb", content)], [lesson], Sandbox(trust=True), 1)
    assert one.note.startswith("not graded: it has more than 2,000 cells")


def test_notebooks_graded_at_once_are_parsed_one_after_the_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parse, lock = ast.parse, threading.Lock()
    seen = list[bool]()

    def watched(*arguments: Any, **named: Any) -> Any:
        is_free = lock.acquire(blocking=False)
        seen.append(is_free)
        time.sleep(0.001)
        if is_free:
            lock.release()
        return parse(*arguments, **named)

    monkeypatch.setattr(ast, "parse", watched)
    monkeypatch.setattr(_Session, "play", lambda self: None)
    content = json.dumps(solved("02", {"2.3"})).encode()
    class_ = [Submission(name, "02_aes_gcm.ipynb", content) for name in ("ada", "bob", "eve")]
    grades = [*grade(class_, lessons_in(NOTEBOOKS), Sandbox(trust=True), workers=3)]
    assert {it.lesson for it in grades} == {"02_aes_gcm"}
    assert len(seen) > 100
    assert all(seen)


def test_why_the_original_could_not_be_run_is_said() -> None:
    (lesson,) = (it for it in lessons_in(NOTEBOOKS) if it.stem.startswith("02"))
    cell = Cell("open('no-such-file')", tags=frozenset({"server"}))
    broken = replace(lesson, cells=(cell, *lesson.cells))
    one = graded_alone(solved("02", {"2.3"}), [broken])
    assert one.note.startswith("not graded: the judge failed: FileNotFoundError: ")
    assert "no-such-file" in one.note
    assert one.answers["2.3"]


def start_instead(monkeypatch: pytest.MonkeyPatch, module: str, words: list[str]) -> None:
    """In place of this process of a session, another command starts."""
    command = _Session._command
    monkeypatch.setattr(
        _Session, "_command", lambda self, it: words if it == module else command(self, it)
    )


def test_a_notebook_whose_process_does_not_start_is_not_graded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    start_instead(monkeypatch, "student_process", ["no-such-command"])
    one = graded_alone(solved("02", {"2.3"}))
    why = "no-such-command: No such file or directory"
    assert one.note.startswith(f"not graded: the notebook's process did not start: {why}. Next")
    assert {it.state for it in one.verdicts} == {UNGRADED}


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('raise OSError(24, "Too many open files")', "OSError: [Errno 24] Too many open files"),
        ("os._exit(137)", "its return code is 137"),
    ],
)
def test_a_judge_that_fails_costs_no_point(
    monkeypatch: pytest.MonkeyPatch, line: str, why: str
) -> None:
    """Only the check that ran then is not graded. The others are, by a second judge."""
    start_instead(monkeypatch, "judge_process", [sys.executable, "-c", FAILS.format(line)])
    one = graded_alone(solved("02", {"2.1", "2.3", "2.7"}))
    assert verdict(one, "2.7").state == UNGRADED
    assert verdict(one, "2.7").words.startswith(f"the judge failed: {why}. Next: grade")
    assert solved_by(one) == {"2.1", "2.3"}
