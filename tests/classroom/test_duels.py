"""`securedata duel`: attacks of a class against its patches, in real sandboxes."""

import json
import shutil
from itertools import count
from pathlib import Path
from textwrap import indent
from typing import Any

import pytest
from click.testing import CliRunner
from lab.lesson08_break_it_fix_it.auditing.attacks_on_patches import (
    AT_THE_BAR,
    BY_RESTART,
    CHANCE,
    written,
)

from securedata.cli import main
from securedata_classroom import duels
from securedata_classroom.duels import Attack, Patch, attacks_in, duel, patches_in
from securedata_classroom.sandbox import Limits, Sandbox
from securedata_classroom.submissions import Submission

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(shutil.which("bwrap") is None, reason="needs bubblewrap"),
]
BAR_CELL = (
    '@lab.mend("my_vault.py")\ndef signed_bytes(self, receipt):\n'
    '    return "|".join(receipt[field] for field in SIGNED).encode()'
)
CHANCE_CELL = '@lab.mend("my_vault.py")\ndef nonce(self, receipt): return secrets.token_bytes(12)'
COUNT_CELL = (
    '@lab.mend("my_vault.py")\ndef nonce(self, receipt):\n    self.stored += 1\n'
    "    return self.number()\n\n"
    '@lab.mend("my_vault.py")\ndef number(self): return self.stored.to_bytes(12, "big")'
)
STUB = '@lab.mend("my_vault.py")\ndef nonce(self, receipt):\n    ...'


def handed_in(*cells: str, student: str = "bob", beside: str = "") -> Submission:
    content = json.dumps(
        {"nbformat": 4, "cells": [{"cell_type": "code", "source": it} for it in cells]}
    )
    files = {"my_vault.py": beside.encode()} if beside else {}
    return Submission(student, "08.ipynb", content.encode(), beside=files)


def attack(source: str, method: str, by: str = "") -> str:
    return f'{written(source)}\n\nlab.duel(my_attack, "my_vault.py", "{method}", by="{by}")'


def test_attacks_and_patches_are_taken_from_text_and_nothing_runs() -> None:
    """The last method of a name counts; a stub, and what Python cannot read, do not."""
    one = handed_in(
        "raise SystemExit", COUNT_CELL, CHANCE_CELL, STUB, "def (", "%%bash\nls",
        "def my_attack(vault): ...\nlab.duel(my_attack, 'my_vault.py', 'nonce')",
        attack(AT_THE_BAR, "signed_bytes", "ada"), attack(AT_THE_BAR, "answer"),
    )  # fmt: skip
    (found,) = attacks_in(one)
    assert (found.at, found.by, found.method) == ("bob", "ada", "signed_bytes")
    assert "duel" not in found.source
    (patch,) = patches_in(one)
    assert "token_bytes(12)" in patch.source
    assert "def number" in patch.source
    assert not list(patches_in(handed_in("x = 1", "1 +")))
    assert [it.source for it in patches_in(handed_in("x", beside=CHANCE))] == [CHANCE]


def test_equal_patches_are_known_whatever_their_spaces() -> None:
    same = [Patch(it, "nonce", f"x = {space}1  # {it}") for it, space in (("a", ""), ("b", "  "))]
    assert same[0].key == same[1].key != Patch("c", "nonce", "x = 2").key


def test_the_table_says_who_broke_what(tmp_path: Path) -> None:
    for name, cells in {
        "ada": [CHANCE_CELL, attack(BY_RESTART, "nonce", "bob")],
        "bob": [COUNT_CELL, BAR_CELL, attack(AT_THE_BAR, "signed_bytes", "ada")],
    }.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "08.ipynb").write_bytes(handed_in(*cells).content)
    done = CliRunner().invoke(main, ["duel", str(tmp_path)])
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[0] == "nonce bob, at ada's: broke 1 of 2 patches"
    assert lines[1].split(maxsplit=1) == [
        "ada",
        "it held: the attack returned no text of the victim",
    ]
    assert lines[2].startswith("    bob                  broken: “")
    assert lines[3] == "signed_bytes ada, at bob's: broke 1 of 1 patches"
    assert lines[5:] == [
        "nonce of ada: broken 0 of 1",
        "nonce of bob: broken 1 of 1",
        "signed_bytes of bob: broken 1 of 1",
    ]


def test_no_name_and_no_error_of_a_duel_clears_the_screen(tmp_path: Path) -> None:
    patch = CHANCE_CELL.replace("return", r"raise ValueError('\x1b[2J') or")
    cells = [patch, attack(BY_RESTART, "nonce", r"\x1b[2Jbob\nada")]
    (tmp_path / "\x1b[2Jeve.ipynb").write_bytes(handed_in(*cells).content)
    done = CliRunner().invoke(main, ["duel", str(tmp_path)])
    first, second, third = done.stdout.splitlines()
    assert first == r"nonce \x1b[2Jbob\nada, at \x1b[2Jeve's: broke 0 of 1 patches"
    assert second.startswith(r"    \x1b[2Jeve ")
    assert r"it raised ValueError: \x1b[2J" in second
    assert third == r"nonce of \x1b[2Jeve: no vault that works"


def test_a_class_without_an_attack_gets_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "ada.ipynb").write_bytes(handed_in(CHANCE_CELL).content)
    done = CliRunner().invoke(main, ["duel", str(tmp_path)])
    assert done.exit_code == 2
    assert ": 0 attacks and 1 patches are in it: name the folder or zip" in done.stderr


def test_a_duel_that_cannot_start_counts_for_neither_side(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first of two finds no process free. The other one is played, and the table has both."""
    start, starts = Sandbox.start, count()

    def refused_once(*arguments: Any, **named: Any) -> Any:
        if next(starts) == 0:
            raise BlockingIOError(11, "Resource temporarily unavailable")
        return start(*arguments, **named)

    monkeypatch.setattr(Sandbox, "start", refused_once)
    monkeypatch.setattr("securedata_classroom.duel_command.processors", lambda: 1)
    for name, cells in {
        "ada": [CHANCE_CELL],
        "bob": [COUNT_CELL, attack(BY_RESTART, "nonce")],
    }.items():
        (tmp_path / f"{name}.ipynb").write_bytes(handed_in(*cells).content)
    done = CliRunner().invoke(main, ["duel", str(tmp_path)])
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[0] == "nonce somebody, at bob's: broke 1 of 1 patches"
    assert lines[1].split(maxsplit=1)[1].startswith("not played: it did not start: [Errno 11]")
    assert lines[3:] == ["nonce of ada: broken 0 of 0", "nonce of bob: broken 1 of 1"]


def test_a_judge_that_is_ended_counts_against_the_patch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duels, "JUDGE_LIMITS", Limits(seconds=0.1))
    one = Attack("bob", "eve", "nonce", written(BY_RESTART))
    outcome = duel(one, Patch("bob", "nonce", CHANCE), Sandbox())
    words = "no vault that works: the judge came to no end: it ran longer than 0.1 s"
    assert str(outcome) == words


WIN = '{"result": "broken", "why": "forged"}'
HOSTILE = [
    ("while True: pass", "is there an endless loop"),
    ("import os; os._exit(0)", "the attack"),
    ("raise SystemExit", "it raised SystemExit"),
    ("while True: print('x' * 1000, flush=True)", "is there an endless loop"),
    (f"import os; [os.write(it, {WIN!r}.encode()) for it in (1, 2)]; os._exit(0)", "the attack"),
    ("return 'x' * 20_000_000", "the attack"),
    ("return ['x'] * 10", "the attack returned no text"),
    ("import os; os.fork(); os.fork(); return 1 / 0", ""),
    ("raise MemoryError", "it raised MemoryError"),
    ("import os; os.kill(os.getppid(), 9); os.kill(1, 9); return ''", "the attack"),
    # The judge's memory and what it writes are out of reach.
    (
        "found = []\nfor name in ('/proc/1/mem', SECRET):\n    try:\n"
        "        found.append(open(name).read(50))\n    except OSError:\n        pass\n"
        "raise ValueError(found)",
        "it raised ValueError: []",
    ),
]


@pytest.mark.parametrize(("lines", "words"), HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_attack_ends_and_wins_nothing(tmp_path: Path, lines: str, words: str) -> None:
    secret = tmp_path / "grades.csv"
    secret.write_text("a lecturer's", encoding="utf-8")
    source = "def my_attack(vault):\n" + indent(lines.replace("SECRET", repr(str(secret))), "    ")
    one = Attack("bob", "eve", "nonce", source)
    outcome = duel(one, Patch("bob", "nonce", CHANCE), Sandbox())
    assert outcome.result in ("it held", "no attack")
    assert words in outcome.why


@pytest.mark.parametrize("lines", ["while True: pass", "import os; os._exit(0)"])
def test_a_hostile_cell_ends_and_wins_nothing(lines: str) -> None:
    one = Attack("bob", "eve", "nonce", f"{lines}\ndef my_attack(vault): return ''")
    assert duel(one, Patch("bob", "nonce", CHANCE), Sandbox()).result in ("it held", "no attack")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("__import__('os')._exit(3)", "the vault's process ended at /store"),
        ("__import__('os').kill(1, 2)", "line 10 reaches for `kill`: a vault needs nothing of the"),
        ("return open('/proc/1/fd/2', 'w') and b''", "Error: [Errno "),
    ],
)
def test_a_hostile_patch_is_no_vault_that_works(body: str, words: str) -> None:
    patch = f'@lab.mend("my_vault.py")\ndef nonce(self, receipt): {body}'
    (one,) = patches_in(handed_in(patch))
    attacks = Attack("bob", "eve", "nonce", written(BY_RESTART))
    outcome = duel(attacks, one, Sandbox())
    assert outcome.result == "no vault that works"
    assert words in outcome.why


def test_a_patch_sees_no_process_of_the_judge() -> None:
    if not (sandbox := Sandbox())._nests:
        pytest.skip("needs a system that allows a sandbox in a sandbox")
    body = 'raise Refused(f\'{__import__("os").listdir("/proc")}\')'
    (one,) = patches_in(handed_in(f'@lab.mend("my_vault.py")\ndef nonce(self, receipt): {body}'))
    outcome = duel(Attack("bob", "eve", "nonce", written(BY_RESTART)), one, sandbox)
    assert "it refused, “[]”" in outcome.why


@pytest.mark.parametrize("number", ["SIGINT", "SIGKILL"])
@pytest.mark.parametrize("is_apart", [True, False])
def test_no_signal_of_a_patch_reaches_the_judge(
    monkeypatch: pytest.MonkeyPatch, number: str, is_apart: bool
) -> None:
    """Not even if nobody looked at its text, and where no sandbox can be made in a sandbox."""
    command, off = (
        duels._command,
        "from securedata_lab.lesson08_break_it_fix_it.auditing import duel\n",
    )
    off += "duel.reach_of = lambda source: None\n"
    if not is_apart:
        off += "from securedata_classroom import duels\nduels.put_vaults_apart = lambda: None\n"

    def without_a_look(module: str, *options: str) -> list[str]:
        *words, program = command(module, *options)
        return [*words, program if module == "student_process" else off + program]

    monkeypatch.setattr(duels, "_command", without_a_look)
    lines = "self.stored += 1\nimport os, signal\nif self.stored > 20: os.kill(1, signal.NUMBER)"
    lines += "\nreturn self.stored.to_bytes(12, 'big')"
    body = indent(lines.replace("NUMBER", number), "    ")
    (one,) = patches_in(handed_in(f'@lab.mend("my_vault.py")\ndef nonce(self, receipt):\n{body}'))
    asks = "def my_attack(vault):\n    for _ in range(30):\n        vault.store('a', 'b')"
    outcome = duel(Attack("bob", "eve", "nonce", asks), one, Sandbox())
    assert outcome.result == "it held"
