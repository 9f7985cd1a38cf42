"""Every part of `make bench` runs, with next to nothing measured; no figure is asserted."""

from pathlib import Path

import pytest
from bench.effort import Effort
from bench.page import page
from bench.section import Goal, Spread

LITTLE = Effort(
    rounds=1,
    seconds=0.05,
    kept=2,
    new=2,
    records=(100, 200),
    stalled=2,
    patience_seconds=1,
)


@pytest.mark.serial
def test_every_part_of_the_benchmark_runs(tmp_path: Path) -> None:
    figures = page(tmp_path, LITTLE)
    assert figures.count("\n## ") == 5
    assert figures.count("| met |") + figures.count("| missed |") == 1
    assert "| never |" in figures  # the naive baseline, beside one client that stalls


def test_the_median_decides_whether_a_goal_is_met() -> None:
    reached = Spread.of_ratios([3, 1, 2], [2, 1, 1])
    assert f"{reached:.1f}" == "1.5 (1.0 to 2.0)"
    assert Goal("speed", 1.5, reached).row == ("speed", "≥ 1.5", "1.50 (1.00 to 2.00)", "met")
    assert Goal("speed", 1.6, reached).row[-1] == "missed"
    assert Goal("growth", 1.6, reached, at_least=False).row[1::2] == ("≤ 1.6", "met")
