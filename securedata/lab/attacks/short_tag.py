"""Guessing a tag that may be short: one byte in at most 256 tries (NIST SP 800-38D, appendix C)."""

from collections.abc import Callable
from itertools import product

from securedata.errors import FormatError


def guess_tag(accepts: Callable[[bytes], bool], length: int = 1) -> tuple[bytes, int]:
    """Try every tag of this many bytes; return the one that is accepted, and how many were tried.

    Raises:
        FormatError: no tag was accepted.

    >>> guess_tag(lambda tag: tag == bytes([200]))
    (b'\\xc8', 201)
    """
    for tried, values in enumerate(product(range(256), repeat=length), start=1):
        if accepts(bytes(values)):
            return bytes(values), tried
    raise FormatError(f"no tag of {length} bytes is accepted: the tag's length is fixed")
