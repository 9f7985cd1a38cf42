"""Every part of `make bench` runs, with next to nothing measured; no figure is asserted."""

from pathlib import Path

import pytest
from bench.effort import Effort
from bench.page import page

LITTLE = Effort(
    rounds=1,
    seconds=0.05,
    records=(100, 200),
)


@pytest.mark.serial
def test_every_part_of_the_benchmark_runs(tmp_path: Path) -> None:
    figures = page(tmp_path, LITTLE)
    assert figures.count("\n## ") == 4
