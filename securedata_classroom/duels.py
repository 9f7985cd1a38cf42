"""The duels of a class: each attack against each patch, in two sandboxes.

    notebooks ── attacks ── student's process ═══ judge's process ── vault with one patch

Of a notebook only text is taken: `my_attack`, and the methods for my_vault.py. Both run in
sandboxes alone, as in grading.py.
"""

import ast
import json
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from textwrap import indent

from securedata.errors import FormatError
from securedata_classroom.grading import PROGRAM, working_folder
from securedata_classroom.judge_process import hide, put_vaults_apart
from securedata_classroom.line import BrokenLineError, SilentLineError
from securedata_classroom.notebook import cells_of
from securedata_classroom.remote import Judge
from securedata_classroom.sandbox import Limits, Sandbox
from securedata_classroom.sandbox import Outcome as Ended
from securedata_classroom.submissions import Submission
from securedata_lab.lesson08_break_it_fix_it.auditing.duel import (
    HELD,
    METHODS,
    NO_ATTACK,
    UNUSABLE,
    Outcome,
    played,
)
from securedata_lab.lesson08_break_it_fix_it.auditing.student_file import BEGINNING

UNPLAYED = "not played"
CELL_SECONDS, ATTACK_SECONDS = 5, 10  # of the processor's time
STUDENT_LIMITS = Limits(seconds=90, processor_seconds=30, memory_mib=1024, output_kib=64)
JUDGE_LIMITS = Limits(seconds=100, processor_seconds=90, memory_mib=2048, processes=64)
BEFORE = """import securedata_lab as lab
from securedata_lab.lesson08_break_it_fix_it.auditing.vault_to_fix import *
"""
# Functions cross between the two processes, and objects do not.
BEHIND = """
from securedata_lab.lesson08_break_it_fix_it.auditing.duel import what_is_given
def attack_of_a_duel(*given):
    return my_attack(what_is_given(*given))
"""


@dataclass(frozen=True)
class Attack:
    """An attack: at whose notebook it was written, by whom, and on which method.

    >>> print(Attack("bob", "ada", "nonce", "def my_attack(vault): ..."))
    ada, at bob's
    """

    at: str
    by: str
    method: str
    source: str

    def __str__(self) -> str:
        return f"{self.by or 'somebody'}, at {self.at}'s"


@dataclass(frozen=True)
class Patch:
    """Somebody's method, as my_vault.py has it, with the helpers that they wrote.

    >>> Patch("ada", "nonce", "x = 1").key == Patch("bob", "nonce", "x =  1  # one").key
    True
    """

    owner: str
    method: str
    source: str

    @property
    def key(self) -> str:
        """The same for patches that differ only in spaces and comments: one is played for all."""
        return ast.dump(ast.parse(self.source))


def attacks_in(submission: Submission) -> Iterator[Attack]:
    """The attacks in a notebook, each from the cell that defines `my_attack`.

    >>> cell = "def my_attack(vault): return 1\\nlab.duel(my_attack, 'a.py', 'nonce', by='ada')"
    >>> content = json.dumps({"nbformat": 4, "cells": [{"cell_type": "code", "source": cell}]})
    >>> [(it.by, it.method) for it in attacks_in(Submission("bob", "b.ipynb", content.encode()))]
    [('ada', 'nonce')]
    """
    for tree in _trees(submission):
        names = [it for it in tree.body if isinstance(it, ast.FunctionDef) and not _is_stub(it)]
        duels = [it for it in ast.walk(tree) if isinstance(it, ast.Call) and _called(it) == "duel"]
        if duels and any(it.name == "my_attack" for it in names):
            method = next((it for it in _texts(duels[-1].args) if it in METHODS), "")
            by = "".join(_texts(it.value for it in duels[-1].keywords if it.arg == "by"))
            kept = [it for it in tree.body if not _calls_duel(it)]
            if method:
                source = ast.unparse(ast.Module(kept, []))
                yield Attack(submission.student, by[:30], method, source)


def patches_in(submission: Submission) -> Iterator[Patch]:
    """The patches in a notebook; from the my_vault.py beside it, if no cell has one.

    >>> cell = "@lab.mend('my_vault.py')\\ndef nonce(self, receipt): return bytes(12)"
    >>> content = json.dumps({"nbformat": 4, "cells": [{"cell_type": "code", "source": cell}]})
    >>> [it.method for it in patches_in(Submission("bob", "b.ipynb", content.encode()))]
    ['nonce']
    """
    mended = dict[str, str]()
    for tree in _trees(submission):
        for it in tree.body:
            if isinstance(it, ast.FunctionDef) and not _is_stub(it) and _is_mended(it):
                it.decorator_list = []
                mended[it.name] = indent(ast.unparse(it), "    ")
    source = "\n".join([BEGINNING, *mended.values()])
    beside = submission.beside.get("my_vault.py")
    for method in METHODS:
        if method in mended:
            yield Patch(submission.student, method, source)
        elif beside is not None and f"def {method}(" in (text := beside.decode(errors="replace")):
            with suppress(SyntaxError, ValueError, RecursionError, MemoryError):
                ast.parse(text)
                yield Patch(submission.student, method, text)


def duel(attack: Attack, patch: Patch, sandbox: Sandbox) -> Outcome:
    """Play one attack on one patch. Whatever it does, it has an end.

    If it cannot start, it is UNPLAYED: it counts for neither side. The attack runs in another
    sandbox than the judge. So only the patch can end the judge, and then the patch is UNUSABLE.
    """
    task = {"attack": attack.source, "patch": patch.source, "method": patch.method}
    try:
        ended = _judges_end(task, sandbox)
    except OSError as error:
        return Outcome(UNPLAYED, f"it did not start: {error}")
    with suppress(ValueError, TypeError, KeyError):
        said = json.loads(ended.stderr.splitlines()[-1] if ended.stderr else b"")
        return Outcome(str(said["result"]), str(said["why"]))
    return Outcome(UNUSABLE, f"the judge came to no end: {ended.ended or 'it was ended'}")


def _judges_end(task: dict[str, str], sandbox: Sandbox) -> Ended:
    here, there = socket.socketpair()
    with here, there, working_folder() as folder, working_folder() as judges:
        (judges / "task.json").write_text(json.dumps(task), encoding="utf-8")
        with (
            sandbox.start(_command("student_process"), folder, STUDENT_LIMITS, here),
            sandbox.start(
                _command("duels", "-I"), judges, JUDGE_LIMITS, there, is_first=True
            ) as judge,
        ):
            here.close()
            there.close()
            return judge.wait()


def _command(module: str, *options: str) -> list[str]:
    return ["env", "SECUREDATA_RESULTS=off", sys.executable, *options, "-c", PROGRAM.format(module)]


def _trees(submission: Submission) -> Iterator[ast.Module]:
    try:
        cells = cells_of(submission.content)
    except FormatError:
        return
    for cell in cells:
        if cell.is_code:
            with suppress(SyntaxError, ValueError, RecursionError, MemoryError):
                yield ast.parse(cell.source)


def _called(call: ast.Call) -> str:
    return str(getattr(call.func, "attr", getattr(call.func, "id", "")))


def _texts(nodes: "Iterator[ast.expr] | list[ast.expr]") -> list[str]:
    values = (getattr(it, "value", None) for it in nodes)
    return [it for it in values if isinstance(it, str)]


def _calls_duel(statement: ast.stmt) -> bool:
    value = getattr(statement, "value", None)
    return isinstance(value, ast.Call) and _called(value) in ("duel", "check")


def _is_stub(function: ast.FunctionDef) -> bool:
    """Whether nothing but a docstring and `...` is in it."""
    *text, last = function.body
    return len(text) == bool(ast.get_docstring(function)) and _is_dots(last)


def _is_dots(statement: ast.stmt) -> bool:
    value = getattr(statement, "value", None)
    return isinstance(value, ast.Constant) and value.value is ...


def _is_mended(function: ast.FunctionDef) -> bool:
    calls = (it for it in function.decorator_list if isinstance(it, ast.Call))
    return any(_called(it) == "mend" and "my_vault.py" in _texts(it.args) for it in calls)


# The judge's process.


def _judged(task: dict[str, str], judge: Judge) -> Outcome:
    cell = f"{BEFORE}{task['attack']}\n{BEHIND}"
    if error := judge.run(cell, CELL_SECONDS, 4 * CELL_SECONDS):
        why = f"its cell raised {error.get('name')}: {error.get('text')}"
        return Outcome(NO_ATTACK, why[:200])
    judge.left = float(ATTACK_SECONDS)
    outcome = played(task["patch"], task["method"], judge.get("attack_of_a_duel"))
    if judge.line.broken:
        return Outcome(HELD, f"the attack's process: {judge.line.broken}")
    return outcome


def main() -> None:
    """Play the duel of this folder's task.json, and say on standard error how it ended.

    >>> import subprocess, tempfile
    >>> command = [sys.executable, "-c", PROGRAM.format("duels")]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "task.json").write_text('{"attack": ""}')
    ...     done = subprocess.run(command, cwd=folder, input=b"", capture_output=True)
    >>> json.loads(done.stderr)["why"]
    "the attack's process: it has ended"
    """
    hide()
    put_vaults_apart()
    reader, writer, report = (os.dup(stream) for stream in (0, 1, 2))
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    try:
        task = json.loads(Path("task.json").read_text("utf-8"))
        Path("task.json").unlink()
        outcome = _judged(task, Judge(reader, writer))
    except (BrokenLineError, SilentLineError) as error:
        outcome = Outcome(HELD, f"the attack's process: {error}")
    except BaseException as error:  # whatever it is, the class goes on
        # The attack's exceptions were caught before: this is about what the patch answered.
        outcome = Outcome(UNUSABLE, f"the judge failed at it: {type(error).__name__}")
    os.write(report, json.dumps({"result": outcome.result, "why": outcome.why}).encode("ascii"))
    os._exit(0)
