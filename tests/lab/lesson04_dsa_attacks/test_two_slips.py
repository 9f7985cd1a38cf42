"""Two slips with short ks, and what the notebook says of a student's lines."""

from collections.abc import Iterator
from typing import Any

import pytest

from securedata_lab.basics.small_dsa import REAL
from securedata_lab.lesson03_dsa_signatures.shop import fifteen_bytes, framed
from securedata_lab.lesson03_dsa_signatures.shop_client import Shop
from securedata_lab.lesson04_dsa_attacks.two_slips import (
    line_of,
    short_slips,
    show_second_theft,
    times,
    walked,
)

LINES: dict[str, Any] = {
    "my_line": line_of,
    "my_dot": walked,
    "my_key": lambda one, k, q: (one.s * k - one.h) * pow(one.r, -1, q) % q,
}


@pytest.fixture(scope="module")
def second() -> Iterator[Shop]:
    with Shop(framed, fifteen_bytes) as shop:
        yield shop


def test_two_slips_with_ks_of_120_bits_give_the_key_each_time() -> None:
    for _ in range(100):
        x, (k1, _), (one, two) = short_slips(REAL.q, 120)
        T, A = line_of(one, two, REAL.q)  # noqa: N806
        assert walked((0, REAL.q), (1, T), (0, A))[0] == k1
        assert LINES["my_key"](one, k1, REAL.q) == x


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, "ends on (8, 3), in the square\nq of 20 bits: your x is right for these two slips.\n"),
        ({}, "q of 256 bits: g^x is Kim's y: True\nValid: Kim owes Eve 9999 EUR for bottles."),
        ({"my_dot": lambda a, b, dot: [*walked(a, b, dot)]}, "g^x is Kim's y: True"),
        ({"my_line": lambda *_: (..., ...)}, "my_line is still `...`."),
        ({"my_dot": lambda *_: (3, 2)}, "ends on (3, 2), which is no dot\n"),
        ({"my_dot": lambda *_: (0, 66)}, "ends on (0, 66), outside the square\n"),
        ({"my_dot": lambda a, b, dot: (times(a, ...), 0)}, "my_pull is still `...`."),
        ({"my_dot": lambda *_: ...}, "my_dot is still `...`."),
        ({"my_dot": lambda a, b, dot: dot}, "q of 20 bits: your dot is where it began."),
        ({"my_dot": lambda a, b, dot: a}, "that x is wrong. Nothing was sent"),
        ({"my_dot": lambda a, b, dot: 5}, "my_dot must return two ints, and returned 5."),
        ({"my_line": lambda one, two, q: one.k}, "One of your lines raised AttributeError: "),
        ({"my_key": lambda one, k, q: ...}, "my_key is still `...`."),
    ],
)
def test_each_line_of_a_student_has_its_sentence(
    second: Shop, capsys: pytest.CaptureFixture[str], changed: dict[str, Any], words: str
) -> None:
    show_second_theft(second, **(LINES | changed))
    assert words in capsys.readouterr().out


def test_a_stopped_shop_is_not_the_lines_fault(capsys: pytest.CaptureFixture[str]) -> None:
    with Shop(framed, fifteen_bytes) as shop:
        pass
    show_second_theft(shop, **LINES)
    assert "raised" not in capsys.readouterr().out
