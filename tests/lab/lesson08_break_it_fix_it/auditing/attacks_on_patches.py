"""Attacks as a neighbour writes them, and what each does to a vault's nonce."""

from collections.abc import Callable
from typing import Any

from securedata_lab import xor
from securedata_lab.lesson08_break_it_fix_it.answers.patches import RIGHT, vault
from securedata_lab.lesson08_break_it_fix_it.auditing.duel import DuelVault

Attack = Callable[[DuelVault], Any]
COUNTED, CHANCE = vault(), vault(RIGHT["nonce"])  # as the consultant left it, and fixed
PREFIX = vault(
    """
    def __init__(self, keys, folder):
        super().__init__(keys, folder)
        self.start = secrets.token_bytes(8)
    def nonce(self, receipt):
        self.stored += 1
        return self.start + self.stored.to_bytes(4, "big")
    """
)
# It works in honest use: the attacker is its fifth customer.
ENDS = vault(
    """
    def nonce(self, receipt):
        if len({*self.folder.glob("customer-*")}) > 4:
            os._exit(1)
        return secrets.token_bytes(12)
    """
)
UNFIT = vault("def nonce(self, receipt): return 'twelve'")


def by_equal_nonces(vault: DuelVault, title: str = "tea", tries: int = 5) -> bytes | None:
    """Store known texts until one has a nonce of hers."""
    known = b"x" * 100
    for _ in range(tries):
        mine = vault.store(title, known.decode())
        for hers in vault.receipts[:2]:
            if hers["nonce"] == mine["nonce"]:
                one, other = (bytes.fromhex(it["ciphertext"]) for it in (hers, mine))
                return xor(xor(one, other[: len(one)]), known[: len(one)])
    return b"none came"


def by_restart(vault: DuelVault) -> Any:
    vault.restart()
    return by_equal_nonces(vault)


def by_restore(vault: DuelVault) -> Any:
    vault.restore()
    return by_equal_nonces(vault)


def by_title(vault: DuelVault) -> Any:
    return by_equal_nonces(vault, vault.receipts[0]["title"])


def by_patience(vault: DuelVault) -> Any:
    return by_equal_nonces(vault, tries=900)


def by_her_own_two(vault: DuelVault) -> Any:
    one, other = (bytes.fromhex(it["ciphertext"]) for it in vault.receipts[1:])
    length = min(len(one), len(other))
    known = vault.aloud.encode()[:length]
    return xor(xor(one[:length], other[:length]), known)


def both_texts(vault: DuelVault) -> Any:
    vault.restart()
    mine = vault.store("tea", "x" * 100)
    one, other = (bytes.fromhex(it["ciphertext"]) for it in (vault.receipts[0], mine))
    return xor(one, other[: len(one)])


def restarts(vault: DuelVault) -> Any:
    while True:
        vault.restart()


def floods(vault: DuelVault) -> Any:
    vault.store("tea", "x" * 10**7)


def exits(vault: DuelVault) -> Any:
    raise SystemExit


def stores(vault: DuelVault) -> Any:
    while True:
        vault.store("a", "b")


# The attack, the file, and the beginning of how the duel ends.
DUELS = [
    (by_restart, COUNTED, "broken: “"),
    (by_restore, COUNTED, "broken: “"),
    (both_texts, COUNTED, "not read yet: your text 1 and her receipts[0] have one nonce: XOR"),
    (by_restore, CHANCE, "it held: none of your 5 nonces is one of hers, and no text of hers"),
    (by_restart, PREFIX, "it held: none of your 5 nonces"),
    (by_restart, UNFIT, "no vault that works: honest use fails at /store"),
    (by_restart, ENDS, "no vault that works: the vault's process ended at /store"),
    (lambda vault: vault.receipts[7], CHANCE, "no attack: it raised IndexError"),
    (
        lambda vault: vault.restart(1),
        CHANCE,
        "no attack: it raised TypeError: vault.restart() takes",
    ),
    (lambda vault: vault.receipts, CHANCE, "no attack: it returned [{"),
    (lambda vault: None, CHANCE, "no attack: your attack returned nothing: it held, or"),
    (lambda vault: vault.aloud, CHANCE, "no attack: she has read this text aloud"),
    (restarts, CHANCE, "no attack: a vault is restarted 3 times at most"),
    (floods, CHANCE, "no attack: it sent more than 200,000 letters at once"),
    (exits, CHANCE, "no attack: it raised SystemExit"),
]
