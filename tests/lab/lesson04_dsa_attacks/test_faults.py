"""One wrong calculation, and what it tells of x."""

import random

import pytest
from lab.groups import Key, a_group, a_key

from securedata.errors import SignatureError
from securedata_lab.basics.small_dsa import Signed, sign
from securedata_lab.lesson04_dsa_attacks.faults import flipped_key_bit

pytestmark = pytest.mark.thorough  # arithmetic: the same on each machine

SIZES = [64, 160, 224, 256, 521]


def with_flipped_bit(key: Key, h: int, k: int, bit: int) -> Signed:
    """A signature by a key with one wrong bit, and all else as it should be."""
    return Signed(h, *sign(key.domain, key.x ^ 1 << bit, h, k))


@pytest.mark.parametrize("q_bits", SIZES)
def test_a_flipped_bit_of_x_is_told_whichever_value_it_has(q_bits: int) -> None:
    group, chance = a_group(q_bits), random.Random(q_bits)
    some = a_key(group, chance)
    for bit in range(0, q_bits, 1 if q_bits < 200 else 16):
        for key in (some, Key(group, (some.x ^ 1 << bit) % group.q)):
            h, k = (chance.randrange(1, group.q) for _ in range(2))
            faulty = with_flipped_bit(key, h, k, bit)
            assert flipped_key_bit(group, key.y, faulty) == (bit, key.x >> bit & 1)


@pytest.mark.parametrize("q_bits", [160, 256])
def test_a_signature_without_a_fault_or_with_two_is_explained_by_no_bit(q_bits: int) -> None:
    chance = random.Random(q_bits)
    key = a_key(a_group(q_bits), chance)
    two_bits = Key(key.domain, key.x ^ 0b101 << 20)
    faulty = with_flipped_bit(key, 5, 77, 20)
    for signed in (key.sign(5, 77), two_bits.sign(5, 77), Signed(6, faulty.r, faulty.s)):
        with pytest.raises(SignatureError, match="no single flipped bit"):
            flipped_key_bit(key.domain, key.y, signed)
