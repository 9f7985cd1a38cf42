"""The roots of a polynomial over GF(2^128): they give GCM's H from messages of several blocks.

A polynomial is a list of coefficients, the constant first. The method is Cantor and Zassenhaus',
with the trace for fields of characteristic 2 (von zur Gathen and Gerhard, Modern Computer Algebra,
14.3 and exercise 14.16).
"""

import random

from securedata.errors import FormatError
from securedata.lab.attacks.gf128 import ONE, inverse, multiply

Polynomial = list[int]
X: Polynomial = [0, ONE]


def roots(polynomial: Polynomial) -> list[int]:
    """Every element at which the polynomial is zero, in ascending order.

    Raises:
        FormatError: it is zero everywhere.

    >>> roots([multiply(3, 5), 3 ^ 5, ONE])  # (x + 3)(x + 5)
    [3, 5]
    """
    if not any(polynomial):
        raise FormatError("the zero polynomial has every element as its root")
    f = _monic(polynomial)
    # x^(2^128) + x is zero at every element, so this keeps the product of f's linear factors.
    power = X
    for _ in range(128):
        power = _remainder(_squared(power), f)
    return sorted(_split(_gcd(f, added(power, X)), random.Random(1)))  # noqa: S311  # not a secret


def _split(f: Polynomial, chance: random.Random) -> list[int]:
    """The roots of a product of different linear factors."""
    if len(f) <= 1:
        return []
    if len(f) == 2:
        return [f[0]]
    while True:
        # The trace of c·x is 0 at about half of the elements and 1 at the others.
        term = _remainder([0, chance.getrandbits(128)], f)
        trace = term
        for _ in range(127):
            term = _remainder(_squared(term), f)
            trace = added(trace, term)
        factor = _gcd(f, trace)
        if 1 < len(factor) < len(f):
            return _split(factor, chance) + _split(_quotient(f, factor), chance)


def added(f: Polynomial, g: Polynomial) -> Polynomial:
    """The sum of two polynomials: XOR, coefficient by coefficient.

    >>> added([1, 2], [1, 0, 4])
    [0, 2, 4]
    """
    longer, shorter = (f, g) if len(f) >= len(g) else (g, f)
    return trimmed([a ^ b for a, b in zip(longer, shorter, strict=False)] + longer[len(shorter) :])


def _squared(f: Polynomial) -> Polynomial:
    # (a + b)^2 = a^2 + b^2 where 1 + 1 = 0.
    square = [0] * (2 * len(f) - 1) if f else []
    square[::2] = [multiply(a, a) for a in f]
    return square


def _divided(f: Polynomial, g: Polynomial) -> tuple[Polynomial, Polynomial]:
    """Quotient and remainder; g is monic."""
    rest, quotient = list(f), [0] * max(len(f) - len(g) + 1, 0)
    for place in reversed(range(len(quotient))):
        factor = quotient[place] = rest[place + len(g) - 1]
        if factor:
            for offset, coefficient in enumerate(g):
                rest[place + offset] ^= multiply(factor, coefficient)
    return quotient, trimmed(rest)


def _quotient(f: Polynomial, g: Polynomial) -> Polynomial:
    return _divided(f, g)[0]


def _remainder(f: Polynomial, g: Polynomial) -> Polynomial:
    return _divided(f, g)[1]


def _gcd(f: Polynomial, g: Polynomial) -> Polynomial:
    while g:
        g = _monic(g)
        f, g = g, _remainder(f, g)
    return f


def _monic(f: Polynomial) -> Polynomial:
    f = trimmed(f)
    scale = inverse(f[-1])
    return [multiply(scale, coefficient) for coefficient in f]


def trimmed(f: Polynomial) -> Polynomial:
    """Without zeros at the high end: the last coefficient is the leading one.

    >>> trimmed([1, 0, 2, 0, 0])
    [1, 0, 2]
    """
    while f and not f[-1]:
        f = f[:-1]
    return f
