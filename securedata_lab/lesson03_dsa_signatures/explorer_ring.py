"""Lesson 03: a ring of eleven dots. First one walks; then Kim signs, and a judge walks."""

from securedata_lab.basics.small_dsa import Domain, sign
from securedata_lab.drawing.explorer import Explorer

RING = Domain(p=23, q=11, g=2)
X, H, K = 4, 9, 6  # Kim's key, the hash of a slip, and the secret number for it
POWERS = [pow(RING.g, n, RING.p) for n in range(RING.q)]
IN_WORDS = f"p = {RING.p}, g = {RING.g}. Dots 0 to {RING.q - 1}: {' '.join(map(str, POWERS))}."


def explore_ring() -> Explorer:
    """Step by g and jump by Kim's y, which has no name yet. How many steps is a jump?

    >>> explore_ring()
    p = 23, g = 2. Dots 0 to 10: 1 2 4 8 16 9 18 13 3 6 12.
    A step multiplies by 2, a jump by 16, modulo 23.
    """
    data = {"p": RING.p, "powers": POWERS, "jump": POWERS[X]}
    words = f"A step multiplies by {RING.g}, a jump by {POWERS[X]}, modulo {RING.p}."
    return Explorer(__package__, "ring", data, f"{IN_WORDS}\n{words}")


def explore_judge() -> Explorer:
    """Kim signs. Walk as the judge: on which dot do you end?

    >>> explore_judge()
    p = 23, g = 2. Dots 0 to 10: 1 2 4 8 16 9 18 13 3 6 12.
    Kim signs h = 9 with x = 4 and k = 6: g^k mod p = 18, r = 7, s = (9 + 4·7)/k mod q = 8.
    The judge knows y = 16. u1 = 8 steps, then u2 = 5 jumps lead to dot 6: 18. So v = 7: valid.
    """
    inverses = [0, *(pow(n, -1, RING.q) for n in range(1, RING.q))]
    r, s = sign(RING, X, H, K)
    steps, jumps = H * inverses[s] % RING.q, r * inverses[s] % RING.q
    end = (steps + X * jumps) % RING.q
    words = (
        f"{IN_WORDS}\nKim signs h = {H} with x = {X} and k = {K}: "
        f"g^k mod p = {POWERS[K]}, r = {r}, s = ({H} + {X}·{r})/k mod q = {s}.\n"
        f"The judge knows y = {POWERS[X]}. u1 = {steps} steps, then u2 = {jumps} jumps "
        f"lead to dot {end}: {POWERS[end]}. So v = {POWERS[end] % RING.q}: valid."
    )
    data = {"p": RING.p, "powers": POWERS, "inverses": inverses, "start": {"x": X, "h": H, "k": K}}
    return Explorer(__package__, "ring", data, words)
