"""A duel: one attack on one method of somebody else's vault, in which all others are fixed.

It is judged by its effect. In a notebook it is for fun: whoever attacks could look into the
kernel.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from securedata_lab.judging.interpreter import is_stub
from securedata_lab.lesson08_break_it_fix_it.auditing.audit_run import AuditRun, Receipt
from securedata_lab.lesson08_break_it_fix_it.auditing.honest_use import must_have_form, use
from securedata_lab.lesson08_break_it_fix_it.auditing.reach import reach_of
from securedata_lab.lesson08_break_it_fix_it.auditing.student_file import AS_GIVEN, VAULT_TO_FIX
from securedata_lab.lesson08_break_it_fix_it.auditing.vault_process import Answer, UnusableError

METHODS = ("nonce", "signed_bytes")
WON, HELD, NO_ATTACK, UNUSABLE = "broken", "it held", "no attack", "no vault that works"
MOST_CALLS, MOST_SECONDS, MOST_RESTARTS = 2000, 60, 3  # all calls take 8 s on two cores
CALLS = ("store", "retrieve", "verify", "restart", "restore")
MOST_LETTERS = 200_000  # in one call
LONGEST = 1000  # of what was read: a thousand guesses are no reading
Attack = Callable[..., Any]  # of the receipts, and of what CALLS names

# Behind the student's file: what the duel is not about is the consultant's, or fixed.
ALL_OTHERS = """
from vault_to_fix import *

class _Fixed:
    def nonce(self, receipt):
        return secrets.token_bytes(12)
    def same_tag(self, expected, given):
        return secrets.compare_digest(expected, given)
    def signed_bytes(self, receipt):
        return json.dumps([receipt[field] for field in SIGNED]).encode()
    def secret_number(self, message):
        return secrets.randbelow(self.keys.q - 1) + 1
    def public_number(self, receipt):
        return self.keys.y
    def admit(self, name, receipt):
        return name == receipt["owner"]
    def answer(self, receipt, text, genuine):
        if not genuine:
            raise Refused("This receipt was changed.")
        return Vault.answer(self, receipt, text, genuine)

_others = {{**vars(Vault), **vars(_Fixed)}}
_others = {{name: it for name, it in _others.items() if name[0] != "_" and name != "{method}"}}
MyVault = type("MyVault", (MyVault,), _others)
"""


@dataclass(frozen=True)
class Outcome:
    """How a duel ended: broken, it held, no attack, or no vault that works; and why."""

    result: str
    why: str

    def __str__(self) -> str:
        return f"{self.result}: {self.why}"


class _OverError(Exception):
    """The attack has no calls left."""


@dataclass
class _Scene:
    """A vault with three texts of a victim. What it gives away is noted."""

    run: AuditRun
    calls: int = 0
    given: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.end, self.restarts = time.monotonic() + MOST_SECONDS, 0
        self.victim, self.attacker = self.run.people[0], self.run.enrol(self.run.name())
        owed = (f"owes {self.run.random.randint(10, 99)}00 to {it}" for it in ("Ben", "Kim", "Noa"))
        self.yesterday = self.run.copied_disk()
        self.stored = [self.run.store(self.victim, it, self.run.text()) for it in owed]
        self.receipts = [dict(self._noted(it.receipt)) for it in self.stored]

    def store(self, title: str, text: str) -> Any:
        answer = self._asked("store", title=title, text=text)
        return self._noted(answer.value) if answer.status == 200 else _refusal(answer)

    def retrieve(self, receipt: Receipt) -> Any:
        answer = self._asked("retrieve", receipt=receipt)
        return answer.value if answer.status == 200 else _refusal(answer)

    def verify(self, receipt: Receipt) -> bool:
        self._count(receipt)
        return self.run.vault.verifies(receipt)

    def restart(self) -> None:
        self.restarts += 1
        if self.restarts > MOST_RESTARTS:
            raise _OverError(f"a vault is restarted {MOST_RESTARTS} times at most")
        self.run.restart()

    def restore(self) -> None:
        """Restart on yesterday's copy of the disk: it knows nothing of the victim's texts."""
        self.run.disk = self.yesterday
        self.run.disk = self.run.copied_disk()
        self.restart()

    def judged(self, method: str, answer: object) -> Outcome:
        """Whether this is a text that the attacker may not read, or a receipt that never was."""
        if method == "nonce":
            said = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
            read = [it.text for it in self.stored if isinstance(said, str) and it.text in said]
            if read and len(str(said)) <= LONGEST:
                return Outcome(WON, f"“{read[0]}” was read")
            own = ": is your own text still in it?" if isinstance(answer, bytes) else ""
            return Outcome(HELD, f"the attack returned no text of the victim{own}")
        if not isinstance(answer, dict) or not all(isinstance(it, str) for it in answer.values()):
            return Outcome(HELD, "the attack returned no receipt")
        claim = answer.get("owner", ""), answer.get("title", "")
        if claim in self.given:
            return Outcome(HELD, "the vault itself gave a receipt with this owner and title")
        if not self.run.is_believed(answer):
            return Outcome(HELD, "the vault has signed no such receipt")
        return Outcome(WON, f"the vault has signed owner “{claim[0]}”, title “{claim[1]}”")

    def _asked(self, endpoint: str, **arguments: object) -> Answer:
        self._count(arguments)
        token = self.run.token(self.attacker, self.run.vault)
        return self.run.vault.ask(endpoint, token=token, **arguments)

    def _count(self, sent: object) -> None:
        self.calls += 1
        if len(str(sent)) > MOST_LETTERS:  # else the vault's answer would be too long
            raise _OverError(f"it sent more than {MOST_LETTERS:,} letters at once")
        if self.calls > MOST_CALLS or time.monotonic() > self.end:
            raise _OverError(f"{MOST_CALLS} calls or {MOST_SECONDS} s are over")

    def _noted(self, receipt: Receipt) -> Receipt:
        must_have_form(receipt)  # else the attack would stumble over it, and be blamed
        self.given.add((receipt["owner"], receipt["title"]))
        return receipt


def _refusal(answer: Answer) -> str:
    return f"{answer.status} {answer.body['error']}"


def played(source: str, method: str, attack: Attack) -> Outcome:
    """Play an attack on one method of a file such as my_vault.py.

    It gets three receipts of a victim, and the CALLS that it may make.
    """
    if reach := reach_of(source):
        return Outcome(UNUSABLE, reach)
    file = Path("my_vault.py").absolute()
    whole = source + ALL_OTHERS.format(method=method)
    with AuditRun(file, whole, 3 + MOST_RESTARTS) as run:
        try:
            run.open()
            use(run)
            run.restart()
            scene = _Scene(run)
        except UnusableError as error:
            return Outcome(UNUSABLE, str(error))
        try:
            calls = (getattr(scene, name) for name in CALLS)
            return scene.judged(method, attack(scene.receipts, *calls))
        except _OverError as error:
            return Outcome(HELD, f"the attack was ended: {error}")
        except UnusableError as error:  # a vault that ends its process gives no text away, either
            return Outcome(UNUSABLE, str(error))
        except BaseException as error:  # of the attack
            return Outcome(NO_ATTACK, f"it raised {type(error).__name__}: {error}"[:200])


def duel(my_attack: Callable[[Any], Any], path: str | Path, method: str, by: str = "") -> None:
    """Play an attack on a neighbour's vault, at their notebook. `by` is whoever attacks.

    >>> duel(lambda vault: None, VAULT_TO_FIX, "nonce")
    nonce() of vault_to_fix.py: nothing was sent, my_attack is still empty
    """
    path = Path(path)
    head = f"{method}() of {path.name}"
    if is_stub(my_attack):
        print(f"{head}: nothing was sent, my_attack is still empty")
        return
    if method not in METHODS or not path.is_file():
        print(f"{head}: write the name of your neighbour's file, and {' or '.join(METHODS)}")
        return
    is_given = path.resolve() == VAULT_TO_FIX
    source = AS_GIVEN if is_given else path.read_text(encoding="utf-8")
    outcome = played(source, method, lambda *given: my_attack(what_is_given(*given)))
    hope = " (this vault can be broken)" if is_given and outcome.result == HELD else ""
    print(f"{head}: {outcome}{by and f' (by {by})'}{hope}")


def what_is_given(receipts: list[Receipt], *calls: Callable[..., Any]) -> SimpleNamespace:
    """What `my_attack` gets."""
    return SimpleNamespace(receipts=receipts, **dict(zip(CALLS, calls, strict=True)))
