"""The attacks on admit() and answer(): other people's texts, and texts of changed receipts."""

import json
from typing import Any

from securedata_lab.lesson08_break_it_fix_it.auditing.attack import Attack, Kind, Won
from securedata_lab.lesson08_break_it_fix_it.auditing.audit_run import (
    AuditRun,
    Receipt,
    Stored,
    parts_of,
)
from securedata_lab.lesson08_break_it_fix_it.auditing.vault_process import Answer


def _gives(answer: Answer, text: str) -> bool:
    """Whether a part of the text is in the answer."""
    said = json.dumps(answer.body, ensure_ascii=False)
    return any(part in said for part in parts_of(text))


def attack_admit(run: AuditRun) -> Won:
    """Ask for the texts of others, with genuine receipts; and have them thrown away."""
    victim = run.enrol(f"{run.word(6)}é{run.word(3)}")
    attacker = run.enrol(run.word(8))
    theirs = run.store(victim, run.word(5), run.text())
    number, token = theirs.receipt["id"], run.token(attacker)
    vault, won = run.vault, dict[str, str]()
    read = f"{victim.name}'s text “{theirs.text}”"
    by_id: tuple[str, dict[str, Any]] = ("retrieve_by_id", {"id": number})
    by_receipt: tuple[str, dict[str, Any]] = ("retrieve", {"receipt": theirs.receipt})
    attempts = [
        ("id", *by_id),
        ("receipt", *by_receipt),
        *(
            ("body", endpoint, arguments | {"owner": name})
            for name in (attacker.name, victim.name)
            for endpoint, arguments in (by_id, by_receipt)
        ),
    ]
    for kind, endpoint, arguments in run.shuffled(attempts):
        if _gives(vault.ask(endpoint, token=token, **arguments), theirs.text):
            won[kind] = read
    gone = run.store(victim, run.word(5), run.text()).receipt["id"]
    for arguments in ({}, {"owner": attacker.name}, {"owner": victim.name}):
        vault.ask("forget", token=token, id=gone, **arguments)
    if vault.ask("retrieve_by_id", token=run.token(victim), id=gone).status != 200:
        won["forget"] = f"{victim.name}'s record is gone"
    return won


def attack_answer(run: AuditRun) -> Won:
    """Hand in receipts of one's own in which something was changed."""
    attacker, victim = run.people[1], run.people[0]
    mine = run.store(attacker, run.word(6), run.text())
    theirs = run.store(victim, run.word(6), run.text(unlike=mine.text))
    changed, owner = _flipped(run, mine), {"owner": attacker.name}
    grafted, tag = (
        {field: theirs.receipt[field] for field in fields if field in theirs.receipt}
        for fields in (("nonce", "ciphertext"), ("tag",))
    )
    attempts = [
        ("flipped", changed),
        ("grafted", mine.receipt | grafted),
        ("grafted", mine.receipt | grafted | tag),
        ("rewritten", theirs.receipt | owner),
        ("rewritten", theirs.receipt | owner | {"id": mine.receipt["id"]}),
        ("signed again", run.signed_by_attacker(mine.receipt, changed)),
    ]
    won, token = dict[str, str](), run.token(attacker)
    for kind, receipt in run.shuffled(attempts):
        answer = run.vault.ask("retrieve", token=token, receipt=receipt)
        if _gives(answer, theirs.text) or _gives_changed(answer, mine.text):
            won[kind if answer.status == 200 else "hint"] = (
                f"“{mine.text if receipt is changed else theirs.text}”"
            )
        elif receipt is changed and answer.status == 200 and not _gives(answer, mine.text):
            won["answered"] = "status 200, and no text"
    stored = [run.store(attacker, "a", text) for text in (mine.text, run.word(9))]
    refused = {_refusal(run, it, bit) for it in stored for bit in (0, 7)}
    if not set(won) - {"answered"} and len(refused) > 1:
        won["hint"] = "changed receipts get different answers"
    return won


def _refusal(run: AuditRun, stored: Stored, bit: int) -> str:
    """What is said to this receipt with one bit changed, without what stands in the receipt."""
    receipt = _flipped(run, stored, bit)
    answer = run.vault.ask("retrieve", token=run.token(stored.owner), receipt=receipt)
    said = f"{answer.status} {json.dumps(answer.body, ensure_ascii=False)}"
    for value in receipt.values():
        said = said.replace(value, "…") if len(value) > 1 else said
    return said


def _flipped(run: AuditRun, stored: Stored, bit: int = 0) -> Receipt:
    """This bit of a byte of the ciphertext, near its middle, where the text is.

    With bit 7 changed, most texts are UTF-8 no more.
    """
    ciphertext = bytearray.fromhex(stored.receipt["ciphertext"])
    third = len(ciphertext) // 3
    ciphertext[run.random.randrange(third, 2 * third)] ^= 1 << bit
    return stored.receipt | {"ciphertext": ciphertext.hex()}


def _gives_changed(answer: Answer, text: str) -> bool:
    """Whether a part of the text is given, and not all of it: what was stored harms nobody."""
    return _gives(answer, text) and text not in json.dumps(answer.body, ensure_ascii=False)


OWNER = Attack(
    "admit",
    "only the owner could read and throw away",
    {
        "id": Kind("another customer's text", "Any customer who knows its id may have it."),
        "receipt": Kind(
            "another customer's text", "Any customer who has the receipt may have the text."
        ),
        "body": Kind("another customer's text", "Who says that they are the owner is believed."),
        "forget": Kind("another customer's record is gone", "Any customer may throw it away."),
    },
    attack_admit,
)
CHANGED_TEXT = "the text of a changed receipt"
CHANGE = Attack(
    "answer",
    "no changed receipt gave a text",
    {
        "flipped": Kind(CHANGED_TEXT, "It is given even if the receipt is not genuine."),
        "grafted": Kind(CHANGED_TEXT, "The signature is not checked before the text is given."),
        "rewritten": Kind(CHANGED_TEXT, "The tag fits, but the signature was not checked."),
        "hint": Kind("something about the text", "The answer depends on the text."),
        "signed again": Kind(CHANGED_TEXT, "The signature fits, but the tag was not checked."),
        "answered": Kind(
            "an answer to a changed receipt", "It was not refused: a program goes on with it."
        ),
    },
    attack_answer,
)
