"""Lesson 03: a student's own attacks come back, at the shop, at their own shop, everywhere.

They are `my_move`, `my_sign` and `my_bytes` of the notebook. The shops decide what is valid.
"""

import secrets
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from securedata.web.receipt import receipt_from_json
from securedata_lab.basics.small_dsa import REAL, fits, hashed, to_bytes
from securedata_lab.judging.engine import judged
from securedata_lab.judging.powers import Base
from securedata_lab.judging.saved_results import SOLVED
from securedata_lab.lesson03_dsa_signatures.shop import EVE, KIM, SignedBytes, Slip
from securedata_lab.lesson03_dsa_signatures.shop_client import NoSlipError, Shop
from securedata_lab.servers.clients import ask
from securedata_lab.servers.starting import LabServer

BOTTLES = 31
ATTACKS = ("your move", "signed by you for Kim", "one slip twice")
Names = Mapping[str, Any]


class _MissingError(Exception):
    """A cell must run first."""


def again(my_bytes: SignedBytes, names: Names | None = None) -> None:
    """Open a shop that signs what `my_bytes` returns, and show its judge a slip and `my_move`."""
    with Shop(my_bytes) as shop:
        try:
            slip = shop.bring(BOTTLES)
            print("signed:", my_bytes(slip.parts))
            print(shop.judge(slip))
            print("your move:", end=" ")
            print(shop.judge(_moved(slip, _names(names))))
        except (NoSlipError, _MissingError) as error:
            print(error)


def everywhere(shop: Shop, server: LabServer, names: Names | None = None) -> None:
    """Print a table: where does which attack work? Attacks and `my_bytes` are the notebook's.

    A shop may refuse the move, and still sign two slips alike. Then a line below says so.
    """
    names = _names(names)
    rows = {"the shop": _at_a_shop(shop, names)}
    my_bytes = names.get("my_bytes")
    if callable(my_bytes) and my_bytes(["Kim", "Eve", "7", "31 bottles"]) is not ...:
        with Shop(my_bytes) as mine:
            rows["your shop"] = _at_a_shop(mine, names)
    else:
        rows["your shop"] = 3 * ["run your cell of 3.3"]
    rows["the real service"] = _at_the_service(server, names)
    for name, (move, sign, twice) in {"": ATTACKS, **rows}.items():
        print(f"{name:17}{move:25}{sign:26}{twice}")
    if rows["your shop"][0] == "refused":
        verdict = judged("3.3", (my_bytes,))
        if verdict.state != SOLVED:
            print(f"Your shop is half fixed: it refuses this one move. 3.3 says: {verdict.words}")


def _names(names: Names | None) -> Names:
    return vars(sys.modules["__main__"]) if names is None else names


def _tried(attack: Callable[[], str]) -> str:
    try:
        return attack()
    except _MissingError as error:
        return str(error)
    except Exception as error:  # a student's function may raise anything
        return type(error).__name__


def _at_a_shop(shop: Shop, names: Names) -> list[str]:
    def move() -> str:
        return _in_short(shop.judge(_moved(shop.bring(BOTTLES), names)))

    def sign() -> str:
        note = Slip(KIM, EVE, "9999", "bottles")
        r, s = _signature(shop.h(note), names)
        return _in_short(shop.judge(replace(note, r=r, s=s)))

    def twice() -> str:
        slip = shop.bring(BOTTLES)
        return _twice(shop.judge(slip).startswith("Valid") for _ in range(2))

    return [_tried(attack) for attack in (move, sign, twice)]


def _at_the_service(server: LabServer, names: Names) -> list[str]:
    """The same at the real service: digits are hex, and a record takes the place of a slip."""
    stored = ask(server, "/store", {"data": "Kim owes Eve 7 EUR"})
    fields: dict[str, str] = stored["data"]

    def answered(changed: dict[str, str]) -> str:
        if "error" not in ask(server, "/retrieve", fields | changed):
            return "valid"
        reason = server.log_tail(1)[0].rpartition(" 400 ")[2].partition(":")[0]
        return f"refused ({reason})"

    def move() -> str:
        ciphertext, tag = _pair("my_move", "3.2", names, fields["encrypted_data"], fields["tag"])
        return answered({"encrypted_data": ciphertext, "tag": tag})

    def sign() -> str:
        h = hashed(receipt_from_json(stored).signed_bytes, REAL.q)
        return answered({"signature": to_bytes(_signature(h, names)).hex()})

    def twice() -> str:
        return _twice((answered({}) == "valid" for _ in range(2)), "read twice: normal")

    return [_tried(attack) for attack in (move, sign, twice)]


def _twice(valid: Iterable[bool], words: str = "valid both times") -> str:
    return words if all([*valid]) else "refused"


def _in_short(verdict: str) -> str:
    words = verdict.split()
    return f"valid: {words[words.index('EUR') - 1]} EUR" if words[0] == "Valid:" else "refused"


def _moved(slip: Slip, names: Names) -> Slip:
    """The slip after `my_move`, with the same bytes where texts are joined.

    Raises:
        _MissingError: it has others, or says what it said: no wonder that it is refused.
    """
    amount, memo = _pair("my_move", "3.2", names, slip.amount, slip.memo)
    moved = replace(slip, amount=amount, memo=memo)
    if moved == slip or f"{amount}{memo}" != slip.amount + slip.memo or not str(amount).isdecimal():
        raise _MissingError("not tried: see 3.2")
    return moved


def _signature(h: int, names: Names) -> tuple[int, int]:
    """Of a key that is not Kim's.

    Raises:
        _MissingError: it is none: no wonder that it is refused.
    """
    x, k = (1 + secrets.randbelow(REAL.q - 1) for _ in range(2))
    r, s = _pair("my_sign", "3.1", names, REAL.p, REAL.q, Base(REAL.g), x, h, Base(k))
    if not fits(REAL, pow(REAL.g, x, REAL.p), h, (r, s)):
        raise _MissingError("not tried: see 3.1")
    return r, s


def _pair(name: str, number: str, names: Names, *arguments: Any) -> tuple[Any, Any]:
    """What a student's function returns: two values, and neither is the stub's.

    Raises:
        _MissingError: it returns something else, or raises.
    """
    function = names.get(name)
    try:
        found = function(*arguments) if callable(function) else ...
    except Exception:
        raise _MissingError(f"not tried: see {number}") from None
    if found is None or found is ... or ... in found:
        raise _MissingError(f"run your cell of {number}" if found else f"{name} returned None")
    one, two = found
    return one, two
