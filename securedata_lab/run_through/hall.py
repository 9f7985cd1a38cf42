"""The hall's attacks: each with all locks on, and once more under a condition: one is taken away.

Whether an attack worked, and which lock held, is measured: in an answer's status and the service's
log, in a client's error, or in bytes.
"""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import requests
import urllib3

from securedata import (
    KeyFile,
    KeyRing,
    Receipt,
    RecordStore,
    Vault,
    VerifyingKey,
    receipt_from_json,
    verify,
)
from securedata.errors import FormatError, SignatureError, TagError
from securedata.printable import printable
from securedata.record import PATTERNS
from securedata_lab.basics.bits import flip_bit
from securedata_lab.basics.one_sentence import OneSentence
from securedata_lab.drawing import pictures
from securedata_lab.lesson01_aes_modes.flaws import FixedNonceCtr
from securedata_lab.lesson05_tls_certificates import ManInTheMiddle, Tap, serve_without_tls
from securedata_lab.run_through.screens import Screen, locks
from securedata_lab.servers.starting import LabServer
from securedata_lab.servers.token_client import User
from securedata_lab.twins.twin import IN_JSON, Twin

TEXT, ORDER = "Meet me at noon.", "pay 1000 EUR to Ada"
LONGER = "Meet me at noon, Kim."  # no multiple of a block
WIDTH = 40  # letters of what is repeated
ROW = ("nonce", "ciphertext", "tag", "signature", "wrapped_key")
PLACES = [*(f"receipt: {field}" for field in ROW[:4]), *(f"row: {column}" for column in ROW)]
REPLACE = "REPLACE INTO records VALUES (:{})"
STOLEN = "signing key stolen"
LOCK_OF = {  # by the error, as the service logs it or as a client gets it
    "RecordNotFoundError": "the look-up",
    "SignatureError": "DSA",
    "TagError": "a tag",
    "SSLError": "TLS",
}


class NotThereError(OneSentence, FormatError):
    """The hall chose what is not there. Nothing was attacked; a notebook shows this alone."""


class Hall:
    """A service that a hall attacks. Each attack is a screen to show, and a row of the table.

    >>> with LabServer() as server:
    ...     hall = Hall(server)
    ...     hall.change_order(letter=4, bit=4)
    ...     hall.table()
    sent:       pay 1000 EUR to Ada
    AES alone:  pay 9000 EUR to Ada
    with a tag: refused
    a tag held
                     all locks on  condition  then
    change an order  a tag held    no tag     works
    <BLANKLINE>
    With all locks on, 0 of 1 attacks worked.
    Under their conditions, 1 of 1 worked.
    """

    def __init__(self, server: LabServer) -> None:
        self.server = server
        self._measured: dict[str, list[str]] = {}
        self._ada = User(server, "ada")
        self._stolen = KeyFile.load(server.key_file)  # used where the condition says so

    def steal(self) -> Screen:
        """Copy the database, and read it: alone, and with the key file."""
        stored, thief = self._ada.store(LONGER), self.server.database.with_name("thief.db")
        _copy(self.server.database, thief)
        ciphertext, found = bytes.fromhex(stored["data"]["encrypted_data"]), thief.read_bytes()
        with closing(RecordStore(f"sqlite:///{thief}")) as records:
            opened = Vault(records, self._stolen).retrieve(stored["record_id"], owner="ada")
        return self._play(
            "copy the database",
            "AES" if ciphertext in found and LONGER.encode() not in found else "",
            "key file stolen",
            "" if opened == LONGER else "AES",
            f"in the database:        {ciphertext.hex()}",
            f"that is:                {len(ciphertext)} bytes",
            f"with the key file, too: {opened}",
        )

    def change_order(self, letter: int, bit: int) -> Screen:
        """Flip one bit of one letter of an order: under AES alone, and with a tag."""
        place = 8 * _chosen("letter", letter, range(len(ORDER))) + _chosen("bit", bit, range(8))
        (alone, then), (tagged, held) = (
            _tried(_read_changed, twin, place) for twin in (FixedNonceCtr(), Twin())
        )
        return self._play(
            "change an order",
            held,
            "no tag",
            then,
            f"sent:       {ORDER}",
            f"AES alone:  {alone}",
            f"with a tag: {tagged}",
        )

    def rename(self, name: str) -> Screen:
        """Put another name on Ada's receipt, and check it with the service's public key."""
        if name == "ada":
            raise NotThereError("ada is the owner already. Choose another name.")
        if not isinstance(name, str) or not PATTERNS["owner"].fullmatch(name):
            raise NotThereError(
                f"This is no name for an owner: {_short(name)}. Choose another, of small letters "
                'and digits, such as "eve".'
            )
        receipt = receipt_from_json(self._ada.store(TEXT))
        changed = replace(receipt, header=replace(receipt.header, owner=name))
        owners = {
            receipt.owner: receipt,
            name: changed,
            f"{name} ({STOLEN})": replace(changed, signature=self._signed(changed)),
        }
        url, trusted = f"{self.server.url}/public-key", str(self.server.ca_file)
        key = VerifyingKey.from_pem(requests.get(url, verify=trusted, timeout=10).text)
        found = {it: _tried(verify, owners[it], signers=KeyRing(key)) for it in owners}
        _, (_, held), (_, then) = found.values()
        return self._play(
            "rename a receipt",
            held,
            STOLEN,
            then,
            *(f"owner {owner}: {said or 'valid'}" for owner, (said, _) in found.items()),
        )

    def listen(self) -> Screen:
        """Search the bytes of one request for its words: over HTTP, and over HTTPS."""
        lines, held = [], []
        with serve_without_tls() as plain:
            for server in (plain, self.server):
                with Tap(server.url) as tap:
                    self._send(tap.url, TEXT, str(self.server.ca_file))
                wire = tap.connections[0].client
                heard = [it for it in ("localhost", "/store", "noon") if it.encode() in wire]
                lines.append(f"{server.url.partition(':')[0].upper():<6} {', '.join(heard)}")
                # A TLS connection begins with these bytes (RFC 9846, 5.1).
                held.append("TLS" if "noon" not in heard and wire[:2] == b"\x16\x03" else "")
        return self._play("listen", held[1], "HTTP, no TLS", held[0], *lines)

    def flip(self, place: str, bit: int) -> Screen:
        """Flip one bit of a receipt or of a row; then also sign it anew, with the stolen key."""
        where, _, field = _chosen("place", place, PLACES).partition(": ")
        stored, found = self._ada.store(TEXT), []
        by_id = {"record_id": stored["record_id"]}
        with closing(sqlite3.connect(self.server.database, isolation_level=None)) as database:
            database.row_factory = sqlite3.Row
            row = dict(database.execute("SELECT * FROM records ORDER BY rowid DESC").fetchone())
            _chosen("bit", bit, range(8 * len(row[field])))
            row[field] = bytes.fromhex(flip_bit(row[field].hex(), bit))
            for _ in ("flipped", "and signed anew"):
                data = {IN_JSON.get(it, it): row[it].hex() for it in ROW[:4]}
                if where == "row":
                    database.execute(REPLACE.format(", :".join(row)), row)
                found.append(self._retrieve(by_id if where == "row" else data))
                row["signature"] = self._signed(receipt_from_json(stored | {"data": data}))
        (said, held), (_, then) = found
        return self._play(
            f"flip {place}",
            held,
            STOLEN,
            then,
            f"{place}, bit {bit}",
            f"Ada reads: {said}",
        )

    def sit_between(self, password: str) -> Screen:
        """Answer in the service's place: an app sends a password, and then another app does."""
        if not isinstance(password, str) or not password:
            raise NotThereError(
                f"This is no password: {_short(password)}. Choose a text, in quotes."
            )
        self._ada.store(TEXT)  # is the service there?
        urllib3.disable_warnings()  # about app A, which verifies nothing: that is shown
        lines, held = [], []
        for app, trusted in (
            ("app A, which takes every certificate", False),
            ("app B, which asks who signed it", str(self.server.ca_file)),
        ):
            with ManInTheMiddle(self.server) as attacker:
                _, lock = _tried(self._send, attacker.url, password, trusted)
            read = [it.request["data"] for it in attacker.seen if it.request]
            held.append("" if password in read else lock)
            lines.append(f"{app}: they read {_short(*read) if read else 'nothing'}")
        return self._play("answer in its place", held[1], "no certificate check", held[0], *lines)

    def roll_back(self) -> Screen:
        """Put Monday's database back, after Ada has stored a text on Tuesday."""
        monday = self.server.database.with_name("monday.db")
        _copy(self.server.database, monday)
        by_id = {"record_id": self._ada.store("Kim has paid.")["record_id"]}
        on_tuesday, _ = self._retrieve(by_id)
        _copy(monday, self.server.database)
        (said, lock), never = (self._retrieve(it) for it in (by_id, {"record_id": "0" * 32}))
        held = "" if (said, lock) == never else lock
        return self._play(
            "put an old copy back",
            held,
            "none",
            held,
            f"Tuesday's text, on Tuesday:   {on_tuesday}",
            f"Tuesday's text, after it:     {said}",
            f"a text that was never stored: {never[0]}",
        )

    def table(self, guess: bool = False) -> Screen:
        """Each attack of this run: what stopped it, or that it works. To guess, without that."""
        columns, rows = ["all locks on", "condition", "then"], self._measured
        if guess or not rows:
            hidden = {it: ["?", condition, "?"] for it, (_, condition, _) in rows.items()}
            nothing = {"(nothing was measured yet)": ["?"] * 3}
            return Screen(pictures.table(columns, hidden or nothing))
        worked = [attack for attack, (now, *_) in rows.items() if now == "works"]
        then = [then for _, condition, then in rows.values() if condition != "none"]
        return Screen(
            f"{pictures.table(columns, rows)}\n\nWith all locks on, {len(worked)} of {len(rows)} "
            f"attacks worked{': ' if worked else ''}{', '.join(worked)}.\nUnder their conditions, "
            f"{then.count('works')} of {len(then)} worked."
        )

    def _play(self, attack: str, held: str, condition: str, then: str, *lines: str) -> Screen:
        self._measured[attack] = [
            f"{held} held" if held else "works",
            condition,
            f"{then} held" if then else "works",
        ]
        return locks(*lines, held=held)

    def _send(self, url: str, text: str, trusted: str | bool) -> None:
        requests.post(
            f"{url}/store",
            json={"data": text},
            headers={"Authorization": f"Bearer {self.server.token_of('ada')}"},
            verify=trusted,
            timeout=10,
        )

    def _signed(self, receipt: Receipt) -> bytes:
        """Its signature, by the service's private key: stolen, as the condition says."""
        return self._stolen.service_keys.signer.sign(receipt.signed_bytes)

    def _retrieve(self, body: dict[str, str]) -> tuple[str, str]:
        """What Ada reads; and which lock held, by the status and the log."""
        said = self._ada.retrieve(body)
        _, _, status, *error = self.server.log_tail(1)[0].split()
        return said, "" if status == "200" else LOCK_OF.get(error[0][:-1], error[0])


def _read_changed(twin: Twin, place: int) -> str:
    row = twin.seal(ORDER.encode(), record_id="1")
    changed = replace(row, ciphertext=bytes.fromhex(flip_bit(row.ciphertext.hex(), place)))
    return printable(twin.open(changed, record_id="1").decode(errors="replace"))


def _tried(attack: Callable[..., str | None], *given: Any, **named: Any) -> tuple[str | None, str]:
    """What an attack reads, and the lock that held."""
    try:
        return attack(*given, **named), ""
    except (SignatureError, TagError, requests.exceptions.SSLError) as error:
        return "refused", LOCK_OF[type(error).__name__]


def _chosen(what: str, given: Any, there: Sequence[Any]) -> Any:
    if type(given) is type(there[0]) and given in there:
        return given
    raise NotThereError(
        f"There is no {what} {_short(given)}. Choose "
        + (f"one of: {', '.join(there)}." if what == "place" else f"a number, 0 to {there[-1]}.")
    )


def _short(said: Any) -> str:
    """What the hall said, on one line of the screen."""
    shown = printable(said) if said and isinstance(said, str) else repr(said)
    return shown if len(shown) <= WIDTH else f"{shown[:WIDTH]}… ({len(shown)} letters)"


def _copy(source: Path, target: Path) -> None:
    """A copy of the file would lack the newest rows."""
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
