"""Lesson 07: a store that a student writes in Flask, with Ada's diary in it. Eve has a token, too.

Each store has keys of its own, and its diary is drawn anew. The student runs the store, so their
two functions see text and keys; Eve has neither, and reads by their mistake alone.
"""

import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from flask import Flask, Request, Response, g, jsonify, request

from securedata.clock import now
from securedata.crypto.sealing import seal, unseal
from securedata.errors import FormatError, RecordNotFoundError, RefusedError, TokenError
from securedata.keys.service_keys import ServiceKeys, new_token
from securedata.record import Header, SealedRecord
from securedata.serving.server import BackgroundServer
from securedata.storage.records import RecordStore
from securedata.web.answers import answer_in_json
from securedata.web.app import ANSWERS
from securedata.web.body import json_body
from securedata.web.receipt import receipt_to_json, string_field
from securedata_lab.basics.chance import chance, code_word
from securedata_lab.judging.attempts import is_empty
from securedata_lab.judging.interpreter import place_in_a_cell
from securedata_lab.servers.starting import LabServer, localhost_tls
from securedata_lab.servers.token_client import User

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

    >>> with Flask("my store").test_request_context("/store"):
    ...     caller_of(request)
    Traceback (most recent call last):
        ...
    securedata.errors.TokenError: This store needs a token.
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
        return jsonify(error=explained(error)), status

    return app


def explained(error: Exception) -> str:
    """What was raised, and in which line of the notebook.

    >>> explained(ValueError("no"))
    'ValueError: no'
    """
    words = f"{type(error).__name__}: {error}".removesuffix(": ")
    place = place_in_a_cell(error)
    return f"{words} (line {place[1]} of {place[0]})" if place else words


def say_hello(server: BackgroundServer) -> None:
    """As Ada: store a text there, retrieve it, and print what came back.

    >>> app = store_app(seal_all, open_by_id, Rows(), ServiceKeys.generate())
    >>> tls, ca_file = localhost_tls()
    >>> with BackgroundServer(app, tls=tls, ca_file=ca_file) as server:
    ...     say_hello(server)
    /store   : message, data, record_id, owner, signer_id, created
    /retrieve: Meet me at noon.
    """
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
    log: list[str] = field(default_factory=list)  # for each answer: which error it was, or ""

    def given(self, my_request: Asks, my_sql: str | None = None) -> str:
        """What Eve is given for what she sends; after her line of SQL, if there is one.

        It raises what a student's lines raise.
        """
        receipt = self.ada.store(self.diary)
        if my_sql is not None:
            with closing(sqlite3.connect(self.database)) as connection, connection:
                connection.execute(my_sql, {"id": receipt["record_id"]})
            if owner_in(self.database, receipt["record_id"]) != self.eve.name:
                return "no change: the row is not eve's"
        sent = my_request(receipt)
        if not isinstance(sent, dict):
            got = "`...`" if sent is ... else type(sent).__name__
            return f"nothing was sent: my_request returns {got}, and must return a dict"
        return self.eve.retrieve(sent)

    def tried(self, my_request: Asks, my_sql: str | None = None) -> str:
        """The same, or what was raised."""
        try:
            return self.given(my_request, my_sql)
        except Exception as error:
            return explained(error)


@contextmanager
def store_of(
    sealed: Sealed, opened: Opened, word: str, owner: str = "ada", eve: str = "eve"
) -> Iterator[Place]:
    """Run a store with these two functions, and a diary with this word."""
    rows, log = Rows(), list[str]()

    app = store_app(sealed, opened, rows, ServiceKeys.generate())

    @app.after_request
    def note(answer: Response) -> Response:
        log.append(g.get("reason", "").partition(":")[0])
        return answer

    tls, ca_file = localhost_tls()
    diary = f"Dear diary, my code word is {word}"
    with BackgroundServer(app, tls=tls, ca_file=ca_file) as server:
        yield Place(Visitor(server, owner), Visitor(server, eve), rows.file, diary, log)


def be_eve(
    sealed: Sealed, opened: Opened, my_request: Asks, my_sql: str, my_opened: Opened
) -> None:
    """Ask for Ada's diary, before and after the SQL, at the store of 7.1 and at the fixed one.

    >>> be_eve(seal_all, open_by_id, lambda receipt: {}, my_sql=..., my_opened=...)
    your store, her request  : 400 The field "record_id" is missing.
        log: FormatError
    Nothing was sent: my_sql is still `...`.
    """
    if empty := _empty(sealed=sealed, opened=opened, my_request=my_request):
        print(empty)
        return
    first = _without_a_question(sealed, opened)
    fixed = "fixed store", sealed, my_opened
    for store, what, needed in (
        (first, "her request", {}),
        (first, "after her SQL", {"my_sql": my_sql}),
        (fixed, "her request", {"my_opened": my_opened}),
        (fixed, "after her SQL", {}),
    ):
        if empty := _empty(**needed):
            print(empty)
            return
        sql = my_sql if "SQL" in what else None
        with store_of(*store[1:], code_word(chance(f"07 {store[0]}, {what}"))) as place:
            print(f"{store[0]}, {what:13}: {place.tried(my_request, sql)}")
        if any(place.log[-1:]):
            print("    log:", place.log[-1])


def _without_a_question(sealed: Sealed, opened: Opened) -> tuple[str, Sealed, Opened]:
    """The store of 7.1 with its name; if it asks for the owner already, one that does not."""
    with store_of(sealed, opened, "none") as place, suppress(RefusedError):
        asked = {"record_id": place.ada.store(place.diary)["record_id"]}
        if place.ada.retrieve(asked) == place.diary != place.eve.retrieve(asked):
            print("Your store of 7.1 asks for the owner already. Here is one that does not:")
            return "open store", seal_all, open_by_id
    return "your store", sealed, opened


def _empty(**written: object) -> str:
    """Which of these is still `...`; "" if all are written."""
    for name, it in written.items():
        if is_empty(it):
            return f"Nothing was sent: {name} is still `...`."
    return ""


def show_thefts(
    server: LabServer,
    sealed: Sealed,
    opened: Opened,
    my_request: Asks,
    my_sql: str,
    my_opened: Opened,
) -> None:
    """Eve's two attacks at four places.

    >>> show_thefts(LabServer(), seal_all, open_by_id, lambda receipt: {}, "SELECT 1", ...)
    Nothing was sent: my_opened is still `...`.
    """
    if empty := _empty(
        sealed=sealed, opened=opened, my_opened=my_opened, my_request=my_request, my_sql=my_sql
    ):
        print(empty)
        return
    attacks = my_request, my_sql
    first = _without_a_question(sealed, opened)
    stores = {
        first[0]: first[1:],
        "your store, fixed": (sealed, my_opened),
        "fixed, owner not signed": (seal_without_owner, open_without_owner),
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
    words = []
    for said in (place.tried(my_request), place.tried(my_request, my_sql)):
        refused = "refused" if said[:3] in ("400", "403") else said
        words.append("READ" if place.diary in said else refused)
    print(f"{name:26}{words[0]:14}{words[1]}")
