"""A DSA signer whose work depends on k. It counts multiplications in place of seconds.

It signs in a small group, so that the attack on it fits into a lesson.
"""

import random
from dataclasses import dataclass

from securedata_lab.basics.small_dsa import Domain, Signed

# q is the largest prime below 2^64; p the first prime k·q + 1 with 256 bits; g = 2^((p-1)/q).
SMALL = Domain(
    p=0x80000000000000000000000000000000000000000000010C7FFFFFFFFFA34F67,
    q=0xFFFFFFFFFFFFFFC5,
    g=0x1766F3A9ED6690A22493A89E6FCE3ECF4F19837645E2BA65D9D0CC05F35E152F,
)


@dataclass(frozen=True)
class Timed:
    """A signature, and how many multiplications it took."""

    signed: Signed
    multiplications: int


class LeakySigner:
    """Signs any number, with an evenly drawn k, and takes longer where k is longer.

    A class, because it keeps its key. The seed makes key and ks the same every time.

    >>> LeakySigner(seed=1).sign(h=5).multiplications <= 2 * SMALL.q.bit_length()
    True
    """

    domain = SMALL

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311  # weak on purpose
        self.x = self._random.randrange(1, SMALL.q)
        self.y = pow(SMALL.g, self.x, SMALL.p)

    def sign(self, h: int) -> Timed:
        """DSA (FIPS 186-4, 4.6), its power calculated by square and multiply."""
        q = SMALL.q
        k = self._random.randrange(1, q)
        power, multiplications = counted_power(SMALL.g, k, SMALL.p)
        r = power % q
        return Timed(Signed(h, r, pow(k, -1, q) * (h + self.x * r) % q), multiplications)


def counted_power(base: int, exponent: int, modulus: int) -> tuple[int, int]:
    """base^exponent mod modulus, and the multiplications it took: two for every bit.

    It multiplies for a zero bit too and throws the product away, so that the count does not depend
    on the bits. But it begins at the first bit that is one: the length shows.

    >>> counted_power(2, 10, 1000), counted_power(2, 15, 1000)
    ((24, 8), (768, 8))
    """
    result, count = 1, 0
    for digit in f"{exponent:b}":
        result = result * result % modulus
        product = result * base % modulus
        result = product if digit == "1" else result
        count += 2
    return result, count
