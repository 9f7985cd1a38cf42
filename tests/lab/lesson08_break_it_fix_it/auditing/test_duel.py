"""A duel is judged by its effect: what was read, or what a vault believes."""

from pathlib import Path
from typing import Any

import pytest
from lab.lesson08_break_it_fix_it.auditing.attacks_on_patches import (
    AT_THE_BAR,
    BAR,
    CHANCE,
    DUELS,
    written,
)

import securedata_lab as lab
from securedata_lab.lesson08_break_it_fix_it.auditing import duel as duels
from securedata_lab.lesson08_break_it_fix_it.auditing import vault_process
from securedata_lab.lesson08_break_it_fix_it.auditing.duel import duel, played

pytestmark = pytest.mark.thorough


def attack_of(source: str) -> Any:
    names: dict[str, Any] = {"lab": lab}
    exec(written(source), names)
    return names["my_attack"]


@pytest.mark.parametrize(("attack", "method", "file", "end"), DUELS)
def test_each_duel_ends_as_it_should(attack: str, method: str, file: str, end: str) -> None:
    my_attack = attack_of(attack)
    outcome = played(file, method, lambda *given: my_attack(duels.what_is_given(*given)))
    assert str(outcome).startswith(end)


def test_calls_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duels, "MOST_CALLS", 5)

    def asks(receipts: Any, store: Any, *others: Any) -> None:
        while True:
            store("a", "b")

    words = "it held: the attack was ended: 5 calls or 60 s are over"
    assert str(played(CHANCE, "nonce", asks)) == words


def test_a_vault_that_this_machine_cannot_start_is_not_called_the_files_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = tmp_path / "vault_server.py"
    server.write_text("raise MemoryError('no page is free')", encoding="utf-8")
    monkeypatch.setattr(vault_process, "SERVER", server)
    words = "no process could be started for the vault: MemoryError: no page is free"
    assert str(played(CHANCE, "nonce", print)) == f"no vault that works: {words}"


def test_the_notebook_names_who_won(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    my_attack, file = attack_of(AT_THE_BAR), tmp_path / "my_vault.py"
    file.write_text(BAR, encoding="utf-8")
    duel(my_attack, file, "signed_bytes", by="ada")
    duel(my_attack, file, "nonce")
    duel(my_attack, lab.VAULT_TO_FIX, "signed_bytes")
    duel(my_attack, file, "answer")
    duel(my_attack, tmp_path / "nowhere.py", "nonce")
    won, held, open_, *wrong = capsys.readouterr().out.splitlines()
    assert won.startswith("signed_bytes() of my_vault.py: broken: the vault has signed owner “")
    assert won.endswith(" (by ada)")
    assert held == "nonce() of my_vault.py: it held: the attack returned no text of the victim"
    assert open_.endswith(
        "it held: the vault has signed no such receipt (this vault can be broken)"
    )
    assert all(
        "write the name of your neighbour's file, and nonce or signed_" in it for it in wrong
    )
