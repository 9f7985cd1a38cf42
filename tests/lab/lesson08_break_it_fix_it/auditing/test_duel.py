"""A duel is judged by its effect: was a text of the victim read?"""

from pathlib import Path
from typing import Any

import pytest
from lab.lesson08_break_it_fix_it.auditing.attacks_on_patches import (
    CHANCE,
    COUNTED,
    DUELS,
    Attack,
    by_her_own_two,
    by_patience,
    by_restart,
    by_restore,
    by_title,
    stores,
)
from lab.walking import leaks

import securedata_lab as lab
from securedata_lab.lesson08_break_it_fix_it import strangers
from securedata_lab.lesson08_break_it_fix_it.auditing import kept_duel, live_vault, vault_process
from securedata_lab.lesson08_break_it_fix_it.auditing.duel import duel, played
from securedata_lab.lesson08_break_it_fix_it.auditing.kept_duel import HELD, WON

pytestmark = pytest.mark.thorough


@pytest.mark.parametrize(("attack", "file", "end"), DUELS)
def test_each_duel_ends_as_it_should(in_kernel: None, attack: Attack, file: str, end: str) -> None:
    assert str(played(file, attack)).startswith(end)


def test_calls_are_counted(in_kernel: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_duel, "MOST_CALLS", 5)
    words = "it held: 5 calls or 60 s are over; none of your 5 nonces is one of hers"
    assert str(played(CHANCE, stores)).startswith(words)


def test_a_vault_that_this_machine_cannot_start_is_not_called_the_files_fault(
    in_kernel: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = tmp_path / "vault_server.py"
    server.write_text("raise MemoryError('no page is free')", encoding="utf-8")
    monkeypatch.setattr(vault_process, "SERVER", server)
    words = "no process could be started for the vault: MemoryError: no page is free"
    assert str(played(CHANCE, stores)) == f"no vault that works: {words}"


# Which attack reads a text of each stranger's victim; those that hold withstand all of them.
READERS: list[Attack] = [by_restore, by_title, by_her_own_two, by_patience]
FALLS = dict(zip(map(str, strangers.NONCES), READERS, strict=False))


@pytest.mark.parametrize("lines", strangers.NONCES, ids=lambda it: it[0][:30])
def test_each_stranger_can_be_judged_truly(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, lines: list[str]
) -> None:
    monkeypatch.setattr(strangers, "_drawn", lambda: [lines])
    source = strangers.meet_stranger(1).read_text("utf-8")
    assert capsys.readouterr().out.count("\n") == 1 + len(lines)
    if attack := FALLS.get(str(lines)):
        assert played(source, attack).result == WON
        return
    for it in (by_restart, by_restore, by_title, by_her_own_two):
        assert played(source, it).result == HELD


def test_a_duel_takes_the_operators_code(
    drawn: list[Any],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live_vault, "_vault", None)
    file = tmp_path / "my_vault.py"
    file.write_text(CHANCE, encoding="utf-8")
    duel(by_restart, lab.VAULT_TO_FIX, "parrot-timber-83")
    live_vault.serve_vault()
    code = drawn[0]
    for given in (..., 83, "parrot-timber-83"):
        duel(by_restart, lab.VAULT_TO_FIX, given)  # type: ignore[arg-type]
    duel(by_restart, lab.VAULT_TO_FIX, code)
    duel(by_title, lab.VAULT_TO_FIX, f"The operator's code: {code}")
    duel(by_restart, file, code)
    duel(by_restart, tmp_path / "nowhere.py", code)
    live_vault.serve_vault().stop()
    unserved, empty, number, wrong, won, lost, held, nowhere = capsys.readouterr().out.splitlines()
    assert "the server cell starts the vault" in unserved
    assert "nothing was sent: the code is still `...`; to restart" in empty
    assert "type the code that you read, in quotes; to restart" in number
    assert wrong.endswith(
        "403 This is not the operator's code; "
        "to restart a vault takes the code of 8.8, a new one in each kernel"
    )
    assert won.startswith("nonce() of vault_to_fix.py: broken: “")
    assert lost.endswith(" (this vault can be broken)")
    assert held.startswith("nonce() of my_vault.py: it held: none of your 5 nonces is one of hers")
    assert nowhere == "nonce() of nowhere.py: there is no such file: is its name right?"


def test_nothing_that_an_attack_gets_leads_to_a_hidden_text(drawn: list[Any]) -> None:
    found: list[str] = []

    def my_attack(vault: Any) -> str:
        given = {"vault": vault, "heard": vault.store("tea", "Tea at four.")}
        found.extend(leaks(given, [it for it in drawn if it not in vault.aloud]))
        return "nothing"

    played(COUNTED, my_attack)
    assert len(drawn) > 3
    assert found == []


def test_an_interrupt_ends_an_attack_and_the_next_duel_works() -> None:
    def interrupted(vault: Any) -> Any:
        vault.restart()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        played(COUNTED, interrupted)
    assert played(COUNTED, by_restart).result == WON
