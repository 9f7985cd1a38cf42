"""The student's own attacks on one bank after another: a table of what becomes of each."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from securedata.errors import SecureDataError
from securedata_lab.drawing.pictures import show_table
from securedata_lab.judging.interpreter import is_stub
from securedata_lab.lesson01_aes_modes.bank import NOTHING, RIGHT, Bank, open_bank

WORKS, STOPPED = "✓ works:", "✗ stopped:"
EXERCISES = {"my_read": "1.1", "my_change": "1.2", "MyBank": "1.3"}  # where a name is defined
WORD_BYTES = 16  # at an order's end

Attack = Callable[[Bank, Any], str]


class _MissingError(Exception):
    """A cell was not run, or still has its stub."""


def show_attacks(places: Mapping[str, Bank | str], cells: Mapping[str, Any]) -> None:
    """What becomes of `my_read` and `my_change` at each place. `cells` is `globals()`.

    A place is a bank, or the name of a class that a cell has defined.

    >>> show_attacks({"your bank": "MyBank"}, {})
    {'text/html': ..., 'text/plain': '...run your cell of 1.1  fill and run your cell of 1.2'}
    """
    attacks: dict[str, Attack] = {"my_read": _reading, "my_change": _changing}
    rows = {}
    for place, bank in places.items():
        rows[place] = [_outcome(attack, name, bank, cells) for name, attack in attacks.items()]
    show_table(list(attacks), rows)


def _outcome(attack: Attack, name: str, bank: Bank | str, cells: Mapping[str, Any]) -> str:
    number = EXERCISES[name]
    try:
        function = _of(cells, name)
        if isinstance(bank, str):
            number = EXERCISES[bank]
            bank = open_bank(_of(cells, bank))
            number = EXERCISES[name]
        return attack(bank, function)
    except _MissingError as missing:
        return f"fill and run your cell of {missing}"
    except SecureDataError as error:
        return f"{STOPPED} {error}"
    except Exception as error:  # of a student's code
        return f"look at your cell of {number}: {type(error).__name__}"


def _of(cells: Mapping[str, Any], name: str) -> Any:
    if name not in cells or is_stub(getattr(cells[name], "nonce", cells[name])):
        raise _MissingError(EXERCISES[name])
    return cells[name]


def _reading(bank: Bank, my_read: Callable[[bytes, bytes, bytes], bytes]) -> str:
    known = "x" * len(bank.stolen.ciphertext)
    read = my_read(known.encode(), bank.store(known).ciphertext, bank.stolen.ciphertext)
    if bank.say(bytes(read[-WORD_BYTES:])).startswith(RIGHT):
        return f"{WORKS} the code word is right"
    return f"{STOPPED} only noise"


def _changing(bank: Bank, my_change: Callable[[bytes, bytes], bytes]) -> str:
    changed = my_change(bank.stolen.ciphertext, bank.bill.encode())
    said = bank.pay(replace(bank.stolen, ciphertext=changed))
    if "9999" in said:
        return f"{WORKS} {said}"
    return f"{STOPPED} {said.removeprefix(NOTHING).strip()}"
