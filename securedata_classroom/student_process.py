"""The student's process: it runs the cells of a notebook, and answers the judge's calls.

It is started in the sandbox, and talks to the judge over standard input and output. Nothing that it
says is a verdict: it hands over plain values, and calls the student's functions. So a student who
changes something here only changes their own answers.
"""

import dis
import inspect
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from itertools import count
from pathlib import Path
from types import CodeType, FrameType, SimpleNamespace
from typing import Any
from unittest.mock import patch

from securedata.errors import FormatError
from securedata.keys import format as key_format
from securedata_classroom.line import Json, Line
from securedata_classroom.raised import described, rebuilt
from securedata_classroom.values import decoded, encoded, own_equal
from securedata_lab.judging.interpreter import (
    at_most_steps,
    is_stub,
    names_in,
    returns_a_value,
    watched,
)
from securedata_lab.servers import keeper
from securedata_lab.twins.twin import Twin

MOST_NAMES = 300
MOST_FILE_BYTES = 1024 * 1024
CALLBACK_SECONDS = 60
Kind = type[Any]


class _TooLongError(BaseException):
    """The processor time is used up. No `except Exception` of a student catches it."""


class _Student:
    """The namespace of a notebook, and what of it was handed to the judge."""

    def __init__(self, reader: int, writer: int) -> None:
        from IPython.core.interactiveshell import InteractiveShell

        self._line = Line(reader, writer, self._answered)
        self._shell = InteractiveShell.instance()
        self._handed: dict[int, Any] = {}
        self._ids: dict[int, int] = {}  # by id(): the same object gets the same number
        self._mirrors: dict[tuple[int, int], Any] = {}

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
            return {"error": described(error, self._handed_over)}

    # What the judge asks.

    def _run(self, request: Json) -> Json:
        with _at_most(request["seconds"]):
            result = self._run_cell(request["source"])
        error = result.error_before_exec or result.error_in_exec
        if isinstance(error, _TooLongError):
            words = f"the cell was ended after {request['seconds']:g} s of processor time"
            error = TimeoutError(words)
        return {} if error is None else {"error": described(error, self._handed_over)}

    def _run_cell(self, source: str) -> Any:
        return self._shell.run_cell(source, store_history=True)  # type: ignore[no-untyped-call]

    def _get(self, request: Json) -> Json:
        value = self._shell.user_ns[request["name"]]
        return {"value": self._handed_over(value), "own ==": own_equal(value)}

    def _call(self, request: Json) -> Json:
        function = self._handed[request["id"]]
        return self._called(function, request)

    def _method(self, request: Json) -> Json:
        kind = self._handed[request["class"]]
        mirror = self._mirror(kind, request["instance"])
        bound = getattr(super(type(mirror), mirror), request["name"])
        return self._called(bound, request)

    # How a function is called.

    def _called(self, function: Callable[..., Any], request: Json) -> Json:
        arguments = [decoded(it, self._built) for it in request["arguments"]]
        called, steps, most = set[str](), count(), request.get("steps")
        started = time.process_time()
        answer: Json = {}
        try:
            with (
                _clock(request.get("now")),
                _watched(request.get("watch"), called),
                nullcontext() if most is None else at_most_steps(most, _TooLongError(), steps),
                _at_most(request["seconds"]),
            ):
                value = function(*arguments)
            answer["value"] = self._handed_over(value)
        except _TooLongError:
            answer["late"] = True
        except BaseException as error:
            answer["error"] = described(error, self._handed_over)
        answer["used"] = time.process_time() - started
        answer |= {"called": sorted(called), "steps": next(steps)}
        return answer

    # What goes to the judge.

    def _handed_over(self, value: Any) -> Any:
        return encoded(value, self._described)

    def _described(self, value: Any) -> Json:
        if isinstance(value, type):
            return self._class(value)
        if isinstance(value, Path):
            return {"p": str(value)}
        if callable(value) and not isinstance(value, Twin):
            return {"f": self._number(value)} | _facts(value)
        kind = type(value)
        facts = {"o": kind.__name__, "repr": _repr(value), "own ==": own_equal(value)}
        if isinstance(value, Twin):
            facts["kit"] = _of_the_kit(kind)
        return facts | ({"digest": True} if hasattr(value, "digest") else {})

    def _class(self, kind: Kind) -> Json:
        kit = _of_the_kit(kind)
        if kit is None or kit == _named(kind):
            return {"class": kind.__name__, "kit": kit}
        own: dict[str, Any] = {}
        for it in kind.__mro__[: [_named(it) for it in kind.__mro__].index(kit)]:
            own = dict(vars(it)) | own
        methods, values = {}, {}
        for name, value in own.items():
            if callable(value) or isinstance(value, (classmethod, staticmethod)):
                if name == "__init__" or not name.startswith("__"):
                    methods[name] = _facts(value)
            elif not name.startswith("__"):
                values[name] = self._handed_over(value)
        return {
            "class": kind.__name__,
            "kit": kit,
            "id": self._number(kind),
            "methods": methods,
            "values": values,
        }

    def _number(self, value: Any) -> int:
        number = self._ids.setdefault(id(value), len(self._ids) + 1)
        self._handed[number] = value  # kept, so that no other object gets its id()
        return number

    # What comes from the judge.

    def _built(self, described: Json) -> Any:
        if "f" in described:
            return self._callback(described["f"])
        if "p" in described:
            return self._file(described)
        if "keys" in described:
            return key_format.decode(described["keys"].encode())
        if "rows" in described:
            return SimpleNamespace(get=self._callback(described["rows"]))
        if "o" in described:
            return described["o"]
        raise FormatError("the judge sent something unknown")

    def _callback(self, number: int) -> Callable[..., Any]:
        def judges(*arguments: Any, **named: Any) -> Any:
            sent = {name: self._handed_over(it) for name, it in named.items()}
            return self._asked({"do": "call", "id": number, "named": sent}, arguments)

        return judges

    def _asked(self, request: Json, arguments: tuple[Any, ...]) -> Any:
        sent = [self._handed_over(it) for it in arguments]
        answer = self._line.ask(request | {"arguments": sent}, CALLBACK_SECONDS)
        if "error" in answer:
            raise rebuilt(answer["error"], lambda it: decoded(it, self._built))
        return decoded(answer["value"], self._built)

    def _file(self, described: Json) -> Path:
        """A file of the judge's, under the same path: an answer may give this path back."""
        path = Path(described["p"])
        if not path.exists():  # the judge has another /tmp, if there is a sandbox
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(bytes.fromhex(described["content"]))
        return path

    def _mirror(self, kind: Kind, instance: int) -> Any:
        """What a student's method gets as `self`: it asks the judge for all that is not its own."""
        key = id(kind), instance
        if key not in self._mirrors:
            self._mirrors[key] = object.__new__(_mirror_class(kind, self._of_instance))
            object.__setattr__(self._mirrors[key], "_mirrored", instance)
        return self._mirrors[key]

    def _of_instance(self, instance: int, name: str, arguments: tuple[Any, ...] | None) -> Any:
        """An attribute of the judge's instance, or what its method returns."""
        request = {"do": "attribute", "instance": instance, "name": name}
        if arguments is None:
            return self._asked(request, ())
        return self._asked(request | {"do": "instance method"}, arguments)


def _mirror_class(kind: Kind, ask: Callable[[int, str, tuple[Any, ...] | None], Any]) -> Kind:
    """A student's class whose instances stand for one of the judge's.

    Methods are called there, since the judge's class may count or change them; plain attributes are
    read there. What is plain nowhere, such as a generator of random numbers, is made here.
    """

    class Mirror(kind):  # type: ignore[misc]
        def __getattribute__(self, name: str) -> Any:
            own = object.__getattribute__
            if name.startswith("_"):
                return own(self, name)
            instance = own(self, "_mirrored")
            if not hasattr(_first_of_the_kit(kind), name) and hasattr(kind, name):
                return own(self, name)  # the student's own helper
            if callable(getattr(kind, name, None)):
                return lambda *arguments: ask(instance, name, arguments)
            with suppress(AttributeError):
                return ask(instance, name, None)
            here = own(self, "__dict__")
            return here[name] if name in here else _made_here(self, kind, name)

    Mirror.__name__, Mirror.__qualname__ = kind.__name__, kind.__qualname__
    return Mirror


def _made_here(mirror: Any, kind: Kind, name: str) -> Any:
    fresh = vars(_first_of_the_kit(kind)())
    if name not in fresh:
        raise AttributeError(f"{kind.__name__!r} object has no attribute {name!r}")
    object.__setattr__(mirror, name, fresh[name])
    return fresh[name]


def _file(request: Json) -> Json:
    with Path(request["name"]).open("rb") as file:
        return {"value": {"b": file.read(MOST_FILE_BYTES).hex()}}


# What is said of a function, a class, or an object.


def _facts(function: Any) -> Json:
    """What can be told of a function without a call of it. Lies here win no point."""
    function = getattr(function, "__func__", function)
    code = getattr(function, "__code__", None)
    names = names_in(function)
    outer = {it.argval for it in _steps(code) if it.opname == "LOAD_GLOBAL"}
    cells = getattr(function, "__globals__", {})
    return {
        "name": str(getattr(function, "__name__", "a function")),
        "stub": is_stub(function),
        "returns": returns_a_value(function),
        "names": sorted(names)[:MOST_NAMES],
        "outer": sorted(outer)[:MOST_NAMES],
        "cells": sorted(names & cells.keys())[:MOST_NAMES],
        "parameters": _parameters(function),
        "takes": code.co_argcount if isinstance(code, CodeType) else None,
    }


def _steps(code: object) -> Iterator[dis.Instruction]:
    return dis.get_instructions(code) if isinstance(code, CodeType) else iter(())


def _parameters(function: Any) -> list[list[Any]] | None:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    return [[it.name, int(it.kind), it.default is not it.empty] for it in parameters]


def _named(kind: Kind) -> str:
    return f"{kind.__module__}:{kind.__qualname__}"


def _first_of_the_kit(kind: Kind) -> Kind:
    return next(it for it in kind.__mro__ if _named(it) == _of_the_kit(kind))


def _of_the_kit(kind: Kind) -> str | None:
    """The first class of the kit from which this one is made, if it is a twin's."""
    for it in kind.__mro__:
        if it.__module__.startswith("securedata_lab.") and issubclass(it, Twin):
            return _named(it)
    return None


def _repr(value: Any) -> str:
    try:
        return repr(value)[:200]
    except Exception as error:
        return f"something whose repr raises {type(error).__name__}"


# What surrounds a call.


@contextmanager
def _clock(now: int | None) -> Iterator[None]:
    """The clock stands still where the check has stopped its own."""
    if now is None:
        yield
        return
    with patch("time.time_ns", lambda: now), patch("time.time", lambda: now / 1e9):
        yield


@contextmanager
def _watched(watch: bool | None, called: set[str]) -> Iterator[None]:
    if not watch:
        yield
        return
    with watched() as names:
        try:
            yield
        finally:
            called |= names


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
    """Serve the judge over standard input and output; what cells print goes nowhere.

    >>> import socket, subprocess, sys
    >>> here, there = socket.socketpair()
    >>> program = "from securedata_classroom.student_process import main; main()"
    >>> process = subprocess.Popen([sys.executable, "-c", program], stdin=there, stdout=there)
    >>> line = Line(here.fileno(), here.fileno(), lambda request: {})
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
    keeper.beside = False
    reader, writer = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    _Student(reader, writer).serve()
