"""From submissions to verdicts: each notebook in two sandboxes, one for it and one for the judge.

    submission ── merged with the original ── student's process ═══ judge's process ── verdicts

A notebook whose process hangs or ends is started again without the cell that did it, so that one
endless loop costs one exercise.
"""

import json
import os
import re
import signal
import socket
import sys
import tempfile
import time
import unicodedata
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from securedata.errors import FormatError
from securedata.printable import printable
from securedata_classroom import causes, spreadsheet, tricks
from securedata_classroom.judge_process import Task
from securedata_classroom.lessons import (
    Lesson,
    Merged,
    lesson_of,
    merged,
    name_in,
    refuse_another_edition,
)
from securedata_classroom.notebook import cells_of, edition_of
from securedata_classroom.sandbox import Limits, Outcome, Running, Sandbox, remove
from securedata_classroom.submissions import VAULT, Submission
from securedata_lab.judging.saved_results import SOLVED
from securedata_lab.judging.student_name import normal

UNGRADED = "not graded"  # the notebook could not be read, or the exercise not be judged
MOST_STARTS = 8
# No results file is read or written, and a picture needs no screen.
ENVIRONMENT = {"SECUREDATA_RESULTS": "off", "MPLBACKEND": "agg"}
PROGRAM = "from securedata_classroom.{} import main; main()"
# A lesson takes 3 to 45 s alone; each cell and each call have limits of their own.
NOTEBOOK_SECONDS = 600.0  # with all its starts
JUDGES_SECONDS = 20  # more, to say what it found
STUDENT_LIMITS = Limits(processor_seconds=240, memory_mib=1024, processes=48, output_kib=1024)
JUDGE_LIMITS = Limits(processor_seconds=300, memory_mib=2048, processes=64, output_kib=1024)


@dataclass(frozen=True)
class Verdict:
    """What the judge says of one exercise, and which tricks were tried in it.

    >>> Verdict("2.1", "correct").points, Verdict("2.1", "not yet").points
    (1, 0)
    """

    exercise: str
    state: str
    words: str = ""
    marks: tuple[str, ...] = ()

    @property
    def points(self) -> int:
        """One for what is correct, none for all else."""
        return int(self.state == SOLVED)


@dataclass(frozen=True)
class Graded:
    """One notebook, graded.

    >>> Graded("ada", "02_aes_gcm", "ada.ipynb", (Verdict("2.1", "correct"),)).points
    1
    """

    student: str
    lesson: str  # its stem, or "" if it belongs to none
    name: str  # of the file
    verdicts: tuple[Verdict, ...] = ()
    answers: dict[str, str] = field(default_factory=dict)
    marks: tuple[str, ...] = ()  # of the whole notebook
    id: str = ""  # of the student, at Moodle or Canvas
    when: tuple[int, ...] = ()
    late: str = ""
    below: int = 0  # how many folders below another notebook of the same zip
    tries: int = 1

    @property
    def note(self) -> str:
        """What a lecturer must know beside the points: why there are none, and marks.

        >>> Graded("ada", "", "", (Verdict("", UNGRADED, "it is no notebook"),)).note
        'not graded: it is no notebook'
        """
        why = dict.fromkeys(it.words for it in self.verdicts if it.state == UNGRADED)
        marks = [(it.exercise, mark) for it in self.verdicts for mark in it.marks]
        said = [f"{number} {mark}" for number, mark in marks if mark in causes.MARKS]
        return "; ".join([*(f"{UNGRADED}: {it}" for it in why), *said, *self.marks])

    @property
    def points(self) -> int:
        """How many exercises are correct."""
        return sum(it.points for it in self.verdicts)


@dataclass(frozen=True)
class ClassList:
    """Who is who: the name that a student gave to `lab.me`, by the student's name in the table.

    >>> ClassList.read("student,name\\nAda,Ada@example.org\\n").people
    {'Ada': 'ada@example.org'}
    """

    people: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str) -> "ClassList":
        """The list in a CSV file with the columns student and name.

        Raises:
            FormatError: a column is missing, or it is no CSV.
        """
        rows = spreadsheet.from_csv(text, {"student", "name"})
        return cls({unicodedata.normalize("NFC", it["student"]): normal(it["name"]) for it in rows})


def grade(
    submissions: list[Submission],
    lessons: list[Lesson],
    sandbox: Sandbox,
    workers: int,
    class_list: ClassList | None = None,
) -> Iterator[Graded]:
    """Grade all of them, several at once; each comes as soon as it is done. No failure ends it.

    After Ctrl-C, or if it is closed, the notebooks that run are waited for; no other one begins.
    Then comes KeyboardInterrupt. Ctrl-C is only noted while the pool works: raised between two
    lines of its locks, it would leave one of them held. A second one ends this process.

    >>> [*grade([], [], Sandbox(trust=True), workers=1)]
    []
    """
    who, stopped, running = class_list or ClassList(), False, list[str]()

    def note(*_: object) -> None:  # print() might be at work: it cannot be called twice at once
        nonlocal stopped
        if stopped:
            os._exit(130)  # threads cannot be ended; the sandboxes end with this process
        stopped = True
        words = f"waiting for {', '.join(running) or 'nobody'}. Ctrl-C again does not wait"
        os.write(2, f"\nsecuredata: {printable(words)}\n".encode())

    def graded_unless_stopped(it: Submission) -> Graded | None:
        if stopped:
            return None
        running.append(it.student)
        one = graded(it, lessons, sandbox, who)
        running.remove(it.student)
        return one

    before = signal.signal(signal.SIGINT, note)
    pool = ThreadPoolExecutor(workers)
    try:
        tasks = [pool.submit(graded_unless_stopped, it) for it in submissions]
        for task in as_completed(tasks):
            if one := task.result():
                yield one
        if stopped:
            raise KeyboardInterrupt
    finally:
        pool.shutdown(cancel_futures=True)
        signal.signal(signal.SIGINT, before)


def counted(grades: list[Graded], best: bool = False) -> list[Graded]:
    """One try of each student and lesson, the last or the best one. Its marks name the others.

    Of two in one zip, it is the one nearer to the top. Of two files of the same minute, the last is
    the one with the higher name or number.

    >>> [one] = counted([Graded("ada", "02", "a-10.ipynb"), Graded("ada", "02", "a-9.ipynb")])
    >>> one.name, one.tries, one.marks
    ('a-10.ipynb', 2, ('another try, not counted: a-9.ipynb (0 correct)',))
    """
    tries: dict[tuple[str, str], list[Graded]] = {}
    for one in grades:  # what is of no lesson may be of any: it is nobody's other try
        tries.setdefault((one.student, one.lesson or f"/{one.name}"), []).append(one)
    found = []
    for them in tries.values():
        *others, last = sorted(
            them, key=lambda it: (best and it.points, -it.below, it.when, _natural(it))
        )
        said = [(tricks.DEEPER if it.below > last.below else tricks.OTHER_TRY, it) for it in others]
        marks = [f"{words}{it.name} ({it.points} correct)" for words, it in said]
        found.append(replace(last, marks=(*last.marks, *marks), tries=len(them)))
    return found


def _natural(one: Graded) -> list[tuple[str, int]]:
    """A file's name in the order of people: 9 comes before 10, and a.ipynb before a-1.ipynb."""
    stem = one.name.rpartition(".")[0]
    parts = re.findall(r"([^0-9]*)([0-9]{0,18})", stem)
    return [(text, int(number or 0)) for text, number in parts]


def graded(
    submission: Submission,
    lessons: list[Lesson],
    sandbox: Sandbox,
    class_list: ClassList | None = None,
) -> Graded:
    """Grade one notebook. Whatever goes wrong is said in its verdicts.

    >>> graded(Submission("ada", "a.ipynb", b"no notebook"), [], Sandbox(trust=True)).verdicts
    (Verdict(exercise='', state='not graded', words='it is no notebook: its text is no JSON. ...
    """
    one = _graded(submission, lessons, sandbox, class_list or ClassList())
    late, below = submission.late, submission.below
    return replace(one, id=submission.id, when=submission.when, late=late, below=below)


def _graded(
    submission: Submission, lessons: list[Lesson], sandbox: Sandbox, class_list: ClassList
) -> Graded:
    lesson: Lesson | None = None
    try:
        if submission.problem:
            raise FormatError(submission.problem)
        if is_vault := submission.name.endswith(VAULT):
            lesson = next((it for it in lessons if it.judges(VAULT)), None)
            cells = list(lesson.cells) if lesson else []  # as if nobody had worked in it
        else:
            cells = cells_of(submission.content)
            lesson = lesson_of(submission.name, cells, lessons)
        if lesson is None:
            raise FormatError("no exercise of a lesson is in it")
        if not is_vault:
            refuse_another_edition(lesson, edition_of(submission.content), cells)
        whole = merged(lesson, cells)
        session = _Session(lesson, whole, submission, sandbox)
        session.play()
        one = _with_name(
            session.graded(), name_in(cells), class_list.people.get(submission.student)
        )
        named = lesson_of(PurePosixPath(submission.name).name, [], lessons) or lesson
        marks = [tricks.ONLY_VAULT] if is_vault else []
        marks += [f"{tricks.OTHER_LESSON}{named.stem}"] if named is not lesson else []
        return replace(one, marks=(*one.marks, *marks))
    except Exception as error:  # a defect of the grader ends one notebook, not the class
        words = f"{type(error).__name__}: {error}. {causes.AGAIN}"
        if isinstance(error, FormatError):
            words = str(error) if "grade it with" in str(error) else f"{error}. {causes.ASK}"
        exercises = lesson.exercises if lesson else [""]
        verdicts = tuple(Verdict(it, UNGRADED, words) for it in exercises)
        return Graded(submission.student, lesson.stem if lesson else "", submission.name, verdicts)


def _with_name(one: Graded, said: str, expected: str | None) -> Graded:
    """Marked if the notebook names somebody else than the class list.

    >>> _with_name(Graded("ada", "02_aes_gcm", "a.ipynb"), said="bob", expected="ada").marks
    ('the set-up cell has another name: bob',)
    """
    if not said or expected is None or said == expected:
        return one
    return replace(one, marks=tuple(sorted((f"{tricks.OTHER_NAME}{said}", *one.marks))))


class _Session:
    """One notebook, started again and again until each exercise has its verdict."""

    def __init__(
        self,
        lesson: Lesson,
        whole: Merged,
        submission: Submission,
        sandbox: Sandbox,
    ) -> None:
        self._lesson, self._whole, self._submission = lesson, whole, submission
        self._sandbox = sandbox
        self._found: dict[str, Verdict] = {}
        self._skipped: set[int] = set()
        self._lost: dict[str, tuple[str, str]] = {}  # by exercise: why its cell was left out
        self._cause = ("", "")  # a mark and a sentence: why the process answered no more
        self._failed = ""  # why the grader, and not the notebook, came to no end

    def play(self) -> None:
        until = time.monotonic() + NOTEBOOK_SECONDS
        for _ in range(MOST_STARTS):
            left = until - time.monotonic()
            if left <= 0:
                return
            reports = self._start(left)
            for report in reports:
                if "exercise" in report:
                    self._take(report)
            if any("done" in it for it in reports) or not self._leave_out(reports):
                return

    def _start(self, seconds: float) -> list[dict[str, Any]]:
        limits = replace(STUDENT_LIMITS, seconds=seconds)
        judges_limits = replace(JUDGE_LIMITS, seconds=seconds + JUDGES_SECONDS)
        here, there = socket.socketpair()
        beside = self._submission.beside
        with working_folder(beside) as folder, working_folder() as judges, here, there:
            steps = tuple(self._whole.steps)
            task = Task(self._lesson.prelude, steps, tuple(sorted(self._skipped)))
            (judges / "task.json").write_text(task.to_json(), encoding="utf-8")
            with (
                self._sandbox.start(
                    self._command("student_process"), folder, limits, here
                ) as student,
                self._sandbox.start(
                    self._command("judge_process"), judges, judges_limits, there, is_first=True
                ) as judge,
            ):
                here.close()
                there.close()
                ended = judge.wait()
                reports = [*_reports(ended.stderr)]
                self._cause = causes.of_the_end(student.ended, str(reports[-1:]), student.busy)
        self._failed = _why_it_failed(ended, student, reports)
        return reports

    def _command(self, module: str) -> list[str]:
        variables = [f"{name}={value}" for name, value in ENVIRONMENT.items()]
        # The judge imports nothing from its folder: a vault of lesson 08 may write there.
        options = ["-I", "-c"] if module == "judge_process" else ["-c"]
        return ["env", *variables, sys.executable, *options, PROGRAM.format(module)]

    def _leave_out(self, reports: list[dict[str, Any]]) -> bool:
        """Leave out the step that came last. Whether it is of use to start again."""
        at = max((it["at"] for it in reports if "at" in it), default=None)
        if at is None or at in self._skipped:
            return False
        step, (mark, words) = self._whole.steps[at], self._cause
        self._skipped.add(at)
        if step.is_check:
            facts = (UNGRADED, self._failed) if self._failed else ("not yet", words, (mark,))
            self._found.setdefault(step.exercise, Verdict(step.exercise, *facts))
        elif self._failed:
            return False  # later cells may need this one
        else:
            self._lost[step.exercise] = mark, words
        self._skipped |= {
            n
            for n, it in enumerate(self._whole.steps)
            if it.is_check and it.exercise in self._found
        }
        return len(self._found) < len(self._lesson.exercises)

    def _take(self, report: dict[str, Any]) -> None:
        number, state = str(report["exercise"]), str(report["state"])
        words, cause = str(report["words"]), str(report.get("cause"))
        tried = {"own_equal": tricks.OWN_EQUAL, "reaches": tricks.REACHES}
        marks = [mark for fact, mark in tried.items() if report.get(fact)]
        if state != SOLVED:
            if cause.endswith(causes.MISSING):
                again = f"{causes.NEXT}grade again, --with {cause.split()[0]}"
                state, words = UNGRADED, f"{cause}. {again}"
            mark, words = self._lost.get(number, (cause, words))
            marks += [mark] if mark in causes.MARKS else []
        self._found[number] = Verdict(number, state, words, tuple(marks))

    def graded(self) -> Graded:
        """The verdicts, with the tricks that were tried."""
        for number in self._lesson.exercises:
            _, words = self._lost.get(number, ("", self._failed or BEFORE))
            self._found.setdefault(number, Verdict(number, UNGRADED, words))
            if names := self._whole.dropped_in(number):
                self._found[number] = _with_dropped(self._found[number], names)
        marks: dict[str, list[str]] = {}
        for number in self._whole.edited:
            marks.setdefault(number, []).append(tricks.EDITED)
        for number in self._whole.deleted:
            marks.setdefault(number, []).append(tricks.DELETED)
        whole = set[str]()
        for step in self._whole.steps:
            if step.is_students:
                for mark in tricks.in_source(step.source):
                    if step.exercise in self._found:
                        marks.setdefault(step.exercise, []).append(mark)
                    else:
                        whole.add(mark)
        states = {number: it.state for number, it in self._found.items()}
        for name, content in self._submission.beside.items():
            if name.startswith(".results-"):
                for number in tricks.in_results(content, states):
                    marks.setdefault(number, []).append(tricks.RESULTS_FILE)
        verdicts = tuple(
            replace(it, marks=tuple(dict.fromkeys((*it.marks, *marks.get(number, ())))))
            for number in self._lesson.exercises
            for it in [self._found[number]]
        )
        name, student = self._submission.name, self._submission.student
        answers = self._whole.answers
        return Graded(student, self._lesson.stem, name, verdicts, answers, tuple(sorted(whole)))


BEFORE = f"the notebook ended, or took too long, before this exercise. {causes.AGAIN}"
DROPPED = "was added to a cell of the kit: such a change is not run"


def _why_it_failed(judge: Outcome, student: Running, reports: list[dict[str, Any]]) -> str:
    """Why the judge came to no end; "" if it did, or if cells ended the notebook's process."""
    last = reports[-1] if reports else {}
    if "done" in last or "broken" in last:
        return ""
    if "absent" in last:
        why = _last_line(student.wait()) or last["absent"]
        return f"the notebook's process did not start: {why}. {causes.AGAIN}"
    printed = "" if reports else _last_line(judge)  # of Python or bubblewrap
    ended = judge.ended or printed or f"its return code is {judge.returncode}"
    return f"the judge failed: {last.get('failed', ended)}. {causes.AGAIN}"


def _last_line(outcome: Outcome) -> str:
    return outcome.stderr.decode(errors="replace").strip().rpartition("\n")[2]


def _with_dropped(verdict: Verdict, names: list[str]) -> Verdict:
    if verdict.points:
        return verdict
    words = "; ".join(filter(None, (verdict.words, f"{', '.join(names)} {DROPPED}")))
    return replace(verdict, words=words)


def _reports(printed: bytes) -> Iterator[dict[str, Any]]:
    for line in printed.splitlines():
        try:
            report = json.loads(line)
        except ValueError:
            continue
        if isinstance(report, dict):
            yield report


@contextmanager
def working_folder(beside: Mapping[str, bytes] | None = None) -> Iterator[Path]:
    """A folder of its own for a process, with the modules that lay beside a notebook.

    >>> with working_folder({"helper.py": b"x = 1", "notes.txt": b"no module"}) as folder:
    ...     [it.name for it in folder.iterdir()]
    ['helper.py']
    """
    folder = Path(tempfile.mkdtemp(prefix="securedata-"))
    try:
        for name, content in (beside or {}).items():
            if not name.startswith(".") and name.endswith(".py"):
                (folder / name).write_bytes(content)
        yield folder
    finally:
        remove(folder)
