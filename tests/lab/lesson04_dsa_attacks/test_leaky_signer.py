"""The leaky signer: its small group derived again, its count, and the key that the count gives."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from securedata_lab.basics.small_dsa import fits
from securedata_lab.lesson04_dsa_attacks.dsa import key_from_short_ks
from securedata_lab.lesson04_dsa_attacks.leaky_signer import (
    SMALL,
    LeakySigner,
    Timed,
    counted_power,
)

fuzzing = settings(max_examples=200, deadline=None, derandomize=True, database=None)


def k_of(signer: LeakySigner, timed: Timed) -> int:
    """What the key's owner can recompute."""
    signed, q = timed.signed, SMALL.q
    return (signed.h + signer.x * signed.r) * pow(signed.s, -1, q) % q


@fuzzing
@given(st.integers(1, 2**70), st.integers(1, 2**70), st.integers(1, 2**70))
def test_a_counted_power_is_the_power_and_two_multiplications_for_every_bit(
    base: int, exponent: int, modulus: int
) -> None:
    power = pow(base, exponent, modulus)
    assert counted_power(base, exponent, modulus) == (power, 2 * exponent.bit_length())


def test_its_signatures_fit_their_count_is_that_of_k_and_its_ks_are_even() -> None:
    signer = LeakySigner(seed=1)
    assert signer.y == pow(SMALL.g, signer.x, SMALL.p)
    ks = []
    for h in range(1000):
        timed = signer.sign(h)
        assert fits(SMALL, signer.y, h, (timed.signed.r, timed.signed.s))
        ks.append(k_of(signer, timed))
        assert timed.multiplications == 2 * ks[-1].bit_length()
    assert len(set(ks)) == 1000
    assert sum(k % 2 for k in ks) in range(420, 581)
    assert 0.45 < sum(ks) / 1000 / SMALL.q < 0.55


def test_a_seed_makes_key_and_ks_the_same_again_and_another_does_not() -> None:
    def signatures(seed: int) -> list[Timed]:
        signer = LeakySigner(seed)
        return [signer.sign(h) for h in range(5)]

    assert signatures(1) == signatures(1) != signatures(2)
    assert LeakySigner(1).x != LeakySigner(2).x


@pytest.mark.parametrize("chosen", [True, False])
def test_ten_of_3000_give_the_key_if_they_were_the_quickest(chosen: bool) -> None:
    signer = LeakySigner(seed=2)
    timed = [signer.sign(h) for h in range(3000)]
    ten = sorted(timed, key=lambda one: one.multiplications if chosen else 0)[:10]
    if chosen:
        assert ten[-1].multiplications == 2 * (64 - 9)
    found = key_from_short_ks(SMALL, signer.y, [one.signed for one in ten], zero_bits=9)
    assert (found == signer.x) is chosen
