"""A duel's vault, with three texts of a victim: the side that runs beside the kernel.

It is judged by its effect: was one of her texts read? duel.py is the notebook's side.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from securedata.errors import RefusedError
from securedata_lab.lesson08_break_it_fix_it.auditing.audit_run import AuditRun, Receipt
from securedata_lab.lesson08_break_it_fix_it.auditing.honest_use import must_have_form, use
from securedata_lab.lesson08_break_it_fix_it.auditing.vault_process import Answer, UnusableError
from securedata_lab.servers.keeper_process import Service

WON, HELD, NO_ATTACK, UNUSABLE = "broken", "it held", "no attack", "no vault that works"
OPEN = "not read yet"
MOST_CALLS, MOST_SECONDS, MOST_RESTARTS = 2000, 60, 3  # all calls take 8 s on two cores
MOST_LETTERS = 200_000  # in one call
LONGEST = 1000  # of what was read: a thousand guesses are no reading
ALOUD = 2  # the victim's text that everybody has heard; the one before has the same title

# Behind the student's file: what the duel is not about is the consultant's, or fixed.
ALL_OTHERS = """
from vault_to_fix import *

class _Fixed:
    def signed_bytes(self, receipt):
        return json.dumps([receipt[field] for field in SIGNED]).encode()
    def public_number(self, receipt):
        return self.keys.y
    def admit(self, name, receipt):
        return name == receipt["owner"]
    def answer(self, receipt, text, genuine):
        if not genuine:
            raise Refused("This receipt was changed.")
        return Vault.answer(self, receipt, text, genuine)

_others = {**vars(Vault), **vars(_Fixed)}
_others = {name: it for name, it in _others.items() if name[0] != "_" and name != "nonce"}
MyVault = type("MyVault", (MyVault,), _others)
"""


class OverError(RefusedError):
    """The attack has no calls left."""


class Scene:
    """A vault with three texts of a victim. What it gives away is noted.

    Raises:
        UnusableError: it is no vault that works.
    """

    def __init__(self, source: str) -> None:
        self._run = AuditRun(Path("my_vault.py").absolute(), source + ALL_OTHERS, 2)
        self._mine, self._calls, self._restarts = list[Receipt](), 0, 0
        self._over: tuple[str, str] | None = None
        try:
            self._run.open()
            use(self._run)
            self._run.restart()
            self._begin()
        except UnusableError:
            self.stop()
            raise

    def _begin(self) -> None:
        run = self._run
        victim, self._attacker = run.people[0], run.enrol(run.name())
        owed = [f"owes {run.random.randint(10, 99)}00 to {it}" for it in ("Ben", "Kim")]
        self._yesterday = run.copied_disk()
        texts = [run.text(), run.text(), f"{run.text()} {run.text()}"]  # the last is the longest
        self._hers = [
            run.store(victim, title, text)
            for title, text in zip([*owed, owed[-1]], texts, strict=True)
        ]
        for it in self._hers:
            must_have_form(it.receipt)  # else the attack would stumble over it, and be blamed
        self._end = time.monotonic() + MOST_SECONDS

    def told(self) -> dict[str, Any]:
        """What an attacker knows."""
        receipts = [it.receipt for it in self._hers]
        return {"receipts": receipts, "aloud": self._hers[ALOUD].text}

    def store(self, title: str, text: str) -> Any:
        """A receipt of the attacker's own."""
        answer = self._asked("store", title=title, text=text)
        if answer.status != 200:
            return _refusal(answer)
        must_have_form(answer.value)
        self._mine.append(answer.value)
        return answer.value

    def retrieve(self, receipt: Receipt) -> Any:
        """What the attacker gets for a receipt."""
        answer = self._asked("retrieve", receipt=receipt)
        return answer.value if answer.status == 200 else _refusal(answer)

    def restart(self) -> None:
        """End the vault, and start it again."""
        self._restarts += 1
        if self._restarts > MOST_RESTARTS:
            self._ends(NO_ATTACK, f"a vault is restarted {MOST_RESTARTS} times at most")
        self._run.restart()

    def restore(self) -> None:
        """Restart on yesterday's copy of the disk: it knows nothing of the victim's texts."""
        self._run.disk = self._yesterday
        self._run.disk = self._run.copied_disk()
        self.restart()

    def judged(self, said: str | None) -> tuple[str, str]:
        """How it ended, and why. `said` is what the attack returned, if it came to its end."""
        if self._over:
            return self._over
        hidden = [it.text for it in self._hers[:ALOUD]]
        read = [text for text in hidden if said and text in said and len(said) <= LONGEST]
        if read:
            return WON, f"“{read[0]}” was read"
        if said and len(said) > 3 and any(said in text for text in hidden):
            return OPEN, "that is a part of a text of hers: is your own text as long?"
        hers = [it.receipt.get("nonce") for it in self._hers]
        alike = [(n, it.get("nonce")) for n, it in enumerate(self._mine) if it.get("nonce") in hers]
        if said and self._hers[ALOUD].text in said:
            words = "she has read this text aloud: take another of hers"
            return OPEN if alike else NO_ATTACK, words
        if alike:
            mine, nonce = alike[0]
            return OPEN, (
                f"your text {mine + 1} and her receipts[{hers.index(nonce)}] have one nonce: XOR "
                "these two ciphertexts, and then your text away"
            )
        if not self._mine:
            return (
                HELD if said else NO_ATTACK,  # two of her own receipts may have one nonce
                "no text of hers was returned, and no text of yours was stored",
            )
        count = (
            "your nonce is none"
            if len(self._mine) == 1
            else (f"none of your {len(self._mine)} nonces is one")
        )
        return HELD, f"{count} of hers, and no text of hers was returned"

    def stop(self) -> None:
        """End its processes."""
        self._run.__exit__()

    def _asked(self, endpoint: str, **arguments: object) -> Answer:
        self._calls += 1
        if len(str(arguments)) > MOST_LETTERS:  # else the vault's answer would be too long
            self._ends(NO_ATTACK, f"it sent more than {MOST_LETTERS:,} letters at once")
        if self._calls > MOST_CALLS or time.monotonic() > self._end:
            result, why = self.judged(None)
            self._ends(result, f"{MOST_CALLS} calls or {MOST_SECONDS} s are over; {why}")
        try:
            token = self._run.token(self._attacker, self._run.vault)
            return self._run.vault.ask(endpoint, token=token, **arguments)
        except UnusableError as error:  # a vault that ends its process gives no text away, either
            self._over = UNUSABLE, str(error)
            raise

    def _ends(self, result: str, why: str) -> None:
        """End the attack.

        Raises:
            OverError: always.
        """
        self._over = result, why
        raise OverError(why)


def open_kept(source: str) -> Service:
    """A duel on the nonce of this source, for the keeper.

    Raises:
        UnusableError: it is no vault that works.
    """
    scene = Scene(source)
    names = ("store", "retrieve", "restart", "restore", "judged", "stop")
    doors: dict[str, Callable[..., Any]] = {name: getattr(scene, name) for name in names}
    return Service(scene.told(), doors)


def _refusal(answer: Answer) -> str:
    return f"{answer.status} {answer.body['error']}"
