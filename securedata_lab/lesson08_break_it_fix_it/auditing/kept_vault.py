"""A vault with Ada's text, and Eve as its customer: the side that runs beside the kernel.

Ada's text names the operator's code, with which somebody restarts the vault. Nothing here tells
either: they must be stolen. live_vault.py is the notebook's side.
"""

import json
import time
from collections.abc import Callable
from pathlib import Path
from random import SystemRandom
from typing import Any

from securedata_lab.basics.chance import chance, code_word
from securedata_lab.lesson08_break_it_fix_it.auditing.audit_run import AuditRun
from securedata_lab.lesson08_break_it_fix_it.auditing.vault_process import Answer, UnusableError
from securedata_lab.lesson08_break_it_fix_it.auditing.vault_to_fix import ENDPOINTS
from securedata_lab.servers.keeper_process import Service

ADAS_TEXT = "The operator's code: "
WRONG_SECONDS = 0.3  # for a wrong code: all 410,040 take a day and a half
LONGEST_ANSWER = 4_000  # letters
LONGEST_CODE = 80  # the whole sentence is right, too; a list of all codes is not


def open_kept(file: str, source: str, fresh: bool) -> Service:
    """A vault of this source, for the keeper. A fresh one is never the same, for checks.

    Raises:
        UnusableError: the source is no vault that works.

    >>> from securedata_lab.lesson08_break_it_fix_it.auditing.given import BEGUN
    >>> service = open_kept("my_vault.py", BEGUN, True)
    >>> sorted(service.told), service.doors["restart"](code="parrot-timber-83")
    (['receipts'], False)
    >>> service.doors["stop"]()
    """
    code = code_word(SystemRandom() if fresh else chance(f"the operator's code at {file}"))
    run = AuditRun(Path(file).absolute(), source, 1)
    try:
        run.open()
        ada, eve = run.enrol("ada"), run.enrol("eve")
        receipt = run.store(ada, "diary", ADAS_TEXT + code).receipt
    except UnusableError:
        run.__exit__()
        raise

    def ask(endpoint: str, given: dict[str, Any]) -> Any:
        if endpoint not in ENDPOINTS:
            return "401 only the operator may ask this"
        return _said(run.vault.ask(endpoint, **given))

    def as_eve(endpoint: str, given: dict[str, Any]) -> Any:
        return _said(run.vault.ask(endpoint, token=run.token(eve, run.vault), **given))

    def restart(code: str, right: str = code) -> bool:
        if right not in code or len(code) > LONGEST_CODE:
            time.sleep(WRONG_SECONDS)
            return False
        run.restart()
        return True

    def reads(answer: Any) -> bool:
        """Whether the code was read. An answer holds one text, and no list of codes."""
        said = json.dumps(answer)
        if code not in said or len(said) > LONGEST_ANSWER:
            time.sleep(WRONG_SECONDS)
            return False
        return True

    doors: dict[str, Callable[..., Any]] = {
        "ask": ask,
        "as_eve": as_eve,
        "restart": restart,
        "reads": reads,
        "stop": run.__exit__,
    }
    return Service({"receipts": [receipt]}, doors)


def _said(answer: Answer) -> Any:
    """What an endpoint answers; if it refuses, a line such as "403 Log in first."."""
    return answer.value if answer.status == 200 else f"{answer.status} {answer.body['error']}"
