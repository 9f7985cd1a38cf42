"""Attacks as a neighbour writes them, and what each does to a patch: as text, for a sandbox."""

from textwrap import dedent

from securedata_lab.lesson08_break_it_fix_it.answers.patches import RIGHT, vault

BY_RESTART = """
def my_attack(vault):
    vault.restart()
    known = "x" * 100
    for _ in range(5):
        mine = vault.store("tea", known)
        for hers in vault.receipts:
            if hers["nonce"] == mine["nonce"]:
                one, other = (bytes.fromhex(it["ciphertext"]) for it in (hers, mine))
                both = lab.xor(one, other[: len(one)])
                return lab.xor(both, known.encode()[: len(one)])
"""
BOTH_TEXTS = BY_RESTART.replace("return lab.xor(both, ", "return both or (")
BY_RESTORE = BY_RESTART.replace("restart", "restore")
AT_THE_BAR = """
def my_attack(vault):
    mine = vault.store("a|b", "tea")
    return mine | {"owner": mine["owner"] + "|a", "title": "b"}
"""
MOVED = """
def my_attack(vault):
    hers = vault.receipts[0]
    return hers | {"owner": hers["owner"][:-1], "title": hers["owner"][-1] + hers["title"]}
"""
CAPITALS = """
def my_attack(vault):
    hers = vault.receipts[0]
    return hers | {"nonce": hers["nonce"].upper(), "tag": hers["tag"].upper()}
"""
OWN = 'def my_attack(vault): return vault.store("a title of my own", "tea")'
LISTED = "def my_attack(vault): return [vault.retrieve(it) for it in vault.receipts]"
UNEQUAL = "def my_attack(vault): return lab.xor(bytes(2), bytes(3))"
RAISES = "def my_attack(vault): return vault.receipts[7]"
RESTARTS = "def my_attack(vault):\n    while True: vault.restart()"
FLOODS = "def my_attack(vault): vault.store('tea', 'x' * 10**7)"
EXITS = "def my_attack(vault): raise SystemExit"
COUNTED, JOINED = vault(), vault()  # as the consultant left them
BAR = vault("def signed_bytes(self, receipt): return '|'.join(receipt[f] for f in SIGNED).encode()")
# Still ambiguous: it takes no receipt for its own that is not on its disk.
LOOKS_UP = vault(
    """
    def signed_bytes(self, receipt):
        made, kept = super().signed_bytes(receipt), self.file("receipt", receipt["id"])
        if "signature" in receipt and kept.exists() and json.loads(kept.read_text()) != receipt:
            return made + b"not ours"
        return made
    """
)
CHANCE, FRAMED = vault(RIGHT["nonce"]), vault(RIGHT["signed_bytes"])
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
ON_DISK = vault(
    """
    def nonce(self, receipt):
        count = self.folder / "count"
        number = int(count.read_text()) + 1 if count.exists() else 1
        count.write_text(str(number))
        return number.to_bytes(12, "big")
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
# The attack, the method, the file, and the beginning of how the duel ends.
DUELS = [
    (BY_RESTART, "nonce", COUNTED, "broken: “"),
    (
        BOTH_TEXTS,
        "nonce",
        COUNTED,
        "it held: the attack returned no text of the victim: is your own",
    ),
    (BY_RESTART, "nonce", ON_DISK, "it held: the attack returned no text"),
    (BY_RESTORE, "nonce", ON_DISK, "broken: “"),
    (BY_RESTORE, "nonce", COUNTED, "broken: “"),
    (BY_RESTORE, "nonce", CHANCE, "it held: the attack returned no text"),
    (BY_RESTORE, "nonce", PREFIX, "it held: the attack returned no text"),
    (UNEQUAL, "nonce", CHANCE, "no attack: it raised FormatError: XOR"),
    (BY_RESTART, "nonce", CHANCE, "it held: the attack returned no text"),
    (BY_RESTART, "nonce", PREFIX, "it held: the attack returned no text"),
    (BY_RESTART, "nonce", UNFIT, "no vault that works: honest use fails at /store"),
    (MOVED, "signed_bytes", JOINED, "broken: the vault has signed owner “"),
    (MOVED, "signed_bytes", LOOKS_UP, "broken: the vault has signed owner “"),
    (AT_THE_BAR, "signed_bytes", BAR, "broken: the vault has signed owner “"),
    (AT_THE_BAR, "signed_bytes", FRAMED, "it held: the vault has signed no such receipt"),
    (CAPITALS, "signed_bytes", FRAMED, "it held: the vault itself gave a receipt"),
    (OWN, "signed_bytes", JOINED, "it held: the vault itself gave a receipt"),
    (LISTED, "nonce", COUNTED, "it held: the attack returned no text"),
    (RAISES, "nonce", CHANCE, "no attack: it raised IndexError"),
    (RESTARTS, "nonce", CHANCE, "it held: the attack was ended: a vault is restarted 3"),
    (FLOODS, "nonce", CHANCE, "it held: the attack was ended: it sent more than 200,000 letters"),
    (EXITS, "nonce", CHANCE, "no attack: it raised SystemExit"),
    (BY_RESTART, "nonce", ENDS, "no vault that works: the vault's process ended at /store"),
]


def written(attack: str) -> str:
    return dedent(attack).strip()
