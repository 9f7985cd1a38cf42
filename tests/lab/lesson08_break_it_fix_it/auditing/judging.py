"""Audits of vaults in which some methods are fixed: what the tests of the audit share."""

from pathlib import Path

from securedata_lab import audit
from securedata_lab.lesson08_break_it_fix_it.answers.patches import RIGHT, vault
from securedata_lab.lesson08_break_it_fix_it.auditing.auditor import ATTACKS
from securedata_lab.lesson08_break_it_fix_it.auditing.report import AuditReport

METHODS = tuple(RIGHT)
FIRST = {method: next(iter(attack.kinds)) for method, attack in ATTACKS.items()}


def audited(folder: Path, source: str, only: str = "") -> AuditReport:
    file = folder / "my_vault.py"
    file.write_text(source, encoding="utf-8")
    return audit(file, only=only)


def combination(number: int) -> list[str]:
    """The methods that are fixed in one of the 32 vaults."""
    return [method for bit, method in enumerate(METHODS) if number >> bit & 1]


def judge_alone(folder: Path, fixed: list[str]) -> None:
    """Each verdict on a vault in which these are fixed is right, whatever the others are."""
    report = audited(folder, vault(*(RIGHT[method] for method in fixed)))
    assert report.unusable is None
    assert report.points == 2 * len(fixed)
    kinds = {row.attack.method: row.kind for row in report.rows}
    assert kinds == {it: None if it in fixed else FIRST[it] for it in METHODS}
    wanted = {it: "fixed" if it in fixed else "broken" for it in METHODS}
    assert report.verdicts == wanted
