"""A vault's process, seen from the audit: it is started warm, opened with an order, and asked.

Whatever the student's code does, a call returns or raises one sentence. What is believed of the
process stands in docs/decisions/vaults-apart.md.
"""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException, HTTPSConnection
from pathlib import Path
from ssl import SSLContext
from typing import Any

from securedata.errors import RefusedError
from securedata_lab.lesson08_break_it_fix_it.auditing import vault_to_fix

# On a machine that does much else. Nothing here takes a second on one that does not.
ANSWER_SECONDS = 10
PRINTED_BYTES = 1 << 20  # nobody prints so much on purpose
READ_BYTES = 1 << 16
PAGE_BYTES = 2000
ANSWER_BYTES = 1 << 23  # more is no JSON, because its end is missing
VAULTS_ENDPOINTS = {*vault_to_fix.ENDPOINTS, *vault_to_fix.OPERATORS_ENDPOINTS}
SERVER = Path(__file__).with_name("vault_server.py")
AROUND = list[str]()  # a sandbox's command line, set by a judge: docs/decisions/hooks.md


class UnusableError(RefusedError):
    """The student's vault cannot be audited further; the message is one sentence for them."""


@dataclass(frozen=True)
class Answer:
    """What came back: the status, and what it says.

    >>> Answer(200, {"answer": "yes"}).value
    'yes'
    >>> Answer(403, {"error": "no"}).value is None
    True
    """

    status: int
    body: Any
    raised: str = ""  # by a vault that failed, with the line of its file; of a refusal only that

    @property
    def value(self) -> Any:
        """What the vault's method returned; None if it refused."""
        return self.body.get("answer")

    @property
    def why(self) -> str:
        """Half a sentence on why it is no answer.

        >>> Answer(403, {"error": "Log in first."}).why
        'it refused, “Log in first.”'
        """
        if self.status == 500:
            return f"it raised {self.raised}"
        return f"it refused, “{self.body.get('error')}”{self.raised}"


class VaultProcess:
    """One process, which is killed at the end whatever it does.

    A class, because it starts long before it is told which file to load.
    """

    def __init__(
        self, working_folder: Path, leaf_file: Path, tls: SSLContext, pulse: Callable[[], None]
    ) -> None:
        folders = str(working_folder.parent)  # of the audit, with the disks of its vaults
        around = [*AROUND, "--bind", folders, folders, "--setenv", "TMPDIR", str(working_folder)]
        self._process = subprocess.Popen(  # noqa: S603  # our own program
            [*(around if AROUND else []), sys.executable, str(SERVER), str(leaf_file)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=working_folder,
            start_new_session=True,  # so that what the student's code starts can be ended, too
        )
        self._tls, self._operator = tls, ""
        self._pulse = pulse  # called before each question
        self._printed, self._printed_bytes = b"", 0
        self._reader = threading.Thread(target=self._read_printed, daemon=True)
        self._reader.start()
        self._connection: HTTPSConnection | None = None

    def open(self, order: dict[str, Any]) -> None:
        """Let it load the student's file.

        Raises:
            UnusableError: it does not; the message says why.
        """
        assert self._process.stdout is not None  # noqa: S101  # it is a pipe
        port = self._process.stdout.readline()  # no code of the student's runs yet
        if not port:
            self.close()  # all that it has printed is here then
            why = self.printed().strip().rpartition("\n")[2]
            raise UnusableError(f"no process could be started for the vault: {why}")
        self._operator = order["operator"]
        self._connection = HTTPSConnection(
            "127.0.0.1", int(port), context=self._tls, timeout=ANSWER_SECONDS
        )
        answer = self._post(
            "open", order, "the file does not come to its end", "the file ended its own process"
        )
        if answer.status != 200:
            raise UnusableError(f"the vault does not start: {answer.raised}")

    def ask(self, endpoint: str, **arguments: object) -> Answer:
        """Call an endpoint. A refusal and an exception of the vault are answers, too.

        Raises:
            UnusableError: no answer came.
        """
        asked = f"/{endpoint}" if endpoint in VAULTS_ENDPOINTS else "a copy of the vault"
        late, ended = f"{asked} did not answer", f"the vault's process ended at {asked}"
        return self._post(endpoint, arguments, late, ended)

    def verifies(self, receipt: dict[str, str]) -> bool:
        """Whether /verify calls a receipt valid.

        Raises:
            UnusableError: no answer came.
        """
        return self.ask("verify", receipt=receipt).value is True

    def _post(self, endpoint: str, arguments: object, late: str, ended: str) -> Answer:
        assert self._connection is not None, "not opened"  # noqa: S101
        self._pulse()
        body, head = json.dumps(arguments).encode(), {"Authorization": self._operator}
        try:
            self._connection.request("POST", f"/{endpoint}", body, head)
            response = self._connection.getresponse()
            said, status = response.read(ANSWER_BYTES), response.status
            answer, raised = json.loads(said), str(json.loads(response.headers["Raised"]))
            if ("answer" if status == 200 else "error") not in {**answer}:  # it must be a dict
                raise ValueError
            return Answer(status, answer, raised)
        except TimeoutError:
            prints = self._printed_bytes > PRINTED_BYTES
            why = "it prints without end" if prints else "perhaps there is an endless loop"
            raise UnusableError(f"{late} within {ANSWER_SECONDS} s: {why}") from None
        except (ValueError, TypeError, RecursionError):
            raise UnusableError(f"/{endpoint} answers with no JSON, or with too much") from None
        except (OSError, HTTPException):
            raise UnusableError(ended) from None

    def printed(self) -> str:
        """The last that the student's code has printed, a page at most."""
        return self._printed.decode(errors="replace")

    def close(self) -> None:
        """Kill it. Twice is harmless."""
        if self._connection is not None:
            self._connection.close()
        self._kill()
        self._process.wait()
        self._reader.join(timeout=1)
        if self._reader.is_alive():
            return  # something that escaped still holds a pipe: closing it would wait, too
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()

    def _kill(self) -> None:
        with suppress(OSError):
            if sys.platform == "win32":
                self._process.kill()
            elif self._process.returncode is None:  # else its number may be another's by now
                os.killpg(self._process.pid, signal.SIGKILL)

    def _read_printed(self) -> None:
        assert self._process.stderr is not None  # noqa: S101  # it is a pipe
        while some := os.read(self._process.stderr.fileno(), READ_BYTES):
            self._printed = (self._printed + some)[-PAGE_BYTES:]
            self._printed_bytes += len(some)
