"""What fixing costs: bytes, processor time, and whether receipts of before are still good.

The fixed vault and the given one do the same things under the same keys.
"""

from dataclasses import dataclass
from pathlib import Path

from securedata_lab.lesson08_break_it_fix_it.auditing.audit_run import (
    AuditRun,
    Person,
    Receipt,
    copied,
)
from securedata_lab.lesson08_break_it_fix_it.auditing.vault_process import VaultProcess

ROUNDS = 2  # the best time counts
MS_NOTICED = 1.0  # less is noise on a busy machine,
TIMES_NOTICED = 1.6  # and so is less than this
OLD = "old receipts"


@dataclass(frozen=True)
class Cost:
    """One figure, before and after.

    >>> print(Cost("store, ms", 5.0, 5.1).words())
    time of store: as before
    >>> print(Cost("token, bytes", 80, 96).words())
    token: 16 bytes more
    """

    name: str
    before: float
    after: float

    def words(self) -> str:
        """The difference in words that are the same on every machine."""
        what, _, unit = self.name.partition(", ")
        if self.name == OLD:
            return f"{OLD} are {'still good' if self.after else 'no longer good'}"
        more = self.after - self.before
        if unit == "ms":
            lower, higher = sorted((self.before, self.after))
            noise = higher - lower < MS_NOTICED or higher < TIMES_NOTICED * lower
            words = "as before" if noise else "slower" if more > 0 else "faster"
            return f"time of {what}: {words}"
        if not more:
            return f"{what}: as long as before"
        return f"{what}: {abs(more):.0f} bytes {'more' if more > 0 else 'less'}"

    def figures(self) -> str:
        """Both figures.

        >>> Cost("store, ms", 5.04, 5.1).figures()
        '5.0 → 5.1 ms'
        """
        return f"{self._rounded(self.before)} → {self.now()}"

    def now(self) -> str:
        """The figure after.

        >>> Cost("store, ms", 5.04, 5.1).now()
        '5.1 ms'
        """
        return f"{self._rounded(self.after)} {self._unit}"

    @property
    def _unit(self) -> str:
        return self.name.rpartition(", ")[2]

    def _rounded(self, figure: float) -> str:
        return f"{figure:.{int(self._unit == 'ms')}f}"


def costs(run: AuditRun, wanted: set[str]) -> dict[str, Cost]:
    """The wanted figures by name, and whether old receipts are still good."""
    original = run.original()
    person = run.enrol(run.word(8))
    original.ask("enrol", name=person.name, password=person.password)
    title, text, stranger = run.word(8), run.word(40), run.word(8)

    def measured(vault: VaultProcess) -> tuple[dict[str, float], Receipt]:
        token = run.token(person, vault)
        new = {"token": token, "title": title, "text": text}
        receipt = run.expect(vault.ask("store", **new), "/store")
        calls: dict[str, tuple[str, dict[str, object]]] = {
            "store, ms": ("store", {**new}),
            "verify, ms": ("verify", {"receipt": receipt}),
            "retrieve, ms": ("retrieve", {"token": token, "receipt": receipt}),
            "who, ms": ("who", {"token": token}),
            "login, ms": ("login", {"name": person.name, "password": person.password}),
            "login of a stranger, ms": ("login", {"name": stranger, "password": text}),
        }
        figures = {
            name: 1000 * min(vault.ask(call, **it).processor_seconds for _ in range(ROUNDS))
            for name, (call, it) in calls.items()
            if name in wanted
        }
        figures["token, bytes"] = len(token)
        figures["receipt, bytes"] = sum(len(str(value)) for value in receipt.values())
        return figures, receipt

    before, old = measured(original)
    after, _ = measured(run.vault)
    found = {name: Cost(name, before[name], after[name]) for name in before if name in wanted}
    found[OLD] = Cost(OLD, True, _still_good(run, person, old, text))
    return found


def _still_good(run: AuditRun, person: Person, old: Receipt, text: str) -> bool:
    """Whether the fixed vault verifies an old receipt of its disk, and gives its text."""
    copies = list[Path]()
    for file in run.original_disk.glob("receipt-*"):
        copies.append(run.disk / file.name)
        copied(str(file), str(copies[-1]))
    answer = run.vault.ask("retrieve", token=run.token(person), receipt=old).value
    is_verified = run.vault.verifies(old)
    for copy in copies:  # a fixed vault may not know their form
        copy.unlink(missing_ok=True)
    return isinstance(answer, dict) and answer.get("text") == text and is_verified
