"""A client of the bank: what a notebook has of it. The bank runs in a process beside the kernel."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests

from securedata.errors import FormatError
from securedata_lab.basics.chance import chance
from securedata_lab.judging.attempts import UnjudgedError
from securedata_lab.lesson01_aes_modes.bank import (
    FIELDS,
    NOTHING,
    RIGHT,
    UNSAID,
    WRONG,
    BankTwin,
    CtrBank,
    Order,
    bank_service,
    decision,
    in_hex,
    open_kept,
    row_from_hex,
)
from securedata_lab.servers.clients import Address, Served, ask, post
from securedata_lab.servers.keeper import Kept, here, keep
from securedata_lab.servers.keeper_process import place_in_the_kit
from securedata_lab.servers.starting import LabServer
from securedata_lab.twins.twin import IN_JSON, Row


class Bank:
    """A client of a bank: what an attacker can do, who has no key.

    `stolen` is the row of the stranger's order. `bill` is how this order begins: you sent the bill.
    """

    def __init__(self, server: Served, stolen: Row, bill: str) -> None:
        self.stolen, self.bill = stolen, bill
        self._server, self._session = server, requests.Session()

    def store(self, text: str) -> Row:
        """Have the bank encrypt and keep a text of yours, and copy its row.

        Raises:
            FormatError: the bank says no, and why.
            UnjudgedError: that is no text. A notebook shows its sentence, and no traceback.
        """
        must_be_text(text)
        answer = self._post("/store", {"data": text})
        if "error" in answer:
            raise FormatError(answer["error"])
        return row_from_hex(answer)

    def pay(self, row: Row) -> str:
        """Put this row in the place of the stored one, and let the bank do what it reads."""
        if not isinstance(row, Row):
            return "Nothing was sent: pay takes a row, such as replace(bank.stolen, ciphertext=…)."
        for name in FIELDS:
            value = getattr(row, name)
            if not isinstance(value, (bytes, bytearray)):
                return f"Nothing was sent: the {name} " + (
                    "is still `...`."
                    if value is ...
                    else "is None. Does your function return it?"
                    if value is None
                    else f"must be bytes, not {type(value).__name__}."
                )
        return self._paid(row)

    def restore_backup(self) -> None:
        """Let the bank crash, and take back its backup: one without any order."""
        self._post("/restore-backup", {})

    def say(self, word: object) -> str:
        """Say a code word to the bank: a text, or its bytes."""
        if word is ... or word is None:
            return f"{UNSAID} the code word is still `...`."
        return self._answered(word.decode("latin-1") if isinstance(word, bytes) else str(word))

    def _paid(self, row: Row) -> str:
        answer = self._post("/pay", in_hex(row))
        return str(answer.get("said") or f"{NOTHING} {answer['error']}")

    def _answered(self, word: str) -> str:
        answer = self._post("/say", {"word": word})
        return str(answer.get("said") or answer["error"])

    def _post(self, path: str, body: dict[str, str]) -> dict[str, Any]:
        answer: dict[str, Any] = post(self._session, self._server, path, body).json()
        return answer


def must_be_text(text: object) -> None:
    """What a bank stores is a text.

    Raises:
        UnjudgedError: it is no text. A notebook shows this sentence alone.

    >>> must_be_text("pay 0001 EUR to Kim")
    """
    if not isinstance(text, str):
        raise UnjudgedError("Nothing was stored: a text stands in quotes, with no b before them.")


class _RealBank(Bank):
    """A bank that leaves its orders to the real service, which does the rest."""

    def __init__(self, server: LabServer, order: Order, form: str) -> None:
        self._server, self._yours = server, set[str]()
        # Closures, so that no attribute shows the order.
        self._is_word: Callable[[str], bool] = lambda word: word == order.word
        self._decision: Callable[[str, bool], str] = lambda text, is_yours: decision(
            text, order, is_yours, form
        )
        super().__init__(server, self._stored(order.text), order.bill)

    def store(self, text: str) -> Row:
        row = self._stored(text)
        self._yours.add(row.record_id)
        return row

    def restore_backup(self) -> None:
        """The service counts nothing: what a backup brings back is lesson 07."""

    def _paid(self, row: Row) -> str:
        body = {IN_JSON.get(name, name): it for name, it in in_hex(row).items()}
        answer = ask(self._server, "/retrieve", body | {"signature": row.signature.hex()})
        if "error" in answer:
            return f"{NOTHING} {answer['error']}"
        return self._decision(answer["decrypted_data"], row.record_id in self._yours)

    def _answered(self, word: str) -> str:
        return RIGHT if self._is_word(word) else WRONG

    def _stored(self, text: str) -> Row:
        answer = ask(self._server, "/store", {"data": text})
        names = (IN_JSON.get(name, name) for name in (*FIELDS, "signature"))
        fields = (bytes.fromhex(answer["data"][name]) for name in names)
        return Row(*fields, record_id=answer["record_id"])


def open_bank(kind: type[BankTwin] = CtrBank) -> Bank:
    """Start a bank on this machine, over HTTPS; or give back the one of this kind that runs.

    A kind of the kit's runs in the process beside the kernel. A class of the notebook runs here,
    with a key and an order of its own.

    >>> bank = open_bank()
    >>> open_bank() is bank
    True
    >>> bank.pay(bank.stolen) == f"The bank pays {int(bank.bill[4:8])} EUR to Eve."
    True
    >>> stop_banks()
    """
    name = f"{kind.__module__}.{kind.__qualname__}"
    known, bank, kept = _banks.get(name) or (None, None, None)
    if bank is None or kept is None or known is not kind or not kept.runs:
        if kept is not None and kept.runs:
            kept.ask("stop")  # its class was written anew
        kept = _opened(kind)
        address = Address(kept.told["url"], Path(kept.told["ca_file"]))
        bank = Bank(address, row_from_hex(kept.told["stolen"]), kept.told["bill"])
        _banks[name] = kind, bank, kept
    kept.ask("start")
    return bank


def in_process(bank: Bank) -> Callable[[Row], str]:
    """How a bank that runs here pays, without the network: for thousands of questions.

    >>> bank = open_bank()
    >>> in_process(bank)(bank.stolen) == bank.pay(bank.stolen)
    True
    >>> stop_banks()
    """
    (kept,) = (kept for _, it, kept in _banks.values() if it is bank)

    def pay(row: Row) -> str:
        return str(kept.ask("pay", row=in_hex(row)))

    return pay


def stop_banks() -> None:
    """Stop all banks. `open_bank` starts one again.

    >>> stop_banks()
    """
    for _, _, kept in _banks.values():
        if kept.runs:
            kept.ask("stop")


def real_bank(server: LabServer, kind: type[BankTwin] = BankTwin) -> Bank:
    """A bank that leaves its orders to the real service: it encrypts, signs and keeps them.

    >>> from dataclasses import replace
    >>> with LabServer() as server:
    ...     bank = real_bank(server)
    ...     bank.pay(replace(bank.stolen, ciphertext=bytes(53)))
    'The bank pays nothing: Invalid signature. Data may be compromised.'
    """
    order = kind().strangers_order(chance("the real service's bank"))
    return _RealBank(server, order, kind.form)


# One of each for the whole kernel, so that a cell may be run twice.
_banks: dict[str, tuple[type[BankTwin], Bank, Kept]] = {}


def _opened(kind: type[BankTwin]) -> Kept:
    if place := place_in_the_kit(kind):
        return keep(open_kept, module=place[0], kind=place[1])
    return here(bank_service(kind))
