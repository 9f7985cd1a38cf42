"""Every trick with Python's interpreter that a check needs, each with its reason.

A check judges code that somebody else wrote. It has to end a loop, and to know what a function
calls, reads and returns: the language has no usual way to ask. Nothing else in judging/, and no
check, touches ctypes, bytecode, frames, or the hooks for profilers and debuggers; a test looks.
Nothing here knows an exercise.
"""

import ctypes
import dis
import os
import random
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import pairwise
from types import CodeType, FrameType, FunctionType
from typing import Any


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
    sys.setprofile(note)
    try:
        yield called
    finally:
        sys.setprofile(before)


@contextmanager
def at_most_steps(most: int, error: BaseException, steps: Iterator[int]) -> Iterator[None]:
    """Raise this error after so many lines of Python, which are counted with `steps`.

    Why: no search ends with numbers of 256 bits, and lines are the same on each machine, as seconds
    are not. The hook is that of debuggers.

    >>> from itertools import count
    >>> with at_most_steps(10, TimeoutError(), count()):
    ...     sum(number for number in range(100))
    Traceback (most recent call last):
        ...
    TimeoutError
    """

    def traced(frame: FrameType, event: str, argument: object) -> Any:
        if next(steps) > most:
            raise error
        return traced

    before = sys.gettrace()
    sys.settrace(traced)
    try:
        yield
    finally:
        sys.settrace(before)


def is_stub(function: object) -> bool:
    """Whether nothing but `...` stands in a function: it is compiled to the same as this one's.

    Why: a stub that is run as it stands is no attempt, and gets no hint.

    >>> is_stub(lambda a, b: None), is_stub(lambda a, b: print(a))
    (True, False)
    """

    def stub() -> None: ...

    code = _code(function)
    return code is not None and code.co_code == stub.__code__.co_code


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


def globals_read(function: object) -> set[str]:
    """The global variables that a function reads.

    Why: a function with the value of another cell is right by chance.

    >>> globals_read(lambda h: h.real + r)
    {'r'}
    """
    return {step.argval for step in _steps(function) if step.opname == "LOAD_GLOBAL"}


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
    own = [
        (frame.f_code.co_name, line - frame.f_code.co_firstlineno + 1)
        for frame, line in traceback.walk_tb(error.__traceback__)
        if frame.f_globals.get("__name__") == "__main__"
    ]
    return own[-1] if own else None


def _code(function: object) -> CodeType | None:
    code = getattr(function, "__code__", None)
    return code if isinstance(code, CodeType) else None


def _steps(function: object) -> Iterator[dis.Instruction]:
    code = _code(function)
    return iter(()) if code is None else dis.get_instructions(code)


def _names(code: CodeType) -> set[str]:
    inner = [_names(it) for it in code.co_consts if isinstance(it, CodeType)]
    return set(code.co_names).union(*inner)
