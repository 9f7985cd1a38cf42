"""Honest use: everything that the attacks do, as customers, operator and auditors do it.

A vault that refuses this is not fixed but broken, whatever it withstands.
"""

import re
from typing import Any

from securedata_lab.lesson08_break_it_fix_it.auditing.audit_run import (
    AuditRun,
    Person,
    Receipt,
    Stored,
    opened,
)
from securedata_lab.lesson08_break_it_fix_it.auditing.vault_process import UnusableError

# What an auditor reads of a receipt.
FIELDS = {"id": ".+", "owner": ".+", "title": ".+"}
FIELDS |= {"ciphertext": "([0-9a-f]{2})+", "signature": "[0-9a-f]{128}"}


def use(run: AuditRun) -> None:
    """Enrol people, store texts, and do all that anybody may.

    Raises:
        UnusableError: something that should work does not; the message says what.
    """
    run.people = [run.enrol(name) for name in _names(run)]
    _mistype(run, run.people[0])
    for person in run.people:
        name = run.expect(run.vault.ask("who", token=run.token(person)), "/who")
        _must(name == person.name, "/who gives another name")
    texts = [run.text() for _ in range(4)] + [f"{run.text()} äöü 💶 |", run.text() * 60]
    for text in texts:
        owner = run.people[0] if text is texts[0] else run.random.choice(run.people)
        stored = run.store(owner, _title(run), text)
        must_have_form(stored.receipt)
        _comes_back(run, stored, in_both_ways=len(run.stored) < 3)
    _forget(run)
    for stored in run.stored:
        run.proved_bytes(stored.receipt)  # anybody can do so, with the public key alone
    _thief(run)


def use_again(run: AuditRun) -> None:
    """Old receipts still come back, and new texts can be stored.

    Raises:
        UnusableError: they do not, after the attacks.
    """
    try:
        _comes_back(run, run.random.choice(run.stored[:4]))
        _comes_back(run, run.store(run.people[2], _title(run), run.text()))
    except UnusableError as error:
        raise UnusableError(f"{error}, after the attacks") from None


def _names(run: AuditRun) -> list[str]:
    word = run.word
    number = run.random.randint(10, 99)
    return [
        run.name(),
        run.name(),
        f"{word(3)}|{word(3)}/{word(2)}",
        f"{number}{word(3)} Żółć-{word(3)}",
    ]


def _title(run: AuditRun) -> str:
    return run.random.choice(
        [
            run.word(8),
            f"{run.word(3)}|{run.word(4)}",
            f"{run.random.randint(100, 9999)} € “{run.word(4)}”",
            run.word(300),
        ]
    )


def _must(holds: bool, what: str) -> None:
    if not holds:
        raise UnusableError(f"honest use fails: {what}")


def _mistype(run: AuditRun, person: Person) -> None:
    """Six wrong passwords, and then the right one."""
    for _ in range(6):
        answer = run.vault.ask("login", name=person.name, password=run.word(12))
        _must(answer.status != 200, "/login takes a wrong password")
    run.token(person)


def must_have_form(receipt: Any) -> None:
    """A receipt has all that an auditor reads. Other fields may be there, too.

    Raises:
        UnusableError: this is not a vault that works.
    """
    for field, pattern in FIELDS.items():
        value = receipt.get(field) if isinstance(receipt, dict) else None
        is_valid = isinstance(value, str) and re.fullmatch(pattern, value)
        _must(bool(is_valid), f"a receipt has no {field} of the form {pattern}")


def _retrievals(receipt: Receipt) -> list[tuple[str, dict[str, Any]]]:
    """The two ways to ask for a text."""
    return [("retrieve", {"receipt": receipt}), ("retrieve_by_id", {"id": receipt["id"]})]


def _comes_back(run: AuditRun, stored: Stored, *, in_both_ways: bool = False) -> None:
    """The text comes back, and anybody can have its receipt verified."""
    token, receipt = run.token(stored.owner), stored.receipt
    ways = _retrievals(receipt)
    for endpoint, arguments in ways if in_both_ways else [run.random.choice(ways)]:
        answer = run.expect(run.vault.ask(endpoint, token=token, **arguments), f"/{endpoint}")
        _must(isinstance(answer, dict), f"/{endpoint} gives no dict with the text in it")
        _must(answer.get("text") == stored.text, f"/{endpoint} does not give the text")
        _must(answer.get("genuine") is True, f"/{endpoint} does not call it genuine")
    _must(run.vault.verifies(receipt), "/verify must be true of a receipt")
    field = run.random.choice(["ciphertext", "signature"])
    other = f"{int(receipt[field][0], 16) ^ 1:x}{receipt[field][1:]}"
    changed = receipt | {field: other}
    _must(not run.vault.verifies(changed), f"/verify ignores the {field}")
    answer = run.vault.ask("retrieve", token=token, receipt=changed)
    _must(answer.status != 500, f"a changed receipt: {answer.why}")


def _forget(run: AuditRun) -> None:
    owner = run.random.choice(run.people)
    stored = run.store(owner, _title(run), run.text())
    run.stored.pop()
    token, number = run.token(owner), stored.receipt["id"]
    run.expect(run.vault.ask("forget", token=token, id=number), "/forget")
    gone = run.vault.ask("retrieve_by_id", token=token, id=number)
    _must(gone.status != 200, "/forget leaves the receipt there")


def _thief(run: AuditRun) -> None:
    """With the disk alone nobody reads a text: neither in its files, nor with other keys."""
    files = b""
    for file in run.disk.rglob("*"):
        if file.is_file() and not file.is_symlink():
            with opened(file) as content:
                files += content.read()
    thief = run.copy()
    texts = [stored.text.encode() for stored in run.stored]
    leaked = any(text in files or text.hex().encode() in files for text in texts)
    for stored in run.stored[:2]:
        owner = stored.owner
        token = thief.ask("login", name=owner.name, password=owner.password).value
        for endpoint, arguments in _retrievals(stored.receipt):
            answer = thief.ask(endpoint, token=token, **arguments)
            leaked = leaked or stored.text in str(answer.body)
    if leaked:
        raise UnusableError("a thief of the disk reads the texts: they need the operator's key")
