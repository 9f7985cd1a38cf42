"""The five flaws of lesson 08 are independent: all 32 combinations of open and fixed ones."""

from pathlib import Path

import pytest
from lab.lesson08_break_it_fix_it.auditing.judging import combination, judge_alone

pytestmark = pytest.mark.soak


@pytest.mark.parametrize("number", range(32))
def test_each_flaw_is_judged_alone(tmp_path: Path, number: int) -> None:
    judge_alone(tmp_path, combination(number))
