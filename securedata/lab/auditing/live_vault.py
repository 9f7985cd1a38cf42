"""The consultant's vault, running, so that cells of a notebook can call its doors by hand."""

from typing import Any

from securedata.lab.auditing.scene import Scene
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
        self._scene: Scene | None = None
        self.start()

    @property
    def is_running(self) -> bool:
        """Whether its process runs."""
        return self._scene is not None

    def start(self) -> None:
        """Run it, if it does not run: a new one, with nothing stored."""
        if self._scene is None:
            self._scene = Scene(VAULT_TO_FIX, AS_GIVEN, 1)
            self._scene.open()

    def ask(self, door: str, **arguments: object) -> Any:
        """What the door answers; if it refuses, a line such as "403 Log in first."

        Raises:
            VaultStoppedError: it was stopped.
        """
        if self._scene is None:
            raise VaultStoppedError("the vault has stopped; the server cell starts it again")
        process: VaultProcess = self._scene.vault
        answer = process.ask(door, **arguments)
        return answer.value if answer.status == 200 else f"{answer.status} {answer.body['error']}"

    def stop(self) -> None:
        """End its process. Twice is harmless."""
        if self._scene is not None:
            self._scene.__exit__()
            self._scene = None
