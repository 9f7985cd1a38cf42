"""Every trick with Python's interpreter that a check needs, each with its reason.

A check judges code that somebody else wrote. It has to end a loop, and to know what a function
calls, reads and returns: the language has no usual way to ask. Nothing else in judging/, and no
check, touches ctypes, bytecode, frames, or the hooks for profilers and debuggers; a test looks.
Nothing here knows an exercise.
"""

import ctypes
import dis
import functools
import inspect
import os
import random
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from types import CodeType, FrameType, FunctionType
from typing import Any, TypeVar
from unittest.mock import patch

T = TypeVar("T")
Json = dict[str, Any]
FACTS: dict[str, Callable[[Any], Any]] = {}
PLACE = "place in a cell"  # an attribute of an exception
LINES = 1_000_000  # of Python, more than any check allows


def fact(question: Callable[[Any], T]) -> Callable[[Any], T]:
    """A question that a check asks of a function. One of another process brings its answers along.

    >>> from types import SimpleNamespace
    >>> is_stub(SimpleNamespace(facts={"is_stub": True}))
    True
    """
    FACTS[question.__name__] = question

    @functools.wraps(question)
    def asked(function: Any) -> T:
        facts = getattr(function, "facts", None)
        return question(function) if facts is None else facts[question.__name__]

    return asked


def facts_of(function: object) -> Json:
    """The answers to all of these questions, to be sent with a function.

    >>> facts_of(len)["is_stub"]
    False
    """
    return {name: question(function) for name, question in FACTS.items()}


@dataclass
class Steps:
    """How many lines of Python ran, how many may, and what is raised then."""

    most: int
    error: BaseException
    count: int = 0

    def add(self, lines: int) -> None:
        """Count some more.

        >>> Steps(5, TimeoutError()).add(3)
        """
        self.count += lines
        if self.count > self.most:
            raise self.error


class _Watching(threading.local):
    """What the check of this thread watches now: calls, steps, and whether time stands still."""

    called: set[str] | None = None
    steps: Steps | None = None
    now: int | None = None


_watching = _Watching()


@contextmanager
def _set(**values: object) -> Iterator[None]:
    before = {name: getattr(_watching, name) for name in values}
    vars(_watching).update(values)
    try:
        yield
    finally:
        vars(_watching).update(before)


def end(thread: threading.Thread) -> None:
    """Raise SystemExit in another thread, between two of its steps.

    Why: an endless loop in an answer would slow down every cell that follows, and a thread cannot
    be stopped. C API: PyThreadState_SetAsyncExc.

    >>> end(threading.Thread())
    """
    ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(thread.ident or 0), ctypes.py_object(SystemExit)
    )


@contextmanager
def watched() -> Iterator[set[str]]:
    """The full names of all functions that this thread calls inside the block.

    Why: an exercise is to be written, and a ready-made function has many other names. The hook is
    that of profilers. Of functions written in C it notes only the module random's, and
    os.urandom, to which all that is drawn from the system leads.

    >>> from securedata_lab.basics.bits import xor
    >>> other_name = xor
    >>> with watched() as called:
    ...     result = other_name(b"1", b"2"), random.random()
    >>> "securedata_lab.basics.bits.xor" in called, "random.Random" in called
    (True, True)
    """
    called = set[str]()

    def note(frame: FrameType, event: str, argument: Any) -> None:
        if event == "call":
            called.add(f"{frame.f_globals.get('__name__')}.{frame.f_code.co_name}")
        elif event == "c_call":
            if argument is os.urandom:
                called.add("os.urandom")
            owner = getattr(argument, "__self__", None)
            if isinstance(owner, random.Random) and not isinstance(owner, random.SystemRandom):
                called.add("random.Random")

    before = sys.getprofile()
    with _set(called=called):
        sys.setprofile(note)
        try:
            yield called
        finally:
            sys.setprofile(before)


@contextmanager
def at_most_steps(most: int, error: BaseException) -> Iterator[Steps]:
    """Raise this error after so many lines of Python.

    Why: no search ends with numbers of 256 bits, and lines are the same on each machine, as seconds
    are not. The hook is that of debuggers.

    >>> with at_most_steps(10, TimeoutError()):
    ...     sum(number for number in range(100))
    Traceback (most recent call last):
        ...
    TimeoutError
    """
    steps = Steps(most, error)

    def traced(frame: FrameType, event: str, argument: object) -> Any:
        steps.add(1)
        return traced

    before = sys.gettrace()
    with _set(steps=steps):
        sys.settrace(traced)
        try:
            yield steps
        finally:
            sys.settrace(before)


@contextmanager
def stopped_clock(now: int = 0) -> Iterator[int]:
    """The clock stands still in the block: what it gives twice, a clock gave.

    >>> with stopped_clock() as now:
    ...     time.time_ns() == now
    True
    """
    now = now or time.time_ns()
    with patch("time.time_ns", lambda: now), patch("time.time", lambda: now / 1e9), _set(now=now):
        yield now


def called_elsewhere(ask: Callable[[Json], Json]) -> Json:
    """What a call in another process answers; what was watched there counts here.

    Why: a hook hears nothing of another process, and should hear nothing of the line to it.

    >>> with watched() as called:
    ...     called_elsewhere(lambda asked: {"called": ["a"], "steps": 0})["steps"], "a" in called
    (0, True)
    """
    called, steps = _watching.called, _watching.steps
    asked = {"watch": called is not None, "steps": steps and steps.most - steps.count}
    profile, trace = sys.getprofile(), sys.gettrace()
    sys.setprofile(None)
    sys.settrace(None)
    try:
        answer = ask(asked | {"now": _watching.now})
        if called is not None:
            called.update(map(str, answer.get("called", ())))
        if steps is not None:
            steps.add(int(answer.get("steps", 0)))
    finally:
        sys.setprofile(profile)
        sys.settrace(trace)
    return answer


@contextmanager
def watched_for(asked: Json, answer: Json, error: BaseException) -> Iterator[None]:
    """The other side of `called_elsewhere`: watch what is asked for, and put it into the answer.

    >>> answer = {}
    >>> with watched_for({"watch": True, "steps": None, "now": None}, answer, TimeoutError()):
    ...     x = random.random()
    >>> "random.Random" in answer["called"]
    True
    """
    called, steps = set[str](), Steps(LINES, error)
    with ExitStack() as stack:
        if asked["now"] is not None:
            stack.enter_context(stopped_clock(asked["now"]))
        if asked["watch"]:
            called = stack.enter_context(watched())
        if asked["steps"] is not None:
            steps = stack.enter_context(at_most_steps(asked["steps"], error))
        try:
            yield
        finally:
            answer |= {"called": sorted(called), "steps": steps.count}


@fact
def is_stub(function: object) -> bool:
    """Whether nothing but `...` stands in a function: it is compiled to the same as this one's.

    Why: a stub that is run as it stands is no attempt, and gets no hint.

    >>> is_stub(lambda a, b: None), is_stub(lambda a, b: print(a))
    (True, False)
    """

    def stub() -> None: ...

    code = _code(function)
    return code is not None and code.co_code == stub.__code__.co_code


@fact
def returns_a_value(function: object) -> bool:
    """Whether a function has a `return` with something behind it.

    Why: None may mean that a search found nothing, or that the last line is missing.

    >>> returns_a_value(lambda a: a), returns_a_value(lambda a: None)
    (True, False)
    """
    steps = [*_steps(function)]
    values = [step for step in steps if step.opname == "RETURN_CONST"]  # Python 3.12 and 3.13
    values += [before for before, step in pairwise(steps) if step.opname == "RETURN_VALUE"]
    return any("CONST" not in step.opname or step.argval is not None for step in values)


@fact
def names_in(function: object) -> set[str]:
    """The names of globals and attributes in a function, and in those that it defines.

    Why: of a library in C or Rust only the name tells that it was called.

    >>> sorted(names_in(lambda a: len(a.real)))
    ['len', 'real']
    >>> names_in("no function")
    set()
    """
    code = _code(function)
    return set() if code is None else _names(code)


@fact
def globals_read(function: object) -> set[str]:
    """The global variables that a function reads.

    Why: a function with the value of another cell is right by chance.

    >>> globals_read(lambda h: h.real + r)
    {'r'}
    """
    return {step.argval for step in _steps(function) if step.opname == "LOAD_GLOBAL"}


@fact
def globals_known(function: Any) -> set[str]:
    """Of the names in a function, those that its module defines.

    >>> "Steps" in globals_known(at_most_steps.__wrapped__), globals_known(len)
    (True, set())
    """
    return names_in(function) & globals_of(function).keys()


@fact
def takes(function: Any) -> tuple[str, int, int] | None:
    """Its first line, and how many arguments it takes: at least, and at most. None if unknown.

    >>> takes(lambda a, b=1: a)
    ('<lambda>(a, b=1)', 1, 2)
    """
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # a function that is written in C may have none
        return None
    parameters = [*signature.parameters.values()]
    positional = [it for it in parameters if it.kind < it.VAR_POSITIONAL]
    most = LINES if any(it.kind == it.VAR_POSITIONAL for it in parameters) else len(positional)
    least = sum(it.default is it.empty for it in positional)
    if any(it.kind == it.KEYWORD_ONLY and it.default is it.empty for it in parameters):
        most = -1  # no call of a check names an argument
    return f"{getattr(function, '__name__', 'a function')}{signature}", least, most


def globals_of(function: object) -> Mapping[str, Any]:
    """The global variables where a function was written; empty if it is written in C.

    Why: a class may say that its module is the kit's. Where its == was written is harder to forge.

    >>> globals_of(globals_of)["__name__"], len(globals_of(len))
    ('securedata_lab.judging.interpreter', 0)
    """
    found: Mapping[str, Any] = getattr(function, "__globals__", {})
    return found


def with_globals(function: Any, changed: Mapping[str, Any]) -> Any:
    """A copy of a function that sees these values of its global variables.

    Why: a check hands over numbers that refuse a power which would freeze the kernel, also where an
    answer takes them from another cell. What is not written in Python stays as it is.

    >>> with_globals(lambda: SIZE, {"SIZE": 5})()
    5
    """
    if not isinstance(function, FunctionType):
        return function
    copy = FunctionType(
        function.__code__,
        {**function.__globals__, **changed},
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    copy.__kwdefaults__ = function.__kwdefaults__
    return copy


def place_in_a_cell(error: BaseException) -> tuple[str, int] | None:
    """The function and its line where an exception left the notebook's own code, if it did.

    Why: a traceback through the kit's lines tells a student nothing. A notebook's cells are the
    module __main__.

    >>> place_in_a_cell(ValueError("raised nowhere"))
    """
    if PLACE in vars(error):  # of another process
        return vars(error)[PLACE]  # type: ignore[no-any-return]
    own = [
        (frame.f_code.co_name, line - frame.f_code.co_firstlineno + 1)
        for frame, line in traceback.walk_tb(error.__traceback__)
        if frame.f_globals.get("__name__") == "__main__"
    ]
    named = [it for it in own if not it[0].endswith(("expr>", "comp>"))]  # of all(… for … in …)
    return (named or own)[-1] if own else None


def _code(function: object) -> CodeType | None:
    code = getattr(getattr(function, "__func__", function), "__code__", None)
    return code if isinstance(code, CodeType) else None


def _steps(function: object) -> Iterator[dis.Instruction]:
    code = _code(function)
    return iter(()) if code is None else dis.get_instructions(code)


def _names(code: CodeType) -> set[str]:
    inner = [_names(it) for it in code.co_consts if isinstance(it, CodeType)]
    return set(code.co_names).union(*inner)
