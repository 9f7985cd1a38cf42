"""The check engine: one line for an exercise, whatever it is handed, and never an exception.

    1.2 not attempted yet
    1.2 correct: the keystream reads every text that it hid
    1.2 not yet: expected b'secret', got b'7e2a…'; that is text XOR text: you know one of them

A check is a function that returns None if the answer is right, and otherwise says what was
expected, what came, and which misconception probably made it. The lessons' checks are in checks/.
"""

import ctypes
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from types import EllipsisType, FrameType
from typing import Any

import requests

SECONDS = 10
LINE_LENGTH = 240


class NotAttemptedError(Exception):
    """The stub is still there: an answer, or what a function returned, is None or `...`."""


class NothingReturnedError(Exception):
    """The stub is gone, and yet the function returned None."""


@dataclass(frozen=True)
class Exercise:
    """An exercise's check, and the sentence for those who got it right."""

    right: str
    judge: Callable[..., str | None]


EXERCISES: dict[str, Exercise] = {}


def exercise(
    number: str, right: str
) -> Callable[[Callable[..., str | None]], Callable[..., str | None]]:
    """Register a function as the check of this exercise.

    >>> @exercise("0.1", "one and one is two")
    ... def judge(answer):
    ...     return None if given(answer) == 2 else f"expected 2, got {shown(answer)}; count again"
    >>> check("0.1", 2)
    0.1 correct: one and one is two
    """

    def register(judge: Callable[..., str | None]) -> Callable[..., str | None]:
        EXERCISES[number] = Exercise(right, judge)
        return judge

    return register


class Check:
    """`check("1.2", answer)` prints one line; `check.summary()` prints the table.

    A class, because it remembers what was solved.
    """

    def __init__(self) -> None:
        self._states: dict[str, str] = {}

    def __call__(self, number: str, *answers: object) -> None:
        """Judge the answers to an exercise, and print one line. It never raises.

        >>> check("0.0", 42)
        0.0 is not an exercise of this kit
        """
        if number not in EXERCISES:
            print(f"{number} is not an exercise of this kit")
            return
        state, words = _judged(number, answers)
        self._states[number] = state
        line = f"{number} {state}{': ' if words else ''}{words}"
        print(" ".join(line.split())[:LINE_LENGTH])

    def summary(self, lesson: int | None = None) -> None:
        """Print the state of every exercise of a lesson, or of all that were checked."""
        numbers = [
            number
            for number in sorted(EXERCISES)
            if (number in self._states if lesson is None else number.startswith(f"{lesson}."))
        ]
        for number in numbers:
            print(f"{number}  {self._states.get(number, 'not checked yet')}")
        solved = sum(self._states.get(number) == "correct" for number in numbers)
        print(f"{solved} of {len(numbers)} correct")


check = Check()


def given(answer: Any) -> Any:
    """The answer itself, unless the stub is still there.

    >>> given(...)
    Traceback (most recent call last):
        ...
    securedata.lab.checking.NotAttemptedError
    """
    if answer is None or isinstance(answer, EllipsisType):
        raise NotAttemptedError
    return answer


def returned(function: Any, *arguments: Any) -> Any:
    """What a student's function returns; its None is no attempt only while it is the stub.

    >>> returned(pow, 2, 3)
    8
    >>> returned([].append, 5)
    Traceback (most recent call last):
        ...
    securedata.lab.checking.NothingReturnedError: expected an answer, got None for (5,); ...
    """
    answer = given(function)(*arguments)
    if answer is None and not is_stub(function):
        raise NothingReturnedError(
            f"expected an answer, got None for {shown(arguments)}; "
            "every path must end in return, and print returns nothing"
        )
    return given(answer)


def is_stub(function: object) -> bool:
    """Whether nothing but `...` stands in a function: it is compiled to the same as this one's.

    >>> is_stub(lambda a, b: None), is_stub(lambda a, b: print(a))
    (True, False)
    """

    def stub() -> None: ...

    code = getattr(function, "__code__", None)
    return code is not None and code.co_code == stub.__code__.co_code


def shown(value: object) -> str:
    """A value as it may stand in a line: short, whatever it is.

    >>> shown("a" * 100)
    "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…"
    """
    try:
        text = repr(value)
    except Exception as error:
        text = f"something whose repr raises {type(error).__name__}"
    return text if len(text) <= 40 else text[:39] + "…"


def _judged(number: str, answers: tuple[object, ...]) -> tuple[str, str]:
    """The state and the words, found in a thread of its own that can be given up."""
    exercise, result = EXERCISES[number], list[tuple[str, str]]()

    def judge() -> None:
        try:
            wrong = exercise.judge(*answers)
            result.append(("not yet", wrong) if wrong else ("correct", exercise.right))
        except NotAttemptedError:
            result.append(("not attempted yet", ""))
        except NothingReturnedError as error:
            result.append(("not yet", str(error)))
        except requests.ConnectionError:
            words = "expected a running server, got no answer; run the cell that starts it again"
            result.append(("not yet", words))
        except BaseException as error:  # a student's code may raise anything, also SystemExit
            words = f"expected an answer, got {type(error).__name__}: {error}"
            result.append(("not yet", f"{words}; {_place(error)}"))

    thread = threading.Thread(target=judge, daemon=True, name=f"check {number}")
    thread.start()
    thread.join(SECONDS)
    if not result:
        _give_up(thread)
        return (
            "not yet",
            f"expected an answer within {SECONDS} s, got none; is there an endless loop?",
        )
    return result[0]


def _place(error: BaseException) -> str:
    """Where in the student's own code it happened: the last line that is not the kit's."""
    own = [
        (frame, line) for frame, line in traceback.walk_tb(error.__traceback__) if _is_own(frame)
    ]
    if not own:
        return "run your own code first to see where it comes from"
    frame, line = own[-1]
    return f"look at line {line - frame.f_code.co_firstlineno + 1} of {frame.f_code.co_name}"


def _is_own(frame: FrameType) -> bool:
    # A notebook's cells are the module __main__.
    return frame.f_globals.get("__name__") == "__main__"


def _give_up(thread: threading.Thread) -> None:
    # An endless loop would slow down every cell that follows: raise SystemExit in its thread.
    ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(thread.ident or 0), ctypes.py_object(SystemExit)
    )
