"""LLL: the rows span the same lattice, and are reduced."""

from itertools import pairwise

import numpy
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from securedata_lab.lesson04_dsa_attacks.lattice import reduced

pytestmark = pytest.mark.thorough  # arithmetic: the same on each machine

Row = list[int]
fuzzing = settings(max_examples=400, deadline=None, derandomize=True, database=None)
A_LITTLE = 1e-6  # numpy rounds


def bases() -> st.SearchStrategy[list[Row]]:
    """Rows of small numbers, as many as they are long or fewer."""

    def of(n: int) -> st.SearchStrategy[list[Row]]:
        row = st.lists(st.integers(-60, 60), min_size=n, max_size=n)
        return st.lists(row, min_size=1, max_size=n)

    return st.integers(2, 5).flatmap(of)


@fuzzing
@given(bases())
def test_any_basis_is_reduced_to_one_of_the_same_lattice_and_then_stays(basis: list[Row]) -> None:
    assume(numpy.linalg.matrix_rank(basis) == len(basis))
    before, rows = [list(row) for row in basis], reduced(basis)
    assert basis == before
    times = numpy.rint(numpy.array(rows) @ numpy.linalg.pinv(basis))  # whole multiples
    assert (times @ numpy.array(basis) == rows).all()
    assert round(abs(numpy.linalg.det(times))) == 1  # also the other way round
    # Every µ is at most 1/2, and Lovász's condition holds with 3/4.
    mus = numpy.linalg.qr(numpy.array(rows).T).R
    lengths = abs(numpy.diag(mus))
    assert (abs(mus) <= lengths[:, None] * (numpy.eye(len(rows)) + 1) / 2 + A_LITTLE).all()
    for k, (one, other) in enumerate(pairwise(lengths)):
        assert other**2 + mus[k, k + 1] ** 2 >= 3 / 4 * one**2 - A_LITTLE
    assert reduced(rows) == rows
