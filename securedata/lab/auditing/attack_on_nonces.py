"""The attack on nonce(): two texts under one nonce have one keystream, and XOR takes it away."""

from concurrent.futures import ThreadPoolExecutor
from itertools import product

from securedata.lab.auditing.attack import Attack, Kind, Won
from securedata.lab.auditing.audit_run import AuditRun, Person, Stored
from securedata.lab.auditing.vault_process import VaultProcess
from securedata.lab.primitives.bits import xor

KNOWN_LENGTH = 200  # of the attacker's texts, so that they reach wherever a secret one stands
# NIST SP 800-38D, 8.2.2, asks for 96 bits of chance; 12 bytes of a UUID have 90, and do.
BITS, ENOUGH = 80, 5000  # so many nonces show what their bytes are
STORES = 5  # at each process


def attack_nonce(run: AuditRun) -> Won:
    """Store known texts wherever a nonce could come again, and XOR them with all other receipts."""
    victim, attacker = run.people[0], run.enrol(run.word(7))
    won = _guessed(run, victim, attacker)
    run.copy()
    with ThreadPoolExecutor(1) as beside:  # the copy works, while the vault is asked
        restarts = beside.submit(_after_restarts, run, victim)
        twice = beside.submit(_twice, run, victim)
        secret, known = _all_stored(run, victim, attacker)
        count, times = restarts.result(), twice.result()
    for kind in run.shuffled(known):
        for mine in known[kind]:
            for theirs in secret:
                if kind not in won and theirs.owner != attacker and _reads(mine, theirs):
                    won[kind] = f"{theirs.owner.name}'s text “{theirs.text}”"
    if not won and (text := _in_one_moment(run, victim)):
        won["moment"] = f"{victim.name}'s text “{text}”"
    if not won and count:
        won["restarts"] = f"two texts with one nonce, in {count} restarts"
    if not won and times:
        won["many"] = times
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


def _after_restarts(run: AuditRun, victim: Person) -> int:
    """How often the vault was started until one text was encrypted twice alike; 0 if never."""
    answer = run.copy().ask("store_after_restarts", name=victim.name, text=run.text())
    seen = set[str]()
    for count, receipt in enumerate(run.expect(answer, "/store"), start=1):
        if (ciphertext := receipt["ciphertext"]) in seen:
            return count
        seen.add(ciphertext)
    return 0


def _twice(run: AuditRun, victim: Person) -> str:
    """How many nonces of a copy of the vault came again, or will, in words; "" if none."""
    answer = run.copy().ask("draw_nonces", name=victim.name, text=run.text())
    if not isinstance(answer.value, list):
        return ""  # its texts are encrypted in a way of its own
    one, two, count, different, bits = answer.value
    if one["ciphertext"] != two["ciphertext"]:
        return ""  # each text has its own key
    if different < count:
        return f"{count - different} of {count} nonces"
    return f"only {bits:.0f} random bits" if count > ENOUGH and bits < BITS else ""


def _guessed(run: AuditRun, victim: Person, attacker: Person) -> Won:
    """Store each text that it could be, under the same title: is one of them encrypted alike?"""
    title, guesses = run.word(6), ["I accept.", "I refuse.", f"Ask {run.name()}."]
    theirs = run.store(victim, title, run.random.choice(guesses))
    for guess in guesses:
        mine = run.store(attacker, title, guess)
        if mine.receipt.get("ciphertext") == theirs.receipt.get("ciphertext"):
            return {"guess": f"{victim.name}'s text “{guess}”"}
    return {}


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
        "restarts": Kind(
            "two texts with one nonce", "After some hundred restarts a nonce comes again."
        ),
        "many": Kind(
            "nonces that will come again", "So few random bits come again, sooner or later."
        ),
        "guess": Kind(ANOTHER_TEXT, "The same text is encrypted alike: a guess can be confirmed."),
    },
    attack_nonce,
    ("receipt, bytes", "store, ms"),
    processes=3,
)
