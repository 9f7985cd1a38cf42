"""A call of a student's function: what comes back, and which ready-made functions it called."""

import inspect
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, TextIO, TypeVar

from securedata.lab.student_answers.attempts import (
    ReturnedNoneError,
    UnjudgedError,
    given,
    shown,
    this_attempt,
)
from securedata.lab.student_answers.declared import as_declared, may_be
from securedata.lab.student_answers.interpreter import (
    globals_read,
    is_stub,
    returns_a_value,
    watched,
)

T = TypeVar("T")


def returned(function: Callable[..., T], *arguments: Any) -> T:
    """What a student's function returns, as `given` has it and of the type that the check declares.

    None is no attempt only from a stub. It is an answer if the check declares `… | None`, and the
    function has a `return` with a value elsewhere.

    Raises:
        NotAttemptedError: the function is the stub.
        ReturnedNoneError: the function returned None.
        UnjudgedError: the function returned what `given` refuses, or another type, or it takes
            another number of arguments.

    >>> returned(pow, 2, 3)
    8
    >>> returned([].append, 5)
    Traceback (most recent call last):
        ...
    securedata.lab.student_answers.attempts.ReturnedNoneError: expected an answer, got None for ...
    """
    attempt = this_attempt()
    kind = attempt.returns.get(id(function), Any)
    _must_take(function, arguments)
    with _heard() as heard, watched() if attempt.called is not None else nullcontext() as called:
        answer = function(*arguments)
    if called:
        attempt.called = {*called, *(attempt.called or ())}
    if answer is not None or is_stub(function):
        return as_declared(given(answer), kind)  # type: ignore[no-any-return]
    if may_be(None, kind) and returns_a_value(function) and not heard:
        return answer
    why = (
        "it printed, and returned None: write return instead of print"
        if heard
        else "it returned None: end with return"
    )
    raise ReturnedNoneError(f"expected an answer, got None for {_listed(arguments)}; {why}")


def _must_take(function: Any, arguments: tuple[Any, ...]) -> None:
    """Refuse a function that cannot be called with so many arguments.

    Raises:
        UnjudgedError: it takes more or fewer.
    """
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # a function that is written in C may have none
        return
    try:
        signature.bind(*arguments)
    except TypeError:
        many = "1 argument" if len(arguments) == 1 else f"{len(arguments)} arguments"
        head = f"{getattr(function, '__name__', 'a function')}{signature}"
        raise UnjudgedError(
            f"expected a function that takes {many}, got {head}; "
            "write its first line as it was given"
        ) from None


def _listed(arguments: tuple[Any, ...]) -> str:
    return shown(arguments[0]) if len(arguments) == 1 else shown(arguments)


def shortcut(called: Iterable[str], *names: str) -> str | None:
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


def outer_names(function: object, names: set[str], instead: str) -> str | None:
    """What to say of a function that reads variables of other cells.

    >>> outer_names(lambda h: h + r, {"h", "r"}, "your own")
    'it uses r of another cell: use your own'
    """
    read = globals_read(function) & names
    return f"it uses {', '.join(sorted(read))} of another cell: use {instead}" if read else None


class _Ear:
    """Standard output while a student's function runs: it passes all on, and notes that it did."""

    def __init__(self, out: TextIO) -> None:
        self.out = out
        self.heard = list[str]()
        self._thread = threading.current_thread()

    def write(self, text: str) -> int:
        if threading.current_thread() is self._thread and not self.heard:
            self.heard.append(text)
        return self.out.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.out, name)


# A loop that is given up ends while the main thread prints, and `print` only borrows sys.stdout:
# Python crashes if the object is freed meanwhile.
_ears = deque[_Ear](maxlen=100)


@contextmanager
def _heard() -> Iterator[list[str]]:
    """What is printed meanwhile, in this thread; it is printed all the same."""
    ear = _Ear(sys.stdout)
    _ears.append(ear)
    sys.stdout = ear
    try:
        yield ear.heard
    finally:
        if sys.stdout is ear:
            sys.stdout = ear.out
