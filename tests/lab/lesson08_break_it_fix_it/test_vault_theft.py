"""Ada's text at the vault of lesson 08: only my_theft reads it, and nothing else tells it."""

from pathlib import Path
from typing import Any

import pytest
from lab.walking import leaks

from securedata_lab import begin_vault
from securedata_lab.basics import chance
from securedata_lab.lesson08_break_it_fix_it import show_theft
from securedata_lab.lesson08_break_it_fix_it.auditing.live_vault import LiveVault


def graft(mine: dict[str, str], hers: dict[str, str]) -> dict[str, str]:
    return mine | {"nonce": hers["nonce"], "ciphertext": hers["ciphertext"]}


def test_no_answer_of_the_vault_tells_adas_text(drawn: list[Any]) -> None:
    vault = LiveVault()
    hers = vault.receipts[0]
    said = [vault.retrieve(hers), vault.ask("retrieve_by_id", token="", id="")]
    said.append(vault.ask("forget", token=vault._token(), id=hers["id"]))
    said.append(vault.ask("enrol", name="ada", password="mine"))  # else Eve could log in as Ada
    vault.stop()
    assert drawn
    assert leaks({"said": said}, drawn) == []


def test_each_vault_has_another_text_and_a_students_file_never_the_kits(
    drawn: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chance, "fixed", "same")
    begin_vault(tmp_path / "my_vault.py")
    for it in (LiveVault(), LiveVault(), LiveVault(tmp_path / "my_vault.py")):
        it.stop()
    assert drawn[0] == drawn[1] != drawn[2]
    monkeypatch.setattr(chance, "fixed", "")
    LiveVault().stop()
    assert drawn[3] not in drawn[:3]


def test_a_file_that_does_not_start_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.py").write_text("1 / 0")
    show_theft({"bad": str(tmp_path / "bad.py")}, graft)
    assert "ZeroDivisionError" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("theft", "said"),
    [
        (lambda mine, hers: mine, "no text of Ada's"),
        (lambda mine, hers: 1 / 0, "look at your cell of 8.1: ZeroDivisionError"),
        (lambda mine, hers: hers, "403 This is not for you."),
    ],
)
def test_a_theft_that_steals_nothing(
    theft: Any, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = LiveVault()
    show_theft({"the vault": opened}, theft)
    opened.stop()
    assert said in capsys.readouterr().out
