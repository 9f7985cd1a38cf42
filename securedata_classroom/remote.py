"""Stand-ins in the judge's process for what a student made: checks use them like the real objects.

A check calls a function, looks at the names in its code, asks whether it is a stub, listens to what
it calls, counts its lines, and stops the clock. A `_Function` is called, and answers all that, for
a function of another process. The checks know nothing of it.
"""

import inspect
import keyword
import os
import random
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType, SimpleNamespace
from typing import Any

from securedata.errors import FormatError
from securedata.keys import format as key_format
from securedata.keys.service_keys import ServiceKeys
from securedata_classroom import raised
from securedata_classroom.line import BrokenLineError, Json, Line
from securedata_classroom.values import decoded, encoded
from securedata_lab.judging.attempts import UnjudgedError
from securedata_lab.judging.engine import SECONDS
from securedata_lab.lesson07_secure_store.diary import Rows
from securedata_lab.twins.twin import Twin

MOST_STEPS = 60_000  # lines of Python, more than any check counts
MOST_NAMES = 300
WALL_SECONDS = 90  # for one call
NO_ANSWER = "it sent something that is no answer"


class Judge:
    """Hands the judge's values to the student's process, and makes objects of what comes back.

    >>> from securedata_lab.judging.interpreter import is_stub, names_in, returns_a_value
    >>> judge = Judge(reader=0, writer=1)
    >>> judge.built({"t": [1, {"b": "61"}]})
    (1, b'a')
    >>> my_pad = judge.built({"f": 1, "name": "my_pad", "stub": True})
    >>> is_stub(my_pad), names_in(judge.built({"f": 2, "names": ["pad"]}))
    (True, {'pad'})
    >>> returns_a_value(judge.built({"f": 3, "names": ["pad"], "returns": True}))
    True
    """

    def __init__(self, reader: int, writer: int) -> None:
        self.line = Line(reader, writer, self._answered)
        self.left = float(SECONDS)  # of the student's processor time, for this exercise
        self.own_equal = False  # whether an answer had an == of its own
        self._handed: dict[int, Any] = {}
        self._ids: dict[int, int] = {}
        self._classes: dict[int, type[Any]] = {}

    def run(self, source: str, seconds: float, wall_seconds: float) -> Json | None:
        """Run a cell in the student's process. Returns its exception as JSON, or None.

        Raises:
            BrokenLineError: it sent something else.
        """
        request = {"do": "run", "source": source, "seconds": seconds}
        error = self.line.ask(request, wall_seconds).get("error")
        if error is None or isinstance(error, dict):
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
        sent = [encoded(it, self._described) for it in arguments]
        watch, trace = sys.getprofile(), sys.gettrace()
        request |= {
            "arguments": sent,
            "seconds": max(self.left, 0.01),
            "watch": watch is not None,
            "steps": None if trace is None else MOST_STEPS,
            "now": None if isinstance(time.time_ns, BuiltinFunctionType) else time.time_ns(),
        }
        sys.setprofile(None)
        sys.settrace(None)
        try:
            answer = self.line.ask(request, WALL_SECONDS)
        finally:
            sys.setprofile(watch)
        self.left -= float(answer.get("used", 0))
        for name in answer.get("called", ())[:10_000]:
            _note(watch, str(name))
        for _ in range(min(int(answer.get("steps", 0)), MOST_STEPS) if trace else 0):
            trace(sys._getframe(), "line", None)  # type: ignore[misc]
        sys.settrace(trace)
        if answer.get("late"):
            words = f"expected an answer after {SECONDS} s of processor time, got none"
            raise UnjudgedError(f"{words}; is there an endless loop?")
        if "error" in answer:
            raise self._raised(answer["error"])
        return self.built(answer["value"])

    def _raised(self, facts: Json) -> BaseException:
        own = raised.returned(facts)
        if own is not None:
            return own
        return raised.placed(raised.rebuilt(facts, self.built), facts.get("place"))

    # What goes to the student's process.

    def _described(self, value: Any) -> Json:
        if isinstance(value, os.PathLike):
            return {"p": str(value), "content": Path(value).read_bytes().hex()}
        if isinstance(value, ServiceKeys):  # of a check's own store: they protect nothing else
            return {"keys": key_format.encode(value).decode()}
        if isinstance(value, Rows):
            return {"rows": self._number(value.get)}
        if callable(value) and not isinstance(value, Twin):
            return {"f": self._number(value)}
        return {"o": type(value).__name__}

    def _number(self, value: Any) -> int:
        number = self._ids.setdefault(id(value), len(self._ids) + 1)
        self._handed[number] = value
        return number

    def _answered(self, request: Json) -> Json:
        """What the student's process may ask during a call: our functions, and our twins."""
        try:
            return {"value": encoded(self._asked(request), self._described)}
        except BaseException as error:
            facts = raised.described(error, lambda it: encoded(it, self._described))
            return {"error": facts | raised.numbered(error)}

    def _asked(self, request: Json) -> Any:
        arguments = [decoded(it, self.built) for it in request["arguments"]]
        what = request["do"]
        if what == "call":
            named = {str(k): decoded(it, self.built) for k, it in request.get("named", {}).items()}
            return self._handed[request["id"]](*arguments, **named)
        instance, name = self._handed[request["instance"]], str(request["name"])
        if not isinstance(instance, Twin) or name.startswith("_"):
            raise AttributeError(name)
        value = getattr(instance, name)
        if what == "instance method" and isinstance(value, MethodType):
            return value(*arguments)
        if what != "attribute" or callable(value) or not _is_plain(value):
            raise AttributeError(name)
        return value

    # What comes from there.

    def built(self, value: Any) -> Any:
        """The value of what the student's process sent."""
        return decoded(value, self._of_description)

    def _of_description(self, facts: Json) -> Any:
        if "f" in facts:
            return _Function(self, int(facts["f"]), facts)
        if "class" in facts:
            return self._class(facts)
        if "p" in facts:
            return Path(str(facts["p"]))
        if "o" in facts:
            return self._object(facts)
        raise FormatError("it sent a value that cannot be read")

    def _class(self, facts: Json) -> type[Any]:
        if facts["kit"] is None:
            return type(_identifier(facts["class"]), (), {"__module__": "__main__"})
        kit = _kit_class(facts["kit"])
        if "id" not in facts:
            return kit
        if facts["id"] not in self._classes:
            number = int(facts["id"])
            values = {str(name): self.built(it) for name, it in facts["values"].items()}
            methods = {
                str(name): _Method(self, number, str(name), it)
                for name, it in facts["methods"].items()
            }
            if "__init__" in methods:
                methods["__init__"].base = kit
            self._classes[number] = type(_identifier(facts["class"]), (kit,), values | methods)
        return self._classes[facts["id"]]

    def instance_number(self, instance: object) -> int:
        """By what number the student's process may ask for this instance."""
        return self._number(instance)

    def _object(self, facts: Json) -> Any:
        """Something that stands for an object which is no plain value."""
        self.own_equal |= bool(facts.get("own =="))
        if facts.get("kit"):
            return object.__new__(_kit_class(facts["kit"]))
        words = str(facts.get("repr"))
        names: Json = {"__repr__": lambda self: words, "__module__": "__main__"}
        if facts.get("digest"):
            names["digest"] = None
        if facts.get("own =="):
            # As a check sees it: an == in Python that is not the kit's.
            never = (lambda self, other: False).__code__
            names |= {"__eq__": FunctionType(never, {"__name__": "__main__"}), "__hash__": None}
        return type(_identifier(facts["o"]), (), names)()


class _Function:
    """A function of the student's process, and what is known of its code."""

    def __init__(self, judge: Judge, number: int, facts: Json) -> None:
        self._judge, self._number = judge, number
        self.__name__ = _identifier(facts.get("name"))
        self.__code__ = _code(facts)
        self.__globals__ = dict.fromkeys(map(str, facts.get("cells", ())))
        signature = _signature(facts.get("parameters"))
        if signature is not None:
            self.__signature__ = signature

    def __call__(self, *arguments: Any) -> Any:
        """Call it there."""
        return self._judge.called({"do": "call", "id": self._number}, arguments)

    def __repr__(self) -> str:
        return f"<function {self.__name__}>"


class _Method:
    """A method of a student's class. Its instances live with the judge, its code does not."""

    base: type[Any] | None = None  # of an __init__: the class that makes the rest

    def __init__(self, judge: Judge, number: int, name: str, facts: Json) -> None:
        self._judge, self._number, self.__name__ = judge, number, name
        self.__code__ = _code(facts)
        self.__globals__ = dict.fromkeys(map(str, facts.get("cells", ())))
        signature = _signature(facts.get("parameters"))
        if signature is not None:
            self.__signature__ = signature

    def __get__(self, instance: object, owner: type[Any]) -> Any:
        return self if instance is None else MethodType(self, instance)

    def __call__(self, instance: Any, *arguments: Any) -> Any:
        """Call it there, with something that stands for the instance as `self`."""
        if self.base is not None:
            self.base.__init__(instance)
        number = self._judge.instance_number(instance)
        request = {"do": "method", "class": self._number, "instance": number, "name": self.__name__}
        return self._judge.called(request, arguments)


def _kit_class(name: Any) -> type[Any]:
    module, _, qualified = str(name).partition(":")
    if module.startswith("securedata_lab.") and module in sys.modules:
        kind = getattr(sys.modules[module], qualified, None)
        if isinstance(kind, type) and issubclass(kind, Twin):
            return kind
    raise FormatError("it sent a class that is no twin")


def _is_plain(value: Any) -> bool:
    def refuse(_: Any) -> Any:
        raise FormatError("not plain")

    try:
        encoded(value, refuse)
    except FormatError:
        return False
    return True


def _note(profile: Any, name: str) -> None:
    """Tell a check that listens to calls of one that was made in the other process."""
    if profile is None:
        return
    module, _, last = name.rpartition(".")
    frame = SimpleNamespace(f_globals={"__name__": module}, f_code=SimpleNamespace(co_name=last))
    if name == "random.Random":
        profile(frame, "c_call", SimpleNamespace(__self__=random.Random()))  # noqa: S311
    else:
        profile(frame, "call", None)


def _identifier(name: Any) -> str:
    name = str(name)[:60]
    return name if name.isidentifier() and not keyword.iskeyword(name) else "something"


def _identifiers(names: Any) -> list[str]:
    found = [str(it) for it in list(names or ())[:MOST_NAMES]]
    return [it for it in found if it.isidentifier() and not keyword.iskeyword(it)]


def _code(facts: Json) -> CodeType:
    """Code that nobody runs, in which the same names stand, and which is a stub if it is one."""
    outer = _identifiers(facts.get("outer"))
    others = [it for it in _identifiers(facts.get("names")) if it not in outer]
    count = facts.get("takes")
    parameters = [f"_{n}" for n in range(min(count, 50) if isinstance(count, int) else 0)]
    body = [*outer, *(f"_.{name}" for name in others)] if not facts.get("stub") else []
    lines = ["_ = 0", *body] if body else ["..."]
    source = f"def f({', '.join(parameters)}):\n " + "\n ".join(lines)
    if facts.get("returns") or not (facts.get("stub") or body):
        source += "\n return 0"
    (code,) = (it for it in compile(source, "", "exec").co_consts if isinstance(it, CodeType))
    return code


def _signature(parameters: Any) -> inspect.Signature | None:
    if not isinstance(parameters, list):
        return None
    kinds = [*inspect._ParameterKind]
    with suppress(LookupError, TypeError, ValueError):
        return inspect.Signature(
            [
                inspect.Parameter(
                    str(name), kinds[int(kind)], default=None if has_default else inspect._empty
                )
                for name, kind, has_default in parameters[:50]
            ]
        )
    return None
