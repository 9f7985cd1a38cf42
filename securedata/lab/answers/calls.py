"""Shortcuts: a right answer may come from a ready-made function, and the exercise is to write it.

`watched` notes what an answer calls, under any name; `names_in` reads its names without a call.
"""

import dis
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from types import CodeType, FrameType
from typing import Any


@contextmanager
def watched() -> Iterator[set[str]]:
    """The full names of all functions that this thread calls inside the block.

    It listens to the profiling hook. Of functions written in C it notes only the module random's.

    >>> from securedata.lab.primitives.bits import xor
    >>> other_name = xor
    >>> with watched() as called:
    ...     result = other_name(b"1", b"2"), random.random()
    >>> "securedata.lab.primitives.bits.xor" in called, "random.Random" in called
    (True, True)
    """
    called = set[str]()

    def note(frame: FrameType, event: str, argument: Any) -> None:
        if event == "call":
            called.add(f"{frame.f_globals.get('__name__')}.{frame.f_code.co_name}")
        elif event == "c_call":
            owner = getattr(argument, "__self__", None)
            if isinstance(owner, random.Random) and not isinstance(owner, random.SystemRandom):
                called.add("random.Random")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield called
    finally:
        sys.setprofile(before)


def shortcut(called: set[str], *names: str) -> str | None:
    """What to say of a right answer that called one of these functions.

    >>> xor = "securedata.lab.primitives.bits.xor"
    >>> print(shortcut({xor}, xor))
    expected your own steps, got a call of xor; its answer is right: now write them yourself
    >>> shortcut({"builtins.pow"}, xor)
    """
    for name in names:
        if name in called:
            last = name.rpartition(".")[2]
            return (
                f"expected your own steps, got a call of {last}; "
                "its answer is right: now write them yourself"
            )
    return None


def by_the_kit(
    function: Callable[..., object], arguments: tuple[Any, ...], *names: str
) -> str | None:
    """`shortcut` for one call of an answer that is known to be right."""
    with watched() as called:
        function(*arguments)
    return shortcut(called, *names)


def outer_names(function: object, names: set[str], instead: str) -> str | None:
    """What to say of a function that reads variables of other cells.

    >>> outer_names(lambda h: h + r, {"h", "r"}, "your own")
    'it uses r of another cell: use your own'
    """
    code = getattr(function, "__code__", None)
    steps = dis.get_instructions(code) if isinstance(code, CodeType) else ()
    read = {step.argval for step in steps if step.opname == "LOAD_GLOBAL"} & names
    return f"it uses {', '.join(sorted(read))} of another cell: use {instead}" if read else None


def returns_a_value(function: object) -> bool:
    """Whether a function has a `return` with something behind it.

    >>> returns_a_value(lambda a: a), returns_a_value(lambda a: None)
    (True, False)
    """
    code = getattr(function, "__code__", None)
    steps = [*dis.get_instructions(code)] if isinstance(code, CodeType) else []
    values = [step for step in steps if step.opname == "RETURN_CONST"]  # Python 3.12 and 3.13
    values += [before for before, step in pairwise(steps) if step.opname == "RETURN_VALUE"]
    return any("CONST" not in step.opname or step.argval is not None for step in values)


def names_in(function: object) -> set[str]:
    """The names of globals and attributes in a function, and in those that it defines.

    >>> sorted(names_in(lambda a: len(a.real)))
    ['len', 'real']
    >>> names_in("no function")
    set()
    """
    code = getattr(function, "__code__", None)
    return _names(code) if isinstance(code, CodeType) else set()


def _names(code: CodeType) -> set[str]:
    inner = [_names(it) for it in code.co_consts if isinstance(it, CodeType)]
    return set(code.co_names).union(*inner)
