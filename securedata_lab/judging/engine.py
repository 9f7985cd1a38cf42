"""The check engine: one line for an exercise, whatever it is handed, and never an exception.

    1.2 not attempted yet
    1.2 correct: the keystream reads every text that it hid
    1.2 not yet: expected b'secret', got b'public'; that is text XOR text: you know one of them

A notebook shows the same as HTML. A check is a function that returns None if the answer is right.
Otherwise it says what was expected, what came, and which misconception probably made it.

The types in a check's head are guarded here, so no check does it again (typed_answers.py).
"""

import inspect
import io
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from types import MappingProxyType

import requests

from securedata.errors import UnavailableError
from securedata_lab.judging.attempts import (
    NotAttemptedError,
    UnjudgedError,
    compared,
    shown,
    this_attempt,
)
from securedata_lab.judging.calls import returned, shortcut
from securedata_lab.judging.interpreter import end, place_in_a_cell
from securedata_lab.judging.saved_results import (
    NOT_ATTEMPTED,
    SOLVED,
    SOLVED_BEFORE,
    Results,
    results_folder,
)
from securedata_lab.judging.typed_answers import typed_answers
from securedata_lab.judging.verdict_html import as_html

__all__ = [
    "NotAttemptedError",
    "check",
    "compared",
    "exercise",
    "judged",
    "part_by_part",
    "returned",
    "shown",
]

SECONDS = 10  # of the processor's time: a busy machine takes longer, and that is nobody's mistake
UNPLACED = "run your own code first to see where it comes from"
WAITING_SECONDS = 60  # on the clock, for an answer that waits and computes nothing
LINE_LENGTH = 240
MOST_OF_AN_ERROR = 100  # letters of what Python says
PRINTED_LINES = 10  # of an answer that prints each time a check calls it
# Points are even: half is for the sentence. So no cell of a table holds 2.5, which a spreadsheet in
# many countries reads as the second of May.
USUAL_POINTS = 2
OWN_WORDS = 'No check reads your answer to "In your own words": write it before you hand in.'


@dataclass(frozen=True)
class Exercise:
    """An exercise's check, and the sentence for those who got it right.

    A right answer may not call the functions of `ready_made`: the exercise is to write them.
    `errors` has what an exception's words mean here, instead of the line where it was raised.
    `in_parts`: the check itself says what is missing. `points`: what the exercise is worth, an even
    number; half of it is for the sentence.
    """

    number: str
    right: str
    judge: Callable[..., str | None]
    ready_made: tuple[str, ...] = ()
    errors: Mapping[str, str] = field(default_factory=dict)
    in_parts: bool = False
    points: int = USUAL_POINTS

    def wrong(self, *answers: object) -> str | None:
        """What is wrong with the answers, or None. It may raise what the answers raise.

        Raises:
            NotAttemptedError: the stub is still there.
            UnjudgedError: the answers cannot be judged, and why.
        """
        this_attempt().called = set() if self.ready_made else None
        typed = typed_answers(self.judge, self.number, answers, self.in_parts)
        wrong = self.judge(*typed)
        if wrong is not None and not isinstance(wrong, str):  # a False would pass for right
            raise TypeError(f"the check of {self.number} returned {wrong!r}: no sentence, no None")
        return wrong or shortcut(this_attempt().called or (), *self.ready_made)


EXERCISES: dict[str, Exercise] = {}


def exercise(
    number: str,
    right: str,
    *,
    points: int = USUAL_POINTS,
    ready_made: Iterable[str] = (),
    errors: Mapping[str, str] = MappingProxyType({}),
    in_parts: bool = False,
) -> Callable[[Callable[..., str | None]], Callable[..., str | None]]:
    """Register a function as the check of this exercise. The types in its head are guarded.

    Raises:
        TypeError: a parameter has no type.

    >>> @exercise("0.1", "one and one is two")
    ... def judge(my_sum: int) -> str | None:
    ...     return None if my_sum == 2 else f"expected 2, got {shown(my_sum)}; count again"
    >>> check("0.1", 2.0)
    0.1 not yet: expected an int, got 2.0; / makes a float, also of two ints: // makes an int
    >>> check("0.1", 2)
    0.1 correct: one and one is two
    """

    def register(judge: Callable[..., str | None]) -> Callable[..., str | None]:
        for name in inspect.signature(judge).parameters.keys() - judge.__annotations__:
            raise TypeError(f"{judge.__name__}({name}) has no type: say what an answer must be")
        EXERCISES[number] = Exercise(
            number, right, judge, tuple(ready_made), errors, in_parts, points
        )
        return judge

    return register


def part_by_part(judges: Mapping[str, Callable[[], str | None]]) -> str | None:
    """What is wrong with the first wrong part of an answer, or which part is next; it says too
    which are right. A judge raises NotAttemptedError if its part is still empty.

    >>> part_by_part({"r": lambda: None, "s": lambda: "expected 2, got 3; count again"})
    'expected 2, got 3; r: right. s: count again'

    Raises:
        NotAttemptedError: no part is right, and one is empty.
    """
    right, empty = list[str](), list[str]()
    for name, judge in judges.items():
        try:
            wrong = judge()
        except NotAttemptedError:
            this_attempt().met_stub = False  # the others may be no stubs
            empty.append(name)
            continue
        if wrong:
            return wrong.replace("; ", f"; {_said_right(right)}{name}: ", 1)
        right.append(name)
    if empty and not right:
        raise NotAttemptedError
    if empty:
        return f"expected your {empty[0]}, got ...; {_said_right(right)}Go on with {empty[0]}"
    return None


def _said_right(names: list[str]) -> str:
    return f"{' and '.join(names)}: right. " if names else ""


@dataclass(frozen=True)
class Verdict:
    """A state, words about it, and the byte strings that the words mention."""

    state: str
    words: str = ""
    values: dict[str, bytes] = field(default_factory=dict)


class Check:
    """`check("1.2", answer)` shows one verdict; `check.summary()` prints the table.

    A class, because it remembers what was solved.
    """

    def __init__(self, results: Results | None = None) -> None:
        self._results = results or Results(results_folder() if _in_notebook() else None)

    def __call__(self, number: str, *answers: object) -> None:
        """Judge the answers to an exercise, and show the verdict. It never raises.

        >>> check("0.0", 42)
        0.0 is no exercise of this kit: take the one that the notebook came with
        """
        if not isinstance(number, str):
            print(f'write the number of the exercise in quotes: check("{number}", …)')
        elif number not in EXERCISES:
            print(f"{number} is no exercise of this kit: take the one that the notebook came with")
        else:
            with redirect_stdout(_FirstLines()) as printed:
                verdict = judged(number, answers)
            printed.show()
            before = self._results.state(number) == SOLVED and verdict.state != SOLVED
            if before and verdict.state == NOT_ATTEMPTED:
                verdict, before = Verdict(SOLVED_BEFORE), False
            _show(number, verdict, before)
            self._note(number, verdict.state)

    def summary(self, lesson: int | None = None) -> None:
        """Print the state of every exercise of a lesson, or of all that were checked.

        Of a lesson, it says too if a mark comes from an earlier kernel's file. Nothing here reads
        the answer below "In your own words": the last line reminds of it.
        """
        in_order = sorted(EXERCISES, key=lambda number: [*map(int, number.split("."))])
        states = {number: self._results.state(number) for number in in_order}
        if lesson is None:
            numbers = [number for number, state in states.items() if state]
        else:
            numbers = [number for number in states if number.startswith(f"{lesson}.")]
        for number in numbers:
            print(f"{number}  {states[number] or NOT_ATTEMPTED}")
        print(f"{sum(states[it] == SOLVED for it in numbers)} of {len(numbers)} correct")
        if lesson is None:
            return
        if file := self._results.loaded(numbers):
            print(f"Some were solved earlier ({file}). Delete it and restart to begin again.")
        print(OWN_WORDS)

    def _note(self, number: str, state: str) -> None:
        try:
            self._results.note(number, state)
        except OSError:
            print("This folder cannot be written to: results are kept until the kernel ends.")


class _FirstLines(io.StringIO):
    """What an answer prints: the first lines of it. A check may call a function 3,000 times."""

    _lines = 0

    def write(self, text: str) -> int:
        if self._lines < PRINTED_LINES:
            super().write(text)
        self._lines += text.count("\n")
        return len(text)

    def show(self) -> None:
        print(self.getvalue(), end="")
        if self._lines > PRINTED_LINES:
            print(f"… {self._lines - PRINTED_LINES} more lines printed")


def _in_notebook() -> bool:
    """Whether a kernel runs this, and somebody can see HTML."""
    ipython = sys.modules.get("IPython")
    return ipython is not None and hasattr(ipython.get_ipython(), "kernel")


def _show(number: str, verdict: Verdict, solved_before: bool) -> None:
    before = "solved before; this attempt: " if solved_before else ""
    words = f": {verdict.words}" if verdict.words else ""
    line = " ".join(f"{number} {before}{verdict.state}{words}".splitlines())
    line = line if len(line) <= LINE_LENGTH else line[: LINE_LENGTH - 1] + "…"
    if not _in_notebook():
        print(line)
        return
    from IPython.display import display

    html = as_html(number, verdict.state, verdict.words, solved_before, verdict.values)
    display({"text/html": html, "text/plain": line}, raw=True)  # type: ignore[no-untyped-call]


check = Check()


def judged(number: str, answers: tuple[object, ...], patience: int = 1) -> Verdict:
    """The verdict on the answers to an exercise; nothing is shown or kept.

    It is found in a thread of its own that can be given up. With more patience it may take a
    multiple of the time, for answers that come from another process.

    >>> judged("7.6", ({"A": "TLS"},)).state
    'not yet'
    """
    exercise, result = EXERCISES[number], list[Verdict]()
    thread = threading.Thread(
        target=lambda: result.append(_always_a_verdict(exercise, answers)),
        daemon=True,
        name=f"check {number}",
    )
    started, computed = time.monotonic(), time.process_time()
    thread.start()
    try:
        while thread.is_alive():
            thread.join(0.1)
            if time.process_time() - computed > SECONDS * patience:
                return Verdict(
                    "not yet",
                    f"expected an answer after {SECONDS} s of processor time, got none; "
                    "is there an endless loop?",
                )
            if time.monotonic() - started > WAITING_SECONDS * patience:
                return Verdict(
                    "not yet",
                    f"expected an answer within {WAITING_SECONDS} s, got none; "
                    "for what does it wait?",
                )
        return result[0]
    finally:
        if thread.is_alive():
            threading.Thread(target=_end, args=(thread,), daemon=True).start()


def _end(thread: threading.Thread) -> None:
    """End it, also where an `except:` in a loop has caught the first SystemExit, or many."""
    end(thread)
    thread.join(1)  # what is open in it is closed
    while thread.is_alive():
        end(thread)
        thread.join(0.01)


def _verdict(exercise: Exercise, answers: tuple[object, ...]) -> Verdict:
    try:
        wrong = exercise.wrong(*answers)
    except NotAttemptedError:
        return Verdict(NOT_ATTEMPTED)
    except UnjudgedError as error:
        wrong = str(error)
    except (requests.ConnectionError, ConnectionRefusedError, UnavailableError):
        wrong = (
            "expected a running server, got no answer; "
            "run the server cell again, the one below the set-up cell, then this one"
        )
    except BaseException as error:  # a student's code may raise anything, also SystemExit
        raised = f"{type(error).__name__}: {error}".removesuffix(": ")[:MOST_OF_AN_ERROR]
        meant = [why for words, why in exercise.errors.items() if words in raised]
        wrong = f"expected an answer, got {raised}; {(meant or [_place(error)])[0]}"
    if wrong and this_attempt().met_stub:
        return Verdict(NOT_ATTEMPTED)
    if wrong:
        return Verdict("not yet", wrong, this_attempt().values)
    return Verdict(SOLVED, exercise.right)


def _always_a_verdict(exercise: Exercise, answers: tuple[object, ...]) -> Verdict:
    """`_verdict`; also if an exception cannot say what it is, or where it was raised.

    A loop that is ended may be between two lines. What is not caught here would be printed.
    """
    try:
        return _verdict(exercise, answers)
    except BaseException as error:
        wrong = f"expected an answer, got {type(error).__name__}; {UNPLACED}"
        return Verdict("not yet", wrong)


def _place(error: BaseException) -> str:
    """Where in the student's own code it happened: the last line that is not the kit's."""
    place = place_in_a_cell(error)
    return f"look at line {place[1]} of {place[0]}" if place else UNPLACED
