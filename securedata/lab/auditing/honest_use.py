"""Honest use: everything that the attacks do, as customers, operator and auditors do it.

A vault that refuses this is not mended but broken, whatever it withstands.
"""

import re
from typing import Any

from securedata.certificates.issuing import LOCALHOST_NAMES, issue_certificate
from securedata.lab.auditing.backup_server import BackupServer
from securedata.lab.auditing.scene import Person, Scene, Stored
from securedata.lab.auditing.vault_process import UnusableError, VaultProcess
from securedata.lab.primitives.small_dsa import REAL, fits, from_bytes, hashed

DOORS = ["retrieve", "retrieve_by_id"]

# What an auditor reads of a receipt.
FIELDS = {"id": ".+", "owner": ".+", "title": ".+"}
FIELDS |= {"ciphertext": "([0-9a-f]{2})+", "signature": "[0-9a-f]{128}"}


def use(scene: Scene) -> None:
    """Enrol people, store texts, and do all that anybody may.

    Raises:
        UnusableError: something that should work does not; the message says what.
    """
    scene.people = [scene.enrol(name) for name in _names(scene)]
    _mistype(scene, scene.people[0])
    for person in scene.people:
        name = scene.expect(scene.vault.ask("who", token=scene.token(person)), "/who")
        _must(name == person.name, "/who gives another name")
    texts = [scene.text() for _ in range(6)] + [f"{scene.word(20)} äöü 💶 |", scene.text() * 60]
    for text in texts:
        owner = scene.people[0] if text is texts[0] else scene.random.choice(scene.people)
        stored = scene.store(owner, _title(scene), text)
        _must_have_form(stored.receipt)
        comes_back(scene, stored, DOORS if len(scene.stored) < 3 else a_door(scene))
    _forget(scene)
    backs_up(scene, scene.stored, 2)
    for stored in scene.stored:
        _anybody_verifies(scene, stored)
    _thief(scene)


def use_again(scene: Scene, after: str) -> None:
    """Old receipts still come back, and new texts can be stored.

    Raises:
        UnusableError: they do not, after this attack.
    """
    try:
        old = scene.random.choice(scene.stored[:6])
        comes_back(scene, old, a_door(scene))
        new = scene.store(scene.people[2], _title(scene), scene.text())
        comes_back(scene, new, a_door(scene))
    except UnusableError as error:
        raise UnusableError(f"{error}, after the attack on {after}()") from None


def _names(scene: Scene) -> list[str]:
    word = scene.word
    number = scene.random.randint(10, 99)
    return [word(8), word(6), f"{word(3)}|{word(3)}/{word(2)}", f"{number}{word(3)} Żółć-{word(3)}"]


def _title(scene: Scene) -> str:
    return scene.random.choice(
        [
            scene.word(8),
            f"{scene.word(3)}|{scene.word(4)}",
            f"{scene.random.randint(100, 9999)} € “{scene.word(4)}”",
            scene.word(300),
        ]
    )


def _must(holds: bool, what: str) -> None:
    if not holds:
        raise UnusableError(f"honest use fails: {what}")


def _mistype(scene: Scene, person: Person) -> None:
    """Six wrong passwords, and then the right one."""
    for _ in range(6):
        answer = scene.vault.ask("login", name=person.name, password=scene.word(12))
        _must(answer.status != 200, "/login takes a wrong password")
    scene.token(person)


def _must_have_form(receipt: Any) -> None:
    """Other fields may be there, too."""
    for field, pattern in FIELDS.items():
        value = receipt.get(field) if isinstance(receipt, dict) else None
        fits = isinstance(value, str) and re.fullmatch(pattern, value)
        _must(bool(fits), f"a receipt has no {field} that fits {pattern}")


def a_door(scene: Scene) -> list[str]:
    """One of the two."""
    return [scene.random.choice(DOORS)]


def comes_back(scene: Scene, stored: Stored, doors: list[str]) -> None:
    """The text comes back at these doors, and anybody can have its receipt verified.

    Raises:
        UnusableError: not so.
    """
    token, receipt = scene.token(stored.owner), stored.receipt
    what: dict[str, Any] = {
        "retrieve": {"receipt": receipt},
        "retrieve_by_id": {"id": receipt["id"]},
    }
    for door in doors:
        answer = scene.expect(scene.vault.ask(door, token=token, **what[door]), f"/{door}")
        given = answer.get("text") if isinstance(answer, dict) else None
        _must(given == stored.text, f"/{door} does not give the text")
        _must(answer.get("genuine") is True, f"/{door} does not call it genuine")
    _must(_verified(scene, receipt) is True, "/verify must be true of a receipt")
    field = scene.random.choice(["ciphertext", "signature"])
    other = f"{int(receipt[field][0], 16) ^ 1:x}{receipt[field][1:]}"
    _must(_verified(scene, receipt | {field: other}) is not True, f"/verify ignores the {field}")


def _verified(scene: Scene, receipt: dict[str, str]) -> Any:
    return scene.vault.ask("verify", receipt=receipt).value


def _anybody_verifies(scene: Scene, stored: Stored) -> None:
    """With the public key alone, from outside: DSA with SHA-256 over signed_bytes."""
    h = hashed(scene.signed_bytes(stored.receipt), REAL.q)
    signature = from_bytes(bytes.fromhex(stored.receipt["signature"]))
    if not fits(REAL, scene.y, h, signature):
        raise UnusableError(
            "nobody else can verify a receipt: its signature does not fit signed_bytes and y"
        )


def _forget(scene: Scene) -> None:
    owner = scene.random.choice(scene.people)
    stored = scene.store(owner, _title(scene), scene.text())
    scene.stored.pop()
    token, number = scene.token(owner), stored.receipt["id"]
    scene.expect(scene.vault.ask("forget", token=token, id=number), "/forget")
    gone = scene.vault.ask("retrieve_by_id", token=token, id=number)
    _must(gone.status != 200, "/forget leaves the receipt there")


def backs_up(scene: Scene, all_stored: list[Stored], times: int) -> None:
    """The right server gets all; so it does when its certificate was renewed.

    Raises:
        UnusableError: it does not.
    """
    with BackupServer() as server:
        for _ in range(times):
            leaf = issue_certificate("localhost", by=scene.backup_ca, names=LOCALHOST_NAMES)
            server.show(leaf)
            scene.expect(scene.vault.ask("backup", port=server.port), "/backup")
            complete = server.has_seen(scene.backup_password) and all(
                server.has_seen(stored.receipt["id"]) for stored in all_stored
            )
            _must(complete, "/backup sends too little")


def _thief(scene: Scene) -> None:
    """With the disk alone nobody reads a text: neither in its files, nor with other keys."""
    files = b"".join(file.read_bytes() for file in scene.disk.rglob("*") if file.is_file())
    thief = scene.copy()
    texts = [stored.text.encode() for stored in scene.stored]
    in_files = any(text in files or text.hex().encode() in files for text in texts)
    if in_files or any(_read_by(thief, stored) for stored in scene.stored[:2]):
        raise UnusableError("a thief of the disk reads the texts: they need the operator's key")


def _read_by(thief: VaultProcess, stored: Stored) -> bool:
    owner = stored.owner
    token = thief.ask("login", name=owner.name, password=owner.password).value
    for door, arguments in (
        ("retrieve", {"receipt": stored.receipt}),
        ("retrieve_by_id", {"id": stored.receipt["id"]}),
    ):
        if stored.text in str(thief.ask(door, token=token, **arguments).body):
            return True
    return False
