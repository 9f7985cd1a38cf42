"""Tests of securedata_lab/lesson03_dsa_signatures/shop_attacks.py."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from securedata_lab.lesson03_dsa_signatures.shop import joined
from securedata_lab.lesson03_dsa_signatures.shop_attacks import again, everywhere
from securedata_lab.lesson03_dsa_signatures.shop_client import Shop
from securedata_lab.servers.starting import LabServer

TWICE = "read twice: normal"
Said = pytest.CaptureFixture[str]


def my_sign(p: int, q: int, g: int, x: int, h: int, k: int) -> tuple[int, int]:
    r = pow(g, k, p) % q
    return r, (h + x * r) * pow(k, -1, q) % q


def my_move(amount: str, memo: str) -> tuple[str, str]:
    return amount + memo[:2], memo[2:]


def my_bytes(parts: list[str]) -> bytes:
    return repr(parts).encode()


NAMES = {"my_sign": my_sign, "my_move": my_move, "my_bytes": my_bytes}
STUBS: dict[str, Any] = {
    "my_sign": lambda *_: (..., ...),
    "my_move": lambda *_: (..., ...),
    "my_bytes": lambda parts: ...,
}


@pytest.fixture(scope="module")
def places() -> Iterator[tuple[Shop, LabServer]]:
    with Shop(joined) as shop, LabServer() as server:
        yield shop, server


def table(said: str) -> list[list[str]]:
    """The cells of the rows, without head and names."""
    return [re.split(r"\s{2,}", line[17:]) for line in said.splitlines()[1:4]]


@pytest.mark.parametrize("names", [{}, STUBS])
def test_a_cell_that_was_not_run_is_named(
    places: tuple[Shop, LabServer], capsys: Said, names: dict[str, Any]
) -> None:
    everywhere(*places, names)
    missing = ["run your cell of 3.2", "run your cell of 3.1"]
    mine = 3 * ["run your cell of 3.3"]
    assert table(capsys.readouterr().out) == [
        [*missing, "valid both times"],
        mine,
        [*missing, TWICE],
    ]
    again(my_bytes, names)
    assert capsys.readouterr().out.endswith("\nyour move: run your cell of 3.2\n")


def test_a_move_that_no_longer_works_and_code_that_fails_get_a_sentence(
    places: tuple[Shop, LabServer], capsys: Said
) -> None:
    fails = {"my_sign": lambda *_: 1 / 0, "my_move": lambda amount, memo: ("9", memo)}
    everywhere(*places, NAMES | fails)
    said = capsys.readouterr().out
    assert said.count("not tried: see 3.1") == 3
    assert said.count("not tried: see 3.2") == 2
    for move, words in {
        fails["my_move"]: "your move: not tried: see 3.2",
        lambda amount, memo: (amount, memo): "your move: not tried: see 3.2",
        lambda amount, memo: (int(amount + memo[:2]), memo[2:]): "the amount must be a text",
    }.items():
        again(my_bytes, {"my_move": move})
        assert words in capsys.readouterr().out


@pytest.mark.thorough  # arithmetic: the same on each machine
def test_a_signature_that_fits_no_key_is_not_shown_as_an_attack(
    places: tuple[Shop, LabServer], capsys: Said
) -> None:
    for sign, words in {
        lambda p, q, g, x, h, k: (pow(g, k, p) % q, (h + x) // k % q): "not tried: see 3.1",
        lambda *_: print("r, s"): "my_sign returned None",
    }.items():
        everywhere(*places, NAMES | {"my_sign": sign})
        assert capsys.readouterr().out.count(words) == 3


@pytest.mark.thorough  # arithmetic: the same on each machine
def test_a_shop_that_refuses_the_move_alone_is_named_half_fixed(
    places: tuple[Shop, LabServer], capsys: Said
) -> None:
    for rule, is_half in {
        lambda parts: "|".join(parts).encode(): True,
        my_bytes: False,
        joined: False,  # its row shows what it pays
    }.items():
        everywhere(*places, NAMES | {"my_bytes": rule})
        said = capsys.readouterr().out
        assert ("Your shop is half fixed" in said) == is_half
        assert ("3.3 says: expected one reading" in said) == is_half


def test_at_a_fixed_shop_the_move_is_refused(capsys: Said) -> None:
    for rule, words in {
        my_bytes: "your move: Refused: not signed with Kim's key",
        joined: "your move: Valid: Kim owes Eve 731 EUR for bottles",
        STUBS["my_bytes"]: "still returns `...`.",
    }.items():
        again(rule, NAMES)
        assert words in capsys.readouterr().out
