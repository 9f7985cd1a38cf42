"""A GCM of one hex digit, to be attacked by hand: its blocks are the elements of a field of 16.

T = M + C·H^2 + L·H, as in GCM (SP 800-38D, 6.4 and 7.1). Here L is the number of blocks, in GCM of
bits. A sum is XOR. A product is reduced by u^4 + u + 1; the lowest bit is the coefficient of 1,
while GCM writes it first.
"""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from securedata_lab.basics.chance import chance

SIZE, REDUCTION = 16, 0b10011
STILL_EMPTY = "my_fits is still `...`."


@dataclass(frozen=True)
class SmallRow:
    """What everybody sees of a text: the blocks of its ciphertext, and its tag, as numbers."""

    blocks: tuple[int, ...]
    tag: int

    def __str__(self) -> str:
        return f"C = {' '.join(f'{it:x}' for it in self.blocks)}   T = {self.tag:x}"


Fits = Callable[[int, SmallRow, SmallRow], object]


def product(a: int, b: int) -> int:
    """The product of two digits.

    >>> product(2, 9)
    1
    """
    found = 0
    while b:
        found ^= a * (b & 1)
        a, b = a << 1, b >> 1
        a ^= REDUCTION * (a >> 4)
    return found


def small_ghash(h: int, blocks: Sequence[int]) -> int:
    """The GHASH of some digits under H: each, and then their number, is added and multiplied.

    >>> small_ghash(1, [7]) == 7 ^ 1
    True
    """
    result = 0
    for block in [*blocks, len(blocks)]:
        result = product(result ^ block, h)
    return result


def two_rows(draw: random.Random, blocks: int = 1) -> tuple[SmallRow, SmallRow]:
    """Two rows of unequal texts under one nonce. H and the mask are drawn, and forgotten."""
    h, mask, ciphertexts = draw.randrange(1, SIZE), draw.randrange(SIZE), set[tuple[int, ...]]()
    while len(ciphertexts) < 2:
        ciphertexts.add(tuple(draw.randrange(SIZE) for _ in range(blocks)))
    one, two = (SmallRow(it, mask ^ small_ghash(h, it)) for it in sorted(ciphertexts))
    return one, two


def solves(h: int, one: SmallRow, two: SmallRow) -> bool:
    """Whether this H can have made both rows, under one nonce.

    >>> solves(1, SmallRow((2,), 7), SmallRow((3,), 6))
    True
    """
    return small_ghash(h, one.blocks) ^ small_ghash(h, two.blocks) == one.tag ^ two.tag


@cache
def small_rows() -> tuple[SmallRow, SmallRow]:
    """Two rows of one block, for a pencil: drawn once for a kernel.

    With the products and squares of integers, a pencil finds nothing here.
    """
    draw = chance("the small bank")
    while True:
        one, two = two_rows(draw)
        (h,) = (h for h in range(SIZE) if solves(h, one, two))
        if h > 2 and (one.blocks[0] ^ two.blocks[0]) * product(h, h) != one.tag ^ two.tag:
            return one, two


def show_digits() -> None:
    """Products of all digits, squares, and the bits for XOR: 36 letters wide, for a phone, too.

    >>> show_digits()
     · | 1 2 3 ...
    """
    digits = range(1, SIZE)
    print(f" · | {in_hex(digits)}", "---+" + 30 * "-", sep="\n")
    for a in digits:
        print(f" {a:x} | {in_hex([product(a, b) for b in digits])}")
    print(f"\n x | {in_hex(digits)}\nx² | {in_hex([product(a, a) for a in digits])}\n")
    for a in range(4):
        print("   ".join(f"{it:x} {it:04b}" for it in range(a, SIZE, 4)))


def fitting(my_fits: Fits, one: SmallRow, two: SmallRow) -> list[int] | None:
    """The H that a student's line lets pass; None while it is a stub."""
    said = [my_fits(h, one, two) for h in range(SIZE)]
    return None if said[0] in (None, ...) else [h for h in range(SIZE) if said[h]]


def in_hex(digits: Sequence[int]) -> str:
    """Digits as a text.

    >>> in_hex([3, 12]), in_hex([])
    ('3 c', 'none')
    """
    return " ".join(f"{it:x}" for it in digits) or "none"


def show_fits(one: SmallRow, two: SmallRow, my_fits: Fits) -> None:
    """Which of the 16 values of H pass a student's line, for these two rows.

    >>> show_fits(*small_rows(), lambda h, one, two: ...)
    Nothing was tried: my_fits is still `...`.
    """
    found = fitting(my_fits, one, two)
    if found is None:
        print("Nothing was tried:", STILL_EMPTY)
        return
    print(one, two, f"H that fit: {in_hex(found)}", sep="\n")


def count_fits(my_fits: Fits = solves, *, blocks: int, pairs: int = 500) -> None:
    """For so many pairs of rows, each with an H of its own: how many H fit, by this line?

    >>> count_fits(lambda h, one, two: ..., blocks=1)
    Nothing was counted: my_fits is still `...`.
    >>> count_fits(lambda h, one, two: h == 0, blocks=1)
    1 block: 1 H fit, not exactly the true ones, in 500 of 500 pairs
    """
    draw, counted = chance(f"pairs of {blocks} blocks"), Counter[tuple[int, str]]()
    for _ in range(pairs):
        rows = two_rows(draw, blocks)
        found = fitting(my_fits, *rows)
        if found is None:
            print("Nothing was counted:", STILL_EMPTY)
            return
        counted[
            len(found), "" if found == fitting(solves, *rows) else ", not exactly the true ones"
        ] += 1
    for (fits, which), times in sorted(counted.items()):
        some = f"{blocks} block{'s'[: blocks - 1]}"
        print(f"{some}: {fits} H fit{which}, in {times} of {pairs} pairs")
