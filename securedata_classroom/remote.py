"""The judge's end of the line: it hands values over, and stands for what a student made.

An `_Answer` is a function or method of the student's process. It is called like any other; what a
check asks of it (interpreter.py) came with it.
"""

import os
import socket
import sys
from pathlib import Path
from types import MethodType
from typing import Any

from securedata.errors import FormatError
from securedata.keys import format as key_format
from securedata.keys.service_keys import ServiceKeys
from securedata_classroom import causes, raised
from securedata_classroom.line import BrokenLineError, Json, Line
from securedata_classroom.values import decoded, encoded, plain_state
from securedata_lab.judging.attempts import Elsewhere, UnjudgedError
from securedata_lab.judging.engine import SECONDS
from securedata_lab.judging.interpreter import called_elsewhere
from securedata_lab.lesson07_secure_store.store import Rows
from securedata_lab.twins.twin import Twin

WALL_SECONDS = 90  # for one call
NO_ANSWER = "it sent something that is no answer"
LATE = (
    f"expected an answer after {SECONDS} s of processor time, got none; is there an endless loop?"
)


class Judge:
    """Hands the judge's values to the student's process, and makes objects of what comes back.

    >>> from securedata_lab.judging.interpreter import is_stub, names_in
    >>> judge = Judge(socket.socketpair()[0])
    >>> judge.built({"t": [1, {"b": "61"}]})
    (1, b'a')
    >>> facts = {"d": [["is_stub", True], ["names_in", {"s": ["pad"]}]]}
    >>> my_pad = judge.built({"f": 1, "facts": facts})
    >>> is_stub(my_pad), names_in(my_pad)
    (True, {'pad'})
    """

    def __init__(self, other: socket.socket) -> None:
        self.line = Line(other, self._answered)
        self.left = float(SECONDS)  # of the student's processor time, for this exercise
        self.own_equal = False  # whether an answer had an == of its own
        self.cause = ""  # why the last cell, or a call, has failed
        self._causes = causes.Causes()
        self._handed: list[Any] = []  # kept, so that no other object gets its id()
        self._numbers: dict[int, int] = {}  # by id()
        self._raised: list[BaseException] = []
        self._classes: dict[int, type[Any]] = {}

    def run(self, source: str, seconds: float, wall_seconds: float) -> Json | None:
        """Run a cell in the student's process. Returns its exception as JSON, or None.

        Raises:
            BrokenLineError: it sent something else.
        """
        request = {"do": "run", "source": source, "seconds": seconds}
        error = self.line.ask(request, wall_seconds).get("error")
        if error is None or isinstance(error, dict):
            self.cause = self._causes.of(error or {}, source)
            return error
        raise BrokenLineError(NO_ANSWER)

    def get(self, name: str) -> Any:
        """What the student's notebook calls by this name.

        Raises:
            NameError: there is no such name.
            BrokenLineError: it sent a value that cannot be read.
        """
        answer = self.line.ask({"do": "get", "name": name}, WALL_SECONDS)
        if "error" in answer:
            raise NameError(name)
        self.own_equal |= bool(answer.get("own =="))
        return self._value(answer)

    def file(self, name: str) -> bytes | None:
        """A file that the notebook has written, or None."""
        answer = self.line.ask({"do": "file", "name": name}, WALL_SECONDS)
        content = self._value(answer)
        return content if isinstance(content, bytes) else None

    def _value(self, answer: Json) -> Any:
        """What it sent in place of a value may raise anything here, and is no fault of ours."""
        try:
            return self.built(answer.get("value"))
        except Exception:
            raise BrokenLineError(NO_ANSWER) from None

    def called(self, request: Json, arguments: tuple[Any, ...]) -> Any:
        """What a function of the student returns, or raises; with all that a check observes."""
        request |= {"seconds": max(self.left, 0.01), "arguments": self._sent(list(arguments))}
        answer = called_elsewhere(lambda asked: self.line.ask(request | asked, WALL_SECONDS))
        self.left -= float(answer.get("used", 0))
        if answer.get("late"):
            self.cause = causes.LOOPED
            raise UnjudgedError(LATE)
        if "error" in answer:
            self.cause = self.cause or self._causes.of(answer["error"])
            number = answer["error"][raised.NUMBER]
            if isinstance(number, int) and 0 <= number < len(self._raised):
                raise self._raised[number]
            raise raised.rebuilt(answer["error"], self.built)
        return self.built(answer["value"])

    # What goes to the student's process.

    def _sent(self, value: Any) -> Any:
        return encoded(value, self._described)

    def _described(self, value: Any) -> Json:
        if isinstance(value, os.PathLike):
            return {"p": str(value), "content": Path(value).read_bytes().hex()}
        if isinstance(value, ServiceKeys):  # of a check's own store: they protect nothing else
            return {"keys": key_format.encode(value).decode()}
        if isinstance(value, Rows):
            return {"rows": self.number(value.get)}
        if callable(value) and not isinstance(value, Twin):
            return {"f": self.number(value)}
        return {"o": type(value).__name__}

    def number(self, value: Any) -> int:
        """By what number the student's process knows this object."""
        number = self._numbers.setdefault(id(value), len(self._handed))
        if number == len(self._handed):
            self._handed.append(value)
        return number

    def _answered(self, request: Json) -> Json:
        """What the student's process may ask during a call: our functions."""
        try:
            function = self._handed[request["id"]]
            arguments, named = self.built(request["arguments"])
            return {"value": self._sent(function(*arguments, **named))}
        except BaseException as error:
            vars(error).setdefault(raised.NUMBER, len(self._raised))
            self._raised.append(error)
            return {"error": raised.described(error, self._sent)}

    # What comes from there.

    def built(self, value: Any) -> Any:
        """The value of what the student's process sent."""
        return decoded(value, self._of_description)

    def _of_description(self, facts: Json) -> Any:
        if "f" in facts:
            request = {"do": "call", "id": facts["f"]}
            return _Answer(self, request, self.built(facts["facts"]))
        if "class" in facts:
            return self._class(facts)
        if "p" in facts:
            return Path(str(facts["p"]))
        self.own_equal |= bool(facts.get("own =="))
        values = {"own_equal": bool(facts.get("own =="))}
        return type(str(facts["o"]), (Elsewhere,), values)(str(facts["repr"]))

    def _class(self, facts: Json) -> type[Any]:
        if facts["kit"] is None:
            return type(str(facts["class"]), (), {"__module__": "__main__"})
        kit = _kit_class(str(facts["kit"]))
        number = facts.get("id")
        if number is not None and number not in self._classes:
            values = self.built(facts["values"])
            for name, its_facts in self.built(facts["methods"]).items():
                request = {"do": "method", "class": number, "name": name}
                values[name] = _Answer(self, request, its_facts, name == "__init__" and kit)
            self._classes[number] = type(str(facts["class"]), (kit,), values)
        return kit if number is None else self._classes[number]


class _Answer:
    """A function of the student's process, or a method, whose instances live with the judge."""

    def __init__(self, judge: Judge, request: Json, facts: Any, base: Any = None) -> None:
        self._judge, self._request, self._base = judge, request, base
        self.facts = facts

    def __get__(self, instance: object, owner: type[Any]) -> Any:
        return self if instance is None else MethodType(self, instance)

    def __call__(self, *arguments: Any) -> Any:
        """Call it there; a method with what is plain in its instance."""
        request = dict(self._request)
        if "class" in request:
            instance, *arguments = arguments  # type: ignore[assignment]
            if self._base:  # of an __init__: the class that makes the rest
                self._base.__init__(instance)
            request["instance"] = self._judge.number(instance)
            request["state"] = plain_state(instance)
        return self._judge.called(request, tuple(arguments))

    def __repr__(self) -> str:
        return f"<function {(self.facts['takes'] or ['something'])[0]}>"


def _kit_class(name: str) -> type[Any]:
    module, _, qualified = name.partition(":")
    if module.startswith("securedata_lab.") and module in sys.modules:
        kind = getattr(sys.modules[module], qualified, None)
        if isinstance(kind, type) and issubclass(kind, Twin):
            return kind
    raise FormatError("it sent a class that is no twin")
