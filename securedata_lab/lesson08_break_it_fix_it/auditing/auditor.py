"""`lab.audit("my_vault.py")`: honest use, and five attacks.

An audit proves nothing: each "fixed" means that some attacks failed. It plays the kinds that the
answers of students call for, and no more: whoever looks for one more finds one.
"""

import sys
import threading
import time
from pathlib import Path
from typing import Any

from securedata.errors import FormatError
from securedata_lab.basics.one_sentence import OneSentence
from securedata_lab.judging.attempts import shown
from securedata_lab.lesson08_break_it_fix_it.auditing.attack import Attack
from securedata_lab.lesson08_break_it_fix_it.auditing.attack_on_nonces import NONCE
from securedata_lab.lesson08_break_it_fix_it.auditing.attacks_on_retrieval import CHANGE, OWNER
from securedata_lab.lesson08_break_it_fix_it.auditing.attacks_on_signatures import (
    FRAMING,
    PUBLIC_KEY,
)
from securedata_lab.lesson08_break_it_fix_it.auditing.audit_run import AuditRun
from securedata_lab.lesson08_break_it_fix_it.auditing.given import source_of
from securedata_lab.lesson08_break_it_fix_it.auditing.honest_use import use, use_again
from securedata_lab.lesson08_break_it_fix_it.auditing.reach import reach_of
from securedata_lab.lesson08_break_it_fix_it.auditing.report import AuditReport, Row
from securedata_lab.lesson08_break_it_fix_it.auditing.student_file import not_taken
from securedata_lab.lesson08_break_it_fix_it.auditing.vault_process import UnusableError

ATTACKS = {attack.method: attack for attack in (NONCE, FRAMING, PUBLIC_KEY, OWNER, CHANGE)}
_verdicts = dict[Path, dict[str, str]]()  # of the audits in this kernel, by file
# What an answer, or a folder on the vault's disk, may raise here.
UNREADABLE = (
    *(ArithmeticError, AttributeError, LookupError, OSError),
    *(RecursionError, TypeError, ValueError),
)
PROCESSES = 2  # the vault, and the copy of an attacker


class NothingToAuditError(OneSentence, FormatError):
    """A name is wrong, or somebody interrupted. A notebook shows the sentence, and no traceback."""


class _Progress:
    """In a notebook, a line that says each second how far an audit is; it tells no verdict.

    The vault's processes call it before each question. So there is no thread that an interrupt
    would leave behind.
    """

    def __init__(self, doors: int) -> None:
        self._doors, self.tried, self._began = doors, 0, time.monotonic()
        ipython = sys.modules.get("IPython")
        self._line: Any = None
        # A check audits in a thread of its own, and says one line.
        is_cell = threading.current_thread() is threading.main_thread()
        if is_cell and ipython is not None and hasattr(ipython.get_ipython(), "kernel"):
            self._line = ipython.display.display(self._words(), raw=True, display_id=True)
        self._said = self._began

    def __call__(self) -> None:
        if self._line is not None and time.monotonic() - self._said >= 1:
            self._said = time.monotonic()
            self._line.update(self._words(f"{self._said - self._began:.0f} s · "), raw=True)

    def end(self) -> None:
        """The last line is the same in each run."""
        if self._line is not None:
            self._line.update(self._words(), raw=True)

    def _words(self, seconds: str = "") -> dict[str, str]:
        return {"text/plain": f"{seconds}{self.tried} of {self._doors} doors tried"}


def audit(path: str | Path, *, only: str = "", brief: bool = False) -> AuditReport:
    """Use a vault honestly, then attack it: all five methods, or `only` one, such as "nonce".

    The file must define a class MyVault, or be VAULT_TO_FIX itself. It runs in processes of its
    own, over TLS. Whatever it does, the report says so in a sentence. A brief report says which
    doors are open, and not how they were opened.

    Raises:
        NothingToAuditError: no method of this name is attacked, there is no such file, or somebody
            interrupted.

    >>> audit("nowhere.py")
    Traceback (most recent call last):
        ...
    securedata_lab...NothingToAuditError: There is no text file nowhere.py here: ...
    """
    if only and only not in [*ATTACKS]:  # it may be a list of names
        raise NothingToAuditError(
            f"There is no attack on {shown(only)}. Write one of {', '.join(ATTACKS)}."
        )
    attacks = [ATTACKS[only]] if only else list(ATTACKS.values())
    path = Path(path).absolute()
    try:
        if not path.is_file():
            raise FileNotFoundError
        source = source_of(path)
    except (OSError, ValueError):
        raise NothingToAuditError(
            f"There is no text file {path.name} here: run the server cell, or correct its name."
        ) from None
    for sentence in not_taken(path):
        print(sentence)
    if reach := reach_of(source):
        return AuditReport(path.name, (), reach, source)
    processes = PROCESSES + sum(attack.processes for attack in attacks)
    rows, progress = list[Row](), _Progress(len(attacks))
    try:
        with AuditRun(path, source, processes, progress) as run:
            run.open()
            use(run)
            for attack in run.shuffled(attacks):
                rows.append(_row(run, attack))
                progress.tried += 1
            use_again(run)
    except UnusableError as error:
        return AuditReport(path.name, (), str(error), source, run.printed())
    except KeyboardInterrupt:
        raise NothingToAuditError("You stopped the audit: it says nothing.") from None
    except UNREADABLE as error:
        words = f"it answers with something that an auditor cannot read ({type(error).__name__})"
        return AuditReport(path.name, (), words, source, run.printed())
    finally:
        progress.end()
    rows.sort(key=lambda row: attacks.index(row.attack))
    before = dict(_verdicts.get(path, {}))
    report = AuditReport(path.name, tuple(rows), None, source, run.printed(), before, brief=brief)
    _verdicts[path] = before | report.verdicts
    return report


def _row(run: AuditRun, attack: Attack) -> Row:
    won = attack.attempt(run)
    first = next((kind for kind in attack.kinds if kind in won), None)
    return Row(attack, first, won.get(first or "", ""))
