"""Honest use: everything that the attacks do, as customers, operator and auditors do it.

A vault that refuses this is not mended but broken, whatever it withstands.
"""

import re
from typing import Any

from securedata.certificates.issuing import LOCALHOST_NAMES, issue_certificate
from securedata.lab.auditing.audit_run import AuditRun, Person, Stored
from securedata.lab.auditing.backup_server import BackupServer
from securedata.lab.auditing.vault_process import UnusableError, VaultProcess
from securedata.lab.primitives.small_dsa import REAL, fits, from_bytes, hashed

RETRIEVALS = ["retrieve", "retrieve_by_id"]

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
    texts = [run.text() for _ in range(6)] + [f"{run.word(20)} äöü 💶 |", run.text() * 60]
    for text in texts:
        owner = run.people[0] if text is texts[0] else run.random.choice(run.people)
        stored = run.store(owner, _title(run), text)
        _must_have_form(stored.receipt)
        comes_back(run, stored, RETRIEVALS if len(run.stored) < 3 else one_of_two(run))
    _forget(run)
    backs_up(run, run.stored, 2)
    for stored in run.stored:
        _anybody_verifies(run, stored)
    _thief(run)


def use_again(run: AuditRun, after: str) -> None:
    """Old receipts still come back, and new texts can be stored.

    Raises:
        UnusableError: they do not, after this attack.
    """
    try:
        old = run.random.choice(run.stored[:6])
        comes_back(run, old, one_of_two(run))
        new = run.store(run.people[2], _title(run), run.text())
        comes_back(run, new, one_of_two(run))
    except UnusableError as error:
        raise UnusableError(f"{error}, after the attack on {after}()") from None


def _names(run: AuditRun) -> list[str]:
    word = run.word
    number = run.random.randint(10, 99)
    return [word(8), word(6), f"{word(3)}|{word(3)}/{word(2)}", f"{number}{word(3)} Żółć-{word(3)}"]


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


def _must_have_form(receipt: Any) -> None:
    """Other fields may be there, too."""
    for field, pattern in FIELDS.items():
        value = receipt.get(field) if isinstance(receipt, dict) else None
        fits = isinstance(value, str) and re.fullmatch(pattern, value)
        _must(bool(fits), f"a receipt has no {field} that fits {pattern}")


def one_of_two(run: AuditRun) -> list[str]:
    """One of the two."""
    return [run.random.choice(RETRIEVALS)]


def comes_back(run: AuditRun, stored: Stored, endpoints: list[str]) -> None:
    """The text comes back from these endpoints, and anybody can have its receipt verified.

    Raises:
        UnusableError: not so.
    """
    token, receipt = run.token(stored.owner), stored.receipt
    what: dict[str, Any] = {
        "retrieve": {"receipt": receipt},
        "retrieve_by_id": {"id": receipt["id"]},
    }
    for endpoint in endpoints:
        answer = run.expect(run.vault.ask(endpoint, token=token, **what[endpoint]), f"/{endpoint}")
        given = answer.get("text") if isinstance(answer, dict) else None
        _must(given == stored.text, f"/{endpoint} does not give the text")
        _must(answer.get("genuine") is True, f"/{endpoint} does not call it genuine")
    _must(_verified(run, receipt) is True, "/verify must be true of a receipt")
    field = run.random.choice(["ciphertext", "signature"])
    other = f"{int(receipt[field][0], 16) ^ 1:x}{receipt[field][1:]}"
    _must(_verified(run, receipt | {field: other}) is not True, f"/verify ignores the {field}")


def _verified(run: AuditRun, receipt: dict[str, str]) -> Any:
    return run.vault.ask("verify", receipt=receipt).value


def _anybody_verifies(run: AuditRun, stored: Stored) -> None:
    """With the public key alone, from outside: DSA with SHA-256 over signed_bytes."""
    h = hashed(run.signed_bytes(stored.receipt), REAL.q)
    signature = from_bytes(bytes.fromhex(stored.receipt["signature"]))
    if not fits(REAL, run.y, h, signature):
        raise UnusableError(
            "nobody else can verify a receipt: its signature does not fit signed_bytes and y"
        )


def _forget(run: AuditRun) -> None:
    owner = run.random.choice(run.people)
    stored = run.store(owner, _title(run), run.text())
    run.stored.pop()
    token, number = run.token(owner), stored.receipt["id"]
    run.expect(run.vault.ask("forget", token=token, id=number), "/forget")
    gone = run.vault.ask("retrieve_by_id", token=token, id=number)
    _must(gone.status != 200, "/forget leaves the receipt there")


def backs_up(run: AuditRun, all_stored: list[Stored], times: int) -> None:
    """The right server gets all; so it does when its certificate was renewed.

    Raises:
        UnusableError: it does not.
    """
    with BackupServer() as server:
        for _ in range(times):
            leaf = issue_certificate("localhost", by=run.backup_ca, names=LOCALHOST_NAMES)
            server.show(leaf)
            run.expect(run.vault.ask("backup", port=server.port), "/backup")
            complete = server.has_seen(run.backup_password) and all(
                server.has_seen(stored.receipt["id"]) for stored in all_stored
            )
            _must(complete, "/backup sends too little")


def _thief(run: AuditRun) -> None:
    """With the disk alone nobody reads a text: neither in its files, nor with other keys."""
    files = b"".join(file.read_bytes() for file in run.disk.rglob("*") if file.is_file())
    thief = run.copy()
    texts = [stored.text.encode() for stored in run.stored]
    in_files = any(text in files or text.hex().encode() in files for text in texts)
    if in_files or any(_read_by(thief, stored) for stored in run.stored[:2]):
        raise UnusableError("a thief of the disk reads the texts: they need the operator's key")


def _read_by(thief: VaultProcess, stored: Stored) -> bool:
    owner = stored.owner
    token = thief.ask("login", name=owner.name, password=owner.password).value
    for endpoint, arguments in (
        ("retrieve", {"receipt": stored.receipt}),
        ("retrieve_by_id", {"id": stored.receipt["id"]}),
    ):
        if stored.text in str(thief.ask(endpoint, token=token, **arguments).body):
            return True
    return False
