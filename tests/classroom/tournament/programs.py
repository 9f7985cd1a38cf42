"""Vaults and attacks that teams hand in: good ones, and such as do harm; and a class of them."""

import csv
from pathlib import Path

from click.testing import CliRunner, Result
from lab.auditing.patches import RIGHT, vault

from securedata.cli import main
from securedata.lab.auditing.student_file import FIRST_ATTACK

MENDED = vault(*RIGHT.values())
FIRST = FIRST_ATTACK.read_text()
NOTHING = "print('I do nothing')"

# What a program does that means harm, or has a mistake.
SLEEPS = "import time\ntime.sleep(100)\n"
EATS = "kept = []\nwhile True: kept.append(bytearray(1 << 24))\n"
DELETES = """
import os, shutil
for start in (os.getcwd(), os.path.expanduser("~"), "/tmp", "/home", "/root", "/etc"):
    if not os.path.isdir(start): continue
    for name in os.listdir(start):
        path = os.path.join(start, name)
        shutil.rmtree(path, ignore_errors=True)
        try: os.unlink(path)
        except OSError: pass
"""
PRINTS = "while True: print('x' * 1000)\n"
FORKS = "import os\nwhile True: os.fork()\n"
LITTERS = """
import itertools, os
open("0", "w").close()
for n in itertools.count(1): os.link("0", f"{n}")
"""
HARM = {"sleeps": SLEEPS, "eats": EATS, "deletes": DELETES, "prints": PRINTS, "forks": FORKS}
HARM |= {"litters": LITTERS}


def harmful_vault(harm: str) -> str:
    """A mended vault that does harm at the third store. Until then all is well."""
    inside = "".join(f"            {line}\n" for line in harm.strip().splitlines())
    return MENDED + (
        "    count = 0\n"
        "    def store(self, token, title, text):\n"
        "        self.count += 1\n"
        "        if self.count == 3:\n"
        f"{inside}"
        "        return super().store(token, title, text)\n"
    )


def tournament(*words: object) -> Result:
    return CliRunner().invoke(main, ["tournament", *map(str, words)])


def a_class(folder: Path, **teams: tuple[str, str]) -> Path:
    for name, (vault_file, attack_file) in teams.items():
        (folder / name).mkdir(parents=True)
        (folder / name / "my_vault.py").write_text(vault_file)
        (folder / name / "my_attack.py").write_text(attack_file)
    return folder


def read(file: Path) -> list[dict[str, str]]:
    with open(file, encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))
