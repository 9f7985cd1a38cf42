"""A vault in which Ada has stored a text, and Eve is a customer: cells of a notebook are Eve."""

from pathlib import Path
from random import Random
from typing import Any

from securedata_lab.basics.chance import chance, sentence
from securedata_lab.basics.one_sentence import OneSentence
from securedata_lab.lesson08_break_it_fix_it.auditing.audit_run import AuditRun
from securedata_lab.lesson08_break_it_fix_it.auditing.student_file import BEGUN, VAULT_TO_FIX
from securedata_lab.lesson08_break_it_fix_it.auditing.vault_process import UnusableError
from securedata_lab.lesson08_break_it_fix_it.auditing.vault_to_fix import ENDPOINTS
from securedata_lab.servers.starting import counts_as_started

NOTHING_SENT = "nothing was sent: a part of it is still `...`"


class VaultStoppedError(OneSentence, ConnectionRefusedError):
    """A notebook shows this sentence alone, without a traceback."""


class LiveVault:
    """A vault in a process of its own, over TLS, with fresh keys. `receipts` are public: Ada's.

    Without a file it is the consultant's, in which `admit` is fixed.

    >>> vault = LiveVault()
    >>> vault.verify(vault.receipts[0]), vault.retrieve(vault.receipts[0])
    (True, '403 This is not for you.')
    >>> vault.ask("enrol", name="ada", password="moonflower")
    '401 only the operator may ask this'
    >>> vault.stop()
    """

    def __init__(self, path: Path = VAULT_TO_FIX, draw: Random | None = None) -> None:
        self._path, self._draw = path, draw or chance(f"Ada's text in {path.name}")
        self._run: AuditRun | None = None
        self.start()

    @property
    def is_running(self) -> bool:
        """Whether its process runs."""
        return self._run is not None

    @property
    def receipts(self) -> list[dict[str, str]]:
        """Ada's, copied: whoever changes one changes no other."""
        return [dict(self._receipt)]

    def start(self) -> None:
        """Run it, if it does not run: a new one, with one text of Ada's.

        Raises:
            UnusableError: the file is no vault that works.
        """
        if self._run is None:
            source = BEGUN if self._path == VAULT_TO_FIX else self._path.read_text("utf-8")
            run = AuditRun(self._path, source, 1)
            try:
                run.open()
                ada, self._eve = run.enrol("ada"), run.enrol("eve")
                stored = run.store(ada, "diary", sentence(self._draw))
            except UnusableError:
                run.__exit__()
                raise
            self._run, self._receipt = run, stored.receipt

    def ask(self, endpoint: str, **arguments: object) -> Any:
        """What the endpoint answers; if it refuses, a line such as "403 Log in first."

        Raises:
            VaultStoppedError: it was stopped.
        """
        if ... in [it for part in arguments.values() for it in (part, *_values(part))]:
            return NOTHING_SENT
        if endpoint not in ENDPOINTS:
            return "401 only the operator may ask this"
        try:
            answer = self._running().vault.ask(endpoint, **arguments)
        except TypeError:
            return f"{NOTHING_SENT[:17]} a receipt holds texts only"
        return answer.value if answer.status == 200 else f"{answer.status} {answer.body['error']}"

    def store(self, title: str, text: str) -> Any:
        """Eve's receipt for a text of her own."""
        return self.ask("store", token=self._token(), title=title, text=text)

    def retrieve(self, receipt: object) -> Any:
        """What Eve gets for a receipt: text, owner, title, and whether it is genuine."""
        return self.ask("retrieve", token=self._token(), receipt=receipt)

    def verify(self, receipt: object) -> Any:
        """Whether the vault calls a receipt valid. Anybody may ask."""
        return self.ask("verify", receipt=receipt)

    def reads(self, answer: object) -> bool:
        """Whether Ada's text is in this answer."""
        text = self._running().stored[0].text
        return isinstance(answer, dict) and answer.get("text") == text

    def stop(self) -> None:
        """End its process. Twice is harmless."""
        if self._run is not None:
            self._run.__exit__()
            self._run = None

    def _token(self) -> str:
        return self._running().token(self._eve)

    def _running(self) -> AuditRun:
        if self._run is None:
            raise VaultStoppedError("the vault has stopped; the server cell starts it again")
        return self._run


def serve_vault() -> LiveVault:
    """Start the vault of lesson 08, as the consultant left it; or give back the one that runs.

    >>> vault = serve_vault()
    >>> serve_vault() is vault
    True
    >>> vault.stop()
    """
    global _vault
    _vault = _vault or LiveVault()
    _vault.start()
    counts_as_started(_vault)
    return _vault


# One for the whole kernel, so that a cell may be run twice.
_vault: LiveVault | None = None


def _values(part: object) -> list[object]:
    return list(part.values()) if isinstance(part, dict) else []
