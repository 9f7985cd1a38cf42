"""The judge's process: it has the cells run in the student's process, and reaches the verdicts.

It is started in a folder of its own with the file `task.json`. Standard input leads to the
student's process. Reports go to standard error, a line of JSON each. The kit's checks and
servers run here, where no cell of a student has ever been. A vault of lesson 08 runs in processes
of its own, in the same sandbox.
"""

import ast
import json
import os
import re
import signal
import socket
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from securedata_classroom import causes
from securedata_classroom.line import BrokenLineError, SilentLineError
from securedata_classroom.remote import Judge
from securedata_classroom.sandbox import inner_sandbox
from securedata_classroom.submissions import VAULT
from securedata_lab.judging.engine import SECONDS, judged
from securedata_lab.judging.saved_results import NOT_ATTEMPTED, SOLVED
from securedata_lab.lesson08_break_it_fix_it.auditing import vault_process
from securedata_lab.lesson08_break_it_fix_it.auditing.reach import reach_of
from securedata_lab.servers import keeper
from securedata_lab.servers.hidden import hide_memory

CELL_SECONDS = 20  # of the processor's time
CELL_WALL_SECONDS = 120
MOST_LETTERS = 600
PATIENCE = 10  # the student's own time has limits of its own
WRONG = "not yet"


@dataclass(frozen=True)
class Step:
    """A cell to run, or an exercise to judge by the arguments of its check."""

    source: str
    exercise: str = ""  # whose cell it is; "" for all others
    arguments: tuple[str, ...] = ()  # of the check, as they stand in the original
    is_check: bool = False
    is_students: bool = False


@dataclass(frozen=True)
class Task:
    """What to do, in order. `prelude` are the original's set-up and server cells."""

    prelude: tuple[str, ...]
    steps: tuple[Step, ...]
    skipped: tuple[int, ...] = ()  # steps that never ended, or that were done before

    def to_json(self) -> str:
        """The task as JSON.

        >>> Task.from_json(Task(("1",), (Step("2", "2.1", ("my_x",), True),)).to_json()).steps
        (Step(source='2', exercise='2.1', arguments=('my_x',), is_check=True, is_students=False),)
        """
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Task":
        """The task of what `to_json` made."""
        raw = json.loads(text)
        steps = (Step(**it | {"arguments": tuple(it["arguments"])}) for it in raw["steps"])
        return cls(tuple(raw["prelude"]), tuple(steps), tuple(raw["skipped"]))


class _Session:
    """One notebook, from its first cell to its last exercise."""

    def __init__(self, task: Task, judge: Judge, report: int) -> None:
        self._task, self._judge, self._report = task, judge, report
        self._errors: dict[str, str] = {}  # of cells, by exercise
        self._causes: dict[str, str] = {}  # likewise
        self._names: dict[str, Any] = {"__name__": "judge"}
        self._reaches = False  # whether the vault of this exercise reaches for the interpreter

    def play(self) -> None:
        """Go through the steps, and report. It ends early if the student's process does."""
        for source in self._task.prelude:
            exec(compile(source, "original", "exec"), self._names)  # noqa: S102  # the kit's own
        try:
            self._judge.run("", CELL_SECONDS, CELL_WALL_SECONDS)  # no cell: is it there at all?
        except (BrokenLineError, SilentLineError) as error:
            self._say(absent=str(error))
            return
        for number, step in enumerate(self._task.steps):
            if number in self._task.skipped:
                continue
            self._say(at=number)
            try:
                self._do(step)
            except (BrokenLineError, SilentLineError) as error:
                self._say(broken=str(error), late=isinstance(error, SilentLineError))
                return
            if self._judge.line.broken:
                self._say(broken=self._judge.line.broken)
                return
        self._say(done=True)

    def _do(self, step: Step) -> None:
        if step.is_check:
            self._judge_exercise(step)
            return
        error = self._judge.run(step.source, CELL_SECONDS, CELL_WALL_SECONDS)
        if error and step.is_students:
            words = f"{error.get('name')}: {error.get('text')}".partition("\n")[0]
            words = causes.SENTENCES.get(self._judge.cause, words)
            self._errors[step.exercise] = re.sub(r"\(<ipython[^,]*, ", "(", words)[:200]
            self._causes[step.exercise] = self._judge.cause

    def _judge_exercise(self, step: Step) -> None:
        self._judge.left, self._judge.own_equal, self._reaches = float(SECONDS), False, False
        self._judge.cause = self._causes.get(step.exercise, "")
        try:
            answers = tuple(self._argument(it) for it in step.arguments)
        except NameError as error:
            why = self._errors.get(step.exercise, "was it renamed, or its cell deleted?")
            words = f"expected {error}, got nothing of this name; {why}"
            self._say_of(step, WRONG, words)
            return
        verdict = judged(step.exercise, answers, PATIENCE)
        self._judge.line.give_up()
        words = verdict.words
        if self._judge.line.broken and verdict.state != SOLVED:
            return  # whoever reads the reports knows why it broke
        if verdict.state == NOT_ATTEMPTED and step.exercise in self._errors:
            words = f"expected an answer, got an error; {self._errors[step.exercise]}"
        state = WRONG if words and verdict.state != SOLVED else verdict.state
        self._say_of(step, state, words)

    def _argument(self, source: str) -> Any:
        """What the check is handed: the student's thing, or ours, such as a running twin."""
        node = ast.parse(source, mode="eval").body
        if isinstance(node, ast.Name) and node.id not in self._names:
            return self._judge.get(node.id)
        value = eval(source, self._names)  # noqa: S307  # it stands in the original
        if isinstance(value, str) and value.endswith(".py"):
            self._take_over(Path(value).name)
        return value

    def _take_over(self, name: str) -> None:
        content = self._judge.file(name)
        if content is not None:
            Path(name).write_bytes(content)
            reach = reach_of(content.decode(errors="replace"))
            self._reaches = name == VAULT and reach is not None

    def _say_of(self, step: Step, state: str, words: str) -> None:
        tried = {"own_equal": self._judge.own_equal, "reaches": self._reaches}
        facts = {"state": state, "words": words, "cause": self._judge.cause}
        self._say(exercise=step.exercise, **tried, **facts)

    def _say(self, **facts: object) -> None:
        short = {key: it[:MOST_LETTERS] if isinstance(it, str) else it for key, it in facts.items()}
        os.write(self._report, json.dumps(short).encode("ascii") + b"\n")


def hide() -> None:
    """No other process may look into this one, write where it writes, or end it (Linux).

    It holds if no other process has the same sockets: so this one must be the first of its sandbox.
    The system spares a first process all signals but those that it listens to: Python's is SIGINT.

    >>> import subprocess, sys
    >>> program = "from securedata_classroom.judge_process import hide; hide()"
    >>> subprocess.run([sys.executable, "-c", program]).returncode
    0
    """
    hide_memory()
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def put_vaults_apart() -> None:
    """From now on, a vault runs in a sandbox inside this one, if this process is the first of one.

    >>> put_vaults_apart()
    >>> vault_process.AROUND
    []
    """
    if os.getpid() == 1:
        vault_process.AROUND = inner_sandbox()


def main() -> None:
    """Play the task of this folder, and report on standard error, where no other process writes.

    >>> import subprocess, sys, tempfile
    >>> program = "from securedata_classroom.judge_process import main; main()"
    >>> command = [sys.executable, "-c", program]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "task.json").write_text(Task((), ()).to_json())
    ...     here, there = socket.socketpair()
    ...     here.close()
    ...     done = subprocess.run(command, cwd=folder, stdin=there, stderr=subprocess.PIPE)
    ...     there.close()
    >>> json.loads(done.stderr)
    {'absent': 'it has ended'}
    """
    hide()
    put_vaults_apart()
    keeper.beside = False  # no student's code runs in this process
    other, report = socket.socket(fileno=os.dup(0)), os.dup(2)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    try:
        task = Task.from_json(Path("task.json").read_text("utf-8"))
        Path("task.json").unlink()  # a vault of lesson 08 runs here, and it names the class
        _Session(task, Judge(other), report).play()
    except Exception as error:  # whatever it is, the class goes on
        os.write(report, json.dumps({"failed": f"{type(error).__name__}: {error}"}).encode())
    os._exit(0)  # a check that was given up may still wait in its thread
