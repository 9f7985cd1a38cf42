"""The student's process: it runs the cells of a notebook, and answers the judge's calls.

It is started in the sandbox, and talks to the judge over standard input. Nothing that it says is a
verdict: it hands over plain values, and calls the student's functions. So a student who changes
something here only changes their own answers.
"""

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, SimpleNamespace
from typing import Any

from securedata.errors import FormatError
from securedata.keys import format as key_format
from securedata_classroom.causes import CELL_ENDED
from securedata_classroom.line import Json, Line
from securedata_classroom.raised import described, rebuilt
from securedata_classroom.values import decoded, encoded, own_equal
from securedata_lab.basics import chance
from securedata_lab.judging.interpreter import facts_of, watched_for
from securedata_lab.servers import keeper
from securedata_lab.twins.twin import Twin

MOST_FILE_BYTES = 1024 * 1024
CALLBACK_SECONDS = 60
Kind = type[Any]


class _TooLongError(BaseException):
    """The processor time is used up. No `except Exception` of a student catches it."""


class _Student:
    """The namespace of a notebook, and what of it was handed to the judge."""

    def __init__(self, other: socket.socket) -> None:
        from IPython.core.interactiveshell import InteractiveShell

        self._line = Line(other, self._answered)
        self._shell = InteractiveShell.instance()
        self._handed: dict[int, Any] = {}  # by id(); kept, so that no other object gets it
        self._instances: dict[tuple[int, int], Any] = {}

    def serve(self) -> None:
        """Answer the judge until it hangs up."""
        self._line.serve()

    def _answered(self, request: Json) -> Json:
        does = {
            "run": self._run,
            "get": self._get,
            "file": _file,
            "call": self._call,
            "method": self._method,
        }
        try:
            return does[request["do"]](request)
        except BaseException as error:
            return {"error": described(error, self._sent)}

    # What the judge asks.

    def _run(self, request: Json) -> Json:
        with _at_most(request["seconds"]):
            result = self._run_cell(request["source"])
        error = result.error_before_exec or result.error_in_exec
        if isinstance(error, _TooLongError):
            words = f"{CELL_ENDED} {request['seconds']:g} s of processor time"
            error = TimeoutError(words)
        return {} if error is None else {"error": described(error, self._sent)}

    def _run_cell(self, source: str) -> Any:
        return self._shell.run_cell(source, store_history=True)  # type: ignore[no-untyped-call]

    def _get(self, request: Json) -> Json:
        value = self._shell.user_ns[request["name"]]
        return {"value": self._sent(value), "own ==": own_equal(value)}

    def _call(self, request: Json) -> Json:
        return self._called(self._handed[request["id"]], request)

    def _method(self, request: Json) -> Json:
        """Call it with an object that has what is plain in the judge's instance."""
        kind = self._handed[request["class"]]
        key = request["class"], request["instance"]
        instance = self._instances.get(key)
        if instance is None:  # what is not plain, such as a source of chance, is made here
            instance = self._instances[key] = object.__new__(kind)
            _of_the_kit(kind).__init__(instance)
        vars(instance).update(decoded(request["state"], self._built))
        return self._called(getattr(instance, request["name"]), request)

    def _called(self, function: Callable[..., Any], request: Json) -> Json:
        arguments = decoded(request["arguments"], self._built)
        answer: Json = {}
        started = time.process_time()
        try:
            with watched_for(request, answer, _TooLongError()), _at_most(request["seconds"]):
                value = function(*arguments)
            answer["value"] = self._sent(value)
        except _TooLongError:
            answer["late"] = True
        except BaseException as error:
            answer["error"] = described(error, self._sent)
        return answer | {"used": time.process_time() - started}

    # What goes to the judge.

    def _sent(self, value: Any) -> Any:
        return encoded(value, self._described)

    def _described(self, value: Any) -> Json:
        if isinstance(value, type):
            return self._class(value)
        if isinstance(value, Path):
            return {"p": str(value)}
        if callable(value) and not isinstance(value, Twin):
            return {"f": self._number(value), "facts": self._sent(facts_of(value))}
        return {"o": type(value).__name__, "repr": _repr(value), "own ==": own_equal(value)}

    def _class(self, kind: Kind) -> Json:
        kit = _of_the_kit(kind)
        facts = {"class": kind.__name__, "kit": kit and f"{kit.__module__}:{kit.__qualname__}"}
        if kit in (None, kind):
            return facts
        own: Json = {}
        for it in reversed(kind.__mro__[: kind.__mro__.index(kit)]):
            own |= {k: v for k, v in vars(it).items() if k == "__init__" or k[:2] != "__"}
        methods = {k: v for k, v in own.items() if callable(getattr(kind, k))}
        values = {k: v for k, v in own.items() if k not in methods}
        asked = {k: facts_of(getattr(kind, k)) for k in methods}
        sent = {"methods": self._sent(asked), "values": self._sent(values)}
        return facts | sent | {"id": self._number(kind)}

    def _number(self, value: Any) -> int:
        self._handed[id(value)] = value
        return id(value)

    # What comes from the judge.

    def _built(self, facts: Json) -> Any:
        if "f" in facts:
            return self._callback(facts["f"])
        if "p" in facts:
            return self._file(facts)
        if "keys" in facts:
            return key_format.decode(facts["keys"].encode())
        if "rows" in facts:
            return SimpleNamespace(get=self._callback(facts["rows"]))
        if "o" in facts:
            return facts["o"]
        raise FormatError("the judge sent something unknown")

    def _callback(self, number: int) -> Callable[..., Any]:
        def judges(*arguments: Any, **named: Any) -> Any:
            request = {"do": "call", "id": number, "arguments": self._sent((arguments, named))}
            answer = self._line.ask(request, CALLBACK_SECONDS)
            if "error" in answer:
                raise rebuilt(answer["error"], lambda it: decoded(it, self._built))
            return decoded(answer["value"], self._built)

        return judges

    def _file(self, facts: Json) -> Path:
        """A file of the judge's, under the same path: an answer may give this path back."""
        path = Path(facts["p"])
        if not path.exists():  # the judge has another /tmp, if there is a sandbox
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(bytes.fromhex(facts["content"]))
        return path


def _file(request: Json) -> Json:
    with Path(request["name"]).open("rb") as file:
        return {"value": {"b": file.read(MOST_FILE_BYTES).hex()}}


def _of_the_kit(kind: Kind) -> Any:
    """The first class of the kit from which this one is made, if it is a twin's."""
    of_the_kit = (it for it in kind.__mro__ if it.__module__.startswith("securedata_lab."))
    return next((it for it in of_the_kit if issubclass(it, Twin)), None)


def _repr(value: Any) -> str:
    try:
        return repr(value)[:200]
    except Exception as error:
        return f"something whose repr raises {type(error).__name__}"


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """End what uses more processor time than this.

    Raises:
        _TooLongError: it did.
    """

    def end(number: int, frame: FrameType | None) -> None:
        raise _TooLongError

    signal.signal(signal.SIGPROF, end)
    signal.setitimer(signal.ITIMER_PROF, seconds, 1)  # again, in case it was caught
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def main() -> None:
    """Serve the judge over standard input; what cells print goes nowhere.

    >>> import subprocess, sys
    >>> here, there = socket.socketpair()
    >>> program = "from securedata_classroom.student_process import main; main()"
    >>> process = subprocess.Popen([sys.executable, "-c", program], stdin=there)
    >>> line = Line(here, lambda request: {})
    >>> line.ask({"do": "run", "source": "x = 6 * 7", "seconds": 5}, seconds=30)
    {}
    >>> line.ask({"do": "get", "name": "x"}, seconds=30)["value"]
    42
    >>> there.close()
    >>> here.close()
    >>> process.wait()
    0
    """
    # What a cell steals here counts nothing: a second process would only cost time and memory.
    keeper.beside, chance.any_word = False, True
    other = socket.socket(fileno=os.dup(0))
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    _Student(other).serve()
