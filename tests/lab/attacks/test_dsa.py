"""x out of what is known of k: in toy groups by brute force, and in groups of every size."""

import random
import time
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lab.groups import Key, a_group, a_key, short_k_signatures

from securedata.errors import FormatError
from securedata.lab.attacks import Signed, equal_r, k_from_pair, key_from_k, key_from_short_ks
from securedata.lab.smalldsa import REAL, TOY, Domain, hashed, to_bytes

SIZES = [64, 160, 224, 256, 521]
TOYS = [TOY, Domain(47, 23, 2), Domain(11, 5, 3)]
fuzzing = settings(max_examples=50, deadline=None, derandomize=True, database=None)


def toy_signatures(toy: Domain, x: int, k: int) -> list[Signed]:
    """All that this key can sign with this k."""
    signed = []
    for h in range(toy.q):
        try:
            signed.append(Key(toy, x).sign(h, k))
        except FormatError:  # r or s would be zero
            continue
    return signed


# What is seen of a signature.


def test_what_is_seen_is_the_hash_and_the_two_halves() -> None:
    seen = Signed.seen(b"attack at dawn", to_bytes((3, 2**255)), REAL.q)
    assert seen == Signed(hashed(b"attack at dawn", REAL.q), 3, 2**255)
    cut = Signed.seen(b"attack at dawn", to_bytes((3, 4)), a_group(160).q)
    assert cut.h == seen.h >> 96


@pytest.mark.parametrize("length", [0, 63, 65])
def test_a_signature_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(FormatError, match="a signature is 64 bytes"):
        Signed.seen(b"", bytes(length), REAL.q)


# k known, k repeated.


@pytest.mark.parametrize("toy", TOYS, ids=lambda toy: f"{toy.p}/{toy.q}")
def test_every_known_k_and_every_pair_in_a_toy_group_gives_x(toy: Domain) -> None:
    for x, k in product(range(1, toy.q), repeat=2):
        signed = toy_signatures(toy, x, k)
        assert all(key_from_k(one, k, toy.q) == x for one in signed)
        for one, two in product(signed, repeat=2):
            if one.h != two.h:
                assert k_from_pair(one, two, toy.q) == k


@pytest.mark.parametrize("q_bits", SIZES)
def test_a_known_k_gives_x_and_a_wrong_one_another(q_bits: int) -> None:
    chance = random.Random(q_bits)
    for _ in range(10):
        key = a_key(a_group(q_bits), chance)
        h, k = (chance.randrange(1, key.domain.q) for _ in range(2))
        assert key_from_k(key.sign(h, k), k, key.domain.q) == key.x
        assert key_from_k(key.sign(h, k), k + 1, key.domain.q) != key.x


@pytest.mark.parametrize("q_bits", SIZES)
def test_a_repeated_k_gives_k_and_x(q_bits: int) -> None:
    chance = random.Random(q_bits)
    for _ in range(10):
        key = a_key(a_group(q_bits), chance)
        q = key.domain.q
        one_h, two_h, k = (chance.randrange(1, q) for _ in range(3))
        one, two = key.sign(one_h, k), key.sign(two_h, k)
        assert k_from_pair(one, two, q) == k_from_pair(two, one, q) == k
        assert key_from_k(one, k_from_pair(one, two, q), q) == key.x
        exchanged = k_from_pair(Signed(two.h, one.r, one.s), Signed(one.h, two.r, two.s), q)
        assert exchanged == q - k  # (h1 - h2) / (s2 - s1): what comes out is -k


def test_a_hash_that_is_longer_than_q_is_the_same_modulo_q() -> None:
    key = a_key(a_group(160), random.Random(1))
    q = key.domain.q
    one, two = key.sign(5, 77), key.sign(9, 77)
    longer = Signed(one.h + 3 * q, one.r, one.s)
    assert k_from_pair(longer, two, q) == 77
    assert key_from_k(longer, 77, q) == key.x


def test_one_signature_twice_is_refused_with_a_sentence() -> None:
    signed = a_key(a_group(160), random.Random(1)).sign(5, 77)
    with pytest.raises(FormatError, match="one signature twice says nothing about k"):
        k_from_pair(signed, signed, a_group(160).q)


# Equal r among many.


def test_the_pairs_with_equal_r_are_found_among_many() -> None:
    chance = random.Random(1)
    signed = [Signed(chance.getrandbits(256), r, chance.getrandbits(256)) for r in range(1000)]
    assert equal_r(signed) == []
    signed[700] = Signed(1, 30, 2)
    signed[999] = Signed(3, 700, 4)
    assert equal_r(signed) == [(30, 700)]


def test_three_with_one_r_are_three_pairs_and_s_and_h_do_not_matter() -> None:
    signed = [Signed(h, r, s) for h, r, s in [(1, 5, 1), (1, 6, 1), (1, 5, 1), (2, 5, 3)]]
    assert equal_r(signed) == [(0, 2), (0, 3), (2, 3)]
    assert equal_r([]) == equal_r(signed[:1]) == []


@fuzzing
@given(st.lists(st.integers(1, 8), max_size=30))
def test_every_pair_of_equals_is_found_once(rs: list[int]) -> None:
    signed = [Signed(h, r, 1) for h, r in enumerate(rs)]
    places = product(range(len(rs)), repeat=2)
    assert sorted(equal_r(signed)) == [(i, j) for i, j in places if i < j and rs[i] == rs[j]]


# Short ks.


@pytest.mark.thorough
def test_twenty_fresh_keys_are_found_from_six_signatures_with_64_zero_bits() -> None:
    started, found = time.process_time(), 0
    for number in range(20):
        chance = random.Random(f"key {number}")
        key = a_key(REAL, chance)
        signed = short_k_signatures(key, 6, 64, chance)
        assert all(one.r and one.s for one in signed)
        found += key_from_short_ks(REAL, key.y, signed, zero_bits=64) == key.x
    seconds = time.process_time() - started
    print(f"{found} of 20 keys found in {seconds:.1f} s of one core")
    assert found == 20
    assert seconds < 15


@pytest.mark.thorough
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


def test_more_signatures_and_a_greater_bias_than_said_do_no_harm() -> None:
    chance = random.Random(1)
    key = a_key(a_group(160), chance)
    for count, zero_bits in [(8, 40), (12, 40), (6, 44), (6, 60)]:
        signed = short_k_signatures(key, count, zero_bits, chance)
        assert key_from_short_ks(key.domain, key.y, signed, zero_bits=40) == key.x


@pytest.mark.parametrize("x", [1, 2, -1, -2])
def test_the_smallest_and_the_greatest_keys_are_found_too(x: int) -> None:
    key = Key(a_group(160), x % a_group(160).q)
    signed = short_k_signatures(key, 6, 40, random.Random(x))
    assert key_from_short_ks(key.domain, key.y, signed, zero_bits=40) == key.x


def test_the_same_signature_twice_does_no_harm() -> None:
    chance = random.Random(1)
    key = a_key(a_group(160), chance)
    signed = short_k_signatures(key, 6, 40, chance)
    assert key_from_short_ks(key.domain, key.y, [*signed, signed[0]], zero_bits=40) == key.x


def test_another_y_gets_no_key() -> None:
    chance = random.Random(1)
    key, other = a_key(REAL, chance), a_key(REAL, chance)
    signed = short_k_signatures(key, 6, 64, chance)
    assert key_from_short_ks(REAL, other.y, signed, zero_bits=64) is None
    assert key_from_short_ks(REAL, 1, signed, zero_bits=64) is None
    assert key_from_short_ks(REAL, key.y, signed, zero_bits=64) == key.x


@pytest.mark.parametrize("q_bits", [160, 256])
def test_evenly_drawn_ks_give_no_key(q_bits: int) -> None:
    for seed in range(3):
        chance = random.Random(seed)
        key = a_key(a_group(q_bits), chance)
        signed = short_k_signatures(key, 6, 0, chance)
        assert key_from_short_ks(key.domain, key.y, signed, zero_bits=q_bits // 4) is None


@pytest.mark.parametrize("foreign", [1, 3])
def test_signatures_of_another_key_among_them_give_no_key(foreign: int) -> None:
    chance = random.Random(foreign)
    key, other = a_key(REAL, chance), a_key(REAL, chance)
    signed = short_k_signatures(key, 6, 64, chance)
    signed[:foreign] = short_k_signatures(other, foreign, 64, chance)
    assert key_from_short_ks(REAL, key.y, signed, zero_bits=64) is None
    assert key_from_short_ks(REAL, other.y, signed, zero_bits=64) is None


def test_one_wrong_hash_among_them_gives_no_key() -> None:
    chance = random.Random(1)
    key = a_key(REAL, chance)
    signed = short_k_signatures(key, 6, 64, chance)
    signed[3] = Signed(signed[3].h ^ 1, signed[3].r, signed[3].s)
    assert key_from_short_ks(REAL, key.y, signed, zero_bits=64) is None


def test_three_signatures_with_64_zero_bits_are_too_few_and_none_say_nothing() -> None:
    chance = random.Random(1)
    key = a_key(REAL, chance)
    signed = short_k_signatures(key, 3, 64, chance)
    assert key_from_short_ks(REAL, key.y, signed, zero_bits=64) is None
    assert key_from_short_ks(REAL, key.y, [], zero_bits=64) is None
