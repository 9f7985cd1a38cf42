"""Lesson 07: a store that a student writes in Flask, with Ada's diary in it. Eve has a token, too.

Each store has keys of its own, and its diary is drawn anew. The student runs the store, so their
two functions see text and keys; Eve has neither, and reads by their mistake alone.
"""

import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flask import Flask, Request, Response, jsonify, request

from securedata.clock import now
from securedata.crypto.sealing import seal, unseal
from securedata.errors import FormatError, RecordNotFoundError, RefusedError, TokenError
from securedata.keys.service_keys import ServiceKeys, new_token
from securedata.lab.break_ins.chance import chance, code_word
from securedata.lab.servers.starting import LabServer, localhost_tls
from securedata.lab.servers.token_client import User
from securedata.lab.student_answers.attempts import is_empty
from securedata.lab.student_answers.interpreter import place_in_a_cell
from securedata.record import Header, SealedRecord
from securedata.serving.server import BackgroundServer
from securedata.storage.records import RecordStore
from securedata.web.answers import answer_in_json
from securedata.web.app import ANSWERS
from securedata.web.body import json_body
from securedata.web.receipt import receipt_to_json, string_field

Sealed = Callable[[bytes, Header, ServiceKeys], SealedRecord]
Opened = Callable[["Rows", str, str, ServiceKeys], bytes]
Asks = Callable[[dict[str, Any]], dict[str, str]]
OWNER = "SELECT owner FROM records WHERE record_id = ?"


class Rows:
    """The database of a student's store: sealed records in SQLite.

    >>> Rows().get("00" * 16)
    Traceback (most recent call last):
        ...
    securedata.errors.RecordNotFoundError: no record 00000000000000000000000000000000
    """

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="securedata-", ignore_cleanup_errors=True)
        self.file = Path(self._folder.name) / "records.sqlite3"
        self._records = RecordStore(f"sqlite:///{self.file}")

    def put(self, record: SealedRecord) -> None:
        """Write a record.

        Raises:
            FormatError: it is no record.
        """
        if not isinstance(record, SealedRecord):  # a student's function has made it
            got = "nothing" if is_empty(record) else type(record).__name__
            raise FormatError(f"Nothing was stored: sealed returned {got}, not what seal gives.")
        self._records.put(record)

    def get(self, record_id: str, owner: str | None = None) -> SealedRecord:
        """The record with this id; if an owner is named, only a record of theirs.

        Raises:
            RecordNotFoundError: there is no such record.
        """
        if owner is None:
            owner = owner_in(self.file, record_id)
        return self._records.get(record_id, owner)


def owner_in(database: Path, record_id: str) -> str:
    """What the owner column says of this record.

    Raises:
        RecordNotFoundError: there is no such record.
    """
    with closing(sqlite3.connect(database)) as connection:
        found = connection.execute(OWNER, (record_id,)).fetchone()
    if found is None:
        raise RecordNotFoundError(f"no record {record_id}")
    return str(found[0])


# What the routes in the notebook are made of.

_owners: dict[str, str] = {}  # by token


class Visitor(User):
    """Somebody with a token at a student's store."""

    def __init__(self, server: BackgroundServer, name: str) -> None:
        token = new_token()
        _owners[token] = name
        self.name, self.server = name, server
        self._begin_session(token)


def caller_of(asked: Request) -> str:
    """Who asks: whose token came with the request.

    Raises:
        TokenError: there is none, or a wrong one.
    """
    token = asked.headers.get("Authorization", "").removeprefix("Bearer ")
    if token not in _owners:
        raise TokenError("This store needs a token.")
    return _owners[token]


def new_header(owner: str, safe: ServiceKeys) -> Header:
    """A header for a new record of this owner.

    >>> new_header("ada", ServiceKeys.generate()).owner
    'ada'
    """
    record_id = os.urandom(16).hex()
    return Header(record_id=record_id, owner=owner, signer_id=safe.signer.key_id, created=now())


def with_errors(app: Flask) -> Flask:
    """The app, which answers errors as JSON, as the real service does, and ours with their place.

    >>> with_errors(Flask("my store")).test_client().get("/nowhere").json
    {'error': 'No such address.'}
    """
    app.json.sort_keys = False  # type: ignore[attr-defined]  # Flask's default provider has it
    answer_in_json(app, ANSWERS)

    @app.errorhandler(Exception)  # instead of "our mistake": here it is the reader's
    def explain(error: Exception) -> tuple[Response, int]:
        status = 403 if isinstance(error, PermissionError) else 500
        return jsonify(error=_explained(error)), status

    return app


def _explained(error: Exception) -> str:
    words = f"{type(error).__name__}: {error}".removesuffix(": ")
    place = place_in_a_cell(error)
    return f"{words} (line {place[1]} of {place[0]})" if place else words


def say_hello(server: BackgroundServer) -> None:
    """As Ada: store a text there, retrieve it, and print what came back."""
    ada = Visitor(server, "ada")
    try:
        receipt = ada.store("Meet me at noon.")
    except RefusedError as error:
        print("/store   :", error)
        return
    print("/store   :", ", ".join(receipt))
    print("/retrieve:", ada.retrieve({"record_id": receipt["record_id"]}))


# The same routes, around any two functions: for Eve, and for the checks.


def store_app(sealed: Sealed, opened: Opened, rows: Rows, safe: ServiceKeys) -> Flask:
    """A store, as the notebook writes it, with these two functions.

    >>> app = store_app(seal_all, open_by_id, Rows(), ServiceKeys.generate())
    >>> app.test_client().post("/store", json={"data": "text"}).json
    {'error': 'This store needs a token.'}
    """
    app = with_errors(Flask("a store"))

    @app.post("/store")
    def store() -> dict[str, Any]:
        header = new_header(caller_of(request), safe)
        text = string_field(json_body(allowed=["data"]), "data")
        record = sealed(text.encode(), header, safe)
        rows.put(record)
        return receipt_to_json(record)

    @app.post("/retrieve")
    def retrieve() -> dict[str, str]:
        caller = caller_of(request)
        record_id = string_field(json_body(allowed=["record_id"]), "record_id")
        return {"decrypted_data": opened(rows, record_id, caller, safe).decode()}

    return app


def seal_all(text: bytes, header: Header, safe: ServiceKeys) -> SealedRecord:
    """As it should be."""
    return seal(text, header, keys=safe.wrapping_keys, signer=safe.signer)


def open_by_id(rows: Rows, record_id: str, caller: str, safe: ServiceKeys) -> bytes:
    """For whoever asks: the flaw."""
    return unseal(rows.get(record_id), keys=safe.wrapping_keys, signers=safe.signers)


def open_own(rows: Rows, record_id: str, caller: str, safe: ServiceKeys) -> bytes:
    """For its owner alone."""
    return unseal(rows.get(record_id, caller), keys=safe.wrapping_keys, signers=safe.signers)


def seal_without_owner(text: bytes, header: Header, safe: ServiceKeys) -> SealedRecord:
    """The owner stands in the row, and neither in the signature nor in the tags: another flaw."""
    return replace(seal_all(text, replace(header, owner="nobody"), safe), header=header)


def open_without_owner(rows: Rows, record_id: str, caller: str, safe: ServiceKeys) -> bytes:
    """For the owner in the row, whatever was signed."""
    record = rows.get(record_id, caller)
    record = replace(record, header=replace(record.header, owner="nobody"))
    return unseal(record, keys=safe.wrapping_keys, signers=safe.signers)


# Eve.


@dataclass(frozen=True)
class Place:
    """A running store with Ada's diary in it; Eve has a token, and can write into its database."""

    ada: User
    eve: User
    database: Path
    diary: str

    def by_id(self, my_request: Asks) -> str:
        """What Eve is given for what she sends."""
        return self._given(my_request, self.ada.store(self.diary))

    def by_sql(self, my_request: Asks, my_sql: str) -> str:
        """The same, after her line of SQL."""
        receipt = self.ada.store(self.diary)
        with closing(sqlite3.connect(self.database)) as connection, connection:
            connection.execute(my_sql, {"id": receipt["record_id"]})
        if owner_in(self.database, receipt["record_id"]) != self.eve.name:
            return "no change: the row is not eve's"
        return self._given(my_request, receipt)

    def _given(self, my_request: Asks, receipt: dict[str, Any]) -> str:
        sent = my_request(receipt)
        if not isinstance(sent, dict):
            got = "`...`" if sent is ... else type(sent).__name__
            return f"nothing was sent: my_request returns {got}, and must return a dict"
        return self.eve.retrieve(sent)


@contextmanager
def store_of(
    sealed: Sealed, opened: Opened, word: str, owner: str = "ada", eve: str = "eve"
) -> Iterator[Place]:
    """Run a store with these two functions, and a diary with this word."""
    rows = Rows()
    tls, ca_file = localhost_tls()
    app = store_app(sealed, opened, rows, ServiceKeys.generate())
    diary = f"Dear diary, my code word is {word}"
    with BackgroundServer(app, tls=tls, ca_file=ca_file) as server:
        yield Place(Visitor(server, owner), Visitor(server, eve), rows.file, diary)


def be_eve(cells: dict[str, Any]) -> None:
    """Ask for Ada's diary at the store of 7.1, before and after the SQL, and at the mended one.

    `cells` is the notebook's `globals()`.
    """
    missing = _missing(cells, "sealed", "opened", "my_request")
    if missing:
        print(missing)
        return
    sealed, opened, my_request = cells["sealed"], cells["opened"], cells["my_request"]
    said = _read(sealed, opened, "your store", lambda place: place.by_id(my_request))
    print("your store, her request  :", said)
    if said.startswith("400") and "diary" in _read(
        seal_all, open_by_id, "by id", lambda place: place.by_id(my_request)
    ):
        print("It asks for the owner already. Take that out of 7.1 for now, and be Eve again.")
    said = _missing(cells, "my_sql") or _read(
        sealed, opened, "with SQL", lambda place: place.by_sql(my_request, cells["my_sql"])
    )
    print("your store, after her SQL:", said)
    said = _missing(cells, "my_opened") or _read(
        sealed, cells["my_opened"], "mended", lambda place: place.by_id(my_request)
    )
    print("mended store, her request:", said)


def _read(sealed: Sealed, opened: Opened, what: str, attack: Callable[[Place], str]) -> str:
    with store_of(sealed, opened, code_word(chance(f"07 {what}"))) as place:
        return _tried(lambda: attack(place))


def _missing(cells: dict[str, Any], *names: str) -> str:
    """Which of these is not there yet, or still `...`; "" if all are there."""
    for name in names:
        cell = "7.1" if name in ("sealed", "opened") else "7.2"
        if name not in cells:
            return f"Nothing was sent: run your cell of {cell} first."
        if is_empty(cells[name]):
            return f"Nothing was sent: {name} is still `...`."
    return ""


def _tried(attack: Callable[[], str]) -> str:
    try:
        return attack()
    except Exception as error:  # of a student's line
        return _explained(error)


def show_thefts(cells: dict[str, Any], server: LabServer) -> None:
    """Eve's two attacks at four places. `cells` is the notebook's `globals()`."""
    missing = _missing(cells, "sealed", "opened", "my_opened", "my_request", "my_sql")
    if missing:
        print(missing)
        return
    attacks = cells["my_request"], cells["my_sql"]
    stores = {
        "your store": (cells["sealed"], cells["opened"]),
        "your store, mended": (cells["sealed"], cells["my_opened"]),
        "mended, owner not signed": (seal_without_owner, open_without_owner),
    }
    print(f"{'':26}{'her request':14}after her SQL")
    for name, functions in stores.items():
        with store_of(*functions, code_word(chance(f"07 thefts, {name}"))) as place:
            _print_row(name, place, *attacks)
    diary = f"Dear diary, number {os.urandom(8).hex()}"
    place = Place(User(server, "ada"), User(server, "eve"), server.database, diary)
    _print_row("the real service", place, *attacks)
    reasons = [line.split(":")[0].split()[-1] for line in server.log_tail(4)[1::2]]
    print("the real service's log:", ", ".join(reasons))


def _print_row(name: str, place: Place, my_request: Asks, my_sql: str) -> None:
    answers = [
        _tried(lambda: place.by_id(my_request)),
        _tried(lambda: place.by_sql(my_request, my_sql)),
    ]
    words = ["READ" if place.diary in it else _short(it) for it in answers]
    print(f"{name:26}{words[0]:14}{words[1]}")


def _short(said: str) -> str:
    return "refused" if said[:3] in ("400", "403") else said
