"""Every part of `make bench` runs, with next to nothing measured; no figure is asserted."""

from pathlib import Path

import pytest
from bench.page import page


@pytest.mark.serial
def test_every_part_of_the_benchmark_runs(tmp_path: Path) -> None:
    figures = page(tmp_path, rounds=1, seconds=0.05, records=(100, 200))
    assert figures.count("\n## ") == 4
