"""Ada's text at the vault of lesson 08: only my_theft reads it, and nothing else tells it."""

import random
from pathlib import Path
from typing import Any

import nbformat
import pytest
from lab.walking import leaks
from vocabulary import ROOT

from securedata_lab import begin_vault
from securedata_lab.basics import chance
from securedata_lab.lesson08_break_it_fix_it import show_theft, vault_theft
from securedata_lab.lesson08_break_it_fix_it.answers.patches import RIGHT, vault
from securedata_lab.lesson08_break_it_fix_it.auditing import live_vault
from securedata_lab.lesson08_break_it_fix_it.auditing.live_vault import LiveVault
from securedata_lab.servers import starting


def graft(mine: dict[str, str], hers: dict[str, str]) -> dict[str, str]:
    return mine | {"nonce": hers["nonce"], "ciphertext": hers["ciphertext"]}


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """All sentences that were drawn."""
    texts = list[str]()

    def sentence(draw: random.Random) -> str:
        texts.append(chance.sentence(draw))
        return texts[-1]

    for module in (live_vault, vault_theft):
        monkeypatch.setattr(module, "sentence", sentence)
    return texts


def test_no_name_of_the_notebook_leads_to_adas_text(
    drawn: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cells of the student notebook that need no kernel, up to the theft."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(live_vault, "_vault", None)
    notebook = nbformat.read(ROOT / "notebooks" / "08_break_it_fix_it.ipynb", as_version=4)
    names: dict[str, Any] = {"__name__": "notebook"}
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        if "server" in tags or ("stub" in tags and cell.metadata.securedata.exercise == "8.1"):
            exec(cell.source, names)
    opened = names["vault"]
    said = [opened.retrieve(names["hers"]), opened.ask("retrieve_by_id", token="", id="")]
    said += [opened.ask(it, token=opened._token(), id=names["hers"]["id"]) for it in ("forget",)]
    said.append(opened.ask("enrol", name="ada", password="mine"))  # else Eve could log in as Ada
    try:
        assert drawn
        assert leaks(names | {"said": said}, drawn) == []
        assert drawn[0] in str(opened.retrieve(graft(names["mine"], names["hers"])))
    finally:
        names["vault"].stop()
        names["server"].stop()


def test_each_vault_has_another_text_and_a_students_file_never_the_kits(
    drawn: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(chance.SECRETS, "same")
    begin_vault(tmp_path / "my_vault.py")
    for it in (LiveVault(), LiveVault(), LiveVault(tmp_path / "my_vault.py")):
        it.stop()
    assert drawn[0] == drawn[1] != drawn[2]
    monkeypatch.delenv(chance.SECRETS)
    LiveVault().stop()
    assert drawn[3] not in drawn[:3]


def test_the_theft_at_each_place(
    drawn: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    begin_vault(tmp_path / "begun.py")
    (tmp_path / "mended.py").write_text(vault(RIGHT["admit"], RIGHT["answer"]))
    (tmp_path / "bad.py").write_text("1 / 0")
    with starting.LabServer() as server:
        places = {it: str(tmp_path / f"{it}.py") for it in ("begun", "mended", "bad")}
        show_theft(places | {"service": server}, graft)
    lines = [line.split(maxsplit=1)[1] for line in capsys.readouterr().out.splitlines()]
    begun, mended, bad, service = lines
    assert begun.startswith("READ: ")
    assert begun[6:] in drawn
    assert mended == "403 This receipt was changed."
    assert "ZeroDivisionError" in bad
    assert service == "400 Invalid signature. Data may be compromised."


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
