"""Lesson 07: what a student's store in Flask is made of, and how one runs with Ada's text in it.

Each store has keys of its own. The student runs it, so their lines see text and keys; Eve has
neither, and reads by their mistake alone.
"""

import json
import os
import re
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from flask import Flask, Request, Response, g, jsonify, request

from securedata.clock import now
from securedata.crypto.sealing import seal, unseal
from securedata.errors import RecordNotFoundError, TokenError
from securedata.keys.service_keys import ServiceKeys, new_token
from securedata.record import Header, SealedRecord
from securedata.serving.server import BackgroundServer
from securedata.storage.records import RecordStore
from securedata.web.answers import answer_in_json
from securedata.web.app import ANSWERS
from securedata.web.body import json_body
from securedata.web.receipt import receipt_to_json, string_field
from securedata_lab.judging.interpreter import place_in_a_cell
from securedata_lab.servers.clients import Served
from securedata_lab.servers.starting import localhost_tls
from securedata_lab.servers.token_client import TokenClient

Json = dict[str, Any]
Sealed = Callable[[bytes, Header, ServiceKeys], SealedRecord]
Opened = Callable[["Rows", str, str, ServiceKeys], bytes]
App = Callable[[Opened, "Rows", ServiceKeys], Flask]
Asks = Callable[[Json], dict[str, str]]
Writes = Callable[[Served, str], Json]  # at a store, with this token: the receipt
OWNER = "SELECT owner FROM records WHERE record_id = ?"
SHOWN_DIGITS = 8


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
        """Write a record."""
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


def token_for(name: str) -> str:
    """A new token of this name, for students' stores."""
    token = new_token()
    _owners[token] = name
    return token


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
    if "object has no attribute 'decode'" in words:
        kind = words.split("'")[1]
        return f"your lock must return bytes, those that unseal gives, and returned {kind}"
    place = place_in_a_cell(error)
    return f"{words} (line {place[1]} of {place[0]})" if place else words


def say_hello(server: BackgroundServer) -> None:
    """As Ada: store a text there, retrieve it, and print what came back.

    >>> app = store_app(open_by_id, Rows(), ServiceKeys.generate())
    >>> tls, ca_file = localhost_tls()
    >>> with BackgroundServer(app, tls=tls, ca_file=ca_file) as server:
    ...     say_hello(server)
    /store gives a receipt:
    {
      "message": "Data stored securely",
      ...
    }
    /retrieve gives: Meet me at noon.
    """
    ada = TokenClient(server, "ada", token_for("ada"))
    receipt = ada.store("Meet me at noon.")
    print("/store gives a receipt:")
    print(json.dumps(_short(receipt), indent=2, ensure_ascii=False))
    print("/retrieve gives:", ada.retrieve({"record_id": receipt["record_id"]}))


def _short(value: Any) -> Any:
    """The same without most of the hex digits."""
    if isinstance(value, dict):
        return {name: _short(part) for name, part in value.items()}
    is_long = re.fullmatch("[0-9a-f]{17,}", value)
    return value[:SHOWN_DIGITS] + "…" if is_long else value


# The same routes in the kit: for checks, and for a store with another flaw.


def store_app(opened: Opened, rows: Rows, safe: ServiceKeys, sealed: Sealed | None = None) -> Flask:
    """A store, as the notebook writes it, around this lock.

    >>> app = store_app(open_by_id, Rows(), ServiceKeys.generate())
    >>> app.test_client().post("/store", json={"data": "text"}).json
    {'error': 'This store needs a token.'}
    """
    app = with_errors(Flask("a store"))

    @app.post("/store")
    def store() -> dict[str, Any]:
        header = new_header(caller_of(request), safe)
        text = string_field(json_body(allowed=["data"]), "data")
        record = (sealed or seal_all)(text.encode(), header, safe)
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
    """A store with a text of Ada's: Eve has its receipt, a token, and can write into the rows."""

    receipt: Json
    eve: TokenClient
    database: Path
    log: list[str] = field(default_factory=list)  # for each answer: which error it was, or ""

    def tried(self, my_request: Asks, my_sql: str | None = None) -> str:
        """What Eve is given for what she sends; after her line of SQL, if there is one."""
        record_id = self.receipt["record_id"]
        try:
            if my_sql is not None:
                with closing(sqlite3.connect(self.database)) as connection, connection:
                    connection.execute(my_sql, {"id": record_id})
                if owner_in(self.database, record_id) != self.eve.name:
                    return "no change: the row is not eve's"
            sent = my_request(self.receipt)
            if isinstance(sent, dict):
                return self.eve.retrieve(sent)
        except Exception as error:  # of a student's lines
            return explained(error)
        got = "`...`" if sent is ... else type(sent).__name__
        return f"nothing was sent: my_request returns {got}, and must return a dict"


@contextmanager
def place_of(app: App, opened: Opened, ada_writes: Writes) -> Iterator[Place]:
    """Run a store with this lock, in which Ada has stored something."""
    rows, log = Rows(), list[str]()
    flask = app(opened, rows, ServiceKeys.generate())

    @flask.after_request
    def note(answer: Response) -> Response:
        log.append(g.get("reason", "").partition(":")[0])
        return answer

    tls, ca_file = localhost_tls()
    with BackgroundServer(flask, tls=tls, ca_file=ca_file) as server:
        receipt = ada_writes(server, token_for("ada"))
        yield Place(receipt, TokenClient(server, "eve", token_for("eve")), rows.file, log)
