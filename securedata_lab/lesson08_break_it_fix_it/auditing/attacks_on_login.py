"""The attacks on same_tag() and login(): to be somebody else, and to learn who is a customer."""

import ast

from securedata_lab.basics.bits import xor
from securedata_lab.lesson08_break_it_fix_it.auditing.attack import Attack, Kind, Won
from securedata_lab.lesson08_break_it_fix_it.auditing.audit_run import AuditRun
from securedata_lab.lesson08_break_it_fix_it.auditing.vault_process import Answer

HEX_OF_TAG = 32
PAIRS = [f"{number:02x}" for number in range(256)]
PROBES = 5  # wrong passwords for each name: the fastest of them counts
SECONDS_APART = 0.001  # of the processor's time: half of a hash that is fast


def attack_same_tag(run: AuditRun) -> Won:
    """Change a token, and send it with less than its tag."""
    victim, attacker = run.enrol(run.word(6)), run.enrol(run.word(9))
    token = run.token(attacker)
    head, tag = token[:-HEX_OF_TAG], token[-HEX_OF_TAG:]

    def reads(name: str, token: str) -> bool:
        return bool(run.vault.ask("who", token=token).value == name)

    won = dict[str, str]()
    for start in run.shuffled(_renamed(head, attacker.name, victim.name)):
        if reads(victim.name, start):
            won["empty"] = f"a token of {victim.name}, with no tag"
    for length in run.shuffled(range(1, HEX_OF_TAG)):
        for part in (tag[:length], tag[-length:]):
            if reads(attacker.name, head + part):
                won["cut"] = f"a token with {part} for its tag {tag}"
    for place in run.shuffled(range(0, HEX_OF_TAG, 2)):
        other = run.random.choice([it for it in PAIRS if it != tag[place : place + 2]])
        if reads(attacker.name, f"{head}{tag[:place]}{other}{tag[place + 2 :]}"):
            won["changed"] = "a token with another tag of the same length"
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
    customers = {run.enrol(run.word(7)).name for _ in range(4)}
    names = run.shuffled([*customers, *(run.word(7) for _ in range(4))])
    came = {name: list[Answer]() for name in names}
    for _ in range(PROBES):
        for name in run.shuffled(names):
            came[name].append(run.vault.ask("login", name=name, password=run.word(12)))

    said = {
        name: f"{answers[0].status} {answers[0].body}".replace(name, "…")
        for name, answers in came.items()
    }
    told, strangers = "the four customers among eight names", came.keys() - customers
    if not {said[name] for name in strangers} & {said[name] for name in customers}:
        return {"words": told}
    if (guess := _made_up(run)) is not None:
        return {"made up": f"a token of a stranger, with the password “{guess}”"}
    best = {name: min(it.processor_seconds for it in answers) for name, answers in came.items()}
    ours = [best[name] for name in customers]
    others = [best[name] for name in strangers]
    apart = max(min(ours) - max(others), min(others) - max(ours))
    return {"time": told} if apart > SECONDS_APART else {}


def _made_up(run: AuditRun) -> str | None:
    """A text of the student's code with which a stranger logs in: everybody knows the code."""
    nodes = ast.walk(ast.parse(run.source))
    texts = {it.value for it in nodes if isinstance(it, ast.Constant) and isinstance(it.value, str)}
    for guess in ["", *sorted(texts)]:
        if run.vault.ask("login", name=run.word(7), password=guess).status == 200:
            return guess
    return None


TAG = Attack(
    "same_tag",
    "only a token with its whole tag was accepted",
    {
        "empty": Kind("a token of another customer", "A tag of no bytes is compared with nothing."),
        "cut": Kind("a token with a shorter tag", "A shorter tag is enough, and is soon guessed."),
        "changed": Kind("a token with another tag", "Not every byte of the tag is compared."),
    },
    attack_same_tag,
    ("token, bytes", "who, ms"),
)
CUSTOMERS = "who is a customer"
LOGIN = Attack(
    "login",
    "customers and strangers got the same answer, after the same work",
    {
        "words": Kind(CUSTOMERS, "The refusals differ in words or status."),
        "made up": Kind("a token of a stranger", "A stranger's made-up password logs in."),
        "time": Kind(CUSTOMERS, "Customers and strangers are refused after different work."),
    },
    attack_login,
    ("login of a stranger, ms", "login, ms"),
)
