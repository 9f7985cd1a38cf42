"""Exercise 7.6: a threat model: which lock stops which attacker."""

from typing import Annotated, Literal

from securedata_lab.judging.engine import exercise, shown

Letter = Literal["A", "B", "C", "D", "E", "F", "G"]
LOCKS: dict[Letter, str] = {
    "A": "TLS",
    "B": "encryption",
    "C": "signature",
    "D": "owner",
    "E": "nothing",
    "F": "passphrase",
    "G": "tag",
}
# What to think of again; no lock is given away.
ASK = {
    "A": "A: nothing is signed or encrypted by the service yet: what protects the way there?",
    "B": "B: what does a reader of the rows see instead of a text?",
    "C": "C: lesson 07 did it, and the log named the error",
    "D": "D: they change nothing, they only ask",
    "E": "E: every row in that copy is genuine",
    "F": "F: the file is encrypted: under what?",
    "G": "G: this thief can sign what they like. Which key do they lack?",
}


@exercise("7.6", "six attackers meet a lock, and one meets none", points=2)
def names_the_locks(chosen: Annotated[dict[Letter, str], "one lock for each letter"]) -> str | None:
    """The lock that stops each of the seven attackers; "nothing" if none does."""
    words = {word.lower() for word in LOCKS.values()}
    for letter, lock in LOCKS.items():
        word, got = chosen[letter].strip().lower(), shown(chosen[letter])
        if word not in words:
            return f"expected one of the seven words for {letter}, got {got}; copy it from the list"
        if word != lock.lower():
            return f"expected another lock for {letter}, got {got}; {ASK[letter]}"
    return None
