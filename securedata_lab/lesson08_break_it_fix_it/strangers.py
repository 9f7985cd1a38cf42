"""Vaults of three strangers, for those who have no neighbour: each has another line for nonces.

They are drawn, one of them among those that hold. Each can be judged truly in a duel: what can be
broken falls to its calls alone.
"""

from functools import cache
from pathlib import Path

from securedata_lab.basics.chance import chance
from securedata_lab.lesson08_break_it_fix_it.auditing.given import BEGINNING
from securedata_lab.servers.temporary_folders import temporary_folder

FALL = 4  # of the lines below
HEAD = "def nonce(self, receipt):"
NONCES = [
    ["return len(list(self.folder.iterdir())).to_bytes(12, 'big')"],
    ["return hashlib.sha256(receipt['title'].encode()).digest()[:12]"],
    [
        "both = receipt['owner'] + '/' + receipt['title']",
        "return hashlib.sha256(both.encode()).digest()[:12]",
    ],
    ["return bytes(11) + secrets.token_bytes(1)"],
    ["return secrets.token_bytes(16)"],
    ["return bytes.fromhex(receipt['id'])"],
]


def meet_stranger(number: int) -> Path:
    """Print how stranger 1, 2 or 3 makes nonces; their vault is in this file.

    >>> meet_stranger(1).name
    def nonce(self, receipt):
        ...
    'stranger_1.py'
    """
    lines = [HEAD, *(f"    {line}" for line in _drawn()[number - 1])]
    print("\n".join(lines))
    path = _folder() / f"stranger_{number}.py"
    path.write_text(BEGINNING + "".join(f"\n    {line}" for line in lines) + "\n", encoding="utf-8")
    return path


@cache
def _drawn() -> list[list[str]]:
    draw = chance("the strangers of 08")
    three = [*draw.sample(NONCES[:FALL], 2), draw.choice(NONCES[FALL:])]
    return draw.sample(three, 3)


@cache
def _folder() -> Path:
    return temporary_folder()
