"""What a student hands over: whether it is an attempt, and its plain value.

A check compares plain values only. An object may decide itself what it is equal to, so a subclass
of int, bytes or str loses its own operators here, and other such objects are refused.
"""

import inspect
import operator
import re
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from types import FunctionType, WrapperDescriptorType
from typing import Any, TextIO

from securedata.lab.answers.interpreter import globals_of, is_stub

SHOWN_LENGTH = 40
HONEST = ("fractions", "securedata")  # modules with an == in Python that means equal


class NotAttemptedError(Exception):
    """The stub is still there: an answer, or what a function returned, is None or `...`."""


class UnjudgedError(Exception):
    """The answer has nothing that could be judged; the message is what the check says."""


class ReturnedNoneError(UnjudgedError):
    """A function returned None, and is more than the stub."""


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
    securedata.lab.answers.attempts.NotAttemptedError
    >>> given([bytearray(b"ab"), True, {"k": 2}])
    [b'ab', True, {'k': 2}]
    """
    if answer is None or answer is ...:
        _here.met_stub = True
        raise NotAttemptedError
    return _plain(answer)


def returned(function: Any, *arguments: Any) -> Any:
    """What a student's function returns, as `given` has it; None is no attempt only from a stub.

    Raises:
        NotAttemptedError: the function is the stub.
        ReturnedNoneError: the function returned None.
        UnjudgedError: the function returned what `given` refuses, or it takes another number of
            arguments.

    >>> returned(pow, 2, 3)
    8
    >>> returned([].append, 5)
    Traceback (most recent call last):
        ...
    securedata.lab.answers.attempts.ReturnedNoneError: expected an answer, got None for 5; ...
    """
    given(function)
    _must_take(function, arguments)
    with _heard() as heard:
        answer = function(*arguments)
    if answer is None and not is_stub(function):
        why = (
            "it printed, and returned None: write return instead of print"
            if heard
            else "it returned None: end with return"
        )
        raise ReturnedNoneError(f"expected an answer, got None for {_listed(arguments)}; {why}")
    return given(answer)


def _must_take(function: Any, arguments: tuple[Any, ...]) -> None:
    """Refuse a function that cannot be called with so many arguments.

    Raises:
        UnjudgedError: it takes more or fewer.
    """
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # a function that is written in C may have none
        return
    try:
        signature.bind(*arguments)
    except TypeError:
        many = "1 argument" if len(arguments) == 1 else f"{len(arguments)} arguments"
        head = f"{getattr(function, '__name__', 'a function')}{signature}"
        raise UnjudgedError(
            f"expected a function that takes {many}, got {head}; "
            "write its first line as it was given"
        ) from None


def _listed(arguments: tuple[Any, ...]) -> str:
    return shown(arguments[0]) if len(arguments) == 1 else shown(arguments)


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
    _remember(text, value)
    return text


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


@contextmanager
def remembered() -> Iterator[dict[str, bytes]]:
    """The byte strings that `shown` shortens in this thread, by what it made of them.

    >>> with remembered() as values:
    ...     _ = shown(b"pay 0100")
    >>> values
    {"b'pay 0100'": b'pay 0100'}
    """
    _here.values = values = dict[str, bytes]()
    _here.met_stub = False
    try:
        yield values
    finally:
        del _here.values


def met_stub() -> bool:
    """Whether `given` met a stub in this thread, even if the judge caught what it raised."""
    return bool(_here.met_stub)


_here = threading.local()


def _remember(text: str, value: object) -> None:
    if type(value) is bytes and hasattr(_here, "values"):
        _here.values[text] = value


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
    if issubclass(kind, int):
        return int.__int__(answer)
    if issubclass(kind, float):
        return float.__pos__(answer)
    if issubclass(kind, str):
        return str.__str__(answer)
    if issubclass(kind, bytes):
        return bytes.__getitem__(answer, slice(None))
    if issubclass(kind, bytearray):
        return bytes(bytearray.__getitem__(answer, slice(None)))
    if kind is memoryview:
        return answer.tobytes()
    return _plain_collection(answer, kind)


def _plain_collection(answer: Any, kind: type) -> Any:
    if issubclass(kind, list):
        return [_plain(item) for item in list.__iter__(answer)]
    if issubclass(kind, tuple):
        return tuple(_plain(item) for item in tuple.__iter__(answer))
    if issubclass(kind, dict):
        return {_plain(key): _plain(value) for key, value in dict.items(answer)}
    if issubclass(kind, set):
        return {_plain(item) for item in set.__iter__(answer)}
    if issubclass(kind, frozenset):
        return frozenset(_plain(item) for item in frozenset.__iter__(answer))
    return _object(answer, kind)


def _object(answer: Any, kind: type) -> Any:
    """Anything else: an integer of another library as an int, and no class with an == of its own.

    Raises:
        UnjudgedError: the class has such an ==.
    """
    if hasattr(kind, "__index__"):
        return int.__int__(operator.index(answer))
    equal = kind.__eq__
    if isinstance(equal, FunctionType):
        honest = globals_of(equal)["__name__"].partition(".")[0] in HONEST
    else:
        honest = isinstance(equal, WrapperDescriptorType)  # of a class that is written in C
    if not honest:
        raise UnjudgedError(
            f"expected a plain value, got an object of {kind.__name__}; its class decides itself "
            "what it is equal to: hand over a number, bytes or a text"
        )
    return answer


class _Ear:
    """Standard output while a student's function runs: it passes all on, and notes that it did."""

    def __init__(self, out: TextIO) -> None:
        self.out = out
        self.heard = list[str]()
        self._thread = threading.current_thread()

    def write(self, text: str) -> int:
        if threading.current_thread() is self._thread and not self.heard:
            self.heard.append(text)
        return self.out.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.out, name)


# A loop that is given up ends while the main thread prints, and `print` only borrows sys.stdout:
# Python crashes if the object is freed meanwhile.
_ears = deque[_Ear](maxlen=100)


@contextmanager
def _heard() -> Iterator[list[str]]:
    """What is printed meanwhile, in this thread; it is printed all the same."""
    ear = _Ear(sys.stdout)
    _ears.append(ear)
    sys.stdout = ear
    try:
        yield ear.heard
    finally:
        if sys.stdout is ear:
            sys.stdout = ear.out
