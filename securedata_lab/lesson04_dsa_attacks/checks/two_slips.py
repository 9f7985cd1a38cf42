"""Exercise 4.8: two slips with short ks: their line, and a reduction that walks to the ks."""

from collections.abc import Callable
from random import SystemRandom
from typing import Annotated

from securedata_lab.basics.small_dsa import REAL, Signed
from securedata_lab.judging.engine import exercise, part_by_part, returned, shown
from securedata_lab.judging.mistakes import Formula, explaining
from securedata_lab.judging.powers import Exponent, without_search
from securedata_lab.lesson04_dsa_attacks.checks.theft import HANDED_Q, ON_PAPER
from securedata_lab.lesson04_dsa_attacks.newer_machines import P256_Q
from securedata_lab.lesson04_dsa_attacks.two_slips import (
    SMALL_BITS,
    SMALL_Q,
    Row,
    line_of,
    short_slips,
    taken,
    times,
)

Number = Annotated[int, "fill in both values: each is an int", "/ makes floats: both are ints"]
Two = Annotated[tuple[Number, Number], "two ints are asked for, as in return first, second"]
MyLine = Callable[[Signed, Signed, int], Two]
MyPull = Callable[[Row, Row], Two]
MyDot = Callable[[Row, Row, Row], Two]
SIZES = [(SMALL_Q, SMALL_BITS), (1_099_511_627_689, 14), (REAL.q, 120)]  # 20, 40 and 256 bits
ROWS = [((0, 211), (1, 60)), ((1, 63), (-2, -25)), ((41, -7), (3, 5)), ((60, 81), (-7, 3))]
OURS = "securedata_lab.lesson04_dsa_attacks.two_slips."
OWN_KEY = "first write my_key, and run your cell of 4.7"
LOST = "an arrow became (0, 0): was it pulled by an old value, or is the other arrow lost?"


def _over(number: int, q: int) -> int:
    return pow(number, -1, q)


# Formulas of two slips and q, each modulo q.
WRONG_TS: dict[str, Formula] = {
    "T: that is 1/T, which leads from k2 to k1": lambda one, two, q: (
        one.r * two.s * _over(two.r * one.s, q)
    ),
    "T: that is -T": lambda one, two, q: -two.r * one.s * _over(one.r * two.s, q),
    "T: you multiplied: which two of the four numbers divide?": lambda one, two, q: (
        two.r * one.s * one.r * two.s
    ),
    "T: divide by s2, too: it stands beside k2": lambda one, two, q: (
        two.r * one.s * _over(one.r, q)
    ),
    "T: divide by r1, too: it stands beside x": lambda one, two, q: two.r * one.s * _over(two.s, q),
    "T: that is r2/s2, which stands beside x: what stands beside k1?": lambda one, two, q: (
        two.r * _over(two.s, q)
    ),
    "T: // divides integers: multiply by the inverse mod q": lambda one, two, q: (
        two.r * one.s // (one.r * two.s)
    ),
    "T: that is A: return T, A": lambda one, two, q: line_of(one, two, q)[1],
    "T: that is T + A, the k2 of k1 = 1: how much of it is T?": lambda one, two, q: sum(
        line_of(one, two, q)
    ),
}
WRONG_AS: dict[str, Formula] = {
    "T: right. A: that is the k2 of k1 = 1: which k1 leaves A alone?": lambda one, two, q: sum(
        line_of(one, two, q)
    ),
    "T: right. A: that is -A": lambda one, two, q: -line_of(one, two, q)[1],
    "T: right. A: what is x if k1 is 0? It is not 0": lambda one, two, q: two.h * _over(two.s, q),
    "T: right. A: what sign has h1 in x = (s1·k1 - h1)/r1?": lambda one, two, q: (
        (two.h + two.r * one.h * _over(one.r, q)) * _over(two.s, q)
    ),
    "T: right. A: divide by s2, too": lambda one, two, q: two.h - two.r * one.h * _over(one.r, q),
    "T: right. A: divide h1 by r1": lambda one, two, q: (two.h - two.r * one.h) * _over(two.s, q),
    "T: right. A: h2 must be divided by s2, too": lambda one, two, q: (
        two.h - two.r * one.h * _over(one.r * two.s, q)
    ),
    "T: right. A: h1 and h2 have changed places": lambda one, two, q: (
        (one.h - two.r * two.h * _over(one.r, q)) * _over(two.s, q)
    ),
    "T: right. A: that holds for k1, not for k2": lambda one, two, q: line_of(two, one, q)[1],
    "T: right. A: // divides integers": lambda one, two, q: (
        (two.h - two.r * one.h // one.r) // two.s
    ),
}


@exercise(
    "4.8",
    "T, A, and two arrows: your own lines find the ks of two slips",
    points=6,
    ready_made=[
        f"{OURS}line_of",
        f"{OURS}walked",
        "securedata_lab.lesson04_dsa_attacks.lattice.reduced",
    ],
    errors={
        "1' is not defined": ON_PAPER,
        "2' is not defined": ON_PAPER,
        "'my_key' is not defined": OWN_KEY,
        "for *: 'ellipsis'": OWN_KEY,
        "by zero": LOST,
        "for -: 'tuple'": "a row is a pair: take number by number; in my_dot, call my_pull",
        "for -: 'list'": "a row is a pair: take number by number; in my_dot, call my_pull",
    },
)
def walks_to_the_ks(my_line: MyLine, my_pull: MyPull, my_dot: MyDot) -> str | None:
    """my_line(one, two, q), my_pull(row, by), my_dot(a, b, dot): two ints each."""
    return part_by_part(
        {
            "my_line": lambda: _wrong_line(my_line),
            "my_pull": lambda: _wrong_pull(my_pull),
            "my_dot": lambda: _wrong_dot(my_dot),
        }
    )


def _wrong_line(my_line: MyLine) -> str | None:
    """At Kim's q first, and then at another."""
    draw = SystemRandom()
    for q in (REAL.q, REAL.q, P256_Q):
        one, two = (Signed(*(draw.randrange(1, q) for _ in range(3))) for _ in range(2))
        with without_search():
            answer = T, A = returned(my_line, one, two, Exponent(q))  # noqa: N806
        right = line_of(one, two, q)
        if (T % q, A % q) == right:
            continue
        mistakes, value = (WRONG_TS, T) if T % q != right[0] else (WRONG_AS, A)
        reduced = {why: _modulo(formula) for why, formula in mistakes.items()}
        why = explaining(reduced, [(one, two, q)], [value % q])
        if why is None and q != REAL.q:
            why = HANDED_Q
        letter = "T" if mistakes is WRONG_TS else "A"
        why = why or f"{letter}: put x = (s1·k1 - h1)/r1 into two's equation"
        return f"expected T and A of two slips, got {shown(answer)}; {why}"
    return None


def _modulo(formula: Formula) -> Formula:
    return lambda one, two, q: formula(one, two, q) % q


def _wrong_pull(my_pull: MyPull) -> str | None:
    for row, by in ROWS:
        answer, n = tuple(returned(my_pull, row, by)), times(row, by)
        right = taken(row, by, n)
        if answer == right:
            continue
        usual = {
            "you added: take `by` away": taken(row, by, -n),
            "you took it away once: take it n times": taken(row, by, 1),
            "that is n times `by`: take it from the row": (n * by[0], n * by[1]),
            "row and by have changed places": taken(by, row, n),
            "the second number is as before: change both": (right[0], row[1]),
            "the first number is as before: change both": (row[0], right[1]),
            "that is the row, as it was": row,
            "no % q here: a number of a row may be below 0": (right[0] % REAL.q, right[1] % REAL.q),
            "you took it another number of times: n is given": taken(row, by, row[1] // by[1]),
            "you took it another number of times: n is the one": taken(row, by, row[0] // by[0]),
        }
        why = next((it for it, value in usual.items() if answer == value), "what is n good for?")
        return f"expected {right} for {row} and {by}, got {shown(answer)}; {why}"
    return None


def _wrong_dot(my_dot: MyDot) -> str | None:
    for q, bits in SIZES * 3:  # half a turn finds the ks of one draw now and then
        _, ks, slips = short_slips(q, bits)
        T, A = line_of(*slips, q)  # noqa: N806
        answer = k1, k2 = tuple(returned(my_dot, (0, q), (1, T), (0, A)))
        if answer == ks:
            continue
        if answer == (0, A):
            why = "the dot is where it began: pull a, b and the dot, with =, in each turn"
        elif (T * k1 - k2) % q == 0:
            why = "that is an arrow, not your dot: return the dot"
        elif (T * k1 + A - k2) % q:
            why = "that is no dot at all: from your dot, only whole arrows lead to another"
        else:
            why = "another dot is nearer to (0, 0): in all turns pull a, b and the dot; then return"
        return f"expected the ks for a q of {q.bit_length()} bits, got {shown(answer)}; {why}"
    return None
