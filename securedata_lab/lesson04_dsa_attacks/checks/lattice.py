"""Exercise 4.5: a key from slips with short ks."""

from collections.abc import Callable
from random import SystemRandom
from typing import Any

from securedata_lab.basics.small_dsa import REAL, Signed
from securedata_lab.judging.declared import is_int
from securedata_lab.judging.engine import exercise, returned, shown
from securedata_lab.lesson04_dsa_attacks.checks.drawn import signed_with
from securedata_lab.lesson04_dsa_attacks.dsa import key_from_short_ks

ZERO_BITS = 64  # at the top of every short k
B = 1 << REAL.q.bit_length() - ZERO_BITS
ENOUGH = 5  # signatures with 64 zero bits in each k
MANY = 8  # with more rows, LLL in plain Python takes longer than a check may
FLOAT_DIGITS = 40  # fewer bits than a float keeps, which is 53


@exercise(
    "4.5",
    "a key that nobody had seen, from slips that never repeat a k",
    points=2,
    ready_made=["securedata_lab.lesson04_dsa_attacks.dsa.key_from_short_ks"],
)
def recovers_a_key(
    my_count: int, my_recover: Callable[[list[Signed], int], Any | None]
) -> str | None:
    """my_recover(seen, y): x of a machine with short ks, from `my_count` of its slips."""
    if not 1 <= my_count <= MANY:
        slow = "every row makes LLL slower, and fewer will do"
        why = slow if my_count > MANY else "how many do you need?"
        return f"expected a count from 1 to {MANY}, got {shown(my_count)}; {why}"
    if my_count < ENOUGH:  # whether LLL is lucky this time or not
        return f"expected enough slips for every x, got {my_count}; {_why_too_few(my_count)}"
    drawn = SystemRandom()
    for above_half in (False, True, False, True):  # a B of 2**64 finds one x in ten
        # One x above q/2: LLL finds (x - q)·B of it, so the answer has to be taken modulo q.
        half = REAL.q // 2
        x = drawn.randrange(half, REAL.q) if above_half else drawn.randrange(1, half)
        y, signed = pow(REAL.g, x, REAL.p), _signed(x, my_count, drawn)
        try:
            answer = returned(my_recover, list(signed), y)
        except ZeroDivisionError:
            why = _bad_luck(y, signed) or "some rows end in 0: those have no x"
            return f"expected the x of this y, got ZeroDivisionError; {why}"
        if not (is_int(answer) and 0 < answer < REAL.q and pow(REAL.g, answer, REAL.p) == y):
            why = _bad_luck(y, signed) or _why_not_found(answer, x)
            return f"expected the x of this y, got {shown(answer)}; {why}"
    return _untested(my_recover, signed)


def _signed(x: int, count: int, drawn: SystemRandom) -> list[Signed]:
    return [signed_with(x, drawn.randrange(1, B), drawn.randrange(1, REAL.q)) for _ in range(count)]


def _untested(my_recover: Callable[..., Any], signed: list[Signed]) -> str | None:
    """Whether it returns a key that is not y's. A short row is a guess, which y decides."""
    somebody_elses = pow(REAL.g, SystemRandom().randrange(1, REAL.q), REAL.p)
    try:
        answer = returned(my_recover, signed[:ENOUGH], somebody_elses)
    except Exception:
        return None  # that is to find nothing, too
    if not is_int(answer) or not 0 < answer < REAL.q:
        return None
    return f"expected None for the y of another key, got {shown(answer)}; test each x with y"


def _why_not_found(answer: Any, x: int) -> str:
    q = REAL.q
    if answer is None:
        return "it found no x: is B 2**192, are the rows reduced, and which of them ends in q·B?"
    if isinstance(answer, (list, tuple)):
        if x in answer:
            return "x is among them: return the one whose power is y"
        return "that is a row: which of its numbers has x in it?"
    if isinstance(answer, float):
        return "/ makes a float, which keeps 16 digits: use //"
    if not is_int(answer):
        return "x is one int"
    if answer % q == x:
        return "that is right, and not reduced: mod q"
    if answer % q == -x % q:
        return "that is -x, or q - x: mind the sign, no abs, and % q"
    if answer in (x * B, -x * B, (x - q) * B, (q - x) * B):
        return "that is x·B: divide by B"
    if min((answer - x) % q, (x - answer) % q) < q >> FLOAT_DIGITS:
        return "its first digits are right: / makes a float, which loses the last ones; use //"
    return "g to the power of that is not y: is it the row whose last number is q·B?"


def _why_too_few(count: int) -> str:
    if count < ENOUGH - 1:
        return f"too few: {count} times {ZERO_BITS} bits are fewer than x has"
    return f"too few: {count} times {ZERO_BITS} bits are just enough: LLL's rows seldom have x"


def _bad_luck(y: int, signed: list[Signed]) -> str | None:
    """What to say if our own rows do not give x, either."""
    if len(signed) > ENOUGH or key_from_short_ks(REAL, y, signed, ZERO_BITS) is not None:
        return None
    return "bad luck with these slips: take one more"
