"""LLL: the rows span the same lattice, and are reduced, in exact arithmetic."""

import random
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise, product

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


def assert_reduces(basis: list[Row]) -> None:
    rows = reduced(basis)
    assert len(rows) == len(basis)
    assert normal_form(rows) == normal_form(basis)
    assert_reduced(rows)


def bases(least: int, most: int, wider: int = 0, size: int = 60) -> st.SearchStrategy[list[Row]]:
    """Bases of so many rows, each with `wider` more columns than there are rows."""

    def of(n: int) -> st.SearchStrategy[list[Row]]:
        row = st.lists(st.integers(-size, size), min_size=n + wider, max_size=n + wider)
        return st.lists(row, min_size=n, max_size=n)

    return st.integers(least, most).flatmap(of)


def test_the_normal_form_tells_lattices_apart() -> None:
    assert normal_form([[2, 0], [0, 3]]) == normal_form([[2, 3], [4, 3]]) == [[2, 0], [0, 3]]
    assert normal_form([[1, 0], [0, 6]]) != normal_form([[2, 0], [0, 3]])
    assert normal_form([[1, 2], [2, 4]]) == [[1, 2]]


@fuzzing
@given(bases(2, 6))
def test_any_small_basis_is_reduced_to_one_of_the_same_lattice(basis: list[Row]) -> None:
    assume(are_independent(basis))
    assert_reduces(basis)


@fuzzing
@given(bases(1, 4, wider=2))
def test_rows_may_be_longer_than_there_are_rows(basis: list[Row]) -> None:
    assume(are_independent(basis))
    assert_reduces(basis)


@fuzzing
@given(bases(2, 3, size=2**200))
def test_numbers_may_be_long(basis: list[Row]) -> None:
    assume(are_independent(basis))
    assert_reduces(basis)


@fuzzing
@given(bases(2, 3, size=30))
def test_the_first_row_is_the_shortest_vector_or_close_to_it(basis: list[Row]) -> None:
    assume(are_independent(basis))
    rows, n = reduced(basis), len(basis)
    # In a reduced basis of 2 or 3 rows, a shortest vector needs none of them more than twice.
    shortest = min(
        dot(vector, vector)
        for times in product(range(-2, 3), repeat=n)
        if any(times)
        for vector in [
            [sum(t * row[i] for t, row in zip(times, rows, strict=True)) for i in range(n)]
        ]
    )
    assert dot(rows[0], rows[0]) <= 2 ** (n - 1) * shortest


@fuzzing
@given(bases(2, 5))
def test_what_is_reduced_stays_as_it_is(basis: list[Row]) -> None:
    assume(are_independent(basis))
    rows = reduced(basis)
    assert reduced(rows) == rows


@pytest.mark.parametrize("seed", range(3))
def test_a_lattice_as_an_attack_has_it_is_reduced(seed: int) -> None:
    chance = random.Random(seed)
    q, n = 2**64 - 59, 6
    basis = [[q * q if i == j else 0 for j in range(n)] + [0, 0] for i in range(n)]
    basis.append([q * chance.randrange(q) for _ in range(n)] + [2**48, 0])
    basis.append([q * chance.randrange(q) for _ in range(n)] + [0, q * 2**48])
    assert_reduces(basis)


@pytest.mark.parametrize(
    ("basis", "known"),
    [
        ([[5]], [[5]]),
        ([[1, 0], [0, 1]], [[1, 0], [0, 1]]),
        ([[1, 0], [1000, 1]], [[1, 0], [0, 1]]),
        # Wikipedia's example; its third row is (-1, 0, 2), just as short: a µ of 1/2 is a tie.
        ([[1, 1, 1], [-1, 0, 2], [3, 5, 6]], [[0, 1, 0], [1, 0, 1], [-2, 0, 1]]),
        ([[201, 37], [1648, 297]], [[1, 32], [40, 1]]),
        ([[5, 1], [1, 1]], [[1, 1], [2, -2]]),
    ],
)
def test_known_answers(basis: list[Row], known: list[Row]) -> None:
    assert reduced(basis) == known


def test_a_short_vector_that_was_hidden_is_found() -> None:
    chance = random.Random(1)
    hidden = [3, -1, 4, 1, -5]
    rows = [hidden, *([chance.randrange(10**6) for _ in range(5)] for _ in range(4))]
    for _ in range(40):  # mixed until no row is short
        i, j = chance.sample(range(5), 2)
        times = chance.choice([-2, -1, 1, 2])
        rows[i] = [a + times * b for a, b in zip(rows[i], rows[j], strict=True)]
    assert min(max(map(abs, row)) for row in rows) > 10**6
    first = reduced(rows)[0]
    assert first in (hidden, [-number for number in hidden])


def test_nothing_is_changed_in_place() -> None:
    basis = [[201, 37], [1648, 297]]
    reduced(basis)
    assert basis == [[201, 37], [1648, 297]]


def test_dependent_rows_are_no_basis() -> None:
    with pytest.raises(ZeroDivisionError):
        reduced([[1, 2], [2, 4], [3, 5]])
