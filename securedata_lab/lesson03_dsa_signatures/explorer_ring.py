"""Lesson 03: sign and verify in a group of eleven numbers, drawn as a ring."""

from securedata_lab.basics.small_dsa import Domain, sign
from securedata_lab.drawing.explorer import Explorer

RING = Domain(p=23, q=11, g=2)


def explore_ring(x: int = 4, h: int = 9, k: int = 6) -> Explorer:
    """Move x, h and k: on which dot does Kim stand, and on which one does the judge end?

    Raises:
        ZeroError: s is zero for these; take another k.

    >>> explore_ring()
    p = 23, q = 11, g = 2. Dots 0 to 10: 1 2 4 8 16 9 18 13 3 6 12.
    Kim: x = 4, y = 16. For h = 9 and k = 6, 6 steps lead to dot 6: 18. So r = 7, s = 8.
    The judge: 8 steps, then 5 jumps by y, lead to dot 6: 18. So v = 7: valid.
    """
    p, q, g = RING.p, RING.q, RING.g
    powers = [pow(g, n, p) for n in range(q)]
    inverses = [0, *(pow(n, -1, q) for n in range(1, q))]
    r, s = sign(RING, x, h, k)
    steps, jumps = h * inverses[s] % q, r * inverses[s] % q
    end = (steps + x * jumps) % q
    words = (
        f"p = {p}, q = {q}, g = {g}. Dots 0 to 10: {' '.join(map(str, powers))}.\n"
        f"Kim: x = {x}, y = {powers[x]}. For h = {h} and k = {k}, "
        f"{k} steps lead to dot {k}: {powers[k]}. So r = {r}, s = {s}.\n"
        f"The judge: {steps} steps, then {jumps} jumps by y, "
        f"lead to dot {end}: {powers[end]}. So v = {powers[end] % q}: valid."
    )
    return Explorer(
        __package__, "ring", {"powers": powers, "inverses": inverses, "start": [x, h, k]}, words
    )
