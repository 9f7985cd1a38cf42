"""The consultant's vault, running, so that cells of a notebook can call its endpoints by hand."""

from typing import Any

from securedata.lab.auditing.audit_run import AuditRun
from securedata.lab.auditing.student_file import AS_GIVEN, VAULT_TO_FIX
from securedata.lab.auditing.vault_process import VaultProcess


class VaultStoppedError(ConnectionRefusedError):
    """A notebook shows this sentence alone, without a traceback."""

    def _render_traceback_(self) -> list[str]:  # IPython asks for it
        return [str(self)]


class LiveVault:
    """The given vault in a process of its own, over TLS, with fresh keys.

    >>> vault = LiveVault()
    >>> vault.ask("enrol", name="ada", password="sunflower")
    >>> vault.ask("login", name="ada", password="moonflower")
    '403 The password is wrong.'
    >>> vault.stop()
    """

    def __init__(self) -> None:
        self._run: AuditRun | None = None
        self.start()

    @property
    def is_running(self) -> bool:
        """Whether its process runs."""
        return self._run is not None

    def start(self) -> None:
        """Run it, if it does not run: a new one, with nothing stored."""
        if self._run is None:
            self._run = AuditRun(VAULT_TO_FIX, AS_GIVEN, 1)
            self._run.open()

    def ask(self, endpoint: str, **arguments: object) -> Any:
        """What the endpoint answers; if it refuses, a line such as "403 Log in first."

        Raises:
            VaultStoppedError: it was stopped.
        """
        if self._run is None:
            raise VaultStoppedError("the vault has stopped; the server cell starts it again")
        process: VaultProcess = self._run.vault
        answer = process.ask(endpoint, **arguments)
        return answer.value if answer.status == 200 else f"{answer.status} {answer.body['error']}"

    def stop(self) -> None:
        """End its process. Twice is harmless."""
        if self._run is not None:
            self._run.__exit__()
            self._run = None
