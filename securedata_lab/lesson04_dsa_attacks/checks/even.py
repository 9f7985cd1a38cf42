"""Whether ks are spread evenly, as their owner can see it."""

from collections.abc import Sequence

from securedata_lab.basics.small_dsa import REAL

BYTES = 32
SEEN, VALUES = 100, 20  # a byte takes at least so many values in so many even ks
# If k is a number of 256 bits modulo q, the lowest ones, up to 2^256 - q, come twice as often:
# 38 % of all ks instead of 23.5 %. Of 1,000, that is 380 ± 15 instead of 235 ± 13.
TWICE = 2**256 - REAL.q
TOO_MANY_LOW = 310


def uneven(ks: Sequence[int]) -> str | None:
    """What is uneven in a thousand ks: in even ones, every byte takes nearly all values."""
    for place in range(BYTES):
        values = {k.to_bytes(BYTES, "big")[place] for k in ks[:SEEN]}
        if len(values) < VALUES:
            return (
                f"expected each k equally likely, got ks whose byte {place} takes {len(values)} "
                "of 256 values; a lattice needs no more: use all 256 bits"
            )
    low = sum(k < TWICE for k in ks)
    if low > TOO_MANY_LOW:
        return (
            f"expected each k equally likely, got {low} of {len(ks)} below 2^256 - q, "
            "where 235 belong; two numbers of 256 bits give each of these: "
            "take 64 bits more, then % q"
        )
    return None
