"""The attack on exercise 3.5: it looks for two rows of a twin with the same signed bytes.

It does not know how a twin frames its parts: it only calls signed_bytes and compares.
"""

from collections.abc import Iterable, Iterator
from itertools import combinations, product

from securedata.lab.checks.engine import shown
from securedata.lab.twins.signed_twin import SignedTwin
from securedata.lab.twins.twin import Row

PARTS = ("nonce", "ciphertext", "tag")
PLAIN = Row(b"NNNNNNNNNNNN", b"any ciphertext", b"TTTTTTTTTTTTTTTT")

Shape = tuple[int, int, int]  # lengths of nonce, ciphertext and tag
Pattern = list[int]  # a byte that is always there, or ~0, ~1, ~2 for one of the three parts


def second_reading(twin: SignedTwin) -> str | None:
    """Two rows with the same signed bytes, in words; or None if it finds no such rows.

    >>> from securedata.lab.twins.flaws import Unframed
    >>> second_reading(Unframed())[:60]
    'expected one reading, got rows of [12, 0, 1] and [12, 1, 0] '
    >>> second_reading(SignedTwin())
    """
    for rows in _suspects(twin):
        seen: dict[bytes, Row] = {}
        for row in rows:
            signed = signed_or_none(twin, row)
            other = row if signed is None else seen.setdefault(signed, row)
            if other != row:
                return _two_readings(twin, other, row)
    return None


def signed_or_none(twin: SignedTwin, row: Row) -> bytes | None:
    """What the twin signs for a row, or None if it takes no such row."""
    try:
        return bytes(memoryview(twin.signed_bytes(row)))
    except Exception:  # a twin that refuses a row does not read it in two ways
        return None


def _suspects(twin: SignedTwin) -> Iterator[Iterable[Row]]:
    """Rows that may be signed alike: laid over each other, of special bytes, of one byte."""
    yield from _overlaid(twin, [(12, i, j) for i, j in product(range(18), repeat=2)])
    yield from _overlaid(twin, [(i, j, 16) for i, j in product(range(18), repeat=2)])
    yield from _overlaid(twin, [(i, j, k) for i, j, k in product(range(5), repeat=3)])
    for low, high in ((0, 256), (255, 256), (0, 65_536), (65_535, 65_536)):
        yield from _overlaid(twin, [(12, low, high), (12, high, low)])
    # 10 and 100: a number of two digits, and one of three, in decimal and in hex
    for base, digits in [*product((10, 16), range(1, 4)), (10, 4)]:
        low, high = base**digits, base ** (digits + 1)
        yield from _overlaid(twin, [(12, low, high), (12, high, low)])
    yield (Row(*(b"N" * n for n in shape)) for shape in product(range(5), repeat=3))
    texts = [bytes(text) for n in range(4) for text in product(_special(twin), repeat=n)]
    yield (Row(b"N" * 12, one, two) for one, two in product(texts, texts))
    yield (Row(one, two, b"T" * 16) for one, two in product(texts, texts))
    for filler in [*filter(None, _gaps(twin, PLAIN)), *(bytes([value]) for value in range(256))]:
        runs = [filler * n for n in range(7)]
        yield (Row(b"N" * 12, one, two) for one, two in product(runs, runs))
        yield (Row(one, two, b"T" * 16) for one, two in product(runs, runs))


def _overlaid(twin: SignedTwin, shapes: Iterable[Shape]) -> Iterator[Iterable[Row]]:
    """Pairs of rows that agree wherever one of them has bytes that the attacker cannot choose."""
    by_length: dict[int, list[tuple[Shape, Pattern]]] = {}
    for shape in shapes:
        pattern = _pattern(twin, shape)
        if pattern is not None:
            by_length.setdefault(len(pattern), []).append((shape, pattern))
    for patterns in by_length.values():
        for (_, one), (_, two) in combinations(patterns, 2):
            if all(a == b or a < 0 or b < 0 for a, b in zip(one, two, strict=True)):
                merged = [max(a, b, 0) for a, b in zip(one, two, strict=True)]
                yield [_read(merged, one), _read(merged, two)]


def _pattern(twin: SignedTwin, shape: Shape) -> Pattern | None:
    """What the twin signs for parts of these lengths, if it contains the parts unchanged."""
    low, high = (
        signed_or_none(twin, Row(*(bytes([first + n]) * length for n, length in enumerate(shape))))
        for first in (0xA0, 0xB0)
    )
    if low is None or high is None or len(low) != len(high):
        return None
    pattern = [a if a == b else ~(a - 0xA0) for a, b in zip(low, high, strict=True)]
    return pattern if all(pattern.count(~n) == length for n, length in enumerate(shape)) else None


def _read(signed: list[int], pattern: Pattern) -> Row:
    return Row(
        *(bytes(b for b, p in zip(signed, pattern, strict=True) if p == ~n) for n in range(3))
    )


def _special(twin: SignedTwin) -> list[int]:
    """Bytes that the twin adds: those for some texts only, such as an escape, and separators."""
    added = []
    for value in range(256):
        row = Row(b"N", bytes([value]), b"T")
        added.append(set(signed_or_none(twin, row) or b"") - {ord("N"), value, ord("T")})
    always = set.intersection(*added)
    sometimes = set.union(*added) - always
    return [*sorted(sometimes)[:2], *sorted(always)[:2]]


def _separators(twin: SignedTwin) -> list[bytes]:
    """The constant bytes between the parts that can also occur inside a part."""
    first, second, *_ = [*_gaps(twin, PLAIN), b"", b""]
    pairs = {
        first: (Row(first, b"", b"T"), Row(b"", first, b"T")),
        second: (Row(b"N", second, b""), Row(b"N", b"", second)),
    }
    return [gap for gap, (one, two) in pairs.items() if gap and _alike(twin, one, two)]


def _alike(twin: SignedTwin, one: Row, two: Row) -> bool:
    return signed_or_none(twin, one) == signed_or_none(twin, two) is not None


def _gaps(twin: SignedTwin, row: Row) -> list[bytes]:
    parts = [row.nonce, row.ciphertext, row.tag]
    signed = signed_or_none(twin, row) or b""
    places = [signed.find(part) for part in parts]
    if -1 in places:
        return []
    return [signed[places[n] + len(parts[n]) : places[n + 1]] for n in range(2)]


def _two_readings(twin: SignedTwin, one: Row, two: Row) -> str:
    moved = [part for part in PARTS if getattr(one, part) != getattr(two, part)]
    shapes = [[len(row.nonce), len(row.ciphertext), len(row.tag)] for row in (one, two)]
    longest = max(max(shape) for shape in shapes)
    separators = _separators(twin)
    if len(moved) == 1:
        why = f"{moved[0]} is not signed as it is: two of its values are signed alike"
    elif separators:
        why = f"{shown(separators[0])} can occur inside a part, too"
    elif longest > 99:
        why = f"a length such as {longest} outgrows its room: its digits or bytes do not suffice"
    elif any(gap[-1:].isdigit() for gap in _gaps(twin, PLAIN)):
        why = "a length needs an end of its own: 1 and then 1… reads like 11"
    else:
        why = f"bytes can move between {', '.join(moved)}: mark where each part ends"
    return f"expected one reading, got rows of {shapes[0]} and {shapes[1]} bytes alike; {why}"
