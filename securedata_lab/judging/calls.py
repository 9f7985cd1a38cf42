"""A call of a student's function: what comes back, and which ready-made functions it called."""

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from typing import Any, TypeVar

from securedata_lab.judging.attempts import (
    ReturnedNoneError,
    UnjudgedError,
    given,
    shown,
    this_attempt,
)
from securedata_lab.judging.declared import as_declared, may_be
from securedata_lab.judging.interpreter import (
    LINES,
    globals_read,
    is_stub,
    names_in,
    returns_a_value,
    takes,
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
    securedata_lab.judging.attempts.ReturnedNoneError: expected an answer, got None for ...
    """
    attempt = this_attempt()
    kind = attempt.returns.get(id(function), Any)
    _must_take(function, arguments)
    with watched() if attempt.called is not None else nullcontext() as called:
        answer = function(*arguments)
    if called:
        attempt.called = {*called, *(attempt.called or ())}
    if answer is not None or is_stub(function):
        return as_declared(given(answer), kind)  # type: ignore[no-any-return]
    if may_be(None, kind) and returns_a_value(function):
        return answer
    why = (
        "it printed, and returned None: write return instead of print"
        if "print" in names_in(function)
        else "it returned None: end with return"
    )
    raise ReturnedNoneError(f"expected an answer, got None for {_listed(arguments)}; {why}")


def _must_take(function: Any, arguments: tuple[Any, ...]) -> None:
    """Refuse a function that cannot be called with so many arguments.

    Raises:
        UnjudgedError: it takes more or fewer.
    """
    head, least, most = takes(function) or ("", 0, LINES)
    if not least <= len(arguments) <= most:
        many = "1 argument" if len(arguments) == 1 else f"{len(arguments)} arguments"
        raise UnjudgedError(
            f"expected a function that takes {many}, got {head}; "
            "write its first line as it was given"
        )


def _listed(arguments: tuple[Any, ...]) -> str:
    return shown(arguments[0]) if len(arguments) == 1 else shown(arguments)


def shortcut(called: Iterable[str], *names: str) -> str | None:
    """What to say of a right answer that called one of these functions.

    >>> xor = "securedata_lab.basics.bits.xor"
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
