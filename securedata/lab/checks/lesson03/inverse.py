"""Exercise 3.1: the inverse of a number modulo q."""

from collections.abc import Callable
from typing import Any

from securedata.lab.checks.engine import exercise, returned, shown
from securedata.lab.student_answers.attempts import ReturnedNoneError
from securedata.lab.student_answers.declared import is_fraction, is_int
from securedata.lab.student_answers.interpreter import returns_a_value
from securedata.lab.student_answers.mistakes import Formula, explaining

ITSELF = "that is the number a itself"
WRONG: dict[str, Formula] = {
    "a + b is 0: that is the opposite for adding; here a · b must be 1": lambda a, q: -a % q,
    "that is 1/a, rounded: there are no fractions on the clock": lambda a, q: 1 // a,
    "that is q/a, rounded: a·b must leave the remainder 1": lambda a, q: q // a,
    "// is the quotient: the remainder of a·b is a·b % q": (
        lambda a, q: -(-q // a) if a > 1 else None
    ),
    ITSELF: lambda a, q: a,
    "that is the product a · b, and the b is wanted": lambda a, q: a * pow(a, -1, q),
    "that is 1 for every a, as a · b and a to the power q-1 are: return the b": lambda a, q: 1,
    "^ is XOR in Python: a power is ** or pow": lambda a, q: (a ^ -1) % q,
    "^ is XOR in Python, and no power": lambda a, q: a ^ (-1 % q),
    "a and q have changed places": lambda a, q: pow(q, -1, a),
}

FINDS_NONE = "it finds no b: try each from 1 to q-1, and look at a · b modulo q"
STOPS_EARLY = "it finds every b but q-1: range(1, q-1) ends with q-2"
FIRST_ALONE = "it gives up after the first b: in the loop, return only the right b"
RIGHT_FOR_11 = "that is right when q is 11: use the q that you are handed"


@exercise("3.1", "a number times its inverse is 1, modulo q")
def inverts(my_inverse: Callable[[int, int], Any]) -> str | None:
    """my_inverse(a, q): the b with a·b = 1 modulo q, for every a from 1 to q-1."""
    cases = [(a, q) for q in (11, 101, 1009) for a in range(1, q, 1 + q // 50)]
    answers = [_answer(my_inverse, a, q) for a, q in cases]
    case_by_case = [*zip(cases, answers, strict=True)]
    # The text's own 4 comes first: 1/1 is right, by chance.
    for (a, q), b in sorted(case_by_case, key=lambda it: it[0] != (4, 11)):
        if is_fraction(b) and b % 1 == 0 and a * b % q == 1:
            why = "right, but a float: / makes one, // makes an int"
        elif is_fraction(b):
            why = "you divided real numbers: there are no fractions on the clock"
        elif b is None:
            why = explaining(WRONG, cases, answers) or _finds_none(my_inverse, case_by_case)
        elif not is_int(b):
            why = "an inverse is one int"
        elif a * b % q != 1:
            why = (
                explaining(WRONG, cases, answers)
                or _reduced(cases, answers, f"{shown(b)} is {a} modulo {q}: that is a")
                or _right_for_11(cases, answers)
                or f"{a} times that is {a * b % q} mod {q}, not 1"
            )
        elif not 0 < b < q:
            why = (
                explaining(WRONG, cases, answers)  # it may be right by chance, for this a
                or "that is right, but not from 1 to q-1: take it mod q"
            )
        else:
            continue
        return f"expected the b with {a}·b mod {q} = 1, got {shown(b)}; {why}"
    return None


def _answer(my_inverse: Callable[[int, int], int], a: int, q: int) -> Any:
    """What it returns; None or 0 if it finds nothing, for a q that it was not made for."""
    try:
        return returned(my_inverse, a, q)
    except ReturnedNoneError:
        if not returns_a_value(my_inverse):
            raise
        return None
    except LookupError:
        if q == 11:
            raise
        return None
    except ValueError:  # pow's "not invertible"
        if q == 11:
            raise
        return 0


def _finds_none(
    my_inverse: Callable[[int, int], int], case_by_case: list[tuple[tuple[int, int], Any]]
) -> str:
    without = [(a, q) for (a, q), b in case_by_case if b is None]
    if all(a == q - 1 for a, q in without):
        return STOPS_EARLY
    if all(q > 11 for _, q in without):
        return RIGHT_FOR_11
    # 12 is 1 on the clock, so the first b is right; but 12·b is never 1 without the remainder.
    return FIRST_ALONE if _answer(my_inverse, 12, 11) == 1 else FINDS_NONE


def _reduced(cases: list[tuple[int, int]], answers: list[Any], itself: str) -> str | None:
    """The mistake, if one explains the answers modulo q; `itself` is what to say of a itself."""
    reduced = [b % q if is_int(b) else b for (_, q), b in zip(cases, answers, strict=True)]
    why = explaining(WRONG, cases, reduced)
    return itself if why == ITSELF else why


def _right_for_11(cases: list[tuple[int, int]], answers: list[Any]) -> str | None:
    if all(a * b % 11 == 1 for (a, q), b in zip(cases, answers, strict=True) if q == 11):
        return RIGHT_FOR_11
    return None
