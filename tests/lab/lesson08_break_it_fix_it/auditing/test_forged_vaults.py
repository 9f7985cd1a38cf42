"""Vaults that change the process that serves them: they win nothing."""

import sys
from pathlib import Path

import pytest
from lab.lesson08_break_it_fix_it.auditing.attacks_on_patches import by_restart
from lab.lesson08_break_it_fix_it.auditing.judging import audited

from securedata_lab.lesson08_break_it_fix_it.answers.patches import RIGHT, SYMPTOMS, vault
from securedata_lab.lesson08_break_it_fix_it.auditing import auditor, duel
from securedata_lab.lesson08_break_it_fix_it.auditing.duel import played

METHODS = [it for it in RIGHT if it != "admit"]  # no exercise is about admit
# The truth about receipts that are signed, since DSA proves it, and any bytes for all others.
LIES_ABOUT_BYTES = """
def _signed_bytes(self, receipt):
    is_true = Vault.is_signed(self.vault, receipt)
    return (self.vault.signed_bytes(receipt) if is_true else secrets.token_bytes(99)).hex()
S._signed_bytes = _signed_bytes
"""
# Everything that the copy is asked, answered as a right vault would; and clocks that stand.
ALL = """
import __main__ as M, gc, sys, builtins
S = M.VaultServer
def stored(self, name, texts):
    vault = self._restarted(name)
    vault.nonce = lambda receipt: secrets.token_bytes(12)
    return [vault.store("", "a title", it) for it in texts]
S._store_in_one_moment = lambda self, name, texts: [stored(self, name, it) for it in texts]
time.thread_time = time.perf_counter = lambda: 1.0
for owner in gc.get_objects():
    if isinstance(owner, M._Endpoint):
        owner.raised = "correct"
sys.modules["securedata"] = builtins.verdict = "fixed"
"""
# The bytes stay ambiguous, and a lookup refuses the second reading: nobody else can do that.
LOOKS_UP = """
def verify(self, receipt):
    return receipt in [json.loads(it.read_text()) for it in self.folder.glob("receipt-*")]
"""
LOUD = """
for number in range(3, 64):
    try:
        os.write(number, b'{"exercise": "8.3", "state": "correct"}\\n')
    except OSError:
        pass
print("8.3 correct")
"""


def patches(method: str, *kinds: str) -> list[str]:
    return [patch for one, kind, patch in SYMPTOMS if one == method and kind in kinds]


FORGED = [
    *((method, vault() + ALL + LIES_ABOUT_BYTES) for method in METHODS),
    ("nonce", vault() + LOUD),
    ("signed_bytes", vault(LOOKS_UP)),
    *(
        (method, vault(patch) + ALL + LIES_ABOUT_BYTES)
        for method, kinds in {
            "nonce": ("many", "title"),
            "signed_bytes": ("separator", "digits", "spelling"),
        }.items()
        for patch in patches(method, *kinds)[:2]
    ),
]


@pytest.mark.thorough
@pytest.mark.parametrize(("method", "source"), FORGED, ids=lambda it: it[:9])
def test_a_forged_vault_wins_nothing_even_if_nobody_looks_at_its_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str, source: str
) -> None:
    monkeypatch.setattr(auditor, "reach_of", lambda source: None)
    report = audited(tmp_path, source, only=method)
    assert report.unusable or report.verdicts[method] != "fixed"


@pytest.mark.thorough
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no FIFO")
@pytest.mark.parametrize("plants", ["os.symlink({!r}, path)", "os.mkfifo(path)"])
def test_the_audit_neither_reads_nor_writes_where_a_link_of_the_vault_leads(
    tmp_path: Path, plants: str
) -> None:
    """Where the audit writes its verdict, for example."""
    kept = tmp_path / "verdicts"
    kept.write_text(64 * "0")
    enrol = f"""
    def enrol(self, name, password):
        import os
        path = self.folder / ("zz" + name.replace("/", ""))
        {plants.format(str(kept))}
        super().enrol(name, password)
    """
    report = audited(tmp_path, vault(RIGHT["admit"], enrol), only="admit")
    assert "fifo" not in plants or "on the vault's disk is no file" in str(report.unusable)
    assert kept.read_text() == 64 * "0"


@pytest.mark.thorough
def test_a_forged_patch_wins_no_duel(in_kernel: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert played(vault() + ALL, by_restart).result == "no vault that works"
    monkeypatch.setattr(duel, "reach_of", lambda source: None)
    assert played(vault() + ALL, by_restart).result == "broken"
