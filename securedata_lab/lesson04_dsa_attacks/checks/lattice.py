"""Exercises 4.4 and 4.5: the rows of the lattice, and a key from slips with short ks."""

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from random import SystemRandom
from typing import Annotated, Any

from securedata_lab.basics.small_dsa import REAL, Signed
from securedata_lab.judging.declared import is_fraction, is_int
from securedata_lab.judging.engine import exercise, returned, shown
from securedata_lab.lesson04_dsa_attacks.checks.drawn import signed_with
from securedata_lab.lesson04_dsa_attacks.dsa import key_from_short_ks, lattice_rows
from securedata_lab.lesson04_dsa_attacks.lattice import reduced

Row = list[int]
LIST_OF_ROWS = "a list of rows, each a list of ints"
Rows = Annotated[list[Annotated[list[Any], LIST_OF_ROWS]], LIST_OF_ROWS]
OURS = "securedata_lab.lesson04_dsa_attacks.dsa."
ZERO_BITS = 64  # at the top of every short k
B = 1 << REAL.q.bit_length() - ZERO_BITS
ENOUGH = 5  # signatures with 64 zero bits in each k; see tools/bias_map.py
MANY = 8  # with more rows, LLL in plain Python takes longer than a check may
SIX = 6
FLOAT_DIGITS = 40  # fewer bits than a float keeps, which is 53


@exercise(
    "4.4",
    "LLL finds the short ks in your rows, and with them x",
    points=2,
    ready_made=[f"{OURS}lattice_rows"],
    errors={"OverflowError": "a list times q repeats the list: multiply each number"},
)
def builds_the_rows(my_rows: Callable[[list[Signed], int, int], Rows]) -> str | None:
    """my_rows(signatures, q, B): the lattice that holds the short ks of these signatures."""
    q = REAL.q
    x, ks, signed = _six_slips()
    rows = returned(my_rows, list(signed), q, B)
    if wrong := _shape(rows):
        return wrong
    if not (sorted(rows) == sorted(lattice_rows(signed, q, B)) or _holds(rows, ks, x)):
        return _wrong_row(rows, signed)
    return None


def _six_slips() -> tuple[int, list[int], list[Signed]]:
    """A key, six short ks, and their slips.

    Were r // s 0 in all of them, one mistake would look like another, q·t mod q.
    """
    drawn, q = SystemRandom(), REAL.q
    x = drawn.randrange(1, q)
    while True:
        ks = [drawn.randrange(1, B) for _ in range(SIX)]
        signed = [signed_with(x, k, drawn.randrange(1, q)) for k in ks]
        if any(it.r >= it.s for it in signed):
            return x, ks, signed


def _shape(rows: list[list[Any]]) -> str | None:
    size = SIX + 2
    expected = f"expected {size} rows of {size} ints for {SIX} signatures"
    numbers = [number for row in rows for number in row]
    if any(map(is_fraction, numbers)):
        of_a_signature = [number for row in rows for number in row[:SIX]]
        if all(isinstance(it, int | Fraction) and it.denominator == 1 for it in numbers):
            why = "the fractions are whole numbers: make an int of each"
        elif any(map(is_fraction, of_a_signature)):
            why = "r/s and h/s are divided mod q: times the inverse of s"
        else:
            why = "multiply every row by q, then B/q becomes B"
        return f"{expected}, got a fraction; {why}"
    if not all(map(is_int, numbers)):
        return f"{expected}, got other things than ints in them; each number is one int"
    lengths = sorted({len(row) for row in rows})
    if len(rows) == size and lengths == [size]:
        return None
    got = f"{len(rows)} rows of {' or '.join(map(str, lengths))}"
    if len(rows) == SIX:
        why = "the row of t and the row of a are missing"
    elif len(rows) == size - 1:
        why = "one row is missing: one for each signature, one of t and one of a"
    elif len(rows) == size:
        why = "each row has one number for each signature, and two more"
    else:
        why = "one row for each signature, one of t and one of a"
    return f"{expected}, got {got}; {why}"


def _holds(rows: list[Row], ks: list[int], x: int) -> bool:
    """Whether LLL finds the short row, in whatever order and to whatever scale."""
    q = REAL.q
    try:
        short = [_scaled(row) for row in reduced(rows)]
    except ZeroDivisionError:  # the rows are not independent
        return False
    same_x = (x, x - q)  # q times the row of t is short, too
    return any(_scaled([*(q * k for k in ks), same * B, q * B]) in short for same in same_x)


def _scaled(row: Row) -> Row:
    divisor = math.gcd(*row) or 1
    return sorted(abs(number) // divisor for number in row)


def _wrong_row(rows: list[Row], signed: Sequence[Signed]) -> str:
    ours = lattice_rows(signed, REAL.q, B)
    *of_q, of_t, of_a = rows
    if rows == rows[:1] * len(rows):
        what, why = "one row only", "[row] * n is one row n times: make each anew"
    elif sorted(map(list, zip(*rows, strict=True))) == sorted(ours):
        what, why = "columns", "your rows stand as columns"
    elif of_t[:SIX] == ours[-1][:SIX] and of_a[:SIX] == ours[-2][:SIX]:
        what, why = "t and a changed", "t = r/s goes with x, a = h/s stands alone"
    elif of_q != ours[:SIX]:
        what, why = "other rows of q", _wrong_row_of_q(of_q)
    elif of_t != ours[-2]:
        what, why = "another row of t", _wrong_numbers("t", "r", of_t, ours[-2], "B/q and 0")
    else:
        what, why = "another row of a", _wrong_numbers("a", "h", of_a, ours[-1], "0 and B")
    return f"expected the ks among the short rows, got {what}; {why}"


def _wrong_row_of_q(rows: list[Row]) -> str:
    diagonal = {row[place] for place, row in enumerate(rows)}
    others = {n for i, row in enumerate(rows) for j, n in enumerate(row) if i != j}
    if others != {0}:
        return "each has one number, in its own column, and zeros"
    if diagonal == {REAL.q}:
        return "all rows are multiplied by q, these too"
    return "their number, before all is multiplied by q, is q"


def _wrong_numbers(name: str, above: str, row: Row, right: Row, ends: str) -> str:
    q, numbers, rights = REAL.q, row[:SIX], right[:SIX]
    if [q * n for n in numbers] == rights:
        return f"the row of {name} is not multiplied by q"
    if not any(numbers):
        return f"q times {name} is 0 mod q: do not reduce it"
    if [n % (q * q) for n in numbers] != rights:
        return f"{name} is {above}/s mod q: {above} times the inverse of s"
    return f"its last two numbers, before all is multiplied by q: {ends}"


@exercise(
    "4.5",
    "a key that nobody had seen, from slips that never repeat a k",
    points=2,
    ready_made=[f"{OURS}key_from_short_ks"],
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
    for above_half in (False, True):
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
