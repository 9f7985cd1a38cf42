"""The attack on nonce(): two texts under one nonce have one keystream, and XOR takes it away."""

import math
from collections.abc import Iterable
from itertools import pairwise, product
from typing import Literal

from securedata_lab.basics.bits import xor
from securedata_lab.lesson08_break_it_fix_it.auditing.attack import Attack, Kind, Won
from securedata_lab.lesson08_break_it_fix_it.auditing.audit_run import AuditRun, Person, Stored
from securedata_lab.lesson08_break_it_fix_it.auditing.vault_process import VaultProcess

KNOWN_LENGTH = 200  # of the attacker's texts, so that they reach wherever a secret one stands
STORES = 5  # at each process
# NIST SP 800-38D, 8.2.2, asks for 96 bits of chance; 12 bytes of a UUID have 90, and do. So many
# nonces show 6 of the 8 bits of a random byte: 67 of the UUID's, 58 of ten random bytes.
NONCES, BITS = 64, 55
BYTES_OF_A_START = 3  # that differ between two starts: fewer come again, as a process's number does


def attack_nonce(run: AuditRun) -> Won:
    """Store known texts wherever a nonce could come again, and XOR them with all other receipts."""
    victim, attacker = run.people[0], run.enrol(run.word(7))
    secret, known = _all_stored(run, victim, attacker)
    won: Won = {}
    for kind in run.shuffled(known):
        for mine in known[kind]:
            for theirs in secret:
                if kind not in won and theirs.owner != attacker and _reads(mine, theirs):
                    won[kind] = f"{theirs.owner.name}'s text “{theirs.text}”"
    if not won and (text := _in_one_moment(run, victim)):
        won["moment"] = f"{victim.name}'s text “{text}”"
    if not won and (why := _too_little_chance(run, victim)):
        won["many"] = why
    return won


def _all_stored(
    run: AuditRun, victim: Person, attacker: Person
) -> tuple[list[Stored], dict[str, list[Stored]]]:
    """What others have stored, and by kind what the attacker has."""
    before = run.copied_disk()
    worker = run.another(run.disk)
    title = run.word(6)
    run.store(victim, title, run.text())
    workers = [_in_turn(run, victim, attacker, worker) for _ in range(STORES)]
    secret = list(run.stored)
    known = {
        "title": [_known(run, who, title) for who in (victim, attacker)],
        "workers": workers,
        "restore": _stores(run, attacker, run.another(before)),
    }
    run.restart()
    known["restart"] = _stores(run, attacker, run.vault)
    return secret, known


def _in_turn(run: AuditRun, victim: Person, attacker: Person, worker: VaultProcess) -> Stored:
    """The victim stores at one worker, and then the attacker at the other."""
    run.store(victim, run.word(6), run.text())
    return _known(run, attacker, run.word(6), worker)


def _stores(run: AuditRun, attacker: Person, process: VaultProcess) -> list[Stored]:
    return [_known(run, attacker, run.word(6), process) for _ in range(STORES)]


def _known(run: AuditRun, who: Person, title: str, process: VaultProcess | None = None) -> Stored:
    return run.store(who, title, run.word(KNOWN_LENGTH), process)


def _reads(mine: Stored, theirs: Stored) -> bool:
    """Whether both ciphertexts XOR my text hold the other text, wherever the texts stand in them.

    The audit knows the secret text, so it need not look for what reads like one.
    """
    secret, known = theirs.text.encode(), mine.text.encode()
    if len(secret) < 12:
        return False  # so few bytes may agree by chance
    one, two = (bytes.fromhex(it.receipt["ciphertext"]) for it in (theirs, mine))
    shorter, length = min(len(one), len(two)), len(secret)
    both = xor(one[:shorter], two[:shorter])
    starts = range(shorter - length + 1)
    return any(xor(both[it : it + length], secret) in known for it in starts)


def _in_one_moment(run: AuditRun, victim: Person) -> str:
    """A text that a known one of the same moment gives away, in a copy of the vault; or ""."""
    copy = run.copy()
    theirs, mine = ([run.text() for _ in range(STORES)] for _ in range(2))
    answer = copy.ask("store_in_one_moment", name=victim.name, texts=[theirs, mine])
    ones, others = run.expect(answer, "/store")
    # Each with each: a thread that looks at the clock, too, shifts what comes after it.
    pairs = product(zip(ones, theirs, strict=True), zip(others, mine, strict=True))
    for (one, text), (other, known) in pairs:
        if _reads(Stored(victim, known, other, copy), Stored(victim, text, one, copy)):
            return text
    return ""


def _bits(nonces: list[bytes]) -> float | None:
    """How many bits of chance these show, each byte for itself; None if they are a count."""
    orders: tuple[Literal["big", "little"], ...] = ("big", "little")
    for order in orders:
        numbers = [int.from_bytes(it, order) for it in nonces]
        if len({two - one for one, two in pairwise(numbers)}) == 1:
            return None
    return sum(math.log2(len(set(column))) for column in zip(*nonces, strict=False))


def _too_little_chance(run: AuditRun, victim: Person) -> str:
    """What nonces of one vault, or the first ones after each start, lack, in words; "" if nothing.

    A vault with one nonce for all, which no attack could read, has a key for each text.
    """
    stored = [run.store(victim, run.word(6), run.text()) for _ in range(NONCES)]
    nonces = _nonces(stored)
    if len(set(nonces)) < 2:
        return ""
    bits = _bits(nonces)
    if bits is not None:
        return f"only {bits:.0f} bits differ in {NONCES} nonces" if bits < BITS else ""
    starts = _nonces({it.process: it for it in reversed(run.stored)}.values())
    different = sum(len(set(column)) > 1 for column in zip(*starts, strict=False))
    return "nonces of another start" if different < BYTES_OF_A_START else ""


def _nonces(stored: Iterable[Stored]) -> list[bytes]:
    return [bytes.fromhex(it.receipt.get("nonce", "")) for it in stored]


ANOTHER_TEXT = "another customer's text"
NONCE = Attack(
    "nonce",
    "no nonce came twice: after a restart, at two workers, or after the disk was restored",
    {
        "restart": Kind(ANOTHER_TEXT, "After a restart the nonces of earlier texts come again."),
        "workers": Kind(ANOTHER_TEXT, "Two workers of one vault use the same nonces."),
        "restore": Kind(ANOTHER_TEXT, "After the disk is restored, the nonces come again."),
        "title": Kind(ANOTHER_TEXT, "Two texts with the same title get the same nonce."),
        "moment": Kind(ANOTHER_TEXT, "At two workers, texts of one moment get the same nonce."),
        "many": Kind(
            "nonces that will come again", "So few random bits come again, sooner or later."
        ),
    },
    attack_nonce,
    processes=3,
)
