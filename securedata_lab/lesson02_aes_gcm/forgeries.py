"""The student's own bank with GCM, and their forgeries at one bank after another."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from securedata.errors import FormatError, TagError
from securedata_lab.basics.bits import xor
from securedata_lab.drawing.pictures import show_table
from securedata_lab.judging.engine import judged
from securedata_lab.lesson01_aes_modes.bank import RIGHT, BankTwin
from securedata_lab.lesson01_aes_modes.bank_client import Bank, open_bank
from securedata_lab.lesson02_aes_gcm.gcm import Hash, ghash_under, recover_h
from securedata_lab.lesson02_aes_gcm.gcm_bank import OneBlockBank
from securedata_lab.servers.clients import TwinClient
from securedata_lab.twins.twin import Row, Twin, TwinServer

TEXT, WISH = b"Eve: 0001 to Kim", b"Kim: 9999 to Eve"
OLD_WISH = b"pay 9999 EUR to Eve"  # lesson 01's
Seal = Callable[[bytes, bytes, bytes], Any]
Open = Callable[[bytes, bytes, bytes, bytes], Any]
Forgery = Callable[[Row, bytes, Hash], Any]
Place = Bank | tuple[Seal, Open]


def bank_of(my_seal: Seal, my_open: Open, kind: type[BankTwin] = BankTwin) -> Bank:
    """Start a bank that seals and opens with a student's functions, under fresh nonces.

    Raises:
        FormatError: they do not open an honest row; the check of 2.1 says why.
    """
    if not _open_what_they_seal(my_seal, my_open):
        raise FormatError(judged("2.1", (my_seal, my_open)).words or "a part is still `...`.")

    class YourBank(kind):  # type: ignore[misc, valid-type]
        """Its key and its order are its own."""

        def nonce(self) -> bytes:
            return secrets.token_bytes(12)

        def encrypt(self, plaintext: bytes, nonce: bytes, associated_data: bytes) -> Row:
            return Row(nonce, *my_seal(self.key, nonce, plaintext))

        def decrypt(self, row: Row, associated_data: bytes) -> bytes:
            return _opened(my_open, self.key, row)

    return open_bank(YourBank)


def _open_what_they_seal(my_seal: Seal, my_open: Open) -> bool:
    """Try an honest row: later, whatever my_open raises is a refusal."""
    key, nonce, text = secrets.token_bytes(32), secrets.token_bytes(12), OLD_WISH
    try:
        ciphertext, tag = my_seal(key, nonce, text)
        return len(ciphertext) == len(text) and my_open(key, nonce, ciphertext, tag) == text
    except Exception:  # a student's code may raise anything
        return False


def _opened(my_open: Open, key: bytes, row: Row) -> bytes:
    try:
        text = my_open(key, row.nonce, row.ciphertext, row.tag)
    except Exception:  # whatever it is, it refuses
        raise TagError("my_open raised an error") from None
    if not isinstance(text, bytes):
        raise FormatError(f"my_open returned {text!r} for it: let the error come out.")
    return text


def attack_of_01(my_seal: Seal, my_open: Open) -> None:
    """Lesson 01's change, at a bank with these two functions: what does the bank say?

    >>> attack_of_01(lambda key, nonce, text: ..., lambda key, nonce, ciphertext, tag: ...)
    Nothing was sent: a part is still `...`.
    """
    try:
        bank = bank_of(my_seal, my_open)
    except FormatError as error:
        print("Nothing was sent:", error)
        return
    row, bill = bank.stolen, bank.bill.encode()
    end = len(bill)
    changed = xor(row.ciphertext[:end], xor(bill, OLD_WISH)) + row.ciphertext[end:]
    last = row.tag[-1:]
    print("the order itself:       ", bank.pay(row))
    print("your change of 01:      ", bank.pay(replace(row, ciphertext=changed)))
    print("one bit of the tag:     ", bank.pay(replace(row, tag=row.tag[:-1] + xor(last, b"\1"))))


def show_forgeries(places: Mapping[str, Place], my_forgery: Forgery) -> None:
    """A student's forgery at each place, under three nonces: a bank, or functions for one.

    >>> def my_seal(key, nonce, text): return ...
    >>> def my_open(key, nonce, ciphertext, tag): return ...
    >>> show_forgeries({"your bank": (my_seal, my_open)}, lambda *row: (..., ...))
    {...look at your cell of 2.1: a part is still `...`...}
    """
    columns = ["read", "Kim's nonce", "your nonce", "an unused nonce"]
    show_table(columns, {name: _outcomes(place, my_forgery) for name, place in places.items()})


def _outcomes(place: Place, my_forgery: Forgery) -> list[str]:
    try:
        bank = bank_of(*place, OneBlockBank) if isinstance(place, tuple) else place
        return _forgeries(bank, my_forgery)
    except FormatError as error:
        return [f"look at your cell of 2.1: {error}", "", "", ""]
    except Exception as error:  # of a student's code
        return [f"look at your cell of 2.8: {type(error).__name__}", "", "", ""]


def _forgeries(bank: Bank, my_forgery: Forgery) -> list[str]:
    bank.restore_backup()
    mine, stolen, once = bank.store(TEXT.decode()), bank.stolen, bank.store(TEXT.decode())
    ghash = ghash_under(recover_h(mine, stolen))
    read = xor(xor(mine.ciphertext, stolen.ciphertext), TEXT)  # as in lesson 01
    twice = _forged(stolen, read, my_forgery, ghash)
    of_once = _forged(once, TEXT, my_forgery, ghash)
    if not isinstance(twice.tag, (bytes, bytearray)):  # the stub's ...
        return ["run your cell of 2.8", "", "", ""]
    was_read = bank.say(read[5:]).startswith(RIGHT)
    sent = twice, of_once, replace(of_once, nonce=secrets.token_bytes(12))
    paid = ["✓ paid" if "9999" in bank.pay(row) else "✗ refused" for row in sent]
    if mine.nonce == stolen.nonce and "✓" not in paid[0]:
        return ["look at your cell of 2.8: what does its check say?", "", "", ""]
    return ["✓ Kim's order" if was_read else "✗ noise", *paid]


def _forged(row: Row, text: bytes, my_forgery: Forgery, ghash: Hash) -> Row:
    """The row with the wish in place of its text."""
    new = xor(row.ciphertext, xor(text, WISH))
    _, tag = my_forgery(row, new, ghash)
    return replace(row, ciphertext=new, tag=tag)


def swap_salaries(kind: type[Twin]) -> None:
    """A twin of this kind keeps two salaries. Their rows change places: what does it answer?

    >>> swap_salaries(Twin)
    Ada's id, honest row: salary of Ada: 5000
    Ada's id, moved row:  salary of Eve: 2000
    """
    try:
        kind().seal(b"", "0" * 32)
    except Exception as error:  # of a student's class
        is_stub = "ellipsis" in str(error)
        print("Nothing was sealed:", "associated_data is still `...`." if is_stub else error)
        return
    with TwinServer(kind()) as server:
        client = TwinClient(server)
        for salary in ("salary of Ada: 5000", "salary of Eve: 2000"):
            client.store(salary)
        ada, eve = server.rows
        print("Ada's id, honest row:", client.retrieve_by_id(ada))
        server.rows[ada], server.rows[eve] = server.rows[eve], server.rows[ada]
        print("Ada's id, moved row: ", client.retrieve_by_id(ada))
