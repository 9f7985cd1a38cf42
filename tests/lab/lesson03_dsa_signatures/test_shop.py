"""Tests of shop.py and shop_client.py in securedata_lab/lesson03_dsa_signatures/."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from securedata_lab.basics import chance
from securedata_lab.basics.small_dsa import REAL, sign
from securedata_lab.lesson03_dsa_signatures.shop import (
    Slip,
    framed,
    joined,
)
from securedata_lab.lesson03_dsa_signatures.shop_client import NoSlipError, Shop

NOTE = Slip("Eve", "Ada", "2", "coffee")


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with Shop(joined) as shop:
        yield shop


def signed(shop: Shop, slip: Slip, x: int = 5) -> Slip:
    r, s = sign(REAL, x, shop.h(slip), k=6)
    return replace(slip, r=r, s=s)


def test_the_judge_knows_who_has_registered_and_takes_no_other_key_of_kim(shop: Shop) -> None:
    assert "knows no public key of Bob" in shop.judge(signed(shop, replace(NOTE, debtor="Bob")))
    for x in (7, 5):  # a cell may run twice
        assert shop.register("Eve", pow(REAL.g, x, REAL.p)) == "The judge knows Eve's public key."
        assert shop.judge(signed(shop, NOTE, x)) == "Valid: Eve owes Ada 2 EUR for coffee."
    assert shop.judge(signed(shop, replace(NOTE, debtor="Kim"))).startswith("Refused")
    for name in ("Kim", "Kim ", "KIM"):
        assert shop.register(name, shop.y).startswith("Refused")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"amount": ...}, "Nothing was sent: the amount of the slip is still `...`."),
        ({"amount": 731}, "Nothing was sent: the amount must be a text, and it is 731."),
        ({"amount": "731 b"}, "Refused: an amount is written in digits."),
        ({"r": 2.0}, "Nothing was sent: the r must be an int, and it is 2.0."),
        ({"s": REAL.q}, "Refused: r or s is not below q."),
        ({"r": 0, "s": 0}, "Refused: not signed with Kim's key, or changed later."),
    ],
)
def test_what_cannot_be_a_slip_gets_a_sentence(
    shop: Shop, changed: dict[str, object], words: str
) -> None:
    assert shop.judge(replace(shop.bring(1), **changed)) == words  # type: ignore[arg-type]


def test_a_bag_is_not_larger_than_a_bag(shop: Shop) -> None:
    with pytest.raises(NoSlipError, match="1 to 40 bottles"):
        shop.bring(41)


def test_a_rule_of_a_student_that_does_not_work_gets_a_sentence() -> None:
    def text(parts: list[str]) -> str:
        return "|".join(parts)

    def parts_of_five(parts: list[str]) -> bytes:
        return parts[4].encode()

    for shop, words in {
        Shop(text): "text must return bytes",  # type: ignore[arg-type]
        Shop(parts_of_five): "parts_of_five raised IndexError",
        Shop(secret_number=lambda: 0): "from 1 to q-1",
    }.items():
        with shop, pytest.raises(NoSlipError, match=words):
            shop.bring(1)


def test_a_shop_of_a_student_never_has_the_key_of_the_kits(
    in_kernel: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chance, "fixed", "same")
    assert Shop(joined).y == Shop(joined).y
    assert len({Shop(rule).y for rule in (joined, framed, lambda parts: joined(parts))}) == 3
    assert Shop(joined, secret_number=lambda: 5).y != Shop(joined).y
