"""Lesson 08: a theft, and then my_vault.py, audited with the attacks on an exercise's methods."""

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from securedata_lab.judging.attempts import ReturnedNoneError, is_empty
from securedata_lab.judging.engine import (
    NotAttemptedError,
    exercise,
    part_by_part,
    returned,
    shown,
)
from securedata_lab.lesson08_break_it_fix_it.auditing.audit_run import Receipt
from securedata_lab.lesson08_break_it_fix_it.auditing.auditor import audit
from securedata_lab.lesson08_break_it_fix_it.auditing.duel import DuelVault, played
from securedata_lab.lesson08_break_it_fix_it.auditing.given import AS_GIVEN
from securedata_lab.lesson08_break_it_fix_it.auditing.kept_duel import HELD, WON
from securedata_lab.lesson08_break_it_fix_it.auditing.live_vault import (
    RESTARTS,
    UNSENT,
    WRONG_CODE,
    LiveVault,
)
from securedata_lab.lesson08_break_it_fix_it.auditing.report import FIXED, Row
from securedata_lab.lesson08_break_it_fix_it.auditing.student_file import (
    lacks_decorator,
    methods_in,
    not_taken,
)
from securedata_lab.lesson08_break_it_fix_it.sharing import check  # noqa: F401  # registers 8.12
from securedata_lab.servers import keeper

# Where each flaw can be fixed: beside the method itself, where it is used.
PLACES = {
    "nonce": {"nonce", "store"},
    "signed_bytes": {"signed_bytes", "sign"},
    "answer": {"answer", "retrieve"},
    "public_number": {"public_number", "is_signed", "verify"},
}

# What to think of, after a kind of attack has won. No hint gives the line away.
HINTS = {
    ("nonce", "restart"): "nonces come again, after a restart at the latest",
    ("nonce", "workers"): "two processes do not know each other's count, or time",
    ("nonce", "restore"): "an old disk was put back: what did your vault forget with it?",
    ("nonce", "title"): "what if two texts have one title?",
    ("nonce", "moment"): "two workers may draw in the same moment: what makes their nonces differ?",
    ("nonce", "many"): "count the random bytes in it: so few come again",
    ("signed_bytes", "moved"): "where does one part end, and the next begin?",
    ("signed_bytes", "number"): "not every part has an end: 1000 can also be read as 10",
    ("signed_bytes", "order"): "exchange owner and title, and the bytes stay: the order is lost",
    ("signed_bytes", "separator"): "a part may hold your separator: what becomes of it there?",
    ("signed_bytes", "digits"): "where does a length end, if digits follow it?",
    ("signed_bytes", "long"): "which length does a part of 300 letters get, and a short one?",
    (
        "signed_bytes",
        "left out",
    ): "one field is not signed: it can be changed, and all is valid",
    (
        "signed_bytes",
        "spelling",
    ): "two texts give the same bytes: change, cut and leave out nothing, not even in “é”",
    (
        "answer",
        "flipped",
    ): "look at genuine first. Only raise refuses, a Refused alone does not",
    ("answer", "grafted"): "the tag is right for this ciphertext: is the signature?",
    ("answer", "rewritten"): "the tag does not cover the owner: what does?",
    ("answer", "hint"): "say the same to every changed receipt, whatever its text is",
    ("answer", "answered"): "it did not refuse: a program goes on with what it gets",
    ("answer", "signed again"): "anybody can sign with a key of their own: is the tag right, too?",
    ("public_number", "own"): "the attacker sends a key along: whose key must it be?",
    ("public_number", "other endpoint"): "one endpoint checks the key. And the others?",
}
# The same for a vault that cannot be used: the first that fits what the audit says of it.
UNUSABLE = {
    "'MyVault' object has no attribute": "self has folder and keys; keys has x, y, p, q and g",
    "'Keys' object has no attribute": "keys has x, y, p, q and g",
    "a vault needs nothing of": "take it out, and fix the method itself",
    "a vault is one file": "write all that it needs into your file",
    "nobody else can verify": "signed bytes may hold nothing secret, and nothing that changes",
    "/verify ignores the ciphertext": "not every field is signed: SIGNED has six names",
    "/verify must be": "what was signed is not what is verified",
    "type Refused": "raise it: a return is an answer",
    "genuine": "what does the consultant's method return for a genuine receipt?",
    "no dict": "what does the consultant's method return for a genuine receipt?",
    "does not start": "look at that line of your file",
    "come to its end": "look at that line of your file",
    "did not answer": "does each loop of yours end?",
    "process ended": "which line ends a program, or fills its memory?",
    "raised NameError": "is it spelled right? If so, import it inside the method",
    "changed receipt": "raise Refused: any other error is a crash",
    "it raised": "look at what your method gets and returns",
}
TEA = "Tea at four."
SAY_IT = "hand over what the vault answers: said = vault.restart(…)"
WRITE_ITS_NAME = 'run the server cell, and write "my_vault.py"'
File = Annotated[str, WRITE_ITS_NAME]
SHORT = 180  # what a vault that fails says, and why


def _judged(file: str, method: str) -> str | None:
    """What to say unless this method of the file is fixed."""
    if not Path(file).is_file():
        return f"expected the name of your file, got {shown(file)}; {WRITE_ITS_NAME}"
    if lacks_decorator(getattr(sys.modules["__main__"], method, None)):
        print(f"Your last {method}() is only in this notebook: write @lab.fix above its def.")
    own = methods_in(file)
    if own is not None and not own & PLACES[method]:
        for sentence in not_taken(file):
            print(sentence)
        raise NotAttemptedError
    report = audit(file, only=method)
    if report.printed:
        print(report.last_printed)
    if report.unusable:
        why = _why_unusable(report.unusable, method)
        words = _shortened(report.unusable, SHORT - len(why))
        return f"expected a vault that works, got: {words}; {why}"
    (row,) = report.rows
    return None if row.verdict == FIXED else _lost(row)


def _lost(row: Row) -> str:
    method, name = row.attack.method, row.kind or ""
    kind = row.attack.kinds[name]
    hint = HINTS.get((method, name)) or kind.why.rstrip(".").lower()
    got = f"“{row.verdict}”: the kind “{name}” gets {kind.gain}"
    return f"expected {method}() fixed, got {got}; {hint}"


def _shortened(words: str, most: int) -> str:
    """At most so many characters: the end stays, where a wrong name stands, and the line.

    >>> _shortened("honest use fails: there is no attribute 'cafile' (line 9 of my_vault.py)", 50)
    "… no attribute 'cafile' (line 9 of my_vault.py)"
    """
    if len(words) <= most:
        return words
    return "… " + words[2 - most :].partition(" ")[2]


def _why_unusable(words: str, method: str) -> str:
    if method == "signed_bytes" and re.search("/retrieve: it refused|genuine", words):
        return "a receipt gains public_key and signature after it is signed"
    if method == "public_number" and "genuine" in words:
        return "x signs: which number of the same key verifies?"
    found = (why for part, why in UNUSABLE.items() if part in words)
    return next(found, "honest customers must notice nothing of your fix")


@exercise(
    "8.8",
    "your lines read Ada's text, and the vault has restarted by her word",
    points=4,
    in_parts=True,
)
def reads(
    my_theft: Callable[[Receipt, Receipt], object], said: Annotated[str, SAY_IT]
) -> str | None:
    """my_theft(mine, hers) at a fresh vault; said: what the notebook's vault said to the code."""
    return part_by_part(
        {"my_theft": lambda: _why_not_read(my_theft), "said": lambda: _why_not_said(said)}
    )


def _why_not_read(my_theft: Callable[[Receipt, Receipt], object]) -> str | None:
    if is_empty(my_theft):
        raise NotAttemptedError
    vault = LiveVault(fresh=True)
    try:
        mine, hers = vault.store("tea", TEA), vault.receipts[0]
        made = returned(my_theft, dict(mine), dict(hers))
        if not isinstance(made, dict):
            why = "return mine or hers with changes: the cell sends it"
            if isinstance(made, str) and made.startswith("{"):
                why = "that is a text: without str() it is a receipt"
            return f"expected a receipt, which is a dict, got {shown(made)}; {why}"
        answer = vault.retrieve(made)
        return None if vault.reads(answer) else _not_read(made, mine, hers, answer)
    finally:
        vault.stop()


def _not_read(made: Receipt, mine: Receipt, hers: Receipt, answer: Any) -> str:
    drawn = {*mine.values(), *hers.values()} - {"eve", "ada", "tea", "diary"}
    if made.get("signature", mine["signature"]) not in drawn:
        why = (
            "use the two arguments: this receipt is of another vault, or its signature was changed"
        )
        return f"expected Ada's text, got none; {why}"
    if not isinstance(answer, dict):
        owner, why = made.get("owner"), "is a field missing, or is its value no text in hex?"
        if owner not in (None, mine["owner"]):
            why = f"its owner is {shown(owner)}, you are {mine['owner']}: what does admit compare?"
        return f"expected Ada's text, got a refusal; {why}"
    if answer["text"] == TEA:
        return "expected Ada's text, got your own; which of her fields hide it?"
    why = "a ciphertext opens only under its own nonce"
    if made.get("ciphertext") not in drawn or made.get("nonce") not in drawn:
        why = "use the two arguments: this ciphertext is of another vault, or was changed"
    return f"expected Ada's text, got noise; {why}"


def _why_not_said(said: str) -> str | None:
    """A made-up answer passes. It wins nothing: my_theft must be right all the same.

    So does a wrong code in a judge's process: its vault is another one than the student's.
    """
    if is_empty(said) or said.startswith(UNSENT):
        raise NotAttemptedError
    if said == RESTARTS or (said == WRONG_CODE and not keeper.beside):
        return None
    why = "type what your theft has printed: in a new kernel it is another code"
    return f"expected a restart, got {shown(said)}; {why if said == WRONG_CODE else SAY_IT}"


@exercise("8.9", "the vault was restarted, and a text of the victim was read", points=4)
def attacks_nonces(my_attack: Callable[[DuelVault], Any]) -> str | None:
    """my_attack(vault): a text of the victim, at a fresh vault with the consultant's nonce."""

    def attack(vault: DuelVault) -> Any:
        try:
            return returned(my_attack, vault)
        except ReturnedNoneError:
            return None

    outcome = played(AS_GIVEN, attack)
    if outcome.result == WON:
        return None
    hint = "; when does the vault's count begin anew?" if outcome.result == HELD else ""
    return f"expected a text of the victim, got “{outcome.result}”; {outcome.why}{hint}"


@exercise("8.2", "no changed receipt gave a text", points=2)
def fixes_answer(file: File) -> str | None:
    """answer: the text of genuine receipts, and of no other."""
    return _judged(file, "answer")


@exercise(
    "8.3", "no nonce came twice: after a restart, at two workers, on a restored disk", points=2
)
def fixes_nonce(file: File) -> str | None:
    """nonce: 12 bytes that never come again."""
    return _judged(file, "nonce")


@exercise("8.10", "each signature has one reading only", points=2)
def fixes_signed_bytes(file: File) -> str | None:
    """signed_bytes: bytes from which every part can be read back."""
    return _judged(file, "signed_bytes")


@exercise("8.13", "only the vault's own key is believed", points=2)
def fixes_public_number(file: File) -> str | None:
    """public_number: the y under which signatures are verified."""
    return _judged(file, "public_number")
