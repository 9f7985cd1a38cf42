"""What an attack is: some kinds of one idea, all of which are tried. It knows no vault."""

from collections.abc import Callable
from dataclasses import dataclass

from securedata_lab.lesson08_break_it_fix_it.auditing.audit_run import AuditRun

Won = dict[str, str]  # the kinds that succeeded, and what each of them read or forged


@dataclass(frozen=True)
class Kind:
    """One way to attack: what it gains, and why it could."""

    gain: str
    why: str


@dataclass(frozen=True)
class Attack:
    """An attack on one method. Its first kind is the plain one: what the given vault falls to."""

    method: str
    withstood: str  # what is true of a fixed vault
    kinds: dict[str, Kind]
    attempt: Callable[[AuditRun], Won]
    processes: int = 0  # how many more processes of the vault it needs
