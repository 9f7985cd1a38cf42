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
from securedata_lab.lesson02_aes_gcm.gcm import Sealed, ghash, recover_h
from securedata_lab.lesson02_aes_gcm.gcm_bank import OneBlockBank
from securedata_lab.servers.clients import TwinClient
from securedata_lab.twins.twin import Row, Twin, TwinServer

TEXT, WISH = b"Eve: 0001 to Kim", b"Kim: 9999 to Eve"
OLD_WISH = b"pay 9999 EUR to Eve"  # lesson 01's
PARTS = ("read", "new", "mask", "tag")
Hash = Callable[[bytes], bytes]
Seal = Callable[[bytes, bytes, bytes], Any]
Open = Callable[[bytes, bytes, bytes, bytes], Any]
Forgery = Callable[[bytes, Row, Row, bytes, Hash], Any]
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


def _two_rows(bank: Bank) -> tuple[Row, Row]:
    """The bank takes back its backup, you store an order: your row, and Kim's, copied before."""
    bank.restore_backup()
    return bank.store(TEXT.decode()), bank.stolen


def _ghash_from(mine: Row, stolen: Row) -> Hash:
    """The GHASH of a ciphertext, under the H that two rows with one nonce give away."""
    h = recover_h(*(Sealed(row.ciphertext, row.tag) for row in (mine, stolen)))
    return ghash_under(h)


def ghash_under(h: int) -> Hash:
    """GHASH under this H, without associated data: bytes in, bytes out.

    >>> ghash_under(1 << 127)(bytes(16)).hex()
    '00000000000000000000000000000080'
    """
    return lambda ciphertext: ghash(h, b"", ciphertext).to_bytes(16, "big")


def send_forgery(bank: Bank, my_forgery: Forgery) -> None:
    """Run it on two rows of one nonce, send what it forges, and print what the bank says.

    >>> from securedata_lab.lesson02_aes_gcm import GcmBank, stop_banks
    >>> send_forgery(open_bank(GcmBank), lambda *rows: (..., ..., ..., ...))
    Nothing was sent: read, new, mask, tag still `...`.
    >>> stop_banks()
    """
    mine, stolen = _two_rows(bank)
    try:
        parts = my_forgery(TEXT, mine, stolen, WISH, _ghash_from(mine, stolen))
    except Exception:  # of a student's code: the check names it
        print("Nothing was sent:", judged("2.2", (my_forgery,)).words)
        return
    if not isinstance(parts, (tuple, list)) or len(parts) != len(PARTS):
        print("Nothing was sent: my_forgery returns read, new, mask, tag.")
        return
    empty = [name for name, part in zip(PARTS, parts, strict=True) if part is ...]
    if "read" not in empty:
        print("read:", parts[0])
    if empty:
        print(f"Nothing was sent: {', '.join(empty)} still `...`.")
    else:
        print(bank.pay(replace(stolen, ciphertext=parts[1], tag=parts[3])))


def show_forgeries(places: Mapping[str, Place], my_forgery: Forgery) -> None:
    """A student's forgery at each place, under three nonces: a bank, or functions for one.

    >>> def my_seal(key, nonce, text): return ...
    >>> def my_open(key, nonce, ciphertext, tag): return ...
    >>> show_forgeries({"your bank": (my_seal, my_open)}, lambda *rows: (..., ..., ..., ...))
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
        return [f"look at your cell of 2.2: {type(error).__name__}", "", "", ""]


def _forgeries(bank: Bank, my_forgery: Forgery) -> list[str]:
    mine, stolen = _two_rows(bank)
    hashed = _ghash_from(mine, stolen)
    once = bank.store(TEXT.decode())
    read, new, _, tag = my_forgery(TEXT, mine, stolen, WISH, hashed)
    if ... in (read, new, tag):
        return ["run your cell of 2.2", "", "", ""]
    _, of_once, _, tag_of_once = my_forgery(TEXT, once, once, WISH, hashed)
    sent = [
        replace(stolen, ciphertext=new, tag=tag),
        replace(once, ciphertext=of_once, tag=tag_of_once),
        replace(once, nonce=secrets.token_bytes(12), ciphertext=of_once, tag=tag_of_once),
    ]
    was_read = bank.say(read[5:]).startswith(RIGHT)
    paid = ["✓ paid" if "9999" in bank.pay(row) else "✗ refused" for row in sent]
    if mine.nonce == stolen.nonce and not (was_read and "✓" in paid[0]):
        return ["look at your cell of 2.2: what does its check say?", "", "", ""]
    return ["✓ Kim's order" if was_read else "✗ noise", *paid]


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
