"""Exceptions on their way between the student's process and the judge's.

An exception of Python, of the kit or of a library that checks know comes out as what it was. Any
other becomes an exception of the same name.
"""

import builtins
import ssl
from collections.abc import Callable
from typing import Any

import requests

from securedata import errors
from securedata_lab.judging import attempts
from securedata_lab.judging.interpreter import PLACE, place_in_a_cell
from securedata_lab.wire import errors as wire_errors

Json = dict[str, Any]
MOST_LETTERS = 500
NUMBER = "passed on"  # an attribute of an exception that the judge has raised
LIBRARIES = (ssl.SSLError, requests.ConnectionError)
KNOWN: dict[str, type[BaseException]] = {
    name: kind
    for module in (builtins, errors, attempts, wire_errors)
    for name, kind in vars(module).items()
    if isinstance(kind, type) and issubclass(kind, BaseException)
} | {kind.__name__: kind for kind in LIBRARIES}


def described(error: BaseException, encode: Callable[[Any], Any]) -> Json:
    """An exception as JSON: its name, its arguments, and where in a cell it was raised."""
    plain = all(isinstance(it, (str, int, bytes)) for it in error.args)
    library = next((it for it in LIBRARIES if isinstance(error, it)), type(error))
    text = attempts.shown_error(error)[:MOST_LETTERS]
    return {
        "name": library.__name__,
        "arguments": [encode(it) for it in (error.args if plain else [text])],
        "text": text,
        "place": place_in_a_cell(error),
        NUMBER: vars(error).get(NUMBER),
    }


def rebuilt(facts: Json, decode: Callable[[Any], Any]) -> BaseException:
    """An exception like the one that `described` had.

    >>> rebuilt(described(KeyError("a"), encode=str), decode=str)
    KeyError('a')
    """
    name = str(facts["name"])
    kind = KNOWN.get(name) or type(name, (Exception,), {})
    try:
        error: BaseException = kind(*(decode(it) for it in facts["arguments"]))
    except Exception:  # it takes other arguments
        error = type(name, (Exception,), {})(str(facts["text"]))
    vars(error)[NUMBER] = facts[NUMBER]
    if facts["place"]:
        name, line = facts["place"]
        vars(error)[PLACE] = str(name), int(line)
    return error
