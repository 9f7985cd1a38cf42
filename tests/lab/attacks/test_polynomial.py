"""Roots over GF(2^128): all of them, each once, whatever else divides the polynomial."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from securedata.errors import FormatError
from securedata.lab.attacks.gf128 import ONE, multiply
from securedata.lab.attacks.polynomial import Polynomial, roots

OF_TRACE_ONE = 1  # x^127: a + a^2 + a^4 + … + a^(2^127) is one, not zero
fuzzing = settings(max_examples=10, deadline=None, derandomize=True, database=None)
elements = st.one_of(st.integers(0, 2**128 - 1), st.sampled_from([0, 1, ONE]))


def times(f: Polynomial, g: Polynomial) -> Polynomial:
    product = [0] * (len(f) + len(g) - 1)
    for i, a in enumerate(f):
        for j, b in enumerate(g):
            product[i + j] ^= multiply(a, b)
    return product


def with_roots(*values: int) -> Polynomial:
    """The product of all (x + value)."""
    product = [ONE]
    for value in values:
        product = times(product, [value, ONE])
    return product


def an_irreducible_quadratic(chance: random.Random) -> Polynomial:
    """x^2 + bx + c has no roots just when the trace of c / b^2 is one, as that of OF_TRACE_ONE."""
    b = chance.getrandbits(128) | 1
    return [multiply(multiply(b, b), OF_TRACE_ONE), b, ONE]


@fuzzing
@given(
    st.dictionaries(elements, st.integers(1, 2), max_size=4),
    elements.filter(bool),
    st.integers(0, 2),
    st.randoms(use_true_random=False),
)
def test_every_root_is_found_once_whatever_else_divides_the_polynomial(
    multiplicities: dict[int, int], scale: int, quadratics: int, chance: random.Random
) -> None:
    f = with_roots(*(value for value, times_ in multiplicities.items() for _ in range(times_)))
    for _ in range(quadratics):
        f = times(f, an_irreducible_quadratic(chance))
    f = [*times(f, [scale]), 0, 0]  # zeros at the high end do not count
    before = list(f)
    assert roots(f) == sorted(multiplicities)
    assert f == before


@pytest.mark.parametrize("zero", [[], [0], [0, 0]])
def test_the_zero_polynomial_is_refused_because_everything_is_its_root(zero: Polynomial) -> None:
    with pytest.raises(FormatError, match="every element as its root"):
        roots(zero)
