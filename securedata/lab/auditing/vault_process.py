"""A vault's process, seen from the audit: it is started warm, opened with an order, and asked.

Whatever the student's code does, a call returns or raises one sentence. Nothing that the process
says is believed but what the vault answers at its endpoints.
"""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException, HTTPSConnection
from pathlib import Path
from ssl import SSLContext
from typing import IO, Any

from securedata.lab.auditing import vault_to_fix

# On a machine that does much else. Nothing here takes a second on one that does not.
START_SECONDS = 10
ANSWER_SECONDS = 10
PRINTED_BYTES = 1 << 20  # nobody prints so much on purpose
LINE_BYTES = 1 << 16
PAGE_BYTES = 2000
ANSWER_BYTES = 1 << 22  # more is no JSON, because its end is missing
VAULTS_ENDPOINTS = {*vault_to_fix.DOORS, *vault_to_fix.OPERATORS_DOORS}
WORKER = Path(__file__).with_name("vault_server.py")


class UnusableError(Exception):
    """The student's vault cannot be audited further; the message is one sentence for them."""


@dataclass(frozen=True)
class Answer:
    """What came back: the status, what it says, and how long it took, on both clocks.

    >>> Answer(200, {"answer": "yes"}, 0.1, 0.01).value
    'yes'
    >>> Answer(403, {"error": "no"}, 0.1, 0.01).value is None
    True
    """

    status: int
    body: Any
    seconds: float
    processor_seconds: float
    raised: str = ""
    calm_seconds: float = 0  # work and pauses, as on a machine that does nothing else

    @property
    def value(self) -> Any:
        """What the vault's method returned; None if it refused."""
        return self.body.get("answer")

    @property
    def why(self) -> str:
        """Half a sentence on why it is no answer.

        >>> Answer(403, {"error": "Log in first."}, 0.1, 0.01).why
        'it refused, “Log in first.”'
        """
        report = {"failed": f"refused, “{self.body.get('error')}”"} | json.loads(
            self.raised or "{}"
        )
        return f"it {'raised ' if self.status == 500 else ''}{_placed(report)}"


class VaultProcess:
    """One process, which is killed at the end whatever it does.

    >>> process = VaultProcess(working_folder=Path())
    >>> process.close()
    """

    def __init__(self, working_folder: Path) -> None:
        self._process = subprocess.Popen(  # noqa: S603  # our own program
            [sys.executable, str(WORKER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=working_folder,
            start_new_session=True,  # so that what the student's code starts can be ended, too
        )
        self._reports: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._printed, self._printed_bytes = b"", 0
        self._readers = [
            threading.Thread(target=read, args=(pipe,), daemon=True)
            for read, pipe in (
                (self._read_reports, self._process.stdout),
                (self._read_printed, self._process.stderr),
            )
        ]
        for reader in self._readers:
            reader.start()
        self._connection: HTTPSConnection | None = None
        self._operator = ""

    def open(self, order: dict[str, Any], tls: SSLContext) -> None:
        """Let it load the student's file and serve.

        Raises:
            UnusableError: it does not; the message says why.
        """
        assert self._process.stdin is not None  # noqa: S101  # it is a pipe
        self._operator = order["operator"]
        with suppress(OSError):  # it has ended: no report will come
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            self._process.stdin.flush()
        self._connection = None
        try:
            report = self._reports.get(timeout=START_SECONDS)
        except queue.Empty:
            raise UnusableError(
                f"the file does not come to its end within {START_SECONDS} s: {self._why_stuck()}"
            ) from None
        if report is None:
            raise UnusableError("the file ended its own process")
        if "failed" in report:
            raise UnusableError(f"the vault does not start: {_placed(report)}")
        self._connection = HTTPSConnection(
            "127.0.0.1", report["port"], context=tls, timeout=ANSWER_SECONDS
        )

    def ask(self, endpoint: str, **arguments: object) -> Answer:
        """Call an endpoint. A refusal and an exception of the vault are answers, too.

        Raises:
            UnusableError: no answer came.
        """
        assert self._connection is not None, "not opened"  # noqa: S101
        asked = f"/{endpoint}" if endpoint in VAULTS_ENDPOINTS else "a copy of the vault"
        body, head = json.dumps(arguments).encode(), {"Authorization": self._operator}
        # Each byte of an answer may come in time, and the whole never.
        too_late = threading.Timer(2 * ANSWER_SECONDS, self._kill)
        too_late.daemon = True
        too_late.start()
        started = time.perf_counter()
        try:
            self._connection.request("POST", f"/{endpoint}", body, head)
            response = self._connection.getresponse()
            answer = json.loads(response.read(ANSWER_BYTES))
        except TimeoutError:
            raise UnusableError(
                f"{asked} did not answer within {ANSWER_SECONDS} s: {self._why_stuck()}"
            ) from None
        except (ValueError, RecursionError):
            raise UnusableError(f"{asked} answers with no JSON, or with too much") from None
        except (OSError, HTTPException):
            raise UnusableError(f"the vault's process ended at {asked}") from None
        finally:
            too_late.cancel()
        seconds = time.perf_counter() - started
        worked, calm = (
            float(response.headers[name] or 0) for name in ("Processor-Seconds", "Calm-Seconds")
        )
        raised = response.headers["Raised"] or ""
        return Answer(response.status, answer, seconds, worked, raised, calm)

    def printed(self) -> str:
        """The last that the student's code has printed, a page at most."""
        return self._printed.decode(errors="replace")

    def close(self) -> None:
        """Kill it. Twice is harmless."""
        if self._connection is not None:
            self._connection.close()
        self._kill()
        self._process.wait()
        for reader in self._readers:
            reader.join(timeout=1)
        if any(reader.is_alive() for reader in self._readers):
            return  # something that escaped still holds a pipe: closing it would wait, too
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()

    def _kill(self) -> None:
        with suppress(OSError):
            if sys.platform == "win32":
                self._process.kill()
            elif self._process.returncode is None:  # else its number may be another's by now
                os.killpg(self._process.pid, signal.SIGKILL)

    def _why_stuck(self) -> str:
        if self._printed_bytes > PRINTED_BYTES:
            return "it prints without end"
        return "perhaps there is an endless loop"

    def _read_reports(self, pipe: IO[bytes]) -> None:
        while line := pipe.readline(LINE_BYTES):
            with suppress(ValueError):
                if isinstance(report := json.loads(line), dict):
                    self._reports.put(report)
        self._reports.put(None)

    def _read_printed(self, pipe: IO[bytes]) -> None:
        while some := pipe.read1(LINE_BYTES):  # type: ignore[attr-defined]
            self._printed = (self._printed + some)[-PAGE_BYTES:]
            self._printed_bytes += len(some)


def _placed(report: dict[str, Any]) -> str:
    return f"{report['failed']} ({report['place']})" if report.get("place") else report["failed"]
