"""Arithmetic in GF(2^128), as GCM does it (NIST SP 800-38D, 6.3): numbers for tags.

Elements are Python ints. The first bit of a block is the coefficient of x^0 and the *highest* bit
of the int, so one is 1 << 127. Addition is XOR.
"""

from securedata.errors import FormatError

REDUCTION = 0xE1 << 120  # x^128 = 1 + x + x^2 + x^7, in this order of bits
ONE = 1 << 127
MASK = 2**128 - 1


def multiply(x: int, y: int) -> int:
    """The product of two elements, bit by bit (SP 800-38D, 6.3, algorithm 1).

    >>> multiply(ONE, 12345)
    12345
    """
    product = 0
    while y:
        if y & ONE:
            product ^= x
        y = (y << 1) & MASK
        x = (x >> 1) ^ (REDUCTION if x & 1 else 0)
    return product


def inverse(x: int) -> int:
    """The element that gives one when multiplied with x: x^(2^128 - 2).

    Raises:
        FormatError: x is zero, which has no inverse.

    >>> multiply(inverse(7), 7) == ONE
    True
    """
    if not x:
        raise FormatError("zero has no inverse")
    result = ONE
    for _ in range(127):
        x = multiply(x, x)
        result = multiply(result, x)
    return result


def square_root(x: int) -> int:
    """The one element whose square is x: in a field of 2^128 elements, x^(2^127).

    >>> square_root(multiply(7, 7))
    7
    """
    for _ in range(127):
        x = multiply(x, x)
    return x
