"""Serves one vault over TLS, in a process of its own. It judges nothing, and knows no attack.

The student's code can change all that is here. So nothing that decides a verdict is measured here.
The audit believes what the endpoints answer, and little else: docs/decisions/vaults-apart.md.

It is run by its path and imports nothing else of the kit. So it starts in a tenth of a second, also
where there is no fork. It reads the student's file when it is ordered to, by its first request.
It ends when its standard input does: no process is left over when a kernel is killed.
"""

import datetime
import json
import os
import ssl
import sys
import textwrap
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler
from itertools import count
from pathlib import Path
from socketserver import TCPServer
from types import CodeType, ModuleType
from typing import Any, BinaryIO

# PyCryptodome then takes ctypes, which is imported faster: docs/decisions/hooks.md.
sys.modules["cffi"] = None  # type: ignore[assignment]
from Crypto.Cipher import AES  # noqa: E402, F401  # the vault needs it: imported while it waits

del sys.modules["cffi"]

PROCESSOR_SECONDS = 60
RETURNS = {
    "nonce": bytes,
    "signed_bytes": bytes,
    "public_number": int,
}
CLOCKS = ("time", "monotonic", "perf_counter", "clock_gettime")  # and each in nanoseconds
SAID_LENGTH = 200
MEMORY_BYTES = 2 << 30  # of addresses, most of which are never used


def main() -> None:
    """Serve for ever. The first request is the order: which file, and under which keys."""
    audit, port = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "w")
    _leave_nothing_to_the_student()
    threading.Thread(target=_end_with, args=(audit,), daemon=True).start()
    server = VaultServer(leaf_file=sys.argv[1])
    print(server.server_address[1], file=port, flush=True)
    server.serve_forever()


class VaultServer(TCPServer):
    """The vault behind its endpoints: POST /store with the arguments in JSON calls `vault.store`.

    One call at a time: a student need not think of threads.
    """

    def __init__(self, leaf_file: str) -> None:
        super().__init__(("127.0.0.1", 0), _Endpoint)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(leaf_file)
        self.socket = tls.wrap_socket(self.socket, server_side=True)
        self.endpoints: dict[str, Callable[..., Any]] = {"open": self._open}
        self.operators_endpoints = list[str]()
        self.refused: Any = ()
        self.path = self.operator = ""

    def _open(
        self,
        path: str,
        source: str,
        keys: dict[str, Any],
        folder: str,
        operator: str,
    ) -> None:
        """Load the student's file, and begin its vault."""
        self.path, self.operator = path, operator
        given = Path(__file__).with_name("vault_to_fix.py")
        original = _module("vault_to_fix", compile(given.read_text("utf-8"), str(given), "exec"))
        self.code = compile(source, path, "exec")
        module = _module("my_vault", self.code)
        secret = {name: bytes.fromhex(keys[name]) for name in ("for_texts", "for_tokens")}
        if not isinstance(getattr(module, "MyVault", None), type):
            raise NameError("the file defines no class MyVault")
        self.vault = module.MyVault(original.Keys(**keys | secret), folder)
        self.refused = original.Refused
        for name, kind in RETURNS.items():
            setattr(self.vault, name, _checked(name, getattr(self.vault, name), kind))
        self.operators_endpoints = original.OPERATORS_ENDPOINTS
        names = (*original.ENDPOINTS, *self.operators_endpoints)
        self.endpoints = {
            **{name: getattr(self.vault, name) for name in names},
            # The attacker knows the code, and asks a copy of it. Each vault can be that copy.
            "signed_bytes": self._signed_bytes,
            "store_in_one_moment": self._store_in_one_moment,
        }

    # What only a copy is asked.

    def _signed_bytes(self, receipt: dict[str, str]) -> str:
        return bytes(self.vault.signed_bytes(receipt)).hex()

    def _restarted(self, name: str) -> Any:
        """The vault, as it begins. Its customer has logged in."""
        vault = _module("my_vault", self.code).MyVault(self.vault.keys, self.vault.folder)
        vault.who = lambda *_, **__: name
        return vault

    def _store_in_one_moment(self, name: str, texts: list[list[str]]) -> list[list[Any]]:
        """The receipts of two lists of texts, from two workers that work at the same time.

        For the second, the clock is set back, and the process has another number.
        """
        receipts, moment = [], time.time_ns()
        for worker, part in enumerate(texts):
            with _worker_at(moment, worker):
                vault = self._restarted(name)
                receipts.append([vault.store("", "a title", it) for it in part])
        return receipts

    def handle_error(self, *_: object) -> None:
        """A client has gone, or its handshake failed."""


class _Endpoint(BaseHTTPRequestHandler):
    server: VaultServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body of an answer go out together

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.raised = ""
        status, answer = self._called(self.path.strip("/"), body)
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.send_header("Raised", json.dumps(self.raised))  # a line of ASCII
        self.end_headers()
        self.wfile.write(answer)

    def _called(self, endpoint: str, body: bytes) -> tuple[int, bytes]:
        served = self.server
        if endpoint not in served.endpoints:
            return 404, b'{"error": "no such endpoint"}'
        is_operator = self.headers["Authorization"] == served.operator
        if endpoint in served.operators_endpoints and not is_operator:
            return 401, b'{"error": "for the operator"}'
        try:
            answer = served.endpoints[endpoint](**json.loads(body))
            return 200, json.dumps({"answer": answer}).encode()
        except served.refused as refusal:
            self.raised = place_of(refusal, served.path)
            return 403, json.dumps({"error": str(refusal)}).encode()
        except BaseException as error:  # a student's code may raise anything
            self.raised = said(error) + place_of(error, served.path)
            return 500, b'{"error": "the vault failed"}'

    def log_message(self, *_: object) -> None:
        """Nothing: standard error is the student's."""


def _checked(name: str, method: Callable[..., Any], kind: Any) -> Callable[..., Any]:
    """A method of the student's, which may return another kind of value, or nothing."""

    def checked(*arguments: Any, **named: Any) -> Any:
        value = method(*arguments, **named)
        if not isinstance(value, kind):
            returned = "nothing" if value is None else type(value).__name__
            raise TypeError(f"{name}() must return {kind.__name__}, and returned {returned}")
        return value

    return checked


@contextmanager
def _replaced(owner: Any, **values: object) -> Iterator[None]:
    """These names of a module or an object have other values in a `with` block."""
    before = {name: getattr(owner, name) for name in values}
    vars(owner).update(values)
    try:
        yield
    finally:
        vars(owner).update(before)


@contextmanager
def _worker_at(moment: int, number: int) -> Iterator[None]:
    """A worker of the vault: its clocks begin at this moment, in nanoseconds since 1970.

    At each look a microsecond has passed. The process has a number of its own.
    """
    looks, process = count(moment, 1000), os.getpid() + number
    clocks: dict[str, Callable[..., float]] = dict.fromkeys(CLOCKS, lambda *_: next(looks) / 1e9)
    clocks |= dict.fromkeys([f"{name}_ns" for name in CLOCKS], lambda *_: next(looks))
    clocks = {name: look for name, look in clocks.items() if hasattr(time, name)}
    with (
        _replaced(time, **clocks),
        _replaced(datetime, datetime=_Datetime),
        _replaced(os, getpid=lambda: process),
    ):
        yield


class _Datetime(datetime.datetime):
    @classmethod
    def now(cls, tz: Any = None) -> Any:
        return cls.fromtimestamp(time.time(), tz)

    @classmethod
    def utcnow(cls) -> Any:
        return cls.now(datetime.timezone.utc).replace(tzinfo=None)


def said(error: BaseException) -> str:
    """An exception in a line.

    >>> said(ValueError("no"))
    'ValueError: no'
    """
    words = traceback.format_exception_only(type(error), error)[-1]
    return textwrap.shorten(words, SAID_LENGTH, placeholder=" …")


def place_of(error: BaseException, path: str) -> str:
    """The last line of this file that an exception went through, in brackets; "" if it did not.

    >>> place_of(ValueError("raised nowhere"), "my_vault.py")
    ''
    """
    file = os.path.basename(path)
    if isinstance(error, SyntaxError) and error.filename == path:
        return f" (line {error.lineno} of {file})"
    place, step = "", error.__traceback__
    while step:  # faster than `traceback`: an attack may measure how long a refusal takes
        code = step.tb_frame.f_code
        if code.co_filename == path:
            method = f", in {code.co_name}()" if code.co_name.isidentifier() else ""
            place = f" (line {step.tb_lineno} of {file}{method})"
        step = step.tb_next
    return place


def _module(name: str, code: CodeType) -> ModuleType:
    """Run code as a module that others can import."""
    module = sys.modules[name] = ModuleType(name)
    exec(code, vars(module))  # noqa: S102  # this process is there for it
    return module


def _leave_nothing_to_the_student() -> None:
    """The pipes to the audit are ours: `input` reads nothing, `print` goes to standard error."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    sys.path.pop(0)  # the folder of this file
    try:
        import resource
    except ImportError:  # Windows
        return
    for limit, most in (
        (resource.RLIMIT_CPU, PROCESSOR_SECONDS),
        (resource.RLIMIT_AS, MEMORY_BYTES),
    ):
        with suppress(OSError, ValueError):  # not every system has every limit
            resource.setrlimit(limit, (most, most))


def _end_with(audit: BinaryIO) -> None:
    audit.read()
    os._exit(0)


if __name__ == "__main__":
    main()
