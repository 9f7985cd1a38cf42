"""Exceptions on their way between the student's process and the judge's.

An exception of Python, of the kit or of a library that checks know comes out as what it was. Any
other becomes an exception of the same name.
"""

import builtins
import ssl
import traceback
from collections.abc import Callable
from typing import Any

import requests

from securedata import errors
from securedata_lab.judging import attempts
from securedata_lab.wire import errors as wire_errors

Json = dict[str, Any]
MOST_LETTERS = 500
PASSED_ON = "_passed_on"  # an attribute of an exception that the judge has raised

_modules = (builtins, errors, attempts, wire_errors)
KNOWN: dict[str, type[BaseException]] = {
    name: kind
    for module in _modules
    for name, kind in vars(module).items()
    if isinstance(kind, type) and issubclass(kind, BaseException)
}
KNOWN |= {"SSLError": ssl.SSLError, "ConnectionError": requests.ConnectionError}


class _PassedOn:
    """Exceptions that the judge's own functions raised, by number: they come back as they were."""

    def __init__(self) -> None:
        self.raised: list[BaseException] = []


_passed_on = _PassedOn()


def described(error: BaseException, encode: Callable[[Any], Any]) -> Json:
    """An exception as JSON: its name, its arguments, and where in a cell it was raised."""
    arguments = [encode(it) for it in error.args if isinstance(it, (str, int, bytes))]
    whole = arguments if len(arguments) == len(error.args) else [str(error)]
    facts: Json = {"name": _known(type(error)), "arguments": whole, "text": _text(error)}
    if number := getattr(error, PASSED_ON, None):
        facts["passed on"] = number
    own = [it for it in traceback.walk_tb(error.__traceback__) if _is_own(it[0].f_globals)]
    if own:
        frame, line = own[-1]
        facts["place"] = [frame.f_code.co_name, line - frame.f_code.co_firstlineno]
    return facts


def numbered(error: BaseException) -> Json:
    """What to add to `described` so that this very exception comes back: for the judge.

    >>> error = ValueError("no")
    >>> returned(numbered(error)) is error
    True
    """
    _passed_on.raised.append(error)
    return {"passed on": len(_passed_on.raised)}


def returned(facts: Json) -> BaseException | None:
    """The exception that `numbered` had sent, if this is the one: for the judge."""
    number = facts.get("passed on")
    if isinstance(number, int) and 0 < number <= len(_passed_on.raised):
        return _passed_on.raised[number - 1]
    return None


def rebuilt(facts: Json, decode: Callable[[Any], Any]) -> BaseException:
    """An exception like the one that `described` had.

    >>> rebuilt(described(KeyError("a"), encode=str), decode=str)
    KeyError('a')
    """
    name = str(facts.get("name"))
    kind: Any = KNOWN.get(name) or type(name if name.isidentifier() else "Error", (Exception,), {})
    try:
        error: BaseException = kind(*(decode(it) for it in facts["arguments"]))
    except Exception:  # it takes other arguments
        error = type(kind.__name__, (Exception,), {})(str(facts.get("text"))[:MOST_LETTERS])
    if "passed on" in facts:
        setattr(error, PASSED_ON, facts["passed on"])
    return error


def placed(error: BaseException, place: Any) -> BaseException:
    """The exception, raised in a function of this name, at this line: a check names both.

    >>> error = placed(ValueError("no"), ["my_pad", 2])
    >>> [(it.name, it.lineno) for it in traceback.extract_tb(error.__traceback__)][-1]
    ('my_pad', 3)
    """
    if not (isinstance(place, list) and len(place) == 2):
        return error
    name, line = str(place[0]), min(max(int(place[1]), 1), 1000)
    source = f"def raise_it(error):{chr(10) * line}  raise error"
    namespace: Json = {"__name__": "__main__"}
    exec(source, namespace)  # noqa: S102  # our own words: the name is put in below
    raise_it = namespace["raise_it"]
    raise_it.__code__ = raise_it.__code__.replace(co_name=name)
    try:
        raise_it(error)
    except BaseException as raised:
        return raised
    return error


def _known(kind: type[BaseException]) -> str:
    """The name of the nearest exception that is known; else its own name."""
    if kind.__module__ == "__main__":
        return kind.__name__
    if issubclass(kind, ssl.SSLError):
        return "SSLError"
    if issubclass(kind, requests.ConnectionError):
        return "ConnectionError"
    return kind.__name__


def _text(error: BaseException) -> str:
    try:
        return str(error)[:MOST_LETTERS]
    except Exception:
        return ""


def _is_own(names: Json) -> bool:
    return names.get("__name__") == "__main__"
