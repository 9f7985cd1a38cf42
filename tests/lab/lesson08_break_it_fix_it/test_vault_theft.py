"""Ada's text at the vault of lesson 08: only my_theft reads it, and nothing else tells it."""

from pathlib import Path
from typing import Any

import pytest
from lab.walking import leaks

from securedata_lab import begin_vault
from securedata_lab.basics import chance
from securedata_lab.lesson08_break_it_fix_it import show_theft
from securedata_lab.lesson08_break_it_fix_it.answers.patches import RIGHT, vault
from securedata_lab.lesson08_break_it_fix_it.auditing import live_vault
from securedata_lab.lesson08_break_it_fix_it.auditing.live_vault import LiveVault, VaultStoppedError
from securedata_lab.servers import keeper


def graft(mine: dict[str, str], hers: dict[str, str]) -> dict[str, str]:
    return mine | {"nonce": hers["nonce"], "ciphertext": hers["ciphertext"]}


def test_no_answer_of_the_vault_tells_adas_text(drawn: list[Any]) -> None:
    opened = LiveVault()
    hers = opened.receipts[0]
    said = [opened.retrieve(hers), opened.ask("retrieve_by_id", token="", id="")]
    said += [opened.restart("parrot-timber-83"), opened.ask("forget", token="", id=hers["id"])]
    said.append(opened.ask("enrol", name="ada", password="mine"))  # else Eve could log in as Ada
    opened.stop()
    assert drawn
    assert leaks({"said": said}, drawn) == []


def test_each_vault_has_another_text_and_a_students_file_never_the_kits(
    drawn: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chance, "fixed", "same")
    begin_vault(tmp_path / "my_vault.py")
    mine = tmp_path / "my_vault.py"
    for it in (LiveVault(), LiveVault(), LiveVault(mine), LiveVault(fresh=True)):
        it.stop()
    assert drawn[0] == drawn[1] != drawn[2]
    assert drawn.pop() not in drawn
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
        (lambda mine, hers: 1 / 0, "look at your cell of 8.8: ZeroDivisionError"),
        (lambda mine, hers: hers, "403 This is not for you."),
        (lambda mine, hers: print(end=""), "nothing was sent: my_theft returned nothing"),
    ],
)
def test_a_theft_that_steals_nothing(
    theft: Any, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = LiveVault()
    show_theft({"the vault": opened}, theft)
    opened.stop()
    assert said in capsys.readouterr().out


def test_a_text_in_a_refusal_is_read_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    leaks_it = "def answer(self, receipt, text, genuine): raise Refused(f'Not for you: {text}')"
    (tmp_path / "leaks.py").write_text(vault(RIGHT["admit"], leaks_it))
    show_theft({"your vault": str(tmp_path / "leaks.py")}, graft)
    said = "READ, in the refusal: 403 Not for you: The operator's code: "
    assert said in capsys.readouterr().out


def test_the_code_restarts_the_vault_and_no_other_does(drawn: list[Any]) -> None:
    opened = LiveVault()
    code, stopped = drawn[0], opened.store("tea", "one")
    assert [opened.restart(it) for it in (..., 83, f"{code[:-1]}x")] == [
        "nothing was sent: the code is still `...`",
        "nothing was sent: type the code that you read, in quotes",
        "403 This is not the operator's code.",
    ]
    assert opened.store("tea", "two")["nonce"] > stopped["nonce"]
    assert opened.restart(code) == "The vault has restarted. You can do this now."
    assert opened.store("tea", "three")["nonce"] == "00" * 11 + "01"  # it counts anew
    assert opened.retrieve(stopped)["text"] == "one"
    opened.stop()


def test_a_vault_whose_keeper_has_ended_says_why_and_the_next_one_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live_vault, "_vault", None)
    monkeypatch.setattr(keeper, "_keeper", None)
    ended = live_vault.serve_vault()
    process = keeper._keeper._process  # type: ignore[union-attr]
    process.kill()
    process.wait()
    with pytest.raises(VaultStoppedError, match=r"process has ended .* The server cell starts"):
        ended.receipts and ended.verify(ended.receipts[0])
    assert live_vault.serve_vault() is not ended
    live_vault.serve_vault().stop()
