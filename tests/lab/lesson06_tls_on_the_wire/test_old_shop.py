"""The old shop: what an attacker reads there, and what they cannot."""

from random import Random
from typing import Any

import pytest

from securedata_lab.lesson06_tls_on_the_wire import old_shop, shop_client
from securedata_lab.lesson06_tls_on_the_wire.old_shop import Seen, Shop


def my_search(p: int, g: int, share: int) -> int:
    return next(a for a in range(p) if pow(g, a, p) == share)


def seen() -> Seen:
    # A p of 16 bits has wrong answers that are right by chance, but not this one.
    return Shop(Random(1)).listen()


def test_the_shop_takes_a_voucher_once_in_any_spelling(drawn: list[Any]) -> None:
    shop = shop_client.open_shop()
    assert shop.redeem(f" {drawn[0].upper()}") == "The shop: the voucher is yours: 50 EUR."
    assert shop.redeem(drawn[0]) == "The shop: the voucher is spent: you had its 50 EUR."


@pytest.mark.parametrize(
    "what", [..., 42, "Is my voucher insect-hammer-74 still good?", "hammer-74"]
)
def test_only_the_voucher_itself_is_sent(what: Any, in_kernel: None) -> None:
    assert (
        shop_client.open_shop().redeem(what).startswith("nothing was sent: type the voucher alone")
    )


def test_what_is_listened_to_stays_closed_without_the_customers_number() -> None:
    for wrong in (lambda *_: 1, lambda p, g, share: share, lambda *_: "a", lambda *_: None):
        assert seen().read_with(wrong).startswith("nothing was read: ")
    assert seen().read_with(lambda *_: ...) == f"nothing was read: {old_shop.UNFILLED}"


def test_each_customer_draws_another_number() -> None:
    shop = Shop(Random(1))
    first, second = shop.listen(), shop.listen()
    assert first.from_customer != second.from_customer
    assert first.from_shop != second.from_shop
    assert first.read_with(my_search) == second.read_with(my_search)  # one voucher


@pytest.mark.parametrize("step", [lambda g, x, p: pow(g, 3, p), lambda g, x, p: x * g % p])
def test_no_search_goes_on_for_ever(step: Any) -> None:
    def endless(p: int, g: int, share: int) -> None:
        x = 1
        while True:
            x = step(g, x, p)

    passed = seen()
    for _ in range(2):
        assert passed.read_with(endless) == "nothing was read: 70,000 tried, and stopped"
    assert passed.read_with(my_search).startswith("Is my voucher")  # it may try 70,000 of its own


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda p, g, share: next(a for a in range(p) if g ^ a == share), "what ^ means in Python"),
        (lambda p, g, share: None, "is there a return"),
        (lambda p, g, share: share, "wrong a: the question stays closed"),
        (lambda p, g, share: g**1000 % p, "they grow longer and longer"),
    ],
)
def test_a_search_that_finds_nothing_is_told_why(wrong: Any, said: str) -> None:
    assert said in seen().read_with(wrong)
