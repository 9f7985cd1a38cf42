"""x out of short ks."""

import random

import pytest

from securedata_lab.basics.small_dsa import REAL, Signed, sign
from securedata_lab.lesson04_dsa_attacks.dsa import key_from_short_ks

pytestmark = pytest.mark.thorough  # arithmetic: the same on each machine


def y_of(x: int) -> int:
    return pow(REAL.g, x, REAL.p)


def short_k_signatures(x: int, count: int, zero_bits: int, chance: random.Random) -> list[Signed]:
    """Signatures whose ks begin with so many zero bits; with none, they are evenly drawn."""
    longest = REAL.q if zero_bits == 0 else 1 << 256 - zero_bits
    pairs = [(chance.randrange(REAL.q), chance.randrange(1, longest)) for _ in range(count)]
    return [Signed(h, *sign(REAL, x, h, k)) for h, k in pairs]


@pytest.mark.parametrize(
    ("zero_bits", "count", "x"),
    [(32, 10, 2**200 + 7), (64, 5, 1), (64, 5, REAL.q - 1), (128, 3, 2**100)],
)
def test_short_ks_give_x_also_where_there_is_more_than_is_needed(
    zero_bits: int, count: int, x: int
) -> None:
    chance = random.Random(zero_bits)
    signed = short_k_signatures(x, count, zero_bits, chance)
    shorter = short_k_signatures(x, count, zero_bits + 20, chance)
    for some in (signed, [*signed, signed[0], *shorter[:2]], shorter):
        assert key_from_short_ks(REAL, y_of(x), some, zero_bits) == x


@pytest.mark.parametrize("seed", range(2))
def test_what_does_not_belong_together_gives_no_key(seed: int) -> None:
    chance = random.Random(seed)
    x, other = chance.randrange(1, REAL.q), chance.randrange(1, REAL.q)
    signed = short_k_signatures(x, 6, 64, chance)
    foreign = [*short_k_signatures(other, 1, 64, chance), *signed[1:]]
    wrong_hash = [*signed[:5], Signed(signed[5].h ^ 1, signed[5].r, signed[5].s)]
    even = short_k_signatures(x, 6, 0, chance)
    for some in (foreign, wrong_hash, even, signed[:3], []):
        assert key_from_short_ks(REAL, y_of(x), some, zero_bits=64) is None
    assert key_from_short_ks(REAL, y_of(other), signed, zero_bits=64) is None
    assert key_from_short_ks(REAL, y_of(x), signed, zero_bits=64) == x
