"""A bank to break into: it keeps encrypted orders where anybody can copy and change them.

The server, its key and the stranger's code word live in this process, and no public name of the
notebook's client leads to them. Each kind of bank is a weak twin. Attack only what is yours.
"""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import requests
from flask import Flask, Response, jsonify

from securedata.errors import FormatError, SecureDataError
from securedata.serving.server import BackgroundServer
from securedata.web.answers import answer_in_json
from securedata.web.body import json_body
from securedata.web.receipt import hex_field, string_field
from securedata_lab.basics.chance import chance, code_word
from securedata_lab.judging.attempts import UnjudgedError
from securedata_lab.lesson01_aes_modes.flaws import Cbc, FixedNonceCtr
from securedata_lab.servers.clients import ask, post
from securedata_lab.servers.starting import LabServer
from securedata_lab.twins.ca_file import LocalServer
from securedata_lab.twins.twin import ANSWERS, IN_JSON, Row, Twin

YOU, YOUR_EUROS = "Eve", 1
NOTHING = "The bank pays nothing:"
RIGHT, WRONG = "The bank: right.", "The bank: this is not the code word."
UNSAID = "Nothing was said:"
FIELDS = ("nonce", "ciphertext", "tag")


@dataclass(frozen=True)
class Order:
    """What a stranger has stored. Whoever sent the bill knows how it begins.

    >>> Order("pay 0047 EUR to Eve", ", my code word is ", "saddle-basket-18").text
    'pay 0047 EUR to Eve, my code word is saddle-basket-18'
    """

    bill: str
    between: str = ""
    word: str = ""  # which the bank wants to see, if there is one

    @property
    def text(self) -> str:
        """All of it."""
        return self.bill + self.between + self.word


class BankTwin(Twin):
    """What all kinds of banks have: a form of orders. A kind changes a step of the twin, too."""

    form = r"pay (?P<amount>\d{4}) EUR to (?P<payee>\w+)(, my code word is (?P<word>\S+))?"

    def strangers_order(self, draw: random.Random) -> Order:
        """The order that lies at a new bank. Twenty euros or more: your account cannot pay them."""
        bill = f"pay {draw.randrange(20, 90):04} EUR to Eve"
        return Order(bill, ", my code word is ", code_word(draw))

    def refuses(self, text: str) -> str:
        """Why it stores no such text of yours; "" if it does."""
        return ""


class CtrBank(BankTwin, FixedNonceCtr):
    """AES-256-CTR. Its nonce stands in a file of settings: it is the same for all orders."""


class CbcBank(BankTwin, Cbc):
    """AES-256-CBC. It says what is wrong with an order: its padding, or its words.

    >>> teller = Teller(CbcBank())
    >>> teller.pay(replace(teller.stolen, ciphertext=teller.stolen.ciphertext[:16]))
    'The bank pays nothing: Invalid padding.'
    """


class Teller:
    """The bank's own side, without a network: it has the key, and knows the stranger's order.

    >>> teller = Teller(CtrBank())
    >>> teller.pay(teller.stolen).startswith("The bank pays ")
    True
    >>> teller.pay(teller.store("pay 9999 EUR to Eve"))
    'The bank pays nothing: your account holds 1 EUR.'
    """

    def __init__(self, twin: BankTwin, draw: random.Random | None = None) -> None:
        draw = draw or random.SystemRandom()
        twin.random, twin.key = draw, draw.randbytes(32)
        self.twin, self.order = twin, twin.strangers_order(draw)
        self._euros = draw.randrange(10_000, 100_000)
        self._yours = set[str]()
        self.stolen = self._kept(self.order.text)

    def store(self, text: str) -> Row:
        """Encrypt and keep a text of yours.

        Raises:
            FormatError: it holds somebody else's code word.
        """
        if self.order.word and self.order.word in text:
            raise FormatError("This code word is not yours: the bank stores nothing.")
        if why := self.twin.refuses(text):
            raise FormatError(why)
        row = self._kept(text)
        self._yours.add(row.record_id)
        return row

    def pay(self, row: Row) -> str:
        """Do what the order says, from the account of whoever stored it; and say what was done."""
        if row.record_id not in self.twin.rows:
            return f"{NOTHING} there is no such order."
        try:
            text = self.twin.answer(self.twin.open(row, row.record_id))
        except SecureDataError as error:
            return f"{NOTHING} {ANSWERS[type(error)][1] or error}"
        return decision(text, self.order, row.record_id in self._yours, self.twin.form)

    def say(self, word: str) -> str:
        """Whoever says the stranger's code word is told about the stranger's account."""
        if word != self.order.word:
            return WRONG
        return (
            f"{RIGHT} It takes you for the stranger, "
            f"whose account held {self._euros} EUR this morning."
        )

    def restore_backup(self) -> None:
        """The bank has crashed. Its backup is of a time when it had no order yet."""
        self.twin.rows.clear()
        self._yours.clear()

    def _kept(self, text: str) -> Row:
        record_id = f"{len(self.twin.rows) + 1:032x}"
        row = replace(self.twin.seal(text.encode(), record_id), record_id=record_id)
        self.twin.rows[record_id] = row
        return row


def decision(text: str, order: Order, is_yours: bool, form: str) -> str:
    """What a bank does when it has read an order.

    >>> order = Order("pay 0047 EUR to Eve")
    >>> decision("pay 9999 EUR to Eve", order, is_yours=False, form=BankTwin.form)
    'The bank pays 9999 EUR to Eve.'
    """
    read = re.fullmatch(form, text)
    if read is None:
        return f"{NOTHING} this is no order."
    parts = read.groupdict()
    payer = parts.get("payer")  # who pays, where an order says it
    is_yours = payer == YOU if payer else is_yours
    if is_yours and int(read["amount"]) > YOUR_EUROS:
        return f"{NOTHING} your account holds {YOUR_EUROS} EUR."
    if not is_yours and order.word and parts.get("word", order.word) != order.word:
        return f"{NOTHING} the code word is wrong."
    if payer and YOU not in (payer, read["payee"]):
        return "The bank pays, and not to you."
    return f"The bank pays {int(read['amount'])} EUR to {read['payee']}."


class Bank:
    """A client of a bank: what an attacker can do, who has no key.

    `stolen` is the row of the stranger's order. `bill` is how this order begins: you sent the bill.
    """

    def __init__(self, server: BackgroundServer, stolen: Row, bill: str) -> None:
        self.stolen, self.bill = stolen, bill
        self._server, self._session = server, requests.Session()

    def store(self, text: str) -> Row:
        """Have the bank encrypt and keep a text of yours, and copy its row.

        Raises:
            FormatError: the bank says no, and why.
            UnjudgedError: that is no text. A notebook shows its sentence, and no traceback.
        """
        if not isinstance(text, str):
            raise UnjudgedError(
                "Nothing was stored: a text stands in quotes, with no b before them."
            )
        answer = self._post("/store", {"data": text})
        if "error" in answer:
            raise FormatError(answer["error"])
        fields = (bytes.fromhex(answer[name]) for name in FIELDS)
        return Row(*fields, record_id=answer["record_id"])

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
        answer = self._post("/pay", _in_hex(row) | {"record_id": row.record_id})
        return str(answer.get("said") or f"{NOTHING} {answer['error']}")

    def _answered(self, word: str) -> str:
        answer = self._post("/say", {"word": word})
        return str(answer.get("said") or answer["error"])

    def _post(self, path: str, body: dict[str, str]) -> dict[str, Any]:
        answer: dict[str, Any] = post(self._session, self._server, path, body).json()
        return answer


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
        body = {IN_JSON.get(name, name): it for name, it in _in_hex(row).items()}
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

    A class of the notebook gets a key and an order of its own.

    >>> bank = open_bank()
    >>> open_bank() is bank
    True
    >>> bank.pay(bank.stolen) == f"The bank pays {int(bank.bill[4:8])} EUR to Eve."
    True
    >>> stop_banks()
    """
    # Without the packages above the file: fixed secrets stay the same when a folder moves.
    name = f"{kind.__module__.rpartition('.')[2]}.{kind.__qualname__}"
    known, bank, server, _ = _banks.get(name) or (None, None, None, None)
    if bank is None or server is None or known is not kind:
        if server is not None:
            server.stop()  # its class was written anew
        teller = Teller(kind(), chance(name))
        server = LocalServer(_bank_app(teller), "securedata bank CA")
        bank = Bank(server, teller.stolen, teller.order.bill)
        _banks[name] = kind, bank, server, teller
    server.start()
    return bank


def in_process(bank: Bank) -> Callable[[Row], str]:
    """How a bank that runs here pays, without the network: for thousands of questions.

    >>> bank = open_bank()
    >>> in_process(bank)(bank.stolen) == bank.pay(bank.stolen)
    True
    >>> stop_banks()
    """
    (teller,) = (teller for _, it, _, teller in _banks.values() if it is bank)

    def pay(row: Row) -> str:
        return teller.pay(row)

    return pay


def stop_banks() -> None:
    """Stop all banks. `open_bank` starts one again.

    >>> stop_banks()
    """
    for _, _, server, _ in _banks.values():
        server.stop()


def real_bank(server: LabServer, kind: type[BankTwin] = BankTwin) -> Bank:
    """A bank that leaves its orders to the real service: it encrypts, signs and keeps them.

    >>> with LabServer() as server:
    ...     bank = real_bank(server)
    ...     bank.pay(replace(bank.stolen, ciphertext=bytes(53)))
    'The bank pays nothing: Invalid signature. Data may be compromised.'
    """
    order = kind().strangers_order(chance("the real service's bank"))
    return _RealBank(server, order, kind.form)


# One of each for the whole kernel, so that a cell may be run twice.
_banks: dict[str, tuple[type[BankTwin], Bank, LocalServer, Teller]] = {}


def _bank_app(teller: Teller) -> Flask:
    app = Flask("bank", static_folder=None)
    answer_in_json(app, ANSWERS)

    @app.post("/store")
    def store() -> Response:
        row = teller.store(string_field(json_body(allowed=["data"]), "data"))
        return jsonify(_in_hex(row) | {"record_id": row.record_id})

    @app.post("/pay")
    def pay() -> Response:
        body = json_body(allowed=[*FIELDS, "record_id"])
        fields = (hex_field(body, name) for name in FIELDS)
        return jsonify(said=teller.pay(Row(*fields, record_id=string_field(body, "record_id"))))

    @app.post("/restore-backup")
    def restore_backup() -> Response:
        teller.restore_backup()
        return jsonify(said="The backup is back.")

    @app.post("/say")
    def say() -> Response:
        return jsonify(said=teller.say(string_field(json_body(allowed=["word"]), "word")))

    return app


def _in_hex(row: Row) -> dict[str, str]:
    return {name: bytes(getattr(row, name)).hex() for name in FIELDS}
