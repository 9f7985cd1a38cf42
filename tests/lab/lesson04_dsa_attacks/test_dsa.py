"""x out of short ks, in groups of every size."""

import random

import pytest
from lab.groups import Key, a_group, a_key, short_k_signatures

from securedata_lab.basics.small_dsa import REAL, Signed
from securedata_lab.lesson04_dsa_attacks.dsa import key_from_short_ks

pytestmark = pytest.mark.thorough  # arithmetic: the same on each machine


@pytest.mark.parametrize(
    ("q_bits", "zero_bits", "count"),
    [
        (64, 16, 6),
        (64, 24, 4),
        (160, 40, 6),
        (160, 80, 3),
        (224, 64, 5),
        (256, 32, 10),
        (256, 64, 5),
        (256, 128, 3),
        (521, 174, 4),
        (521, 260, 3),
    ],
)
def test_groups_of_every_size_and_other_biases(q_bits: int, zero_bits: int, count: int) -> None:
    chance = random.Random(q_bits + zero_bits)
    key = a_key(a_group(q_bits), chance)
    signed = short_k_signatures(key, count, zero_bits, chance)
    assert key_from_short_ks(key.domain, key.y, signed, zero_bits) == key.x


@pytest.mark.parametrize("x", [1, -1, 2**100])
def test_more_signatures_than_needed_a_greater_bias_and_doubles_do_no_harm(x: int) -> None:
    group, chance = a_group(160), random.Random(x)
    key = Key(group, x % group.q)
    for count, zero_bits in [(6, 40), (12, 40), (6, 60)]:
        signed = short_k_signatures(key, count, zero_bits, chance)
        assert key_from_short_ks(group, key.y, [*signed, signed[0]], zero_bits=40) == key.x


@pytest.mark.parametrize("seed", range(2))
def test_what_does_not_belong_together_gives_no_key(seed: int) -> None:
    chance = random.Random(seed)
    key, other = a_key(REAL, chance), a_key(REAL, chance)
    signed = short_k_signatures(key, 6, 64, chance)
    foreign = [*short_k_signatures(other, 1, 64, chance), *signed[1:]]
    wrong_hash = [*signed[:5], Signed(signed[5].h ^ 1, signed[5].r, signed[5].s)]
    even = short_k_signatures(key, 6, 0, chance)
    for some in (foreign, wrong_hash, even, signed[:3], []):
        assert key_from_short_ks(REAL, key.y, some, zero_bits=64) is None
    assert key_from_short_ks(REAL, other.y, signed, zero_bits=64) is None
    assert key_from_short_ks(REAL, key.y, signed, zero_bits=64) == key.x
