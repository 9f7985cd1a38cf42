"""Finding out which mistake explains a wrong number, for exercises with a formula."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

Formula = Callable[..., Any]


def explaining(
    mistakes: Mapping[str, Formula], cases: Iterable[tuple[Any, ...]], answers: list[Any]
) -> str | None:
    """The mistake that explains every answer: with small numbers, one may be right by chance.

    >>> explaining({"you added": lambda a, b: a + b}, [(1, 2), (2, 2)], [3, 4])
    'you added'
    """
    cases = list(cases)
    for why, formula in mistakes.items():
        if all(_gives(formula, case, answer) for case, answer in zip(cases, answers, strict=True)):
            return why
    return None


def _gives(formula: Formula, case: tuple[Any, ...], answer: object) -> bool:
    try:
        return bool(formula(*case) == answer)
    except (ArithmeticError, ValueError):  # this mistake would end in an error here
        return False


def about_bytes(why: str) -> dict[str, str]:
    """What to say if Python complains of bytes where a number should be, by words of its error.

    >>> try:
    ...     b"digest" * 2**255
    ... except OverflowError as error:
    ...     [words for words in about_bytes("") if words in repr(error)]
    ['OverflowError', 'index-sized']
    """
    return dict.fromkeys(("OverflowError", "bytes", "index-sized", "string formatting"), why)
