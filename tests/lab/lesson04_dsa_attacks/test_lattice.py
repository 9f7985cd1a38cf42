"""LLL: the rows span the same lattice, and are reduced, in exact arithmetic."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from securedata_lab.lesson04_dsa_attacks.lattice import reduced

pytestmark = pytest.mark.thorough  # arithmetic: the same on each machine

Row = list[int]
Fractions = list[Fraction]
fuzzing = settings(max_examples=150, deadline=None, derandomize=True, database=None)


def dot(one: Sequence[Fraction | int], other: Sequence[Fraction | int]) -> Fraction:
    return sum((Fraction(a) * b for a, b in zip(one, other, strict=True)), Fraction(0))


def perpendicular(rows: list[Row]) -> tuple[list[Fractions], list[Fractions]]:
    """Gram and Schmidt: what is perpendicular in every row, and every µ(i, j)."""
    stars: list[Fractions] = []
    mus: list[Fractions] = []
    for row in rows:
        mus.append([dot(row, star) / dot(star, star) for star in stars])
        star = [Fraction(number) for number in row]
        for mu, other in zip(mus[-1], stars, strict=True):
            star = [a - mu * b for a, b in zip(star, other, strict=True)]
        stars.append(star)
    return stars, mus


def are_independent(rows: list[Row]) -> bool:
    try:
        return all(any(star) for star in perpendicular(rows)[0])
    except ZeroDivisionError:
        return False


def is_spanned(row: Row, basis: list[Row]) -> bool:
    """Whether whole multiples of the basis add up to this row."""
    stars, _ = perpendicular(basis)
    rest = [Fraction(number) for number in row]
    for star, other in reversed(list(zip(stars, basis, strict=True))):
        times = dot(rest, star) / dot(star, star)
        if times.denominator != 1:
            return False
        rest = [a - times * b for a, b in zip(rest, other, strict=True)]
    return not any(rest)


def assert_reduced(rows: list[Row]) -> None:
    """Every µ is at most 1/2, and Lovász's condition holds with 3/4."""
    stars, mus = perpendicular(rows)
    assert all(abs(mu) <= Fraction(1, 2) for row in mus for mu in row)
    for k, (before, star) in enumerate(pairwise(stars), start=1):
        assert dot(star, star) >= (Fraction(3, 4) - mus[k][k - 1] ** 2) * dot(before, before)


def bases(least: int, most: int, wider: int = 0, size: int = 60) -> st.SearchStrategy[list[Row]]:
    """Bases of so many rows, each with `wider` more columns than there are rows."""

    def of(n: int) -> st.SearchStrategy[list[Row]]:
        row = st.lists(st.integers(-size, size), min_size=n + wider, max_size=n + wider)
        return st.lists(row, min_size=n, max_size=n)

    return st.integers(least, most).flatmap(of)


@pytest.mark.parametrize(
    "some",
    [bases(2, 6), bases(1, 4, wider=2), bases(2, 3, size=2**200)],
    ids=["square", "wide", "long numbers"],
)
def test_any_basis_is_reduced_to_one_of_the_same_lattice_and_then_stays(
    some: st.SearchStrategy[list[Row]],
) -> None:
    @fuzzing
    @given(some)
    def is_reduced(basis: list[Row]) -> None:
        assume(are_independent(basis))
        before, rows = [list(row) for row in basis], reduced(basis)
        assert basis == before
        assert len(rows) == len(basis)
        assert all(is_spanned(row, basis) for row in rows)
        assert all(is_spanned(row, rows) for row in basis)
        assert_reduced(rows)
        assert reduced(rows) == rows

    is_reduced()
