"""The attack on same_tag(): to be somebody else."""

from securedata_lab.basics.bits import xor
from securedata_lab.lesson08_break_it_fix_it.auditing.attack import Attack, Kind, Won
from securedata_lab.lesson08_break_it_fix_it.auditing.audit_run import AuditRun

HEX_OF_TAG = 32
PAIRS = [f"{number:02x}" for number in range(256)]


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


TAG = Attack(
    "same_tag",
    "only a token with its whole tag was accepted",
    {
        "empty": Kind("a token of another customer", "A tag of no bytes is compared with nothing."),
        "cut": Kind("a token with a shorter tag", "A shorter tag is enough, and is soon guessed."),
        "changed": Kind("a token with another tag", "Not every byte of the tag is compared."),
    },
    attack_same_tag,
)
