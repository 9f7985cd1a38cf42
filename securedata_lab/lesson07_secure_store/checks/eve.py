"""Exercises 7.8 and 7.9: Eve's two lines at stores with one flaw each, and the fix of one."""

import os
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from typing import Annotated, Any

from securedata.errors import RefusedError, SecureDataError
from securedata.keys.service_keys import ServiceKeys
from securedata.web.receipt import receipt_to_json
from securedata_lab.judging.attempts import NotAttemptedError, UnjudgedError, given
from securedata_lab.judging.engine import exercise, part_by_part, returned, shown
from securedata_lab.lesson07_secure_store import real_service
from securedata_lab.lesson07_secure_store.checks.build import ERRORS, KITS, Opened
from securedata_lab.lesson07_secure_store.store import (
    Rows,
    new_header,
    seal_all,
)
from securedata_lab.servers import keeper

Request = Callable[[dict[str, Any]], Annotated[dict[str, Any], "a request is a dict, as in {…: …}"]]
Sql = Annotated[str, "write the SQL in quotes"]
# What a store answers with 400 or 403; after anything else it says 500.
REFUSALS = (PermissionError, SecureDataError)
ABORTED = ("Forbidden", "NotFound", "Unauthorized")  # Flask's: a grader knows them by name
# Not meant as a refusal.
SLIPS = (
    AttributeError,
    LookupError,
    NameError,
    NotAttemptedError,
    TypeError,
    UnjudgedError,
    sqlite3.Error,
)

# What SQLite says, and what it means here.
SQL_ERRORS = {
    "no such table": "the table is records",
    "no such column": (
        "the columns are owner and record_id; a text such as eve stands in single quotes"
    ),
    "binding": "the id stands as :id",
    "": "UPDATE table SET column = 'text' WHERE column = :id",
}


Word = Annotated[str, "the code word alone, in quotes"]


@exercise(
    "7.8",
    "her request reads the diary, her SQL changes the owner, and the word is Ada's",
    points=4,
    ready_made=KITS,
    errors=ERRORS,
    in_parts=True,
)
def reads_a_diary(my_request: Request, my_sql: Sql, my_word: Word) -> str | None:
    """What Eve sends, her line of SQL, and the code word that she has read."""
    return part_by_part(
        {
            "my_request": lambda: _asks_wrongly(given(my_request)),
            "my_sql": lambda: _takes_no_row(given(my_sql)),
            "my_word": lambda: _not_adas(given(my_word)),
        }
    )


def _not_adas(my_word: str) -> str | None:
    """Each kernel draws another word. A judge draws its own: there, any word of the form passes.

    It wins nothing: both attacks must be right all the same.
    """
    try:
        if real_service.running and keeper.beside:
            real_service.running.token_for(my_word)
        elif not re.fullmatch(r"[a-z]+-[a-z]+-\d\d", my_word.strip().lower()):
            raise RefusedError
    except RefusedError:
        why = (
            "a new kernel has a new word: run your cell of 7.8 again"
            if re.fullmatch(r"\w+-\w+-\d\d", my_word.strip())
            else "what stands behind `is ` in what your store gave to Eve, up to its end?"
        )
        return f"expected Ada's code word, got {shown(my_word)}; {why}"
    return None


def _asks_wrongly(my_request: Request) -> str | None:
    safe = ServiceKeys.generate()
    receipt = receipt_to_json(seal_all(b"text", new_header("ada", safe), safe))
    sent = returned(my_request, receipt)
    if sent == {"record_id": receipt["record_id"]}:
        return None
    return f"expected the id of Ada's record alone, got {shown(sent)}; {_why_no_diary(sent)}"


def _why_no_diary(sent: dict[str, Any]) -> str:
    if "record_id" not in sent:
        return "/retrieve asks for one field, record_id"
    if isinstance(sent["record_id"], dict):
        return "that is the whole receipt: one part of it is the id"
    if len(sent) > 1:
        return (
            "your store reads the id alone; the real service refuses fields that it does not know"
        )
    return "the id is a part of the receipt that your function is given"


def _takes_no_row(my_sql: str) -> str | None:
    safe, rows = ServiceKeys.generate(), Rows()
    records = [seal_all(b"text", new_header("ada", safe), safe) for _ in range(2)]
    for record in records:
        rows.put(record)
    hers, other = (record.record_id for record in records)
    with closing(sqlite3.connect(rows.file)) as connection, connection:
        try:
            connection.execute(my_sql, {"id": hers})
        except sqlite3.Error as error:
            meant = [why for words, why in SQL_ERRORS.items() if words in str(error)]
            return f"expected a line of SQL, got {error}; {meant[0]}"
        owners = dict(connection.execute("SELECT record_id, owner FROM records"))
    if hers not in owners:
        return "expected a changed row, got none; the row is gone: UPDATE changes a row"
    if owners[hers] != "eve":
        return (
            "expected eve in the owner column of Ada's row, got another name; "
            "UPDATE … SET … WHERE …: the owner is 'eve', and the id is :id, without quotes"
        )
    if owners.get(other) != "ada":
        return (
            "expected one changed row, got more; "
            "WHERE names the row: else Ada sees at once that all of hers are gone"
        )
    return None


@exercise(
    "7.9",
    "your store opens a record for its owner alone",
    points=4,
    ready_made=KITS,
    errors=ERRORS,
)
def opens_for_the_owner(my_opened: Opened) -> str | None:
    """opened(rows, record_id, caller, safe), fixed."""
    owner = f"ada{os.urandom(1)[0]}"  # its last letter is not the last of eve
    scene = _Scene([owner, f"{owner}a", "eve"])
    return (
        scene.refuses_an_owner(my_opened)
        or scene.lets_others_in(my_opened, owner)
        or scene.takes_what_was_changed(my_opened, owner)
    )


class _Scene:
    """A database in which everybody has a record; the third is Eve."""

    def __init__(self, names: list[str]) -> None:
        self._safe, self._rows = ServiceKeys.generate(), Rows()
        self._texts = {name: os.urandom(8).hex().encode() for name in names}
        self._records = {
            name: seal_all(text, new_header(name, self._safe), self._safe)
            for name, text in self._texts.items()
        }
        for record in self._records.values():
            self._rows.put(record)

    def refuses_an_owner(self, my_opened: Opened) -> str | None:
        for name, text in self._texts.items():
            try:
                got = returned(my_opened, self._rows, self._id(name), name, self._safe)
            except SLIPS:
                raise
            except Exception as error:  # whatever they meant as a refusal
                why = "its owner asked, and was refused: which two names must be equal?"
                if name == "eve":
                    why = "Eve may read what is hers: ask whose it is, not whether it is Eve"
                return f"expected the text of the user {name}, got {type(error).__name__}; {why}"
            if got != text:
                return f"expected {shown(text)}, got {shown(got)}; open what was asked for"
        return None

    def lets_others_in(self, my_opened: Opened, owner: str) -> str | None:
        """Eve, and strangers with a name like the owner's: longer, shorter, with its letters."""
        longer, alike = f"{owner}a", [owner[::-1], f"eve{owner[3:]}", f"{owner[:-1]}-"]
        read = []
        pairs = [("eve", owner), (longer, owner), (owner, longer), *((it, owner) for it in alike)]
        for caller, whose in pairs:
            got = self._given(my_opened, whose, caller)
            refused = isinstance(got, REFUSALS) or type(got).__name__ in ABORTED
            if isinstance(got, Exception) and not refused:
                why = "so the store answers 500: let rows.get raise, or raise PermissionError"
                if isinstance(got, AssertionError):
                    why = "python -O skips every assert, and opens: use if and raise"
                return f"expected a refusal, got {type(got).__name__}: {got}; {why}"
            if got == self._texts[whose]:
                read.append(caller)
            elif not isinstance(got, Exception):
                return (
                    f"expected an exception for {caller}, got {shown(got)}; "
                    "what is returned is an answer, even an empty one: to refuse, raise"
                )
        if "eve" in read:
            return (
                "expected a refusal for Eve, got Ada's text; "
                "nothing in your lines compares who asks with whose record it is"
            )
        if read:
            return (
                f"expected a refusal for {read[0]}, got the text of another; "
                "Eve is not the only stranger: ask whose it is, and compare whole names"
            )
        return None

    def takes_what_was_changed(self, my_opened: Opened, owner: str) -> str | None:
        with closing(sqlite3.connect(self._rows.file)) as connection, connection:
            connection.execute(
                "UPDATE records SET owner = 'eve' WHERE record_id = ?", (self._id(owner),)
            )
        got = self._given(my_opened, owner, "eve")
        forged = replace(self._records["eve"], header=new_header("eve", self._safe))
        self._rows.put(replace(forged, nonce=os.urandom(12)))
        self._records["forged"] = forged
        for what, it in (
            ("after her line of SQL", got),
            ("of a forged record", self._given(my_opened, "forged", "eve")),
        ):
            if not isinstance(it, Exception):
                return (
                    f"expected a refusal {what}, got {shown(it)}; "
                    "unseal the record as rows.get gives it: its signature names the owner"
                )
        return None

    def _id(self, name: str) -> str:
        return self._records[name].record_id

    def _given(self, my_opened: Opened, whose: str, caller: str) -> object:
        try:
            return my_opened(self._rows, self._id(whose), caller, self._safe)
        except Exception as error:  # a refusal, of whatever kind
            return error
