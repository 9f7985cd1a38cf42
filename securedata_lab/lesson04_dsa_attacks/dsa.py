"""DSA's private key x from short ks. (From one k used twice, a student finds it: lesson 04.)

The equation of each signature, modulo q (FIPS 186-4, 4.6):

    s·k = h + x·r
"""

from collections.abc import Sequence

from securedata_lab.basics.small_dsa import Domain, Signed
from securedata_lab.lesson04_dsa_attacks.lattice import reduced


def lattice_rows(signed: Sequence[Signed], q: int, B: int) -> list[list[int]]:  # noqa: N803
    """The rows of a lattice that holds the short ks of these signatures, all below B.

    The hidden number problem (Boneh and Venkatesan, 1996; for DSA Nguyen and Shparlinski, 2002).
    Solved for k, each signature says k = t·x + a modulo q, with t = r/s and a = h/s. The rows for
    three signatures, which are all multiplied by q so that every number is an integer:

        q    0    0    0    0
        0    q    0    0    0
        0    0    q    0    0
        t1   t2   t3   B/q  0
        a1   a2   a3   0    B

    x times the row of t, plus the row of a, minus some of the first rows, is the short row
    (k1, k2, k3, x·B/q, B).

    >>> lattice_rows([Signed(h=7, r=9, s=4)], q=11, B=8)
    [[121, 0, 0], [55, 8, 0], [110, 0, 88]]
    """
    n, inverses = len(signed), [pow(one.s, -1, q) for one in signed]
    t = [one.r * inverse % q for one, inverse in zip(signed, inverses, strict=True)]
    a = [one.h * inverse % q for one, inverse in zip(signed, inverses, strict=True)]
    rows = [[q * q if i == j else 0 for j in range(n)] + [0, 0] for i in range(n)]
    rows.append([q * number for number in t] + [B, 0])
    rows.append([q * number for number in a] + [0, q * B])
    return rows


def key_from_short_ks(
    domain: Domain, y: int, signed: Sequence[Signed], zero_bits: int
) -> int | None:
    """The key, from signatures whose ks all begin with so many zero bits; or None.

    LLL finds the short row of `lattice_rows`, if there are enough signatures. Its last number says
    whether it is that row or its negative, and x is in the number before.

    >>> from securedata_lab.basics.small_dsa import REAL, sign
    >>> x = 2**200 + 1
    >>> signed = [Signed(h, *sign(REAL, x, h, k=2**100 + h)) for h in (1, 20, 300)]
    >>> key_from_short_ks(REAL, pow(REAL.g, x, REAL.p), signed, zero_bits=128) == x
    True
    """
    q = domain.q
    B = 1 << q.bit_length() - zero_bits  # noqa: N806
    for *_, x_part, last in reduced(lattice_rows(signed, q, B)):
        direction = 1 if last > 0 else -1
        x = direction * x_part // B % q
        if abs(last) == q * B and pow(domain.g, x, domain.p) == y:
            return x
    return None
