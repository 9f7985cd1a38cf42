"""Shortcuts: an answer may come from a ready-made function, and the exercise is to write it."""

from collections.abc import Callable
from typing import Any

from securedata.lab.answers.interpreter import globals_read, watched


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
    read = globals_read(function) & names
    return f"it uses {', '.join(sorted(read))} of another cell: use {instead}" if read else None
