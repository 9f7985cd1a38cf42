"""Lesson 04: two slips with short ks. A student's own lines walk to them in a lattice.

One equation is left when x is taken out of two: k2 = T·k1 + A mod q. Its solutions are dots, and
the arrows (0, q) and (1, T) lead from each dot to others. A row is an arrow or a dot.
"""

from collections.abc import Callable
from random import SystemRandom
from typing import Any

from securedata.errors import UnavailableError
from securedata_lab.basics.small_dsa import REAL, Signed
from securedata_lab.judging.declared import is_int
from securedata_lab.judging.powers import Exponent
from securedata_lab.lesson03_dsa_signatures.shop_client import Shop
from securedata_lab.lesson04_dsa_attacks.key_theft import (
    Key,
    NoKeyError,
    collect,
    number_of,
    sign_for_kim,
)

Row = tuple[int, int]
MyLine = Callable[[Signed, Signed, int], Any]
MyDot = Callable[[Row, Row, Row], Any]
SMALL_Q, SMALL_BITS = 1_048_573, 6  # the largest prime of 20 bits, and ks to go with it
TURNS = 300
TOY = (0, 211), (1, 124), (0, 66)  # of the explorer: its square has the dot (8, 3)
TOYS_B = 12


def times(row: Any, by: Any) -> int:
    """How often to take `by` from `row`: then the rest is as short as it can be.

    Raises:
        NoKeyError: a row is what a stub returns.

    >>> times((0, 211), (1, 124)), times((1, 124), (-1, 87))
    (2, 1)
    """
    if row is ... or by is ...:
        raise NoKeyError("my_pull is still `...`.")
    product, square = row[0] * by[0] + row[1] * by[1], by[0] ** 2 + by[1] ** 2
    return int((2 * product + square) // (2 * square))  # rounded, and without floats


def pulled(row: Row, by: Row) -> Row:
    """The row, after `by` was taken from it so often.

    >>> pulled((0, 211), (1, 124))
    (-2, -37)
    """
    return taken(row, by, times(row, by))


def taken(row: Row, by: Row, n: int) -> Row:
    """The row without n times `by`.

    >>> taken((0, 211), (1, 124), 2)
    (-2, -37)
    """
    return row[0] - n * by[0], row[1] - n * by[1]


def line_of(one: Signed, two: Signed, q: int) -> Row:
    """T and A of two slips.

    >>> line_of(Signed(h=7, r=9, s=4), Signed(h=3, r=9, s=7), q=11)  # both ks are 6
    (10, 1)
    """
    x_of_k1, k2_of_x = pow(one.r, -1, q), pow(two.s, -1, q)
    T = two.r * one.s * x_of_k1 * k2_of_x % q  # noqa: N806
    return T, (two.h - two.r * one.h * x_of_k1) * k2_of_x % q


def walked(a: Row, b: Row, dot: Row) -> Row:
    """The dot nearest to (0, 0), or close to it: two rows as Lagrange and Gauss reduce them.

    >>> walked(*TOY)
    (8, 3)
    """
    for _ in range(TURNS):
        a = pulled(a, b)
        b = pulled(b, a)
        dot = pulled(pulled(dot, a), b)
    return dot


def short_slips(q: int, bits: int) -> tuple[int, Row, tuple[Signed, Signed]]:
    """x, two ks of so many bits, and their slips. In a small group, ks that can be found.

    r is drawn: only the equation counts.
    """
    draw = SystemRandom()
    while True:
        x, ks = draw.randrange(1, q), (draw.randrange(1, 1 << bits), draw.randrange(1, 1 << bits))
        one, two = (_slip(q, x, k, draw.randrange(q), draw.randrange(1, q)) for k in ks)
        if one.s and two.s:
            T, A = line_of(one, two, q)  # noqa: N806
            if walked((0, q), (1, T), (0, A)) == ks:
                return x, ks, (one, two)


def _slip(q: int, x: int, k: int, h: int, r: int) -> Signed:
    return Signed(h, r, pow(k, -1, q) * (h + x * r) % q)


def show_second_theft(second: Shop, my_line: MyLine, my_dot: MyDot, my_key: Key) -> None:
    """A student's lines at the toy, at a q of 20 bits, and at two slips of Kim's second machine.

    >>> show_second_theft(Shop(), *[lambda *_: ...] * 3)
    my_key is still `...`.
    """
    try:
        number_of("my_key", my_key(Signed(1, 1, 1), 1, Exponent(REAL.q)))
        _row_of("my_line", my_line(Signed(7, 9, 4), Signed(3, 5, 8), Exponent(REAL.q)))
        print("the toy: my_dot ends on", _placed(_row_of("my_dot", my_dot(*TOY))))
        x, _, slips = short_slips(SMALL_Q, SMALL_BITS)
        if _found(slips, SMALL_Q, my_line, my_dot, my_key) != x:
            print("q of 20 bits: that x is wrong. Nothing was sent to Kim's judge.")
            return
        print("q of 20 bits: your x is right for these two slips.")
        one, two = collect(second, 2)
        x = _found((one, two), REAL.q, my_line, my_dot, my_key)
        print("q of 256 bits: g^x is Kim's y:", pow(REAL.g, x, REAL.p) == second.y)
        print(sign_for_kim(second, x))
    except (NoKeyError, UnavailableError) as error:
        print(error)
    except Exception as error:  # a student's own line: one sentence, and not the kit's code
        print(f"One of your lines raised {type(error).__name__}: {error}")


def _placed(dot: Row) -> str:
    """Where the toy's walk has ended."""
    (_, q), (_, T), (_, A) = TOY  # noqa: N806
    is_dot, is_near = not (T * dot[0] + A - dot[1]) % q, all(0 <= it < TOYS_B for it in dot)
    where = ("outside the square", "in the square")[is_near] if is_dot else "which is no dot"
    return f"{dot}, {where}"


def _found(
    slips: tuple[Signed, Signed], q: int, my_line: MyLine, my_dot: MyDot, my_key: Key
) -> int:
    T, A = _row_of("my_line", my_line(*slips, Exponent(q)))  # noqa: N806
    dot = _row_of("my_dot", my_dot((0, q), (1, T), (0, A)))
    if dot == (0, A):
        raise NoKeyError(f"q of {q.bit_length()} bits: your dot is where it began.")
    return number_of("my_key", my_key(slips[0], dot[0] % q, Exponent(q))) % q


def _row_of(name: str, value: object) -> Row:
    if value is ... or (isinstance(value, tuple) and ... in value):
        raise NoKeyError(f"{name} is still `...`.")
    if not (isinstance(value, (tuple, list)) and list(map(is_int, value)) == [True, True]):
        raise NoKeyError(f"{name} must return two ints, and returned {value!r}.")
    return value[0], value[1]
