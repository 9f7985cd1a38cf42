"""One process beside the kernel keeps the secrets of the services that students attack.

The kernel holds clients only: what an attacker may know. No attribute, closure or garbage collector
of the kernel finds what is to be stolen. This ends the easy ways. It is no wall against the owner
of the machine: docs/decisions/keeper.md.

A service is written once, in a module of its lesson with a function `open_kept`: `keep` opens it.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import weakref
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import IO, Any

from securedata.errors import RefusedError, UnavailableError
from securedata_lab.basics import chance
from securedata_lab.servers.keeper_process import Service

# With -I, Python runs no file of the notebook's folder or of PYTHONPATH. The kit's own folder is
# last: it may be a user's site-packages, which -I leaves out.
PROGRAM = """
import sys
sys.path.append(sys.argv[1])
from securedata_lab.servers.keeper_process import main
main()
"""
KITS_FOLDER = Path(__file__).parents[2]
END_SECONDS = 5
# So that an interrupted cell does not end it, and no window opens. Elsewhere: start_new_session.
WINDOWS_FLAGS = ("CREATE_NEW_PROCESS_GROUP", "CREATE_NO_WINDOW")
PRELOADED = ("LD_PRELOAD", "LD_AUDIT", "DYLD_INSERT_LIBRARIES")  # code that `hidden` cannot stop
Json = dict[str, Any]

# False: services open in this process. A judge sets it, in whose sandbox nobody steals; and tests.
beside = True


@dataclass(frozen=True)
class Kept:
    """An open service, seen from the kernel: what it has told, and its doors.

    >>> kept = here(Service({"number": 5}, {"double": lambda of: 2 * of}))
    >>> kept.told["number"], kept.ask("double", of=4)
    (5, 8)
    """

    told: Json
    _asked: Callable[[str, Json], Any]
    _runs: Callable[[], bool]

    @property
    def runs(self) -> bool:
        """Whether its process has not ended."""
        return self._runs()

    def ask(self, door: str, **given: Any) -> Any:
        """What the service answers at this door.

        Raises:
            RefusedError: it says no, and why.
            UnavailableError: its process has ended.
        """
        return self._asked(door, given)


class Keeper:
    """The process, inside the command line `around`. A class, because it must end with its kernel.

    Raises:
        UnavailableError: it does not start; the message says why.
    """

    def __init__(self, around: Sequence[str] = ()) -> None:
        self._alone, self._numbers = threading.Lock(), count(1)
        command = [*around, sys.executable, "-I", "-c", PROGRAM, str(KITS_FOLDER), chance.fixed]
        try:
            self._errors = tempfile.TemporaryFile()  # noqa: SIM115  # it is there as long as this
            self._process = subprocess.Popen(  # noqa: S603  # our own program
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                cwd=sys.prefix,
                env={name: it for name, it in os.environ.items() if name not in PRELOADED},
                start_new_session=True,
                creationflags=sum(getattr(subprocess, flag, 0) for flag in WINDOWS_FLAGS),
            )
        except (OSError, ValueError) as error:
            raise UnavailableError(f"no process was started ({error}).") from None
        assert self._process.stdin is not None  # noqa: S101  # it is a pipe
        assert self._process.stdout is not None  # noqa: S101
        self._orders, self._answers = self._process.stdin, self._process.stdout
        weakref.finalize(self, _end, self._process, self._orders)

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End it, whatever it does. Who waits for an answer gets an UnavailableError."""
        self._process.kill()

    def open(self, where: str, given: Json) -> Kept:
        """Open the service of a module of the kit.

        Raises:
            RefusedError: it cannot be opened; the message says why.
            UnavailableError: the process has ended.

        >>> Keeper().open("os", {})
        Traceback (most recent call last):
        securedata.errors.RefusedError: only what the kit defines is opened, and not os:open_kept
        """
        service, told = self._ask(None, where, given)
        return Kept(told, lambda door, given: self._ask(service, door, given), lambda: self.runs)

    def _ask(self, service: int | None, name: str, given: Json) -> Any:
        with self._alone:
            number = next(self._numbers)
            order = json.dumps([number, service, name, given]).encode("ascii")
            answered, value, error = 0, None, None
            with suppress(OSError, ValueError):  # it has ended, perhaps within a line
                self._orders.write(order + b"\n")
                self._orders.flush()
                while answered != number and (line := self._answers.readline()):
                    # The answer to an interrupted call may still be in the pipe.
                    answered, value, error = json.loads(line)
        if answered != number:
            raise UnavailableError(f"its process has ended ({self._last_words()}).")
        if error:
            raise RefusedError(error)
        return value

    def _last_words(self) -> str:
        """The last line on its standard error. It has ended, or is about to."""
        _end(self._process, self._orders)
        self._errors.seek(0)
        printed = self._errors.read().decode(errors="replace").split("\n")
        return next((line for line in reversed(printed) if line.strip()), "without a word")


def here(service: Service) -> Kept:
    """A service that stays in this process: a student's own class, whose secrets are their own."""
    return Kept(service.told, lambda door, given: service.doors[door](**given), lambda: True)


def keep(open_kept: Callable[..., Service], **given: Any) -> Kept:
    """Open a service of the kit in the process beside the kernel: with `open_kept` of its module.

    If there can be no such process, the service opens here, and a printed sentence says so.
    """
    global _keeper, beside
    if beside:
        try:
            if _keeper is None or not _keeper.runs:
                _keeper = Keeper()
            return _keeper.open(open_kept.__module__, given)
        except UnavailableError as error:
            beside = False
            print(f"What you are to steal is in this kernel, and not beside it: {error}")
    return here(open_kept(**given))


_keeper: Keeper | None = None  # one for the whole kernel


def _end(process: "subprocess.Popen[bytes]", orders: IO[bytes]) -> None:
    with suppress(OSError):  # an order that an ended process has not read
        orders.close()
    with suppress(subprocess.TimeoutExpired):
        process.wait(END_SECONDS)
