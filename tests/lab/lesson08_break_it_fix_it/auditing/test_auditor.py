"""The audit: right methods are fixed in any combination, and patches of a symptom are not."""

import subprocess
import sys
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from lab.lesson08_break_it_fix_it.auditing.judging import METHODS, audited, combination, judge_alone

from securedata.errors import FormatError
from securedata_lab import audit, check
from securedata_lab.lesson08_break_it_fix_it.answers.patches import (
    OTHER_RIGHT,
    RIGHT,
    SYMPTOMS,
    vault,
)
from securedata_lab.lesson08_break_it_fix_it.auditing import auditor, vault_process

pytestmark = pytest.mark.thorough


# Two that are each other's opposites: every method is open once, and fixed once.
@pytest.mark.parametrize("number", [0b10101, 0b01010])
def test_each_flaw_is_judged_alone(tmp_path: Path, number: int) -> None:
    judge_alone(tmp_path, combination(number))


@pytest.mark.parametrize("methods", OTHER_RIGHT)
def test_another_right_way_is_fixed_too(tmp_path: Path, methods: str) -> None:
    rest = [RIGHT[method] for method in METHODS if f"def {method}(" not in methods]
    report = audited(tmp_path, vault(*rest, methods))
    assert (report.unusable, set(report.verdicts.values())) == (None, {"fixed"})


def test_a_method_that_no_exercise_asks_for_can_be_a_symptom_patch(tmp_path: Path) -> None:
    """All other patches are answers to exercises, whose tests ask for their kinds."""
    (patch,) = (patch for method, _, patch in SYMPTOMS if method == "admit")
    (row,) = audited(tmp_path, vault(patch), only="admit").rows
    assert (row.verdict, row.kind) == ("symptom patch", "forget")


def test_a_brief_report_tells_which_doors_are_open_and_no_attack(tmp_path: Path) -> None:
    file = tmp_path / "my_vault.py"
    file.write_text(vault(RIGHT["public_number"], SYMPTOMS[0][2]), encoding="utf-8")
    report = audit(file, brief=True)
    assert str(report).splitlines() == [
        "nonce          open",
        "signed_bytes   open",
        "public_number  shut",
        "admit          open",
        "answer         open",
        "4 of 5 doors are open",
    ]
    html = report._repr_html_()
    kinds = [kind.why for row in report.rows for kind in row.attack.kinds.values()]
    assert [why for why in kinds if why in html] == []
    assert not any(row.evidence in html for row in report.rows if row.evidence)


# What a file may do.

LOOP = "def nonce(self, receipt):\n    while True: {}"
BAD = [
    ("class MyVault(\n", "SyntaxError: '(' was never closed (line 1 of my_vault.py)"),
    ("x = 1", "the vault does not start: NameError: the file defines no class MyVault"),
    ("input()", "EOFError: EOF when reading a line (line 1 of my_vault.py)"),
    ("import os; os._exit(0)", "the file ended its own process"),
    ("while True: pass", "within 1 s: perhaps there is an endless loop"),
    ("while True: print('x' * 1000)", "within 1 s: it prints without end"),
    (vault(LOOP.format("pass")), "/store did not answer within 1 s: perhaps there is an endless"),
    (vault("def nonce(self, receipt): __import__('os')._exit(3)"), "process ended at /store"),
    (vault("def nonce(self, receipt): return 1 / 0"), "ZeroDivisionError: division by zero (line"),
    (vault("def nonce(self, receipt): return nose"), " of my_vault.py, in nonce())"),
    (vault("def admit(self, name, receipt): raise Refused('no')"), "it refused, “no” (line "),
    (vault("def nonce(self, receipt): pass"), "nonce() must return bytes, and returned nothing"),
    (vault("def signed_bytes(self, receipt): return 'a'"), "return bytes, and returned str"),
    (vault("def verify(self, receipt): return True"), "/verify ignores the "),
    (
        vault("def verify(self, receipt): return json.loads('[' * 900 + ']' * 900)"),
        "/verify must be true of a receipt",
    ),
    (
        vault("def verify(self, receipt): [time.sleep(0.1) for _ in range(30)]"),
        "/verify did not answer within 1 s: perhaps",
    ),
    (vault("def who(self, token): raise Refused('no')"), "honest use fails at /who: it refused"),
    (vault("def sign(self, message): return '0'"), "a receipt has no signature of the form"),
    (vault("def forget(self, token, id): pass"), "/forget leaves the receipt there"),
    (
        vault("def slow_hash(self, password, salt): return b'x'"),
        "/login takes a wrong password",
    ),
    (
        vault(
            """
            def store(self, token, title, text):
                (self.folder / secrets.token_hex(8)).write_text(text)
                return super().store(token, title, text)
            """
        ),
        "a thief of the disk reads the texts",
    ),
    (
        vault(
            """
            def signed_bytes(self, receipt):
                return hmac.digest(self.keys.for_texts, super().signed_bytes(receipt), "sha256")
            """
        ),
        "nobody else can verify",
    ),
]


@pytest.mark.parametrize(("source", "words"), BAD, ids=lambda it: it[-40:])
def test_a_bad_file_gets_one_sentence_and_no_points(
    tmp_path: Path,
    source: str,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    if "within 1 s" in words or "answer within" in words:
        monkeypatch.setattr(vault_process, "ANSWER_SECONDS", 1)
    report = audited(tmp_path, source, only="nonce")
    assert report.unusable is not None
    assert words in report.unusable
    assert str(report).partition("\n")[0] == f"my_vault.py: {report.unusable}. 0 points."
    assert report.points == 0
    assert capfd.readouterr() == ("", "")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no process groups")
def test_what_a_vault_starts_ends_with_it(tmp_path: Path) -> None:
    """And the audit does not wait for it, though it holds the vault's pipes."""
    child = "import subprocess\nchild = subprocess.Popen(['sleep', '60'])\n"
    noted = f"Path({str(tmp_path / 'pid')!r}).write_text(str(child.pid))\n"
    report = audited(tmp_path, child + vault(RIGHT["nonce"]) + noted, only="answer")
    assert report.unusable is None
    state = ["ps", "-o", "stat=", "-p", (tmp_path / "pid").read_text()]
    said = subprocess.run(state, capture_output=True, check=False, text=True).stdout
    assert said[:1] in ("", "Z")  # it is gone, or nobody has asked how it ended


def test_what_the_file_printed_last_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "my_vault.py"
    file.write_text(
        vault("def nonce(self, receipt): print('<title>', receipt['title']); return bytes(11)")
    )
    report = audit(file, only="nonce")
    assert "my_vault.py printed at last:\n<title> " in str(report)
    assert "printed at last:\n&lt;title&gt; " in report._repr_html_()
    check("8.3", str(file))
    assert capsys.readouterr().out.startswith("my_vault.py printed at last:\n<title> ")


def test_the_code_that_judges_is_not_in_the_students_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auditor, "reach_of", lambda source: None)
    spy = """
        def login(self, name, password):
            import sys
            modules = [name for name in sys.modules if name.startswith("securedata")]
            raise Refused(f"{modules}")
        """
    report = audited(tmp_path, vault(spy), only="admit")
    assert str(report.unusable).startswith("honest use fails at /login: it refused, “[]” (line ")


@pytest.mark.parametrize(
    ("only", "words"),
    [
        ("nonces", "There is no attack on 'nonces'. Write one of nonce, signed_bytes, "),
        (["nonce"], "There is no attack on ['nonce']. Write one of nonce, "),
        ("", "There is no text file my_vault.py here: run the server cell"),
    ],
)
def test_a_wrong_name_gets_one_sentence_and_no_traceback(
    tmp_path: Path, only: Any, words: str
) -> None:
    with pytest.raises(FormatError) as refused:
        audit(tmp_path / "my_vault.py", only=only)
    assert str(refused.value).startswith(words)
    assert refused.value._render_traceback_() == [str(refused.value)]


def test_an_interrupt_is_one_sentence_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(run: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(auditor, "use", interrupted)
    with pytest.raises(auditor.NothingToAuditError, match="You stopped the audit"):
        audited(tmp_path, vault())


def test_the_report_names_what_was_read(tmp_path: Path) -> None:
    report = audited(tmp_path, vault(RIGHT["public_number"]), only="public_number")
    assert str(report).splitlines() == [
        "public_number  fixed          Only the vault's own key was believed.",
        "2 of 2 points",
    ]
    assert all(it in report._repr_html_() for it in ("fixed", "self.keys.y"))
    opened = audited(tmp_path, vault(), only="nonce")
    assert "'s text \\u201c" in unescape(opened._repr_html_())  # somebody's, and which
