"""Roots over GF(2^128): all of them, each once, whatever else divides the polynomial."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from securedata.errors import FormatError
from securedata.lab.attacks.field import ONE, inverse, multiply
from securedata.lab.attacks.polynomial import Polynomial, roots, trimmed

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


def value_at(f: Polynomial, x: int) -> int:
    value = 0
    for coefficient in reversed(f):
        value = multiply(value, x) ^ coefficient
    return value


def trace(a: int) -> int:
    """a + a^2 + a^4 + … + a^(2^127), which is zero or one."""
    total = a
    for _ in range(127):
        a = multiply(a, a)
        total ^= a
    return total


def an_irreducible_quadratic(chance: random.Random) -> Polynomial:
    """x^2 + bx + c has no roots just when the trace of c / b^2 is one."""
    while True:
        b, c = chance.getrandbits(128) | 1, chance.getrandbits(128)
        if trace(multiply(c, inverse(multiply(b, b)))) == ONE:
            return [c, b, ONE]


@fuzzing
@given(st.sets(elements, min_size=1, max_size=5), elements.filter(bool))
def test_every_root_is_found_whatever_the_leading_coefficient(values: set[int], scale: int) -> None:
    f = times(with_roots(*values), [scale])
    assert roots(f) == sorted(values)


@fuzzing
@given(st.dictionaries(elements, st.integers(1, 3), min_size=1, max_size=3))
def test_a_multiple_root_is_told_once(multiplicities: dict[int, int]) -> None:
    values = [value for value, times_ in multiplicities.items() for _ in range(times_)]
    assert roots(with_roots(*values)) == sorted(multiplicities)


@fuzzing
@given(st.sets(elements, max_size=3), st.integers(1, 2), st.integers(0, 2**32))
def test_factors_without_roots_do_not_disturb(values: set[int], count: int, seed: int) -> None:
    f, chance = with_roots(*values), random.Random(seed)
    for _ in range(count):
        f = times(f, an_irreducible_quadratic(chance))
    assert roots(f) == sorted(values)


def test_many_roots_are_found_too() -> None:
    chance = random.Random(1)
    values = sorted(chance.getrandbits(128) for _ in range(8))
    assert roots(with_roots(*values)) == values


@fuzzing
@given(st.lists(elements, min_size=2, max_size=5).filter(lambda f: any(f[1:])))
def test_what_is_found_in_any_polynomial_is_a_root(f: list[int]) -> None:
    found = roots(f)
    assert len(found) <= len(f) - 1
    assert len(set(found)) == len(found)
    assert all(value_at(f, root) == 0 for root in found)


def test_a_constant_has_no_roots() -> None:
    assert roots([5]) == roots([ONE]) == roots([5, 0, 0]) == []


def test_the_zero_polynomial_is_refused_because_everything_is_its_root() -> None:
    for zero in ([], [0], [0, 0]):
        with pytest.raises(FormatError):
            roots(zero)


def test_x_and_its_powers_have_the_root_zero() -> None:
    assert roots([0, ONE]) == roots([0, 7]) == roots([0, 0, 0, ONE]) == [0]


def test_zeros_at_the_high_end_do_not_count() -> None:
    assert roots([3, ONE, 0, 0]) == [3]
    assert trimmed([0, 0]) == trimmed([]) == []
    assert trimmed([0, 1]) == [0, 1]


def test_the_same_polynomial_has_the_same_roots_every_time() -> None:
    f = with_roots(1, 2, 3, ONE)
    assert roots(f) == roots(f) == [1, 2, 3, ONE]


@pytest.mark.parametrize("degree", [1, 2, 3, 7])
def test_the_argument_is_left_as_it_was(degree: int) -> None:
    f = with_roots(*range(1, degree + 1))
    before = list(f)
    roots(f)
    assert f == before
