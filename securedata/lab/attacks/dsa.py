"""DSA's private key x from what is known of k: k itself, one k used twice, or short ks.

Each attack solves one equation for another letter, modulo q (FIPS 186-4, 4.6):

    s·k = h + x·r
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace

from securedata.errors import FormatError
from securedata.lab.attacks.lattice import reduced
from securedata.lab.primitives.small_dsa import (
    REAL,
    Domain,
    Signed,
    hashed,
    sign,
    to_bytes,
)
from securedata.lab.twins.twin import Row


def key_from_k(signed: Signed, k: int, q: int) -> int:
    """x = (s·k - h) / r: one known k gives the key.

    >>> key_from_k(Signed(h=7, r=9, s=4), k=6, q=11)
    8
    """
    return (signed.s * k - signed.h) * pow(signed.r, -1, q) % q


def equal_r(signed: Sequence[Signed]) -> list[tuple[int, int]]:
    """The places of all pairs with one r: except in a toy group, they also share their k.

    >>> equal_r([Signed(1, 5, 1), Signed(1, 6, 2), Signed(2, 5, 9)])
    [(0, 2)]
    """
    return [
        (i, j)
        for j, later in enumerate(signed)
        for i, earlier in enumerate(signed[:j])
        if earlier.r == later.r
    ]


def k_from_pair(one: Signed, two: Signed, q: int) -> int:
    """k = (h1 - h2) / (s1 - s2), for two messages signed with one k.

    Raises:
        FormatError: the two signatures are equal: they say nothing about k.

    >>> k_from_pair(Signed(h=7, r=9, s=4), Signed(h=3, r=9, s=7), q=11)
    6
    """
    if one.s == two.s:
        raise FormatError("one signature twice says nothing about k: take two messages")
    return (one.h - two.h) * pow(one.s - two.s, -1, q) % q


def sign_again(row: Row, x: int, signed_bytes: Callable[[Row], bytes]) -> Row:
    """The same row, signed again with a stolen x. Everybody knows what a twin signs.

    >>> from securedata.lab.twins.signed_twin import SignedTwin
    >>> twin = SignedTwin(seed=1)
    >>> row = replace(twin.seal(b"text", "1"), tag=b"changed")
    >>> twin.verify(sign_again(row, twin.x, twin.signed_bytes))
    """
    h = hashed(signed_bytes(row), REAL.q)
    signature = sign(REAL, x, h, k=secrets.randbelow(REAL.q - 1) + 1)
    return replace(row, signature=to_bytes(signature))


def lattice_rows(signed: Sequence[Signed], q: int, B: int) -> list[list[int]]:  # noqa: N803
    """The rows of a lattice that holds the short ks of these signatures, all below B.

    The hidden number problem (Boneh and Venkatesan, 1996; for DSA Howgrave-Graham and Smart, 2001).
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
