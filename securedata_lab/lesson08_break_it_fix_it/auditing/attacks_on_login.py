"""The attacks on same_tag() and login(): to be somebody else, and to learn who is a customer."""

import ast
import os
import re
from collections.abc import Callable
from operator import attrgetter
from textwrap import wrap

from securedata_lab.basics.bits import xor
from securedata_lab.lesson08_break_it_fix_it.auditing.attack import Attack, Kind, Won
from securedata_lab.lesson08_break_it_fix_it.auditing.audit_run import AuditRun, Person, opened
from securedata_lab.lesson08_break_it_fix_it.auditing.vault_process import Answer

HEX_OF_TAG = 32
ORDERS = 3  # of the bytes of a tag: a checksum may fit one of them by chance
PAIRS = [f"{number:02x}" for number in range(256)]
PROBES = 10  # wrong passwords for each name: as many as show a lock, and a time without noise
CONFIRMATIONS = 2
UNLUCKY = 2  # of eight names, whose random pauses may be alike by chance
PAUSE_SECONDS = 0.004  # from the shortest pause to the middle one: less is a busy machine's noise
HASH_HEX = re.compile("[0-9a-f]{32,}")  # in a customer's file: a salt, or a hash
SECONDS_APART = 0.0005  # a quarter of a hash that is fast: less is the noise of a disk

Answers = dict[str, list[Answer]]  # by name
seconds, processor_seconds = attrgetter("seconds"), attrgetter("processor_seconds")


def attack_same_tag(run: AuditRun) -> Won:
    """Change a token, and send it with less than its tag."""
    victim, attacker = run.enrol(run.word(6)), run.enrol(run.word(9))
    token = run.token(attacker)
    head, tag = token[:-HEX_OF_TAG], token[-HEX_OF_TAG:]
    forged = _renamed(head, attacker.name, victim.name)

    def reads(name: str, token: str) -> bool:
        return bool(run.vault.ask("who", token=token).value == name)

    won = dict[str, str]()
    for start in run.shuffled(forged):
        if reads(victim.name, start):
            won["empty"] = f"a token of {victim.name}, with no tag"
    short = [
        part
        for length in range(1, HEX_OF_TAG)
        for part in (tag[:length], tag[-length:])
        if reads(attacker.name, head + part)
    ]
    if short:
        won["cut"] = f"a token with {short[0]} for its tag {tag}"
    for place in run.shuffled(range(0, HEX_OF_TAG, 2)):
        other = run.random.choice([it for it in PAIRS if it != tag[place : place + 2]])
        if reads(attacker.name, f"{head}{tag[:place]}{other}{tag[place + 2 :]}"):
            won["changed"] = "a token with another tag of the same length"
    mixed = {"".join(run.shuffled(wrap(tag, 2))) for _ in range(ORDERS)} - {tag}
    if mixed and all(reads(attacker.name, head + it) for it in mixed):
        won["changed"] = "a token with the bytes of its tag in another order"
    if forged and any(len(part) == 2 for part in short):
        tries = (forged[0] + pair for pair in run.shuffled(PAIRS))
        if any(reads(victim.name, attempt) for attempt in tries):
            won["one byte"] = f"a token of {victim.name}, with a tag of one byte"
    for place in (0, HEX_OF_TAG - 2):
        tags = (f"{tag[:place]}{pair}{tag[place + 2 :]}" for pair in run.shuffled(PAIRS))
        if forged and not won and any(reads(victim.name, forged[-1] + it) for it in tags):
            won["sum"] = f"a token of {victim.name}, with one of 256 tags"
    return won


def _renamed(head: str, own: str, other: str) -> list[str]:
    """The token without its tag, its ciphertext changed from one name to a shorter one.

    The name may stand anywhere in the ciphertext: every place is tried.
    """
    before, _, sealed = head.rstrip(".").rpartition(".")
    try:
        ciphertext = bytes.fromhex(sealed)
    except ValueError:
        return []
    change = xor(own[: len(other)].encode(), other.encode())
    heads = []
    for start in range(len(ciphertext) - len(own) + 1):
        name = xor(ciphertext[start : start + len(other)], change)
        rest = ciphertext[start + len(own) :]
        heads.append(f"{before}.{(ciphertext[:start] + name + rest).hex()}.")
    return heads


def attack_login(run: AuditRun) -> Won:
    """Try wrong passwords for eight names. Four are customers: do the answers say which?"""
    customers = [run.enrol(run.word(7)).name for _ in range(4)]
    names = run.shuffled([*customers, *(run.word(7) for _ in range(4))])
    told = "the four customers among eight names"
    answers = _probes(run, names)
    first, last = ({name: _said(came[n], name) for name, came in answers.items()} for n in (0, -1))
    won = dict[str, str]()
    if _tells(first, customers):
        won["words"] = told
    elif _tells(last, customers):
        won["lock"] = told
    if not won and (guess := _made_up(run)) is not None:
        won["made up"] = f"a token of a stranger, with the password “{guess}”"
    if not won and (part := _with_part(run)):
        won["part"] = f"a token, with {part}"
    rounds = (answers if n == 0 else _probes(run, names) for n in range(1 + CONFIRMATIONS))
    if not won and all(_told_with_patience(run, came, customers) for came in rounds):
        won["time"] = told
    return won


def _made_up(run: AuditRun) -> str | None:
    """A text of the student's code with which a stranger logs in: everybody knows the code."""
    nodes = ast.walk(ast.parse(run.source))
    texts = {it.value for it in nodes if isinstance(it, ast.Constant) and isinstance(it.value, str)}
    for guess in ["", *sorted(texts)]:
        if run.vault.ask("login", name=run.word(7), password=guess).status == 200:
            return guess
    return None


def _with_part(run: AuditRun) -> str:
    """Log in with almost the right password; or with the right one, where its hash was changed.

    Each customer tries once: a vault may lock somebody after some wrong passwords.
    """
    for number in range(len(_almost(run.word(12)))):
        person = run.enrol(run.word(7))
        attempt = _almost(person.password)[number]
        if run.vault.ask("login", name=person.name, password=attempt).status == 200:
            return f"the password “{attempt}” instead of “{person.password}”"
    changed = [
        _with_changed_hash(run, place) for place in (0, *run.random.sample(range(99), 4), 99)
    ]
    other = run.another(run.disk)  # it has read no file yet
    for person in filter(None, changed):
        if other.ask("login", name=person.name, password=person.password).status == 200:
            return "a password whose hash differs in one digit"
    return ""


def _almost(password: str) -> list[str]:
    """Without its last letter, it is right wherever fewer letters count."""
    parts = [password[:-1], password[1:], password[:1], ""]
    return [*parts, f"{password}x", password.upper(), password[::-1]]


def _with_changed_hash(run: AuditRun, place: int) -> Person | None:
    """A customer with another digit in the hash on the disk, at this place of 0 to 99."""
    before = {*run.disk.rglob("*")}
    person = run.enrol(run.word(7))
    for file in {*run.disk.rglob("*")} - before:
        if file.is_dir():
            continue
        with opened(file, os.O_RDWR) as content:
            kept = content.read().decode("latin-1")
            if found := max(HASH_HEX.findall(kept), key=len, default=""):
                digit = place * (len(found) - 1) // 99
                other = f"{found[:digit]}{int(found[digit], 16) ^ 1:x}{found[digit + 1 :]}"
                content.seek(0)
                content.write(kept.replace(found, other).encode("latin-1"))
                return person
    return None


def _probes(run: AuditRun, names: list[str]) -> Answers:
    """So many wrong logins for each name, in turn: noise meets all of them."""
    answers = {name: list[Answer]() for name in names}
    for _ in range(PROBES):
        for name in run.shuffled(names):
            answers[name].append(run.vault.ask("login", name=name, password=run.word(12)))
    return answers


def _said(answer: Answer, name: str) -> str:
    return f"{answer.status} {answer.body}".replace(name, "…")


def _tells(answers: dict[str, str], customers: list[str]) -> bool:
    """Whether no customer gets what a stranger gets."""
    of_customers = {answers[name] for name in customers}
    return not of_customers & {answers[name] for name in answers.keys() - customers}


def _told_with_patience(run: AuditRun, answers: Answers, customers: list[str]) -> bool:
    """Whether times tell; where the vault works longer for some, with as many tries again."""
    if _told_by_time(answers, customers):
        return True
    if not _apart(answers, customers, processor_seconds):
        return False
    more = _probes(run, list(answers))
    return _told_by_time({name: answers[name] + more[name] for name in answers}, customers)


def _told_by_time(answers: Answers, customers: list[str]) -> bool:
    """Whether the four slowest, or the four fastest, are the customers, by their best times."""
    if _apart(answers, customers, seconds):
        return True
    # Does only a random pause hide the time? With many more tries its average tells as much.
    # To spare them, the audit takes the pause away: it looks at the processor's clock.
    pauses = [sorted(it.seconds - it.processor_seconds for it in came) for came in answers.values()]
    spreads = sorted(it[len(it) // 2] - it[0] for it in pauses)
    is_random = spreads[UNLUCKY] > PAUSE_SECONDS
    return is_random and _apart(answers, customers, processor_seconds)


def _apart(answers: Answers, customers: list[str], clock: Callable[[Answer], float]) -> bool:
    best = {name: min(map(clock, came)) for name, came in answers.items()}
    ours = [best[name] for name in customers]
    others = [best[name] for name in best.keys() - customers]
    return max(min(ours) - max(others), min(others) - max(ours)) > SECONDS_APART


TAG = Attack(
    "same_tag",
    "only a token with its whole tag was accepted",
    {
        "empty": Kind("a token of another customer", "A tag of no bytes is compared with nothing."),
        "cut": Kind("a token with a shorter tag", "A shorter tag is enough, and is soon guessed."),
        "changed": Kind("a token with another tag", "Not every byte of the tag is compared."),
        "one byte": Kind("a token of another customer", "One byte is guessed in 256 tries."),
        "sum": Kind("a token of another customer", "256 tags are tried, and one of them fits."),
    },
    attack_same_tag,
    ("token, bytes", "who, ms", "same_tag, ns"),
)
CUSTOMERS = "who is a customer"
LOGIN = Attack(
    "login",
    "customers and strangers got the same answer, after the same time",
    {
        "words": Kind(CUSTOMERS, "The refusals differ in words or status."),
        "lock": Kind(CUSTOMERS, "After some wrong passwords, only customers are locked."),
        "made up": Kind("a token of a stranger", "A stranger's made-up password logs in."),
        "part": Kind(
            "another customer's token", "Only a part of the password, or hash, is compared."
        ),
        "time": Kind(CUSTOMERS, "Customers and strangers are refused after different times."),
    },
    attack_login,
    ("login of a stranger, ms", "login, ms"),
    processes=1,
)
