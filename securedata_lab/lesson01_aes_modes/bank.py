"""A bank to break into: it keeps encrypted orders where anybody can copy and change them.

This is the bank's own side, with its key and the stranger's code word. It runs in the process
beside the kernel, so it imports no more than it needs: bank_client.py is the notebook's side.
Each kind of bank is a weak twin. Attack only what is yours.
"""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from flask import Flask, Response, jsonify

from securedata.errors import FormatError, SecureDataError
from securedata.web.answers import answer_in_json
from securedata.web.body import json_body
from securedata.web.receipt import hex_field, string_field
from securedata_lab.basics.chance import CODE_WORD, chance, code_word, is_said
from securedata_lab.lesson01_aes_modes.flaws import Cbc, FixedNonceCtr
from securedata_lab.servers.keeper_process import Service, of_the_kit
from securedata_lab.twins.ca_file import LocalServer
from securedata_lab.twins.twin import ANSWERS, Row, Twin

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
            FormatError: it says a code word, or the bank does not store such orders.
        """
        # Whichever word it is: an answer to the right one alone would tell it in 24 questions.
        if CODE_WORD.search(text):
            raise FormatError(
                "Your orders have no code word: take other letters. Nothing was stored."
            )
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
        if not is_said(word, self.order.word):
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


def open_kept(module: str, kind: str) -> Service:
    """A bank of this kind, for the keeper.

    >>> service = open_kept(CtrBank.__module__, "CtrBank")
    >>> service.doors["stop"]()
    >>> sorted(service.told)
    ['bill', 'ca_file', 'stolen', 'url']
    """
    return bank_service(of_the_kit(module, kind))


def bank_service(kind: type[BankTwin]) -> Service:
    """Open a bank over HTTPS, on this machine: what its attacker knows of it, and its doors."""
    # Without the packages above the file: fixed secrets stay the same when a folder moves.
    teller = Teller(kind(), chance(f"{kind.__module__.rpartition('.')[2]}.{kind.__qualname__}"))
    server = LocalServer(_bank_app(teller), "securedata bank CA")
    server.start()
    told = {"url": server.url, "ca_file": str(server.ca_file), "bill": teller.order.bill}

    def pay(row: dict[str, str]) -> str:
        return teller.pay(row_from_hex(row))

    doors: dict[str, Callable[..., object]] = {
        "start": server.start,
        "stop": server.stop,
        "pay": pay,
    }
    return Service(told | {"stolen": in_hex(teller.stolen)}, doors)


def _bank_app(teller: Teller) -> Flask:
    app = Flask("bank", static_folder=None)
    answer_in_json(app, ANSWERS)

    @app.post("/store")
    def store() -> Response:
        row = teller.store(string_field(json_body(allowed=["data"]), "data"))
        return jsonify(in_hex(row))

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


def in_hex(row: Row) -> dict[str, str]:
    """A row as JSON.

    >>> in_hex(Row(b"nonce", b"", b"", record_id="1"))
    {'nonce': '6e6f6e6365', 'ciphertext': '', 'tag': '', 'record_id': '1'}
    """
    fields = {name: bytes(getattr(row, name)).hex() for name in FIELDS}
    return fields | {"record_id": row.record_id}


def row_from_hex(fields: dict[str, str]) -> Row:
    """The row of what `in_hex` made.

    >>> row_from_hex(in_hex(Row(b"nonce", b"", b"tag"))).tag
    b'tag'
    """
    return Row(*(bytes.fromhex(fields[name]) for name in FIELDS), record_id=fields["record_id"])
