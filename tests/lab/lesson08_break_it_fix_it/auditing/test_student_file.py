"""my_vault.py: cells put methods into it, and no cell can spoil it."""

import linecache
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from securedata_lab import fix
from securedata_lab.lesson08_break_it_fix_it.auditing import student_file
from securedata_lab.lesson08_break_it_fix_it.auditing.given import BEGINNING
from securedata_lab.lesson08_break_it_fix_it.auditing.live_vault import LiveVault
from securedata_lab.lesson08_break_it_fix_it.auditing.student_file import (
    FolderError,
    begin_vault,
    methods_in,
)
from securedata_lab.servers.error_hints import Servers, advise


def run(cell: str, **names: Any) -> None:
    """Run a cell as a notebook does, which keeps its source for `inspect`."""
    name = f"<cell {len(linecache.cache)}>"
    linecache.cache[name] = (len(cell), None, cell.splitlines(keepends=True), name)
    exec(compile(cell, name, "exec"), {"fix": fix, "__name__": "__main__", **names})


NONCE = '@fix("my_vault.py")\ndef nonce(self, receipt):\n    {}\n'


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(student_file, "_not_taken", {})


def test_a_method_replaces_the_one_of_its_name_and_no_other() -> None:
    for body in ("return 1", 'return """\n    2"""', "return self.stored"):
        run(NONCE.format(body))
        run(NONCE.format("return 0").replace("nonce", "admit"))
    source = Path("my_vault.py").read_text("utf-8")
    assert source.startswith(BEGINNING)
    assert methods_in("my_vault.py") == {"nonce", "admit"}
    assert source.count("    def ") == 2
    assert "\n    def nonce(self, receipt):\n        return self.stored\n" in source
    assert "@" not in source


@pytest.mark.parametrize(
    ("file", "cell", "words"),
    [
        (BEGINNING, NONCE.format("..."), "nonce() is still empty"),
        (BEGINNING + "    def f(:\n", NONCE.format("return 1"), "cannot be read: "),
        ("x = 1\n", NONCE.format("return 1"), "there is no class MyVault (line 1)"),
    ],
)
def test_a_stub_or_a_damaged_file_changes_nothing(
    capsys: pytest.CaptureFixture[str], file: str, cell: str, words: str
) -> None:
    Path("my_vault.py").write_text(file, encoding="utf-8")
    run(cell)
    assert words in capsys.readouterr().out
    assert Path("my_vault.py").read_text("utf-8") == file


def test_a_name_that_is_almost_a_methods_is_questioned(capsys: pytest.CaptureFixture[str]) -> None:
    run(NONCE.format("return 1").replace("nonce", "nonse"))
    assert "The consultant's vault has no nonse(), only nonce(): " in capsys.readouterr().out
    run(NONCE.format("return 1").replace("nonce", "parts_of"))  # a helper of one's own
    assert capsys.readouterr().out == "parts_of() is in my_vault.py\n"


def test_the_vaults_names_can_be_imported_where_its_folder_is_not_searched() -> None:
    """As where submissions are graded."""
    code = "from securedata_lab import begin_vault as b; b('a.py'); from vault_to_fix import SIGNED"
    subprocess.run([sys.executable, "-I", "-c", code], check=True)


def test_what_fix_cannot_take_is_said_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    for instead in ("", "()", '("vault_to_fix.py")'):
        run(NONCE.format("return 1").replace('("my_vault.py")', instead))
        assert capsys.readouterr().out.startswith("Write the name of your own file: ")
    run('@fix("my_vault.py")\nclass MyVault: pass')
    assert "takes one method" in capsys.readouterr().out
    assert not Path("my_vault.py").exists()


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (NONCE.format("return 1").replace("):", ")"), "expected ':' (line 2 of its cell)"),
        (NONCE.format("return 1").replace("receipt", "receipt=no"), "name 'no' is not defined"),
        (NONCE.format("return 1").replace("def ", "deff "), "invalid syntax (line 2 of its cell)"),
    ],
)
def test_code_that_was_not_taken_is_named_until_it_is(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], cell: str, words: str
) -> None:
    def said(cell: str) -> str:
        shell.run_cell(cell)
        return capsys.readouterr().out

    advise(lambda: Servers.RUNNING)
    Path("my_vault.py").write_text("class MyVault: pass\n", encoding="utf-8")
    said("from securedata_lab import audit, check, fix")
    missing = ("Your last code" if "deff" in cell else "Your last nonce()") + " is not in my_vault"
    for later in (cell, 'audit("my_vault.py", only="nonce")', 'check("8.3", "my_vault.py")'):
        assert missing in (out := said(later))
        assert words in out
    assert missing not in said(NONCE.format("return 1") + "raise KeyError")
    assert missing not in said('audit("my_vault.py", only="nonce")')


def test_a_folder_that_cannot_be_written_to_gets_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(FolderError) as refused:
        begin_vault(tmp_path / "nowhere" / "my_vault.py")
    (sentence,) = refused.value._render_traceback_()
    assert sentence.startswith("my_vault.py cannot be written here (No such file or directory): ")


def test_the_given_vault_runs_and_restarts_and_ends_when_it_is_stopped() -> None:
    vault = LiveVault()
    mine = vault.store("tea", "Tea at four.")
    assert vault.retrieve(mine)["text"] == "Tea at four."
    assert vault.ask("sign", receipt=mine) == "401 only the operator may ask this"
    assert vault.is_running
    vault.stop()
    assert not vault.is_running
    with pytest.raises(ConnectionRefusedError):
        vault.verify(mine)


@pytest.mark.parametrize(
    ("receipt", "said"),
    [
        (..., "nothing was sent: a part of it is still `...`"),
        ({"nonce": ...}, "nothing was sent: a part of it is still `...`"),
        ({"nonce": b"1"}, "nothing was sent: a receipt holds texts only"),
        (None, "nothing was sent: my_theft returned nothing: is there a return?"),
        ("a text", "500 the vault failed"),
    ],
)
def test_what_is_no_receipt_gets_a_sentence(receipt: Any, said: str) -> None:
    vault = LiveVault()
    assert vault.retrieve(receipt) == said
    vault.stop()
