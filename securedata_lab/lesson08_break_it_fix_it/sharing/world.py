"""The world of the open task: three records, four people, and what they do. Eve has the database.

`World.look` is the judge: after each step everybody asks for everything, and a rule of one line
says who may read. A world knows no design, and looks at no line of the student's.
"""

import random
from collections.abc import Callable
from textwrap import shorten
from typing import Any

Notes = dict[str, str]
Ask = Callable[..., Any]  # a door of the store's process, and what is given there


class Found(Exception):  # noqa: N818  # it is no error: it ends a story
    """Somebody read what they may not, or could not read what they may."""


class World:
    """A fresh database behind the student's store. `names` are of ada, bob, somebody, and eve."""

    def __init__(self, ask: Ask, draw: random.Random) -> None:
        self.ask = ask
        bob = "".join(draw.choices("bcdfgklmnprst", k=3)) + draw.choice("aeiou")
        self.names = {"ada": "ada", "bob": bob, "short": bob[:-1], "eve": "eve"}  # bob begins so
        texts = [[owner, f"the text {draw.randbytes(8).hex()}"] for owner in ("ada", "ada", "eve")]
        self.secret, self.other, self.eves = ids = ask("begin", texts=texts)
        self._texts = dict(zip(ids, texts, strict=True))
        self._shared = set[tuple[str, str]]()
        self.choices = 0  # that Eve had, when she chose last
        self._honest = True  # nobody has written into the database
        self._notes: Notes = {}
        self._changes: list[list[str]] = []  # of the owners
        self._history: list[tuple[Notes, list[list[str]]]] = []  # and after which changes

    def may(self, name: str, record_id: str) -> bool:
        """The rule: the owner may, and with whom the owner shares it, until they take it back."""
        return self._texts[record_id][0] == name or (record_id, name) in self._shared

    def look(self) -> None:
        """Everybody asks for everything.

        Raises:
            Found: who read what they may not, or was refused what they may read.
        """
        for name, asked, said, refused in self.ask("look", names=[*self.names.values()]):
            for record_id, (owner, text) in self._texts.items():
                may = self.may(name, record_id)
                if text in said + refused and not may:
                    raise Found(f"{name} reads a record of {owner}'s")
                if self._honest and record_id == asked and may and text != said:
                    raise Found(f"{name} may read, and gets {_gist(refused or said)}")

    def change(self, method: str, who: str, record_id: str, to: str) -> None:
        """Somebody shares, or takes it back. Only the owner can.

        Raises:
            Found: the owner was refused.
        """
        name = self.names[to]
        given = [self.names[who], record_id, name]
        _, refused = self.ask("call", method=method, given=given)
        if who == self._texts[record_id][0]:
            self._changes.append([method, *given])
            if method == "share":
                self._shared.add((record_id, name))
            elif not refused:  # else the owner knows that nothing was taken back
                self._shared.discard((record_id, name))
            if refused and self._honest:
                raise Found(f"{who} is refused, with {_gist(refused)}")
        self._note(self.ask("notes"))

    # What Eve does in the database. `which` says what she chooses.

    def write_owner(self, name: str) -> None:
        """She writes a name into the owner column."""
        self._honest = False
        self.ask("write_owner", record_id=self.secret, owner=name)

    def replace(self, old: str, new: str) -> None:
        """She writes one name or id for another, wherever it stands."""
        notes = self._notes.items()
        self.write({key.replace(old, new): value.replace(old, new) for key, value in notes})

    def delete(self, which: int) -> None:
        """She deletes a note, of the newest ones."""
        deleted = self._chosen([*reversed(self._notes)], which)
        self.write({key: it for key, it in self._notes.items() if key not in deleted})

    def copy(self, which: int) -> None:
        """She copies a note to where another is, or was."""
        notes = self._notes
        places = dict.fromkeys(key for state, _ in self._history for key in state)
        pairs = [(it, value) for it in places for value in notes.values() if notes.get(it) != value]
        self.write(notes | dict(self._chosen(pairs, which)))

    def put_back(self, which: int) -> str:
        """She has kept one old note. What it tells, and what needs no key, she can write again."""
        notes = self._notes
        old = {pair: moment for moment in self._history for pair in moment[0].items()}
        pairs = [it for it in old if notes.get(it[0]) != it[1]]
        for key, value in self._chosen(pairs, which):
            state, changes = old[key, value]
            own = self.ask("forged", changes=changes)
            known = {it: of for it, of in state.items() if of in value or own.get(it) == of}
            self.write(notes | known | {key: value})
            return ", with what she can write" if {*known} - {key} else ""
        return ""

    def put_all_back(self) -> None:
        """She puts yesterday's whole table back: the notes as they were after the first step."""
        self.write(self._history[0][0])

    def forge(self) -> None:
        """She copies notes of a store with the same code, under keys of her own."""
        made = self.ask("forged", changes=[["share", "ada", self.secret, "eve"]])
        self.write(self._notes | made)

    def write(self, notes: Notes) -> None:
        """She writes all notes."""
        self._honest = False
        self._note(self.ask("notes", new=notes))

    def _chosen(self, things: list[Any], which: int) -> list[Any]:
        self.choices = len(things)
        return things[which : which + 1]

    def _note(self, notes: Notes) -> None:
        self._notes = notes
        self._history.append((notes, [*self._changes]))


def _gist(words: str) -> str:
    """The beginning of a sentence. No word is cut.

    >>> _gist("You may not share a record that is not yours: " + "ask its owner. " * 9)
    'You may not share a record that is not yours: ask its owner. ask its owner. …'
    """
    return shorten(words, 80, placeholder=" …")


Deed = Callable[[World, int], str | None]


def _change(method: str, who: str, record: str, to: str) -> Deed:
    return lambda w, which: w.change(method, who, vars(w)[record], to)


# Each step: its words, and what is done.
STEPS: dict[str, tuple[str, Deed]] = {
    "share": ("ada shares a record with {bob}", _change("share", "ada", "secret", "bob")),
    "share with short": ("ada shares it with {short}", _change("share", "ada", "secret", "short")),
    "share another": ("ada shares another with {bob}", _change("share", "ada", "other", "bob")),
    "take back": ("ada takes it back from {bob}", _change("unshare", "ada", "secret", "bob")),
    "take another back": (
        "ada takes the other back from {bob}",
        _change("unshare", "ada", "other", "bob"),
    ),
    "restart": ("the store restarts", lambda w, which: w.ask("restart")),
    "eve shares hers": ("eve shares hers with {bob}", _change("share", "eve", "eves", "bob")),
    "eve shares it": ("eve shares ada's record with eve", _change("share", "eve", "secret", "eve")),
    "bob shares it": (
        "{bob} shares ada's record with {short}",
        _change("share", "bob", "secret", "short"),
    ),
    "eve takes it back": (
        "eve takes ada's record back from {bob}",
        _change("unshare", "eve", "secret", "bob"),
    ),
    "bob takes it back": (
        "{bob} takes ada's record back from {bob}",
        _change("unshare", "bob", "secret", "bob"),
    ),
    "write eve": (
        "in the notes, eve writes eve for {bob}",
        lambda w, which: w.replace(w.names["bob"], "eve"),
    ),
    "write the other's id": (
        "in the notes, eve writes the other's id for the record's",
        lambda w, which: w.replace(w.secret, w.other),
    ),
    "write ada's id": (
        "in the notes, eve writes the id of ada's record for hers",
        lambda w, which: w.replace(w.eves, w.secret),
    ),
    "owner eve": ("in the owner column, eve writes eve", lambda w, which: w.write_owner("eve")),
    "owner ada": ("in the owner column, eve writes ada", lambda w, which: w.write_owner("ada")),
    "forge": (
        "a copy of the store, with eve's keys, shares ada's record with eve: she takes its notes",
        lambda w, which: w.forge(),
    ),
    "delete": ("eve deletes a note", World.delete),
    "copy": ("eve copies a note to where one was", World.copy),
    "put back": ("eve puts one old note back", World.put_back),
    "put all back": ("eve puts all old notes back", lambda w, which: w.put_all_back()),
}
CHOICES = {"delete": 3, "copy": 6, "put back": 6}  # among so many notes Eve chooses
