"""LLL: the rows span the same lattice, and are reduced, in exact arithmetic."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from securedata.lab.attacks.lattice import reduced

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


def normal_form(rows: list[Row]) -> list[Row]:
    """Hermite's: two bases have the same one exactly if their lattices are the same."""
    rows, done = [list(row) for row in rows], 0
    for column in range(len(rows[0])):
        while sum(row[column] != 0 for row in rows[done:]) > 1:
            rest = rows[done:]
            pivot = min((row for row in rest if row[column]), key=lambda row: abs(row[column]))
            rows[done:] = [pivot] + [
                [a - row[column] // pivot[column] * b for a, b in zip(row, pivot, strict=True)]
                for row in rest
                if row is not pivot
            ]
        at = next((i for i in range(done, len(rows)) if rows[i][column]), None)
        if at is None:
            continue
        rows[done], rows[at] = rows[at], rows[done]
        if rows[done][column] < 0:
            rows[done] = [-number for number in rows[done]]
        for i in range(done):
            times = rows[i][column] // rows[done][column]
            rows[i] = [a - times * b for a, b in zip(rows[i], rows[done], strict=True)]
        done += 1
    return rows[:done]


def are_independent(rows: list[Row]) -> bool:
    return len(normal_form(rows)) == len(rows)


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
        assert normal_form(rows) == normal_form(basis)
        assert_reduced(rows)
        assert reduced(rows) == rows

    is_reduced()


@pytest.mark.parametrize(
    ("basis", "known"),
    [
        ([[5]], [[5]]),
        ([[1, 0], [1000, 1]], [[1, 0], [0, 1]]),
        # Wikipedia's example; its third row is (-1, 0, 2), just as short: a µ of 1/2 is a tie.
        ([[1, 1, 1], [-1, 0, 2], [3, 5, 6]], [[0, 1, 0], [1, 0, 1], [-2, 0, 1]]),
        ([[201, 37], [1648, 297]], [[1, 32], [40, 1]]),
        ([[5, 1], [1, 1]], [[1, 1], [2, -2]]),
    ],
)
def test_known_answers(basis: list[Row], known: list[Row]) -> None:
    assert reduced(basis) == known


def test_dependent_rows_are_no_basis() -> None:
    with pytest.raises(ZeroDivisionError):
        reduced([[1, 2], [2, 4], [3, 5]])
