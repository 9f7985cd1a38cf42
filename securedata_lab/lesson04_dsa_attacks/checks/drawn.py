"""The signatures of lesson 04's checks."""

from securedata_lab.basics import small_dsa
from securedata_lab.basics.small_dsa import REAL, Signed


def signed_with(x: int, k: int, h: int) -> Signed:
    """A signature in the service's own group.

    >>> signed_with(x=1, k=2, h=3).h
    3
    """
    return Signed(h, *small_dsa.sign(REAL, x, h, k))
