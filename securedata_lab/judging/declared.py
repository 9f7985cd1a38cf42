"""The type that a check declares of an answer, and a sentence on an answer of another type.

A check writes the type where Python has a place for it, in its head, and mypy reads the same:

    def finds_the_name(offset: int) -> str | None: ...
    def pads(my_pad: Callable[[bytes], bytes]) -> str | None: ...
    def numbers(number: Annotated[int, "write the number alone, as in 7"]) -> str | None: ...

`Annotated` brings a better last part of the sentence than ours; a second one is for fractions. No
exercise is known here.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from numbers import Number
from types import UnionType
from typing import Annotated, Any, TypeGuard, Union, get_args, get_origin

from securedata_lab.judging.attempts import UnjudgedError, shown

# The last part of the sentence, by the type that is wanted and the one that came.
WHY: dict[tuple[Any, type], str] = {
    (bytes, int): "the answer must be bytes: n.to_bytes(length, 'big') makes them of an int n",
    (bytes, list): "the answer must be bytes: b''.join(…) makes them of parts, bytes(…) of numbers",
    (bytes, str): (
        "the answer must be bytes: .encode() makes them of a text, bytes.fromhex of hex digits"
    ),
    (bytes, tuple): "the answer must be bytes, and nothing beside them",
    (int, bool): "True and False are no numbers here",
    (int, bytes): "int.from_bytes(…, 'big') makes an int of bytes",
    (int, float): "/ makes a float, also of two ints: // makes an int",
    (int, str): "write the number without quotes",
    (str, list): "take the right item out of the list",
}
OTHERWISE: dict[Any, tuple[str, str]] = {  # what was expected, and the last part for other types
    bool: ("True or False", "the answer is one of these two, without quotes"),
    bytes: ("bytes", "the answer must be bytes"),
    dict: ("a dict", "fill in the one that you were given"),
    int: ("an int", "the answer is one int"),
    list: ("a list", "the answer is a list, in […]"),
    str: ("a text", "write it in quotes"),
}


UNIONS = (Union, UnionType)  # `A | B`, of classes or of other types


class _OtherTypeError(Exception):
    """An answer has another type: what was expected, and perhaps why it came to this."""

    def __init__(self, expected: str, why: str) -> None:
        self.expected, self.why = expected, why


def as_declared(answer: Any, kind: Any) -> Any:
    """A plain answer as this type: a tuple for a list, or a set for a text of letters, if need be.

    Raises:
        UnjudgedError: it is of another type.

    >>> from typing import Literal
    >>> as_declared(["B", "E"], set[Literal["A", "B", "C", "D", "E"]]) == {"B", "E"}
    True
    >>> as_declared(3.0, int)
    Traceback (most recent call last):
        ...
    securedata_lab.judging.attempts.UnjudgedError: expected an int, got 3.0; / makes a ...
    """
    kind, *better = get_args(kind) if get_origin(kind) is Annotated else (kind,)
    try:
        return _FORMS.get(get_origin(kind) or kind, _instance)(answer, kind)
    except _OtherTypeError as other:
        why = better[is_fraction(answer) and len(better) - 1] if better else other.why
        raise UnjudgedError(f"expected {other.expected}, got {shown(answer)}; {why}") from None


def is_int(value: object) -> TypeGuard[int]:
    """Whether it is a whole number, and no True or False.

    >>> is_int(2), is_int(True), is_int(2.0)
    (True, False, False)
    """
    return isinstance(value, int) and not isinstance(value, bool)


def is_fraction(value: object) -> bool:
    """Whether it is a float, a Fraction or a Decimal.

    >>> is_fraction(2.0), is_fraction(2)
    (True, False)
    """
    return isinstance(value, Number) and not isinstance(value, int)


def may_be(special: object, kind: Any) -> bool:
    """Whether a type allows None, or `...`, besides an answer.

    >>> may_be(None, int | None), may_be(None, int)
    (True, False)
    """
    return get_origin(kind) in UNIONS and type(special) in get_args(kind)


def _scalar(answer: Any, kind: Any) -> Any:
    if isinstance(answer, kind) and (kind is not int or is_int(answer)):
        return answer
    expected, why = OTHERWISE[kind]
    raise _OtherTypeError(expected, WHY.get((kind, type(answer)), why))


def _list(answer: Any, kind: Any) -> Any:
    if not isinstance(answer, (list, tuple, Iterator)):
        raise _OtherTypeError(*OTHERWISE[list])
    return [as_declared(it, *get_args(kind)) for it in answer]


def _tuple(answer: Any, kind: Any) -> Any:
    kinds = get_args(kind)
    if not isinstance(answer, (list, tuple)) or len(answer) != len(kinds):
        raise _OtherTypeError(f"{len(kinds)} values", f"all {len(kinds)} belong to it: (…, …)")
    return tuple(as_declared(it, one) for it, one in zip(answer, kinds, strict=True))


def _dict(answer: Any, kind: Any) -> Any:
    """Each value as its type; of a `Literal`, all keys must be there."""
    keys, value_kind = get_args(kind)
    names = get_args(keys)
    expected = f"a dict with {_range(names)}" if names else "a dict"
    if not isinstance(answer, dict) or not set(names) <= set(answer):
        raise _OtherTypeError(expected, "one value for each: fill in the one that you were given")
    for name in names:
        answer[name] = _value(answer[name], value_kind, name)
    return answer


def _value(value: Any, kind: Any, name: str) -> Any:
    if value is ... or value is None:
        raise UnjudgedError(f"expected a value for {name}, got {value}; {name} is still empty")
    try:
        return as_declared(value, kind)
    except UnjudgedError as error:
        raise UnjudgedError(str(error).replace(", got ", f" for {name}, got ", 1)) from None


def _letters(answer: Any, kind: Any) -> set[str]:
    """A set of a `Literal`'s letters; also from a text such as "b and e"."""
    letters = get_args(*get_args(kind))
    if isinstance(answer, str):
        answer = set(answer.lower().replace("and", "").upper()) - set(", ")
    such_as = f"such as {{{letters[0]!r}, {letters[1]!r}}}"
    if not isinstance(answer, (set, frozenset, list, tuple)):
        raise _OtherTypeError("a set of letters", such_as)
    chosen = {str(it).upper() for it in answer}
    if not chosen <= set(letters):
        raise _OtherTypeError("a set of letters", f"the letters are {_range(letters)}: {such_as}")
    return chosen


def _class(answer: Any, kind: Any) -> Any:
    (base,) = get_args(kind)
    if isinstance(answer, type) and issubclass(answer, base):
        return answer
    why = f"begin with class …({base.__name__}), and hand the class over, without brackets"
    raise _OtherTypeError(f"a class made from {base.__name__}", why)


def _union(answer: Any, kind: Any) -> Any:
    first, *others = get_args(kind)
    return answer if type(answer) in others else as_declared(answer, first)


def _instance(answer: Any, kind: Any) -> Any:
    if kind is Any or isinstance(answer, kind):
        return answer
    why = "hand over what the kit's function returned, unchanged"
    raise _OtherTypeError(f"an object of type {kind.__name__}", why)


def _range(names: Sequence[str]) -> str:
    letters = all(len(name) == 1 for name in names)
    return f"{names[0]} to {names[-1]}" if letters else ", ".join(names)


_FORMS: dict[Any, Callable[[Any, Any], Any]] = {
    **dict.fromkeys((bool, bytes, int, str), _scalar),
    **dict.fromkeys((list, Sequence, Iterable), _list),
    **dict.fromkeys((dict, Mapping), _dict),
    set: _letters,
    tuple: _tuple,
    type: _class,
    **dict.fromkeys(UNIONS, _union),
}
