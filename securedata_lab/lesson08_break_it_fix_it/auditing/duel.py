"""A duel: one attack on the nonce of somebody's vault, in which all other methods are fixed.

This is the notebook's side. The victim's texts are beside the kernel: kept_duel.py.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from securedata.errors import RefusedError, UnavailableError
from securedata_lab.judging.attempts import NotAttemptedError, UnjudgedError, shown
from securedata_lab.judging.interpreter import is_stub
from securedata_lab.lesson08_break_it_fix_it.auditing.given import VAULT_TO_FIX, source_of
from securedata_lab.lesson08_break_it_fix_it.auditing.kept_duel import (
    NO_ATTACK,
    UNUSABLE,
    WON,
    open_kept,
)
from securedata_lab.lesson08_break_it_fix_it.auditing.live_vault import may_restart
from securedata_lab.lesson08_break_it_fix_it.auditing.reach import reach_of
from securedata_lab.servers.keeper import keep

EMPTY = "nothing was sent, my_attack is still empty"
NO_RETURN = "your attack returned nothing: it held, or a return is missing"


@dataclass(frozen=True)
class DuelVault:
    """What an attack gets: the victim's receipts, her text that all have heard, and calls."""

    receipts: list[dict[str, str]]
    aloud: str
    store: Callable[[str, str], Any]
    retrieve: Callable[[dict[str, str]], Any]
    restart: Callable[[], None]
    restore: Callable[[], None]


@dataclass(frozen=True)
class Outcome:
    """How a duel ended: broken, it held, not read yet, no attack, no vault that works; and why."""

    result: str
    why: str

    def __str__(self) -> str:
        return f"{self.result}: {self.why}"


def played(source: str, my_attack: Callable[[DuelVault], Any]) -> Outcome:
    """Play an attack on the nonce of a vault with this source."""
    if reach := reach_of(source):
        return Outcome(UNUSABLE, reach)
    try:
        kept = keep(open_kept, source=source)
    except RefusedError as error:
        return Outcome(UNUSABLE, str(error))

    def store(title: str, text: str) -> Any:
        return kept.ask("store", title=title, text=text)

    def retrieve(receipt: dict[str, str]) -> Any:
        return kept.ask("retrieve", receipt=receipt)

    def restart() -> None:
        kept.ask("restart")

    def restore() -> None:
        kept.ask("restore")

    receipts = [dict(receipt) for receipt in kept.told["receipts"]]
    vault = DuelVault(receipts, kept.told["aloud"], store, retrieve, restart, restore)
    said: str | None = None
    try:
        with suppress(RefusedError):  # no calls are left, or the vault has ended: the scene knows
            answer = my_attack(vault)
            if isinstance(answer, (bytes, bytearray)):
                answer = answer.decode(errors="replace")
            if answer is ...:
                return Outcome(NO_ATTACK, "my_attack still returns `...`")
            if not isinstance(answer, str):
                why = f"it returned {shown(answer)}: return a text of hers, as bytes"
                return Outcome(NO_ATTACK, NO_RETURN if answer is None else why)
            said = answer
        return Outcome(*kept.ask("judged", said=said))
    except (KeyboardInterrupt, NotAttemptedError, UnjudgedError):
        raise
    except UnavailableError as error:
        return Outcome(UNUSABLE, str(error))
    except BaseException as error:  # of the attack
        said = (
            f"{type(error).__name__}: {error}".replace("played.<locals>", "vault")
            # of vault.store("x", b"…")
            .replace("Object of type bytes is not JSON serializable", "the vault takes texts")
        )
        return Outcome(NO_ATTACK, f"it raised {said}"[:200])
    finally:
        with suppress(UnavailableError):
            kept.ask("stop")


def duel(my_attack: Callable[[DuelVault], Any], path: str | Path, code: str) -> None:
    """Play an attack on a vault's nonce; to restart it takes the operator's code.

    >>> def my_attack(vault): ...
    >>> duel(my_attack, VAULT_TO_FIX, "parrot-timber-83")
    nonce() of vault_to_fix.py: nothing was sent, my_attack is still empty
    """
    path = Path(path)
    head = f"nonce() of {path.name}"
    if is_stub(my_attack):
        print(f"{head}: {EMPTY}")
    elif not path.is_file():
        print(f"{head}: there is no such file: is its name right?")
    elif why := may_restart(code):
        print(
            f"{head}: {why.removesuffix('.')}; "
            "to restart a vault takes the code of 8.8, a new one in each kernel"
        )
    else:
        outcome = played(source_of(path), my_attack)
        is_open = path.resolve() == VAULT_TO_FIX and outcome.result != WON
        print(f"{head}: {outcome}{' (this vault can be broken)' if is_open else ''}")
