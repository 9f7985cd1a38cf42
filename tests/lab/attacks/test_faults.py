"""One wrong calculation, and what it tells of x."""

import random
from itertools import product

import pytest
from lab.groups import Key, a_group, a_key

from securedata import SigningKey
from securedata.errors import FormatError, SignatureError
from securedata.lab.attacks import Signed, flipped_key_bit, key_from_fault
from securedata.lab.smalldsa import REAL, TOY, fits, sign

SIZES = [64, 160, 224, 256, 521]


def with_wrong_r(key: Key, h: int, k: int, r: int) -> Signed:
    """A signature whose r was changed before s was calculated with it."""
    q = key.domain.q
    return Signed(h, r, pow(k, -1, q) * (h + key.x * r) % q)


def with_flipped_bit(key: Key, h: int, k: int, bit: int) -> Signed:
    """A signature by a key with one wrong bit, and all else as it should be."""
    return Signed(h, *sign(key.domain, key.x ^ 1 << bit, h, k))


# r wrong once.


def test_every_wrong_r_in_the_toy_group_gives_x() -> None:
    tried = 0
    for x, h, k in product(range(1, TOY.q), repeat=3):
        key = Key(TOY, x)
        try:
            right = key.sign(h, k)
        except FormatError:
            continue
        for r in range(TOY.q):
            if r != right.r:
                assert key_from_fault(right, with_wrong_r(key, h, k, r), TOY.q) == x
                tried += 1
    assert tried == 9000


@pytest.mark.parametrize("q_bits", SIZES)
def test_any_wrong_r_gives_x(q_bits: int) -> None:
    chance = random.Random(q_bits)
    for _ in range(20):
        key = a_key(a_group(q_bits), chance)
        q = key.domain.q
        h, k, r = (chance.randrange(1, q) for _ in range(3))
        right = key.sign(h, k)
        one_bit = right.r ^ 1 << chance.randrange(q_bits)
        for wrong in (r, one_bit):
            faulty = with_wrong_r(key, h, k, wrong)
            assert key_from_fault(right, faulty, q) == key_from_fault(faulty, right, q) == key.x


def test_a_fault_in_s_alone_or_another_k_does_not_give_x() -> None:
    key = a_key(a_group(160), random.Random(1))
    right = key.sign(5, 77)
    q = key.domain.q
    assert key_from_fault(right, Signed(5, right.r, right.s ^ 1), q) != key.x
    assert key_from_fault(right, key.sign(5, 78), q) != key.x


def test_the_services_own_deterministic_signature_and_a_faulty_one_give_x() -> None:
    signing_key = SigningKey.generate()
    key = Key(REAL, int(signing_key._key.x))
    right = Signed.seen(b"message", signing_key.sign(b"message"), REAL.q)
    k = (right.h + key.x * right.r) * pow(right.s, -1, REAL.q) % REAL.q
    faulty = with_wrong_r(key, right.h, k, right.r ^ 1 << 100)
    assert not fits(REAL, key.y, faulty.h, (faulty.r, faulty.s))
    assert key_from_fault(right, faulty, REAL.q) == key.x


# One bit of x wrong.


def test_all_256_bits_are_told_whichever_value_they_have() -> None:
    group, chance = a_group(256), random.Random(1)
    told: set[tuple[int, int]] = set()
    some = a_key(group, chance)
    for key in (some, Key(group, some.x ^ 2**256 - 1)):  # every bit once 0 and once 1
        assert 0 < key.x < group.q
        for bit in range(256):
            h, k = (chance.randrange(1, group.q) for _ in range(2))
            faulty = with_flipped_bit(key, h, k, bit)
            assert flipped_key_bit(group, key.y, faulty) == (bit, key.x >> bit & 1)
            told.add((bit, key.x >> bit & 1))
    assert len(told) == 512


@pytest.mark.parametrize("q_bits", SIZES)
def test_in_any_group_enough_faults_tell_all_of_x(q_bits: int) -> None:
    chance = random.Random(q_bits)
    key = a_key(a_group(q_bits), chance)
    bits = range(0, q_bits, 1 if q_bits < 200 else 16)
    for bit in bits:
        h, k = (chance.randrange(1, key.domain.q) for _ in range(2))
        faulty = with_flipped_bit(key, h, k, bit)
        assert flipped_key_bit(key.domain, key.y, faulty) == (bit, key.x >> bit & 1)


def test_it_works_in_the_services_own_group() -> None:
    key = a_key(REAL, random.Random(1))
    for bit in (0, 100, 255):
        faulty = with_flipped_bit(key, 12345, 2**200 + bit, bit)
        assert flipped_key_bit(REAL, key.y, faulty) == (bit, key.x >> bit & 1)


def test_what_is_told_in_the_toy_group_explains_the_signature_though_not_always_alone() -> None:
    for x, h, k in product(range(1, TOY.q), repeat=3):
        key = Key(TOY, x)
        for bit in range(4):
            try:
                faulty = with_flipped_bit(key, h, k, bit)
            except FormatError:
                continue
            told, value = flipped_key_bit(TOY, key.y, faulty)
            step = pow(TOY.g, 1 << told, TOY.p)
            used = key.y * (step if value == 0 else pow(step, -1, TOY.p)) % TOY.p
            assert fits(TOY, used, h, (faulty.r, faulty.s))


@pytest.mark.parametrize("q_bits", [160, 256])
def test_a_signature_without_a_fault_or_with_two_is_explained_by_no_bit(q_bits: int) -> None:
    chance = random.Random(q_bits)
    key = a_key(a_group(q_bits), chance)
    two_bits = Key(key.domain, key.x ^ 0b101 << 20)
    other = a_key(key.domain, chance)
    assert abs(two_bits.x - key.x).bit_count() > 1
    for signed in (key.sign(5, 77), two_bits.sign(5, 77), other.sign(5, 77)):
        with pytest.raises(SignatureError, match="no single flipped bit"):
            flipped_key_bit(key.domain, key.y, signed)
    faulty = with_flipped_bit(key, 5, 77, 20)
    with pytest.raises(SignatureError, match="no single flipped bit"):
        flipped_key_bit(key.domain, key.y, Signed(6, faulty.r, faulty.s))
