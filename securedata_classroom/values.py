"""Values on their way between the student's process and the judge's: plain ones, as JSON.

A value that is not plain crosses as a description. What a description becomes on the other side is
decided there: see `Student` in student_process.py and `Judge` in remote.py.
"""

import dataclasses
import operator
import sys
import types
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import islice
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from securedata.certificates.issuing import Certified
from securedata.errors import FormatError
from securedata.record import Header, SealedRecord
from securedata_lab.basics.small_dsa import Domain, Signed
from securedata_lab.judging.attempts import HONEST
from securedata_lab.judging.powers import Base, Exponent
from securedata_lab.lesson02_aes_gcm.small_gcm import SmallRow
from securedata_lab.lesson02_aes_gcm.unknown_banks import UnknownBank
from securedata_lab.lesson05_tls_certificates.card import Card, Proof
from securedata_lab.lesson06_tls_on_the_wire.days import StolenKey
from securedata_lab.lesson06_tls_on_the_wire.old_shop import Counted
from securedata_lab.lesson08_break_it_fix_it.auditing.duel import DuelVault
from securedata_lab.twins.twin import Row
from securedata_lab.wire.fields import Field
from securedata_lab.wire.record_layer import Record

Encoded = Any  # what json makes of it
Describe = Callable[[Any], Encoded]
Build = Callable[[dict[str, Any]], Any]

# The kit's own records of plain fields.
RECORDS: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        Row,
        Signed,
        SmallRow,
        UnknownBank,
        StolenKey,
        DuelVault,
        Domain,
        Certified,
        Card,
        Proof,
        Record,
        Field,
        Header,
        SealedRecord,
    )
}
# Each field with its default: a value that is the default is not sent.
_FIELDS = {
    name: [(field.name, field.default) for field in dataclasses.fields(kind)]
    for name, kind in RECORDS.items()
}
# Numbers of the checks that refuse a power that would take for ever.
CAREFUL: dict[str, type[int]] = {"Base": Base, "Counted": Counted, "Exponent": Exponent}
SMALL = 2**53
DEEPEST = 50
MOST_ITEMS = 100_000


def encoded(value: Any, describe: Describe, depth: int = 0) -> Encoded:
    """A value as JSON. Of a subclass of a plain type only the plain value is taken.

    >>> encoded((1, b"a", {"k": {2.5}}), describe=repr)
    {'t': [1, {'b': '61'}, {'d': [['k', {'s': [2.5]}]]}]}
    """
    kind = type(value)
    if value is None or kind is bool or kind is str or kind is float:
        return value
    if kind is int:
        return value if -SMALL < value < SMALL else {"i": hex(value)}
    if kind is bytes:
        return {"b": value.hex()}
    if depth > DEEPEST:
        raise FormatError("a value that holds others, too deep")
    for plain, encode in _PLAIN:
        if isinstance(value, plain):
            return encode(value, lambda item: encoded(item, describe, depth + 1))
    if kind.__name__ in RECORDS and kind is RECORDS[kind.__name__]:
        parts = {
            name: encoded(part, describe, depth + 1)
            for name, default in _FIELDS[kind.__name__]
            if (part := getattr(value, name)) is not default
        }
        return {"k": kind.__name__, "v": parts}
    if _is_number_of_a_library(value):
        return {"i": hex(operator.index(value))}
    return describe(value)


def _is_number_of_a_library(value: object) -> bool:
    return hasattr(type(value), "__index__") and not isinstance(value, type)


def _careful(value: int, _: Describe) -> Encoded:
    number = hex(int.__int__(value))
    name = next((name for name, kind in CAREFUL.items() if type(value) is kind), None)
    return {"i": number} if name is None else {"i": number, "as": name}


def _items(kind: str, iterate: Callable[[Any], Any]) -> Callable[[Any, Describe], Encoded]:
    return lambda value, encode: {kind: [encode(item) for item in iterate(value)]}


# Methods of the plain type itself: what a subclass overrides is not called.
_PLAIN: tuple[tuple[Any, Callable[[Any, Describe], Encoded]], ...] = (
    (type(...), lambda value, encode: {"e": 1}),
    (bool, lambda value, encode: value),
    (int, _careful),
    (float, lambda value, encode: float.__pos__(value)),
    (str, lambda value, encode: str.__str__(value)),
    (bytes, lambda value, encode: {"b": bytes.hex(value)}),
    (bytearray, lambda value, encode: {"ba": bytearray.hex(value)}),
    (memoryview, lambda value, encode: {"b": value.hex()}),
    (list, _items("l", list.__iter__)),
    (tuple, _items("t", tuple.__iter__)),
    (set, _items("s", set.__iter__)),
    (frozenset, _items("fs", frozenset.__iter__)),
    (
        dict,
        lambda value, encode: {"d": [[encode(key), encode(it)] for key, it in dict.items(value)]},
    ),
    (complex, lambda value, encode: {"c": [value.real, value.imag]}),
    (Fraction, lambda value, encode: {"q": [hex(value.numerator), hex(value.denominator)]}),
    (Decimal, lambda value, encode: {"dec": str(value)}),
    (date, lambda value, encode: {"date": value.isoformat()}),
    (x509.Certificate, lambda value, encode: {"x": value.public_bytes(Encoding.DER).hex()}),
    (x509.Name, lambda value, encode: {"xn": value.rfc4514_string()}),
    (
        (types.GeneratorType, map, filter, zip, Iterator),
        _items("it", lambda value: islice(value, MOST_ITEMS)),
    ),
)


def decoded(value: Encoded, build: Build) -> Any:
    """The value of what `encoded` made. `build` makes something of a description.

    Raises:
        FormatError: this is not what `encoded` makes.

    >>> decoded(encoded((1, b"a", {"k": {2.5}}), repr), build=dict)
    (1, b'a', {'k': {2.5}})
    """
    try:
        return _decoded(value, build)
    except (ArithmeticError, LookupError, TypeError, ValueError, RecursionError):
        raise FormatError("it sent a value that cannot be read") from None


def _decoded(value: Encoded, build: Build) -> Any:
    if not isinstance(value, (dict, list)):
        return value
    if not isinstance(value, dict):
        raise FormatError("a list alone is no value")
    kind = next(iter(value), "")  # the first key
    if kind in _DECODED:
        return _DECODED[kind](value[kind], lambda item: _decoded(item, build), value)
    return build(value)


def _integer(text: str, _: Describe, whole: dict[str, Any]) -> int:
    number = int(text, 16)
    return CAREFUL[whole["as"]](number) if "as" in whole else number


def _record(name: str, decode: Describe, whole: dict[str, Any]) -> Any:
    return RECORDS[name](**{str(key): decode(part) for key, part in whole["v"].items()})


_DECODED: dict[str, Callable[[Any, Describe, dict[str, Any]], Any]] = {
    "i": _integer,
    "b": lambda text, decode, whole: bytes.fromhex(text),
    "ba": lambda text, decode, whole: bytearray.fromhex(text),
    "l": lambda items, decode, whole: [decode(it) for it in items],
    "t": lambda items, decode, whole: tuple(decode(it) for it in items),
    "s": lambda items, decode, whole: {decode(it) for it in items},
    "fs": lambda items, decode, whole: frozenset(decode(it) for it in items),
    "it": lambda items, decode, whole: iter([decode(it) for it in items]),
    "d": lambda pairs, decode, whole: {decode(key): decode(it) for key, it in pairs},
    "e": lambda one, decode, whole: ...,
    "c": lambda parts, decode, whole: complex(*parts),
    "q": lambda parts, decode, whole: Fraction(*(int(part, 16) for part in parts)),
    "dec": lambda text, decode, whole: Decimal(text),
    "date": lambda text, decode, whole: date.fromisoformat(text),
    "x": lambda text, decode, whole: x509.load_der_x509_certificate(bytes.fromhex(text)),
    "xn": lambda text, decode, whole: x509.Name.from_rfc4514_string(text),
    "k": _record,
}


def plain_state(instance: object) -> Encoded:
    """The public attributes of an object that are plain values.

    >>> plain_state(Row(b"a", b"", b""))["d"][0]
    ['nonce', {'b': '61'}]
    """
    pairs = []
    for name, value in vars(instance).items():
        if not name.startswith("_"):
            with suppress(FormatError):
                pairs.append([name, encoded(value, _refused)])
    return {"d": pairs}


def _refused(_: object) -> Encoded:
    raise FormatError("not plain")


def own_equal(value: object) -> bool:
    """Whether the class of a value decides in Python what it is equal to.

    >>> own_equal(5), own_equal(Row(b"", b"", b""))
    (False, False)
    """
    for kind in type(value).__mro__:
        if "__eq__" in vars(kind):
            equal = vars(kind)["__eq__"]
            return isinstance(equal, types.FunctionType) and not _is_of_the_kit(kind)
    return False


def _is_of_the_kit(kind: type) -> bool:
    module = sys.modules.get(kind.__module__)
    name = kind.__module__.partition(".")[0]
    return name in HONEST and getattr(module, kind.__name__, None) is kind
