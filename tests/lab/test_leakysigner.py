"""The leaky signer: its small group derived again, its count, and the key that the count gives."""

import random
from itertools import count

import pytest
from Crypto.Util.number import isPrime
from hypothesis import given, settings
from hypothesis import strategies as st

from securedata.lab.attacks import key_from_short_ks
from securedata.lab.leakysigner import SMALL, LeakySigner, Timed, counted_power
from securedata.lab.smalldsa import fits

fuzzing = settings(max_examples=200, deadline=None, derandomize=True, database=None)


def k_of(signer: LeakySigner, timed: Timed) -> int:
    """What the key's owner can recompute."""
    signed, q = timed.signed, SMALL.q
    return (signed.h + signer.x * signed.r) * pow(signed.s, -1, q) % q


def shortest(timed: list[Timed], how_many: int) -> tuple[list[Timed], int]:
    """Those that took the fewest multiplications, and the zero bits that all of them have."""
    quickest = sorted(timed, key=lambda one: one.multiplications)[:how_many]
    return quickest, SMALL.q.bit_length() - quickest[-1].multiplications // 2


# The group.


def test_q_is_the_largest_prime_below_2_to_the_64() -> None:
    assert next(n for n in range(2**64 - 1, 0, -1) if isPrime(n)) == SMALL.q


def test_p_is_the_first_prime_of_256_bits_that_is_one_more_than_a_multiple_of_q() -> None:
    first = -(-(2**255 - 1) // SMALL.q)
    assert (first * SMALL.q + 1).bit_length() == 256
    assert ((first - 1) * SMALL.q + 1).bit_length() == 255
    found = next(k * SMALL.q + 1 for k in count(first) if isPrime(k * SMALL.q + 1))
    assert found == SMALL.p


def test_g_follows_from_2_and_generates_the_subgroup_of_order_q() -> None:
    assert pow(2, (SMALL.p - 1) // SMALL.q, SMALL.p) == SMALL.g != 1
    assert pow(SMALL.g, SMALL.q, SMALL.p) == 1


# Counting.


@fuzzing
@given(st.integers(0, 2**70), st.integers(1, 2**70), st.integers(1, 2**70))
def test_a_counted_power_is_the_power_and_two_multiplications_for_every_bit(
    base: int, exponent: int, modulus: int
) -> None:
    power = pow(base, exponent, modulus)
    assert counted_power(base, exponent, modulus) == (power, 2 * exponent.bit_length())


@pytest.mark.parametrize("length", [1, 2, 8, 63, 64])
def test_the_count_tells_the_length_and_nothing_of_the_bits(length: int) -> None:
    chance = random.Random(length)
    first_bit = 1 << length - 1
    exponents = [
        first_bit,
        2 * first_bit - 1,
        *(first_bit | chance.randrange(first_bit) for _ in "123"),
    ]
    assert {counted_power(SMALL.g, n, SMALL.p)[1] for n in exponents} == {2 * length}


# Signing.


def test_its_signatures_fit_and_their_count_is_that_of_k() -> None:
    signer = LeakySigner(seed=1)
    assert signer.domain is SMALL
    assert signer.y == pow(SMALL.g, signer.x, SMALL.p)
    for h in range(200):
        timed = signer.sign(h)
        assert timed.signed.h == h
        assert fits(SMALL, signer.y, h, (timed.signed.r, timed.signed.s))
        assert timed.multiplications == 2 * k_of(signer, timed).bit_length()


def test_its_ks_are_evenly_drawn_odd_ones_and_even_ones() -> None:
    signer = LeakySigner(seed=1)
    ks = [k_of(signer, signer.sign(h)) for h in range(1000)]
    assert len(set(ks)) == 1000
    assert sum(k % 2 for k in ks) in range(420, 581)
    assert 0.45 < sum(ks) / 1000 / SMALL.q < 0.55


def test_a_seed_makes_key_and_ks_the_same_again_and_another_does_not() -> None:
    def signatures(seed: int) -> list[Timed]:
        signer = LeakySigner(seed)
        return [signer.sign(h) for h in range(5)]

    assert signatures(1) == signatures(1)
    assert signatures(1) != signatures(2)
    assert LeakySigner(1).x != LeakySigner(2).x


# The attack.


def test_ten_quick_ones_of_3000_give_the_key_of_seed_2() -> None:
    signer = LeakySigner(seed=2)
    quickest, zero_bits = shortest([signer.sign(h) for h in range(3000)], 10)
    assert zero_bits == 9
    assert all(k_of(signer, one) >> 64 - zero_bits == 0 for one in quickest)
    signed = [one.signed for one in quickest]
    assert key_from_short_ks(SMALL, signer.y, signed, zero_bits) == signer.x


def test_ten_that_were_not_chosen_by_their_count_do_not() -> None:
    signer = LeakySigner(seed=2)
    signed = [signer.sign(h).signed for h in range(10)]
    assert key_from_short_ks(SMALL, signer.y, signed, zero_bits=9) is None
