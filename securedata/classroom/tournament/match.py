"""One match, seen from outside: it starts referee, vault and attack, each in a sandbox.

The referee says what to start. This process only starts, ends and writes the log, so nothing that
a team wrote is ever read here as more than text.
"""

import json
import re
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from securedata.classroom.sandbox import Limits, Outcome, Running, Sandbox, remove
from securedata.classroom.tournament.flags import FLAGS
from securedata.classroom.tournament.teams import ATTACK_FILE
from securedata.lab.auditing.vault_process import START_SECONDS, WORKER

MATCH_SECONDS = 60
ATTACK_LIMITS = Limits(seconds=10, processor_seconds=5, memory_mib=512, output_kib=256)
# An attack may make the vault work all the time: that alone must not end it.
VAULT_LIMITS = Limits(
    seconds=MATCH_SECONDS, processor_seconds=30, memory_mib=512, output_kib=1024, disk_mib=64
)
REFEREE_LIMITS = Limits(
    seconds=MATCH_SECONDS, processor_seconds=MATCH_SECONDS, memory_mib=1024, disk_mib=512
)
RELAY = Path(__file__).with_name("relay.py")
REFEREE = "securedata.classroom.tournament.referee"
LINE_BYTES = 1 << 22
PAGE_BYTES = 2000


@dataclass(frozen=True)
class Result:
    """What came of a match: the flags that the attack took, or why honest use failed.

    >>> Result(frozenset({"text"}), "", ()).is_fair
    True
    """

    taken: frozenset[str]
    unfair: str  # why honest use failed, in a sentence; empty if it did not
    log: tuple[str, ...]

    @property
    def is_fair(self) -> bool:
        """Whether honest customers got all that they asked for."""
        return not self.unfair


def play(sandbox: Sandbox, vault: str, attack: str, *, is_open: bool) -> Result:
    """Play a match between two programs, once more if honest use fails.

    If `is_open`, the attack may read the vault's source.

    >>> play(Sandbox(trust=True), "1 / 0", "print('I attack')", is_open=False).unfair
    'the vault does not start: ZeroDivisionError: division by zero (line 1 of my_vault.py)'
    """
    first = _Match(sandbox).play(vault, attack, is_open)
    if first.is_fair:
        return first
    second = _Match(sandbox).play(vault, attack, is_open)
    return Result(second.taken, second.unfair, (*first.log, "once more", *second.log))


class _Match:
    """A class, because the referee's requests and the end of the attack come from two threads."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._folder = Path(tempfile.mkdtemp(prefix="match-")).resolve()
        self._log, self._started = list[str](), time.monotonic()
        self._vaults = dict[Path, Running]()
        self._writing = threading.Lock()

    def play(self, vault: str, attack: str, is_open: bool) -> Result:
        (self._folder / "attack").mkdir()
        (self._folder / "attack" / ATTACK_FILE).write_text(attack, encoding="utf-8")
        try:
            with ExitStack() as running:
                result = self._played(vault, is_open, running)
        finally:
            remove(self._folder)
        taken = frozenset(FLAGS).intersection(result.get("taken", ()))
        unfair = self._unfair(result)
        self._note(unfair or f"the attack took: {', '.join(sorted(taken)) or 'nothing'}")
        return Result(taken, unfair, tuple(self._log))

    def _played(self, vault: str, is_open: bool, running: ExitStack) -> dict[str, Any]:
        """What the referee says in the end."""
        # Its folder holds those of the others. What they write there is counted with them alone.
        referee = self._sandbox.start(
            [sys.executable, "-m", REFEREE], self._folder, REFEREE_LIMITS, counts_folder=False
        )
        self._referee = running.enter_context(referee)
        self._tell({"source": vault, "shown_source": vault if is_open else None})
        running.callback(self._close_vaults)
        while line := referee.stdout.readline(LINE_BYTES):
            message = json.loads(line)
            if message.get("do") == "vault":
                self._tell(self._start_vault(**message))
            elif message.get("do") == "attack":
                self._start_attack(message["relays"], running)
            elif message.get("do") == "result":
                return dict(message)
            else:
                self._note(str(message.get("log")))
        outcome = referee.wait()
        return {"honest": f"the match was not finished: {_why(outcome)}"}

    def _start_vault(
        self, do: str, folder: str, relays: list[str], order: dict[str, Any]
    ) -> dict[str, Any]:
        """Start a vault in the place of the one that had this folder. What it reports."""
        if not re.fullmatch(r"vault-\d+", folder):
            return {"failed": "no such folder"}
        path = self._folder / folder
        if before := self._vaults.pop(path, None):
            before.close()
        vault = self._started_with(relays, [str(WORKER)], path, VAULT_LIMITS)
        self._vaults[path] = vault
        too_long = f"it did not start within {START_SECONDS} s"
        timer = threading.Timer(START_SECONDS, vault.kill, [too_long])
        timer.start()
        _send(vault.stdin, order)
        line = vault.stdout.readline(LINE_BYTES)
        timer.cancel()
        with suppress(ValueError):
            report = json.loads(line)
            if isinstance(report, dict):
                place = f" ({report['place']})" if report.get("place") else ""
                return {"failed": f"{report['failed']}{place}"} if "failed" in report else report
        return {"failed": _why(vault.wait())}

    def _start_attack(self, relays: list[str], running: ExitStack) -> None:
        folder = self._folder / "attack"
        attack = self._started_with(relays, [ATTACK_FILE], folder, ATTACK_LIMITS)
        running.enter_context(attack)
        attack.stdin.close()
        printed = attack.printed(attack.stdout)

        def wait() -> None:
            outcome = attack.wait()
            self._note(f"the attack has ended: {_why(outcome)}")
            for text in (printed.text(), outcome.stderr):
                self._quote("the attack printed", text)
            self._tell({"attack": "ended"})

        threading.Thread(target=wait, daemon=True).start()

    def _started_with(
        self, relays: list[str], program: list[str], folder: Path, limits: Limits
    ) -> Running:
        """A Python program in a sandbox, with its ways to the referee."""
        command = [sys.executable, str(RELAY), *relays, "--", sys.executable, "-u", *program]
        return self._sandbox.start(command, folder, limits)

    def _close_vaults(self) -> None:
        self._ends = list[str]()
        for vault in self._vaults.values():
            vault.close()
            outcome = vault.wait()
            self._ends.append(outcome.ended)
            self._quote("the vault printed", outcome.stderr)

    def _unfair(self, result: dict[str, Any]) -> str:
        """Why honest use failed, with what the vault was ended for."""
        unfair = " ".join(str(result.get("honest", "")).split())[:PAGE_BYTES]  # a vault's words
        ended = next(filter(None, self._ends), "")
        return f"{unfair}: {ended}" if unfair and ended and ended not in unfair else unfair

    def _tell(self, message: dict[str, Any]) -> None:
        with self._writing:
            _send(self._referee.stdin, message)

    def _note(self, sentence: str) -> None:
        self._log.append(f"{time.monotonic() - self._started:5.1f} s  {sentence}")

    def _quote(self, what: str, text: bytes) -> None:
        """The end of what a program printed, marked so that it is not taken for ours."""
        if lines := text[-PAGE_BYTES:].decode(errors="replace").splitlines():
            self._note(what)
            self._log += [f"         | {line}" for line in lines]


def _send(pipe: IO[bytes], message: dict[str, Any]) -> None:
    with suppress(OSError, ValueError):  # it has ended, and is noticed elsewhere
        pipe.write(json.dumps(message).encode() + b"\n")
        pipe.flush()


def _why(outcome: Outcome) -> str:
    """How a program ended, in half a sentence."""
    if outcome.ended:
        return outcome.ended
    return f"its exit code is {outcome.returncode}" if outcome.returncode else "it is done"
