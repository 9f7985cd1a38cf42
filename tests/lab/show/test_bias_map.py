"""The script that makes the map of lesson 04: its cells are the attack, and can be made again."""

import random

from bias_map import is_found


def test_a_cell_tells_enough_signatures_from_too_few() -> None:
    assert is_found(128, 3, random.Random(1))
    assert is_found(64, 6, random.Random(1))
    assert not is_found(128, 1, random.Random(1))
    assert not is_found(64, 3, random.Random(1))


def test_a_seed_makes_a_cell_the_same_again() -> None:
    def row(seed: int) -> list[bool]:
        chance = random.Random(seed)
        return [is_found(128, 2, chance) for _ in range(20)]

    assert row(1) == row(1)
    assert any(row(1))
    assert not all(row(1))
