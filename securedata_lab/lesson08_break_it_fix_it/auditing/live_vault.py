"""A vault in which Ada has stored a text, as Eve sees it: cells of a notebook are Eve.

This is the notebook's side. The vault, Ada's text and the operator's code are beside the kernel:
kept_vault.py.
"""

from pathlib import Path
from typing import Any

from securedata.errors import UnavailableError
from securedata_lab.basics.one_sentence import OneSentence
from securedata_lab.lesson08_break_it_fix_it.auditing.given import BEGUN, VAULT_TO_FIX, source_of
from securedata_lab.lesson08_break_it_fix_it.auditing.kept_vault import open_kept
from securedata_lab.servers.keeper import keep
from securedata_lab.servers.starting import counts_as_started

UNSENT = "nothing was sent:"
NOTHING_SENT = f"{UNSENT} a part of it is still `...`"
NO_RETURN = f"{UNSENT} my_theft returned nothing: is there a return?"
RESTARTS = "The vault has restarted. You can do this now."
WRONG_CODE = "403 This is not the operator's code."


class VaultStoppedError(OneSentence, ConnectionRefusedError):
    """A notebook shows this sentence alone, without a traceback."""


class LiveVault:
    """A vault in a process of its own, over TLS, with fresh keys. `receipts` are public: Ada's.

    Without a file it is the consultant's, in which `admit` is fixed.

    Raises:
        RefusedError: the file is no vault that works.
        OSError, ValueError: there is no such text.

    >>> vault = LiveVault()
    >>> vault.verify(vault.receipts[0]), vault.retrieve(vault.receipts[0])
    (True, '403 This is not for you.')
    >>> vault.ask("enrol", name="ada", password="moonflower")
    '401 only the operator may ask this'
    >>> vault.restart("parrot-timber-83")
    "403 This is not the operator's code."
    >>> vault.stop()
    """

    def __init__(self, path: Path = VAULT_TO_FIX, *, fresh: bool = False) -> None:
        source = BEGUN if path == VAULT_TO_FIX else source_of(path)
        self._kept = keep(open_kept, file=path.name, source=source, fresh=fresh)
        self._stopped = False

    @property
    def is_running(self) -> bool:
        """Whether it was not stopped, and its process has not ended."""
        return self._kept.runs and not self._stopped

    @property
    def receipts(self) -> list[dict[str, str]]:
        """Ada's, copied: whoever changes one changes no other."""
        return [dict(receipt) for receipt in self._kept.told["receipts"]]

    def ask(self, endpoint: str, **arguments: object) -> Any:
        """What the endpoint answers; if it refuses, a line such as "403 Log in first."

        Raises:
            VaultStoppedError: it was stopped, or its process has ended.
        """
        return self._sent("ask", endpoint, arguments)

    def store(self, title: str, text: str) -> Any:
        """Eve's receipt for a text of her own."""
        return self._sent("as_eve", "store", {"title": title, "text": text})

    def retrieve(self, receipt: object) -> Any:
        """What Eve gets for a receipt: text, owner, title, and whether it is genuine."""
        if receipt is None:
            return NO_RETURN
        return self._sent("as_eve", "retrieve", {"receipt": receipt})

    def verify(self, receipt: object) -> Any:
        """Whether the vault calls a receipt valid. Anybody may ask."""
        return self.ask("verify", receipt=receipt)

    def restart(self, code: object) -> str:
        """Have the vault restarted, with the operator's code."""
        if code is ... or code is None:
            return f"{UNSENT} the code is still `...`"
        if not isinstance(code, str):
            return f"{UNSENT} type the code that you read, in quotes"
        return RESTARTS if self._asked("restart", code=code) else WRONG_CODE

    def reads(self, answer: object) -> bool:
        """Whether Ada's text is in this answer, also in a refusal."""
        return bool(self._asked("reads", answer=answer))

    def stop(self) -> None:
        """End its process. Twice is harmless."""
        if self.is_running:
            self._kept.ask("stop")
        self._stopped = True

    def _sent(self, door: str, endpoint: str, given: dict[str, Any]) -> Any:
        if ... in [it for part in given.values() for it in (part, *_values(part))]:
            return NOTHING_SENT
        try:
            return self._asked(door, endpoint=endpoint, given=given)
        except TypeError:
            return f"{UNSENT} a receipt holds texts only"

    def _asked(self, door: str, **given: Any) -> Any:
        if self._stopped:
            raise VaultStoppedError("the vault has stopped; the server cell starts a new one")
        try:
            return self._kept.ask(door, **given)
        except UnavailableError as error:
            why = f"the vault does not answer, {error} The server cell starts a new one"
            raise VaultStoppedError(why) from None


def serve_vault() -> LiveVault:
    """Start the vault of lesson 08, as the consultant left it; or give back the one that runs.

    >>> vault = serve_vault()
    >>> serve_vault() is vault
    True
    >>> vault.stop()
    """
    global _vault
    if _vault is None or not _vault.is_running:
        _vault = LiveVault()
        counts_as_started(_vault)
    return _vault


def may_restart(code: object) -> str:
    """What the notebook's vault says to the operator's code; "" if it is right."""
    if _vault is None or not _vault.is_running:
        return f"{UNSENT} the server cell starts the vault"
    said = _vault.restart(code)
    return "" if said == RESTARTS else said


# One for the whole kernel, so that a cell may be run twice.
_vault: LiveVault | None = None


def _values(part: object) -> list[object]:
    return list(part.values()) if isinstance(part, dict) else []
