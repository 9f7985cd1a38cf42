"""What students hand over becomes a plain value, and no object decides what it is equal to."""

from collections import namedtuple
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction
from typing import Any
from unittest import mock

import numpy
import pytest
from Crypto.Math.Numbers import Integer

from securedata_lab.judging.attempts import UnjudgedError, compared, given, shown
from securedata_lab.twins.twin import Row


def liar(kind: Any, *content: Any) -> Any:
    """An object of a subclass that says it is equal to everything, and anything else."""

    def lie(self: Any, *others: Any) -> Any:
        return True

    hooks = ("__eq__", "__iter__", "__getitem__", "__index__", "__bytes__", "__buffer__", "__int__")
    lies = {**dict.fromkeys((*hooks, "items", "hex", "decode"), lie), "__hash__": kind.__hash__}
    return type("Liar", (kind,), lies)(*content)


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal, and of the same types all the way down."""
    return type(one) is type(other) and repr(one) == repr(other)


@pytest.mark.parametrize(
    ("answer", "plain"),
    [
        (True, True),
        (liar(int, 5), 5),
        (liar(float, 0.5), 0.5),
        (liar(str, "five"), "five"),
        (liar(bytes, b"five"), b"five"),
        (liar(bytearray, b"five"), b"five"),
        (memoryview(b"five"), b"five"),
        (liar(list, [liar(int, 5)]), [5]),
        (liar(tuple, [bytearray(b"5"), "5"]), (b"5", "5")),
        (liar(dict, {"k": liar(int, 5)}), {"k": 5}),
        (liar(set, [liar(str, "a")]), {"a"}),
        (liar(frozenset, [5]), frozenset([5])),
        (namedtuple("Pair", "r s")(1, 2), (1, 2)),
        (IntEnum("Code", "first").first, 1),
        (numpy.int64(5), 5),
        (numpy.array(5), 5),
        (Integer(5), 5),
        (Fraction(1, 2), Fraction(1, 2)),
        (Decimal("0.5"), Decimal("0.5")),
        (Row(b"n", b"c", b"t"), Row(b"n", b"c", b"t")),
        (len, len),
        ([None], [None]),
    ],
    ids=lambda it: type(it).__name__,
)
def test_an_answer_becomes_a_plain_value(answer: object, plain: object) -> None:
    assert same(given(answer), plain)


class AlwaysEqual:
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


@dataclass
class OwnDataclass:
    number: int


class LyingRow(Row):
    __eq__ = AlwaysEqual.__eq__
    __hash__ = None  # type: ignore[assignment]


class CallableEqual:
    __eq__ = mock.MagicMock(return_value=True)
    __hash__ = None  # type: ignore[assignment]


@pytest.mark.parametrize(
    "answer",
    [AlwaysEqual(), OwnDataclass(5), CallableEqual(), mock.ANY, LyingRow(b"", b"", b"")],
)
@pytest.mark.parametrize("inside", [lambda it: it, lambda it: [it], lambda it: {"k": (it,)}])
def test_an_object_that_decides_what_it_equals_is_refused(
    answer: object, inside: Callable[[object], object]
) -> None:
    with pytest.raises(UnjudgedError, match="hand over a number, bytes or a text"):
        given(inside(answer))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"", "b''"),
        (b"name=Ada;role=admin\x0b", "b'name=Ada;role=admin\\x0b'"),
        (bytes(8), "0000000000000000"),
        (b"a" * 37 + b"\x0b", f"b'{'a' * 37}…"),
        (b"a" * 36 + b"\\\x0b", f"b'{'a' * 36}…"),
        ("ä" * 5, "'äääää'"),
    ],
)
def test_noise_is_shown_in_hex_and_no_escape_is_cut(value: object, text: str) -> None:
    assert shown(value) == text


@pytest.mark.parametrize(
    ("expected", "got", "text"),
    [
        (b"abc", b"abd", "expected b'abc', got b'abd'"),
        (b"a" * 24, b"a" * 20, "expected b'aaaaaaaa', got b'aaaa' from byte 16 on"),
        (b"a" * 20, b"b" + b"a" * 19, f"expected b'{'a' * 20}', got b'b{'a' * 19}'"),
    ],
)
def test_long_values_are_compared_where_they_differ(expected: bytes, got: bytes, text: str) -> None:
    assert compared(expected, got) == text
