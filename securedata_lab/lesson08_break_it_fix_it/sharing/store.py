"""A store whose owners share records: what a student's class is made from, and its process.

The process imports this module, the service, and little else. It serves, and judges nothing: the
student's code can change all that is here.
"""

import json
import secrets
import traceback
from collections import UserDict
from contextlib import suppress
from dataclasses import replace
from functools import cache
from typing import Any

from securedata import seal, unseal
from securedata.clock import now
from securedata.errors import RecordNotFoundError, RefusedError, SignatureError, StorageError
from securedata.keys.service_keys import ServiceKeys
from securedata.record import Header, SealedRecord, frame
from securedata_lab.servers.keeper_process import Service

FILE = "my_store.py"


class Notes(UserDict[str, str]):
    """A table of texts by text, in the database. It survives a restart, and Eve can change it.

    >>> Notes()["name"] = b"bytes"
    Traceback (most recent call last):
    TypeError: a note is a text under a text: .hex() makes one of bytes, json.dumps of a list
    """

    def __setitem__(self, key: str, value: str) -> None:
        if not isinstance(key, str) or not isinstance(value, str):
            raise TypeError(
                "a note is a text under a text: .hex() makes one of bytes, json.dumps of a list"
            )
        super().__setitem__(key, value)


class Rows:
    """The table of records. `put` overwrites no id."""

    def __init__(self) -> None:
        self.by_id: dict[str, SealedRecord] = {}

    def get(self, record_id: str, owner: str | None = None) -> SealedRecord:
        """The record with this id; if an owner is named, only if the owner column names them.

        Raises:
            RecordNotFoundError: there is no such record.
        """
        record = self.by_id.get(record_id)
        if record is None or owner not in (None, record.owner):
            raise RecordNotFoundError(f"no record {record_id} of {owner or 'anybody'}")
        return record

    def put(self, record: SealedRecord) -> None:
        """Write a new record.

        Raises:
            StorageError: its id is there.
        """
        if self.by_id.setdefault(record.record_id, record) is not record:
            raise StorageError("rows.put overwrites no id")


class Safe:
    """A store's keys. What they have opened they remember: DSA takes most of a story's time."""

    def __init__(self) -> None:
        self.keys = ServiceKeys.generate()
        self.unsealed, self.verified = cache(self._unseal), cache(self._verify)

    def _unseal(self, record: SealedRecord) -> str:
        keys = self.keys
        return unseal(record, keys=keys.wrapping_keys, signers=keys.signers).decode()

    def _verify(self, note: str | None) -> list[str]:
        try:
            parts: list[str]
            *parts, signature = json.loads(note or "")
            self.keys.signers.primary.verify(_message(parts), bytes.fromhex(signature))
        except (AttributeError, TypeError, ValueError, SignatureError):
            return []
        return parts


class Store:
    """A store. Its keys are in `safe`. Whoever calls a method has shown their token."""

    def __init__(self, rows: Rows, notes: Notes, safe: Safe) -> None:
        self.rows, self.notes, self.safe = rows, notes, safe

    def share(self, caller: str, record_id: str, to: str) -> object:
        """The caller wants this person to read the record, too."""

    def unshare(self, caller: str, record_id: str, to: str) -> object:
        """The caller takes that back."""

    def may_read(self, caller: str, record_id: str) -> object:
        """Whether the record is shared with the caller, who is not its owner."""

    def retrieve(self, caller: str, record_id: str) -> str:
        """The text for the owner, and for those who may read it.

        Raises:
            PermissionError: the caller may not.
        """
        text = self.text(record_id)
        if caller != self.rows.get(record_id).owner and not self.may_read(caller, record_id):
            raise PermissionError("This record is not for you.")
        return text

    def text(self, record_id: str, owner: str | None = None) -> str:
        """What is in the record; if an owner is named, only in a record that they have stored.

        Raises:
            RecordNotFoundError, SignatureError: there is no such record, or it was changed.
        """
        return self.safe.unsealed(self.rows.get(record_id, owner))

    def sealed(self, text: str, owner: str, record_id: str = "") -> SealedRecord:
        """A new record of this owner, to be put into the rows: encrypted and signed."""
        keys = self.safe.keys
        header = Header(
            record_id=record_id or secrets.token_hex(16),
            owner=owner,
            signer_id=keys.signer.key_id,
            created=now(),
        )
        return seal(text.encode(), header, keys=keys.wrapping_keys, signer=keys.signer)

    def signed(self, *parts: str) -> str:
        """A note: these texts, and the store's signature over all of them."""
        return json.dumps([*parts, self.safe.keys.signer.sign(_message(parts)).hex()])

    def parts(self, note: str | None) -> list[str]:
        """The texts of a note that this store has signed, or [].

        >>> store = Store(Rows(), Notes(), Safe())
        >>> store.parts(store.signed("a", "b")), store.parts('["a", "b", "00"]'), store.parts(None)
        (['a', 'b'], [], [])
        """
        return [*self.safe.verified(note)]


def _message(parts: Any) -> bytes:
    return frame("note", *(part.encode() for part in parts))


class Database:
    """The student's store with its database. Its methods are what people do, and Eve."""

    def __init__(self, source: str) -> None:
        self._code = compile(source, FILE, "exec")
        self._safe, self._eves = Safe(), Safe()

    def begin(self, texts: list[list[str]]) -> list[str]:
        """A new database, with these texts of these owners. The ids."""
        self._rows, self._notes = Rows(), Notes()
        for owner, text in texts:
            self._rows.put(Store(self._rows, self._notes, self._safe).sealed(text, owner))
        self.restart()
        return [*self._rows.by_id]

    def restart(self) -> None:
        """The store's code runs anew: nothing but the database is left."""
        self._store = self._made(self._rows, self._notes, self._safe)

    def call(self, method: str, given: list[str]) -> list[str]:
        """What the store's method returns, and what it raises, as text."""
        try:
            return [str(getattr(self._store, method)(*given)), ""]
        except Exception as error:
            return ["", explained(error)]

    def look(self, names: list[str]) -> list[list[str]]:
        """Everybody asks for every record that is there."""
        asked = [[name, record_id] for record_id in [*self._rows.by_id] for name in names]
        return [[*it, *self.call("retrieve", it)] for it in asked]

    def notes(self, new: dict[str, str] | None = None) -> dict[str, str]:
        """All notes; new ones, if Eve writes."""
        self._notes.data = self._notes.data if new is None else new
        return self._notes.data

    def write_owner(self, record_id: str, owner: str) -> None:
        """Eve's line of SQL, as in lesson 07."""
        record = self._rows.by_id[record_id]
        self._rows.by_id[record_id] = replace(record, header=replace(record.header, owner=owner))

    def forged(self, changes: list[list[str]]) -> dict[str, str]:
        """The notes of a store of Eve's, with the same code under keys of her own."""
        store = self._made(Rows(), Notes(), self._eves)
        for method, owner, record_id, to in changes:
            with suppress(StorageError):  # it is there
                store.rows.put(store.sealed("Eve's own", owner, record_id))
            with suppress(Exception):
                getattr(store, method)(owner, record_id, to)
        return store.notes.data

    def _made(self, rows: Rows, notes: Notes, safe: Safe) -> Store:
        names = {**globals(), "__name__": FILE[:-3], "Store": type("Store", (Store,), {})}
        try:
            exec(self._code, names)  # noqa: S102  # in a process of its own
            return names["MyStore"](rows, notes, safe)  # type: ignore[no-any-return]
        except Exception as error:
            raise RefusedError(explained(error)) from None


def explained(error: Exception) -> str:
    """What was raised, and in which line of the student's file.

    >>> explained(ValueError("no"))
    'ValueError: no'
    """
    lines = [it.lineno for it in traceback.extract_tb(error.__traceback__) if it.filename == FILE]
    place = f" (line {lines[-1]} of {FILE})" if lines else ""
    return f"{type(error).__name__}: {error}".removesuffix(": ") + place


def open_kept(source: str) -> Service:
    """A student's store, for the process that plays stories at it."""
    database = Database(source)
    names = ("begin", "restart", "call", "look", "notes", "write_owner", "forged")
    return Service({}, {name: getattr(database, name) for name in names})
