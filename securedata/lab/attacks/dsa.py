"""DSA's private key x out of what is known of k: k itself, one k used twice, or short ks.

All of it is one line solved for another letter, modulo q (FIPS 186-4, 4.6):

    s·k = h + x·r
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from securedata.errors import FormatError
from securedata.lab.attacks.lattice import reduced
from securedata.lab.smalldsa import REAL, Domain, from_bytes, hashed, sign, to_bytes
from securedata.lab.twin import Row


@dataclass(frozen=True)
class Signed:
    """What anyone sees of a signature: h, the hash of the message as a number, and r and s."""

    h: int
    r: int
    s: int

    @classmethod
    def seen(cls, message: bytes, signature: bytes, q: int) -> "Signed":
        """What is seen of a message and its 64 bytes of signature.

        >>> Signed.seen(b"", bytes(63) + b"2", q=2**256 - 1).s
        50
        """
        return cls(hashed(message, q), *from_bytes(signature))


def key_from_k(signed: Signed, k: int, q: int) -> int:
    """x = (s·k - h) / r: whoever knows one k has the key.

    >>> key_from_k(Signed(h=5, r=5, s=10), k=4, q=11)
    7
    """
    return (signed.s * k - signed.h) * pow(signed.r, -1, q) % q


def equal_r(signed: Sequence[Signed]) -> list[tuple[int, int]]:
    """The places of all pairs with one r, and so, but for a toy group, with one k.

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
        FormatError: the two signatures are one: they say nothing about k.

    >>> k_from_pair(Signed(h=5, r=5, s=10), Signed(h=9, r=5, s=0), q=11)
    4
    """
    if one.s == two.s:
        raise FormatError("one signature twice says nothing about k: take two messages")
    return (one.h - two.h) * pow(one.s - two.s, -1, q) % q


def sign_row(row: Row, x: int, signed_bytes: Callable[[Row], bytes]) -> Row:
    """The same row, signed anew with a stolen x: what a twin's signature covers is public.

    >>> from securedata.lab.signedtwin import SignedTwin
    >>> twin = SignedTwin(seed=1)
    >>> row = replace(twin.seal(b"text", "1"), tag=b"changed")
    >>> twin.verify(sign_row(row, twin.x, twin.signed_bytes))
    """
    h = hashed(signed_bytes(row), REAL.q)
    signature = sign(REAL, x, h, k=secrets.randbelow(REAL.q - 1) + 1)
    return replace(row, signature=to_bytes(signature))


def key_from_short_ks(
    domain: Domain, y: int, signed: Sequence[Signed], zero_bits: int
) -> int | None:
    """The key, from signatures whose ks all begin with so many zero bits; or None.

    The hidden number problem (Boneh and Venkatesan, 1996; for DSA Howgrave-Graham and Smart, 2001).
    Solved for k, each signature says k = t·x + a modulo q, with t = r/s and a = h/s. The lattice
    of these rows, n of them with q, holds (k1, …, kn, x/q·K, K) with K as long as a k: a vector
    that is much shorter than any other, if there are enough signatures. LLL finds it.

        q            0
           q         0        (all multiplied by q, so that
              q      0         every number is an integer)
        t1 t2 t3   K/q
        a1 a2 a3         K

    >>> x = 2**200 + 1
    >>> signed = [Signed(h, *sign(REAL, x, h, k=2**100 + h)) for h in (1, 20, 300)]
    >>> key_from_short_ks(REAL, pow(REAL.g, x, REAL.p), signed, zero_bits=128) == x
    True
    """
    q = domain.q
    longest = 1 << q.bit_length() - zero_bits
    t = [one.r * pow(one.s, -1, q) % q for one in signed]
    a = [one.h * pow(one.s, -1, q) % q for one in signed]
    basis = [[q * q if i == j else 0 for j in range(len(signed))] + [0, 0] for i in range(len(t))]
    basis.append([q * number for number in t] + [longest, 0])
    basis.append([q * number for number in a] + [0, q * longest])
    for *_, x_part, one_part in reduced(basis):
        direction = 1 if one_part > 0 else -1
        x = direction * x_part // longest % q
        if abs(one_part) == q * longest and pow(domain.g, x, domain.p) == y:
            return x
    return None
