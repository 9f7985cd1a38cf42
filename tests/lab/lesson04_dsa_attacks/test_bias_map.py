"""The script that makes the map of lesson 04: its cells are the attack."""

import random

from bias_map import is_found


def test_a_cell_tells_enough_signatures_from_too_few() -> None:
    assert is_found(128, 3, random.Random(1))
    assert is_found(64, 6, random.Random(1))
    assert not is_found(128, 1, random.Random(1))
    assert not is_found(64, 3, random.Random(1))
