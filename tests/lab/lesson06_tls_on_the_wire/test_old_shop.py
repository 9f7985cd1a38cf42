"""The old shop: what an attacker reads there, and what they cannot."""

import secrets
from math import factorial
from random import Random
from typing import Any

import pytest
from Crypto.Util.number import isPrime

from securedata.errors import RefusedError
from securedata_lab.lesson06_tls_on_the_wire import old_shop, shop_client
from securedata_lab.lesson06_tls_on_the_wire.old_shop import (
    FFDHE2048,
    Shop,
    open_shop,
    show_attacks,
)


def my_search(p: int, g: int, share: int) -> int:
    return next(a for a in range(p) if pow(g, a, p) == share)


def my_keys(p: int, m: int, from_customer: int, from_shop: int) -> tuple[int, int]:
    return pow(from_customer, m, p), pow(from_shop, m, p)


def my_group() -> tuple[int, int]:
    return FFDHE2048, 2


def called(my_group: Any = None, **options: Any) -> Shop:
    # A p of 16 bits has wrong answers that are right by chance, but not this one.
    return open_shop(my_group, draw=Random(1), **options)


def test_the_prime_is_that_of_the_standard_and_a_safe_one() -> None:
    """RFC 7919, A.1: 2^2048 - 2^1984 + {[2^1918 * e] + 560316} * 2^64 - 1."""
    e = sum((1 << 2100) // factorial(k) for k in range(400)) >> 2100 - 1918
    assert 2**2048 - 2**1984 + (e + 560316) * 2**64 - 1 == FFDHE2048
    assert isPrime(FFDHE2048)
    assert isPrime(FFDHE2048 // 2)


def test_the_one_line_reads_a_voucher_that_the_shop_takes(drawn: list[Any]) -> None:
    shop = shop_client.open_shop()
    read = shop.listen().read_with(my_search)
    assert read == f"Is my voucher {drawn[0]} still good?"
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
    seen = called().listen()
    for wrong in (lambda *_: 1, lambda p, g, share: share, lambda *_: "a", lambda *_: None):
        assert seen.read_with(wrong).startswith("nothing was read: ")
    assert seen.read_with(lambda *_: ...) == f"nothing was read: {old_shop.UNFILLED}"


@pytest.mark.parametrize("bits", [16, 2048])
def test_the_middle_reads_at_any_p_and_the_customer_finishes(drawn: list[Any], bits: int) -> None:
    shop = called(my_group if bits == 2048 else None)
    assert drawn[0] in shop.between(secrets.randbelow(1000) + 2, my_keys)


def test_a_wrong_key_with_either_side_reads_nothing_or_is_noticed() -> None:
    shop = called()
    with pytest.raises(RefusedError, match="customer's question"):
        shop.between(5, lambda *it: my_keys(*it)[::-1])
    with pytest.raises(RefusedError, match="shop's answer"):
        shop.between(5, lambda *it: (my_keys(*it)[0], 7))


def test_a_customer_who_verifies_hangs_up_on_the_middle_and_not_on_the_shop() -> None:
    shop = called(my_group, signs=True)
    assert shop.listen().from_shop
    with pytest.raises(RefusedError, match="hangs up"):
        shop.between(5, my_keys)


@pytest.mark.parametrize("step", [lambda g, x, p: pow(g, 3, p), lambda g, x, p: x * g % p])
def test_no_search_goes_on_for_ever(step: Any) -> None:
    def endless(p: int, g: int, share: int) -> None:
        x = 1
        while True:
            x = step(g, x, p)

    seen = called().listen()
    for _ in range(2):
        assert seen.read_with(endless) == "nothing was read: 70,000 tried, and stopped"
    assert seen.read_with(my_search).startswith("Is my voucher")  # it may try 70,000 of its own
    said = called(my_group).listen().read_with(endless)
    assert said == "nothing was read: 5,000 of 10^616 tried, and stopped"


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ({"my_group": lambda: None}, "return both, with a comma"),
        ({"my_group": lambda: FFDHE2048}, "return both, with a comma"),
        ({"my_group": lambda: 1 / 0}, "division by zero"),
        ({"my_keys": lambda *_: (..., ...)}, "a part is still `...`"),
        ({"my_keys": lambda p, m, a, b: (a**FFDHE2048, b)}, "give pow three numbers"),
    ],
)
def test_the_table_is_printed_whatever_the_answers_are(
    capsys: pytest.CaptureFixture[str], names: dict[str, Any], said: str
) -> None:
    mine = {"my_search": lambda *_: 1, "my_group": my_group, "my_keys": my_keys}
    show_attacks(**(mine | names))
    out = capsys.readouterr().out
    assert said in out
    assert "wrong a: the question stays closed" in out


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
    assert said in called().listen().read_with(wrong)
