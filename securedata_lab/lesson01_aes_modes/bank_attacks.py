"""The student's own attacks on one bank after another: a table of what becomes of each."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from securedata.errors import SecureDataError
from securedata_lab.drawing.pictures import show_table
from securedata_lab.judging.interpreter import is_stub
from securedata_lab.lesson01_aes_modes.bank import NOTHING, RIGHT, BankTwin
from securedata_lab.lesson01_aes_modes.bank_client import Bank, open_bank

WORKS, STOPPED = "✓ works:", "✗ stopped:"
FILL = "fill and run your cell of"
WORD_BYTES = 16  # at an order's end

Place = Bank | type[BankTwin]
Read = Callable[[bytes, bytes, bytes], bytes]
Change = Callable[[bytes, bytes], bytes]


def show_attacks(places: Mapping[str, Place], my_read: Read, my_change: Change) -> None:
    """What becomes of these two functions at each place: a bank, or the student's own class.

    >>> def my_read(known_text, known_ciphertext, ciphertext): ...
    >>> def my_change(ciphertext, text): ...
    >>> show_attacks({"the bank": BankTwin}, my_read, my_change)
    {'text/html': ..., 'text/plain': '...run your cell of 1.7  fill and run your cell of 1.2'}
    """
    rows = {
        name: [
            _outcome("1.7", my_read, place, _reading),
            _outcome("1.2", my_change, place, _changing),
        ]
        for name, place in places.items()
    }
    show_table(["my_read", "my_change"], rows)


def _outcome(number: str, function: Any, place: Place, attack: Callable[[Bank, Any], str]) -> str:
    if is_stub(function):
        return f"{FILL} {number}"
    if not isinstance(place, Bank) and is_stub(place.nonce):
        return f"{FILL} 1.3"
    running = "1.3"
    try:
        bank = place if isinstance(place, Bank) else open_bank(place)
        running = number
        return attack(bank, function)
    except SecureDataError as error:
        return f"{STOPPED} {error}"
    except Exception as error:  # of a student's code
        return f"look at your cell of {running}: {type(error).__name__}"


def _reading(bank: Bank, my_read: Read) -> str:
    known = "x" * len(bank.stolen.ciphertext)
    read = my_read(known.encode(), bank.store(known).ciphertext, bank.stolen.ciphertext)
    if bank.say(bytes(read[-WORD_BYTES:])).startswith(RIGHT):
        return f"{WORKS} the code word is right"
    return f"{STOPPED} only noise"


def _changing(bank: Bank, my_change: Change) -> str:
    changed = my_change(bank.stolen.ciphertext, bank.bill.encode())
    said = bank.pay(replace(bank.stolen, ciphertext=changed))
    if "9999" in said:
        return f"{WORKS} {said}"
    return f"{STOPPED} {said.removeprefix(NOTHING).strip()}"
