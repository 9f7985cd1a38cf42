"""What a student hands over: whether it is an attempt, and its plain value.

A check compares plain values only. An object may decide itself what it is equal to, so a subclass
of int, bytes or str loses its own operators here, and other such objects are refused.
"""

import operator
import re
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from types import FunctionType, WrapperDescriptorType
from typing import Any

from securedata_lab.basics.one_sentence import OneSentence
from securedata_lab.judging.interpreter import globals_of, is_stub

SHOWN_LENGTH = 40
# Packages with an == in Python that means equal: a number's, and the kit's own.
HONEST = ("fractions", "securedata", "securedata_lab", "securedata_classroom")


class NotAttemptedError(Exception):
    """The stub is still there: an answer, or what a function returned, is None or `...`."""


class UnjudgedError(OneSentence, Exception):
    """The answer has nothing that could be judged; the message is what the check says.

    Outside a check, a huge power raises it. A notebook shows its sentence, and no traceback.
    """


class ReturnedNoneError(UnjudgedError):
    """A function returned None, and is more than the stub."""


class Elsewhere:
    """What stands for an object of another process that is no plain value.

    >>> Elsewhere("<a dog>")
    <a dog>
    """

    own_equal = False  # whether its class decides in Python what it is equal to

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


@dataclass
class Attempt:
    """What is known of the answers that a thread judges."""

    met_stub: bool = False  # `given` met one, even if the check caught what it raised
    values: dict[str, bytes] = field(default_factory=dict)  # by what `shown` made of them
    returns: dict[int, Any] = field(default_factory=dict)  # a function's declared type, by id()
    called: set[str] | None = None  # by answers; None if nobody wants to know


class _Here(threading.local):
    """A check runs in a thread of its own, so each attempt begins with nothing."""

    def __init__(self) -> None:
        self.attempt = Attempt()


_here = _Here()


def this_attempt() -> Attempt:
    """What is known of the attempt that this thread judges.

    >>> before = this_attempt()
    >>> shown(b"pay 0100")
    "b'pay 0100'"
    >>> before.values["b'pay 0100'"]
    b'pay 0100'
    """
    return _here.attempt


def given(answer: Any) -> Any:
    """The answer as a plain value, unless the stub is still there.

    bytearray and memoryview become bytes. Functions, classes and objects of the kit stay as they
    are.

    Raises:
        NotAttemptedError: the answer is None or `...`.
        UnjudgedError: the answer's class decides itself what it is equal to.

    >>> given(...)
    Traceback (most recent call last):
        ...
    securedata_lab.judging.attempts.NotAttemptedError
    >>> given([bytearray(b"ab"), True, {"k": 2}])
    [b'ab', True, {'k': 2}]
    """
    if answer is None or answer is ...:
        this_attempt().met_stub = True
        raise NotAttemptedError
    return _plain(answer)


def is_empty(answer: object) -> bool:
    """Whether the stub is still there: `...`, also as each value of a dict, or a function of it.

    >>> is_empty(...), is_empty(lambda text: None), is_empty(0)
    (True, True, False)
    """
    if type(answer) is dict:
        return bool(answer) and all(map(is_empty, answer.values()))
    return answer is None or answer is ... or (callable(answer) and is_stub(answer))


def shown(value: object) -> str:
    """A value as it may stand in a line: short, whatever it is. Noise is written in hex.

    >>> shown("a" * 100)
    "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…"
    >>> shown(b"pay 0100"), shown(bytes(range(120, 136)))
    ("b'pay 0100'", '78797a7b7c7d7e7f8081828384858687')
    """
    try:
        text = value.hex() if _is_noise(value) else repr(value)  # type: ignore[attr-defined]
    except Exception as error:
        text = f"something whose repr raises {type(error).__name__}"
    if len(text) > SHOWN_LENGTH:
        # Never half of an escape such as \x0b.
        text = re.sub(r"\\(x.?|u.{0,3}|U.{0,7})?$", "", text[: SHOWN_LENGTH - 1]) + "…"
    if type(value) is bytes:
        this_attempt().values[text] = value
    return text


def shown_error(error: BaseException) -> str:
    """What an exception says, if it can.

    >>> shown_error(ValueError("no"))
    'no'
    """
    try:
        return str(error)
    except Exception:
        return ""


def compared(expected: bytes, got: bytes) -> str:
    """`expected …, got …`, beginning near the first difference of two long byte strings.

    >>> compared(b"a" * 50 + b"b", b"a" * 50 + b"c")
    "expected b'aaaab', got b'aaaac' from byte 46 on"
    """
    pairs = zip(expected, got, strict=False)
    shortest = min(len(expected), len(got))
    first = next((place for place, (a, b) in enumerate(pairs) if a != b), shortest)
    start = max(first - 4, 0) if max(len(expected), len(got)) > SHOWN_LENGTH // 4 else 0
    where = f" from byte {start} on" if start else ""
    return f"expected {shown(expected[start:])}, got {shown(got[start:])}{where}"


def _is_noise(value: object) -> bool:
    """Bytes of which a quarter or more are no printable ASCII."""
    if type(value) is not bytes:
        return False
    return sum(not 32 <= byte < 127 for byte in value) * 4 >= len(value) > 0


def _plain(answer: Any) -> Any:
    """The same value, of exactly the built-in type: what a subclass overrides is not called."""
    kind = type(answer)
    if kind in (bool, type(None)):
        return answer
    for built_in, plain in _PLAIN.items():
        if issubclass(kind, built_in):
            return plain(answer)
    return _object(answer, kind)


# How a value of each built-in type, or of a subclass, is read by the built-in's own method.
_PLAIN: dict[type, Callable[[Any], Any]] = {
    int: int.__int__,
    float: float.__pos__,
    str: str.__str__,
    bytes: lambda it: bytes.__getitem__(it, slice(None)),
    bytearray: lambda it: bytes(bytearray.__getitem__(it, slice(None))),
    memoryview: memoryview.tobytes,
    list: lambda it: [_plain(item) for item in list.__iter__(it)],
    tuple: lambda it: tuple(_plain(item) for item in tuple.__iter__(it)),
    dict: lambda it: {_plain(key): _plain(value) for key, value in dict.items(it)},
    set: lambda it: {_plain(item) for item in set.__iter__(it)},
    frozenset: lambda it: frozenset(_plain(item) for item in frozenset.__iter__(it)),
}


def _object(answer: Any, kind: type) -> Any:
    """Anything else: an integer of another library as an int, and no class with an == of its own.

    Raises:
        UnjudgedError: the class has such an ==.
    """
    if hasattr(kind, "__index__"):
        with suppress(TypeError):  # an array has one, too
            return int.__int__(operator.index(answer))
    equal = kind.__eq__
    if issubclass(kind, Elsewhere):
        honest = not answer.own_equal
    elif isinstance(equal, FunctionType):
        honest = globals_of(equal)["__name__"].partition(".")[0] in HONEST
    else:
        honest = isinstance(equal, WrapperDescriptorType)  # of a class that is written in C
    if not honest:
        raise UnjudgedError(
            f"expected a plain value, got an object of {kind.__name__}; its class decides itself "
            "what it is equal to: hand over a number, bytes or a text"
        )
    return answer
