"""The mistakes that make a wrong number of DSA's equation s·k = h + x·r, solved for x or for k."""

from collections.abc import Callable
from typing import Any

from securedata_lab.basics.small_dsa import REAL, Signed
from securedata_lab.judging.engine import returned
from securedata_lab.judging.mistakes import Formula, explaining
from securedata_lab.judging.powers import Exponent
from securedata_lab.lesson04_dsa_attacks.checks.drawn import signed_with

OTHER = Signed(10**50, 5, 4)  # not 0, whatever is subtracted


def _inverse(number: int) -> int:
    return pow(number, -1, REAL.q)


# Formulas of a signature and its k, each modulo q.
WRONG_KEYS: dict[str, Formula] = {
    "you have x·r: how do you get rid of r, mod q?": lambda one, k: one.s * k - one.h,
    "you multiplied by r: multiply by its inverse mod q": lambda one, k: (
        (one.s * k - one.h) * one.r
    ),
    "that is -x: what is subtracted from what in s·k = h + x·r?": lambda one, k: (
        (one.h - one.s * k) * _inverse(one.r)
    ),
    "what becomes of + h on the other side of s·k = h + x·r?": lambda one, k: (
        (one.s * k + one.h) * _inverse(one.r)
    ),
    "s·k, not s/k: k stands beside s": lambda one, k: (
        (one.s * _inverse(k) - one.h) * _inverse(one.r)
    ),
    "k multiplies s alone: s·k - h": lambda one, k: (one.s - one.h) * k * _inverse(one.r),
    "the h is missing: s·k = h + x·r": lambda one, k: one.s * k * _inverse(one.r),
    "h must be divided by r, too": lambda one, k: one.s * k * _inverse(one.r) - one.h,
    "s·k must be divided by r, too": lambda one, k: one.s * k - one.h * _inverse(one.r),
    "r and s have changed places: s·k = h + x·r": lambda one, k: (
        (one.r * k - one.h) * _inverse(one.s)
    ),
    "divide by r, not by s: s·k = h + x·r": lambda one, k: (one.s * k - one.h) * _inverse(one.s),
    "divide by r, not by k: s·k = h + x·r": lambda one, k: (one.s * k - one.h) * _inverse(k),
    "^ is XOR: the inverse of r is pow(r, -1, q)": lambda one, k: (
        (one.s * k - one.h) * (one.r ^ -1)
    ),
    "the inverse of r is mod q, not mod p": lambda one, k: (
        (one.s * k - one.h) * pow(one.r, -1, REAL.p)
    ),
    "p is not in this equation: all of it is mod q": lambda one, k: (
        (one.s * k - one.h) * pow(one.r, -1, REAL.p) % REAL.p
    ),
    "that is 1/x: invert r alone": lambda one, k: one.r * _inverse(one.s * k - one.h),
    "invert r alone": lambda one, k: _inverse((one.s * k - one.h) * one.r),
    "that is y, which everybody sees: return x itself": lambda one, k: pow(
        REAL.g, (one.s * k - one.h) * _inverse(one.r) % REAL.q, REAL.p
    ),
    "that is k, which you were handed": lambda one, k: k,
}
ROUNDED_KEYS: dict[str, Formula] = {
    "// divides integers: multiply by the inverse of r mod q": lambda one, k: (
        (one.s * k - one.h) // one.r
    ),
    "// divides integers: multiply by the inverse of r": lambda one, k: (
        (one.s * k - one.h) % REAL.q // one.r
    ),
    "// divides integers, and brackets are missing": lambda one, k: one.s * k - one.h // one.r,
}


def one_number_for_all(answer: int, function: Callable[..., int], *others: Any) -> str | None:
    """Whether a function has the same answer to something quite different."""
    if returned(function, *others) != answer:
        return None
    return "that is one number for all slips: make it of what you are handed"


def one_letter_for_all(
    answer: int, my_key: Callable[..., int], signed: Signed, k: int
) -> str | None:
    """Whether another signature's answer comes from the same h or k: a name of the notebook's."""
    other = signed_with(x=5, k=6, h=7)
    cases = [(signed, k, answer), (other, 6, returned(my_key, other, 6, Exponent(REAL.q)))]
    hs = [(one.s * k - x * one.r) % REAL.q for one, k, x in cases]
    ks = [(one.h + x * one.r) * _inverse(one.s) % REAL.q for one, k, x in cases]
    for letter, (here, there) in {"h": hs, "k": ks}.items():
        if here == there:
            return f"the same {letter} for every slip: take what you are handed"
    return None


def explained_key(answer: int, signed: Signed, k: int) -> str | None:
    """Which mistake makes this number of a signature and its k, if one of the usual does."""
    return _explained(ROUNDED_KEYS, WRONG_KEYS, answer, (signed, k))


def _explained(
    rounded: dict[str, Formula],
    wrong: dict[str, Formula],
    answer: int,
    case: tuple[Any, ...],
) -> str | None:

    def modulo_q(formula: Formula) -> Formula:
        return lambda *numbers: formula(*numbers) % REAL.q

    reduced = {why: modulo_q(formula) for why, formula in (rounded | wrong).items()}
    return explaining(rounded, [case], [answer]) or explaining(reduced, [case], [answer % REAL.q])


def _upside_down(one: Signed, two: Signed) -> int:
    return (one.s - two.s) * _inverse(one.h - two.h)


DIVIDE = "how do you divide mod q?"
WRONG_KS: dict[str, Formula] = {
    "that is -k: the same order above and below, and no abs": lambda one, two: (
        (one.h - two.h) * _inverse(two.s - one.s)
    ),
    "that is 1/k: by what is k multiplied, once you have subtracted?": _upside_down,
    "that is -1/k: by what is k multiplied, once you have subtracted?": lambda one, two: (
        -_upside_down(one, two)
    ),
    "^ is XOR: the inverse is pow(s1 - s2, -1, q)": lambda one, two: (
        ((one.h - two.h) * (one.s - two.s)) ^ (REAL.q - 1)
    ),
    "that is XOR: subtract, as with numbers": lambda one, two: (
        (one.h ^ two.h) * _inverse(one.s ^ two.s)
    ),
    f"you multiplied: {DIVIDE}": lambda one, two: (one.h - two.h) * (one.s - two.s),
    f"that is k·(s1 - s2): {DIVIDE}": lambda one, two: one.h - two.h,
    "you added the equations: then x·r is twice in it": lambda one, two: (
        (one.h + two.h) * _inverse(one.s + two.s)
    ),
    "below, do the same as above: does x·r fall out?": lambda one, two: (
        (one.h - two.h) * _inverse(one.s + two.s)
    ),
    "above, do the same as below: does x·r fall out?": lambda one, two: (
        (one.h + two.h) * _inverse(one.s - two.s)
    ),
    "that uses one signature alone: x·r is still in it": lambda one, two: one.h * _inverse(one.s),
    "brackets: the inverse multiplies all of h1 - h2": lambda one, two: (
        one.h - two.h * _inverse(one.s - two.s)
    ),
    "brackets: take the inverse of all of s1 - s2": lambda one, two: (
        (one.h - two.h) * _inverse(one.s) - two.s
    ),
    "that divides by s1 alone: divide by s1 - s2": lambda one, two: (
        (one.h - two.h) * _inverse(one.s)
    ),
    "1/s1 - 1/s2 is not 1/(s1 - s2): subtract first, then take the inverse": lambda one, two: (
        (one.h - two.h) * (_inverse(one.s) - _inverse(two.s))
    ),
    "h1/s1 - h2/s2 still holds x·r: subtract the equations first, then divide": lambda one, two: (
        one.h * _inverse(one.s) - two.h * _inverse(two.s)
    ),
    "the inverse is mod q, not mod p": lambda one, two: (
        (one.h - two.h) * pow(one.s - two.s, -1, REAL.p)
    ),
    "p is not in this equation: all of it is mod q": lambda one, two: (
        (one.h - two.h) * pow(one.s - two.s, -1, REAL.p) % REAL.p
    ),
    "p is not in these equations: at the end, too, mod q": lambda one, two: (
        (one.h - two.h) * _inverse(one.s - two.s) % REAL.p
    ),
    "that is r, which everybody sees: k is asked for": lambda one, two: one.r,
}
ROUNDED_KS: dict[str, Formula] = {
    f"// divides integers: {DIVIDE}": lambda one, two: (one.h - two.h) // (one.s - two.s),
    f"// divides integers, % q or not: {DIVIDE}": lambda one, two: (
        (one.h - two.h) % REAL.q // ((one.s - two.s) % REAL.q)
    ),
    "// divides integers, and brackets are missing": lambda one, two: (
        one.h - two.h // one.s - two.s
    ),
    "// divides integers, and brackets are missing around h1 - h2": lambda one, two: (
        one.h - two.h // (one.s - two.s)
    ),
}


def explained_k(answer: int, one: Signed, two: Signed, x: int) -> str | None:
    """Which mistake makes this number of two signatures with one k."""
    if answer % REAL.q == x:
        return "that is x already; here k is asked for"
    return _explained(ROUNDED_KS, WRONG_KS, answer, (one, two))
