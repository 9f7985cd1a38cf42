"""The attack on exercise 3.3: it looks for two slips with the same signed bytes.

It does not know how a student writes the texts: it only calls their function and compares.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import combinations, product

from securedata.lab.checks.engine import shown

NAMES = ("debtor", "creditor", "amount", "memo")
FILLER = ord("0")  # where any letter will do
SHORT = 14  # letters of a text
LAST = 2  # the last place that has a neighbour
PLAIN = ["Kim", "Eve", "7", "31 bottles"]
SEPARATORS = [*map(chr, range(128)), "||", "--", "::", ";;", "..", "  ", ", ", " | ", " - ", "\r\n"]
# As `f"{len(text)}{text}"` and `f"{text}{len(text)}"` write them, where 1 and 1… reads like 11.
RUN_TOGETHER = [
    ("1", "xxxxxxxxx2zz", "12xxxxxxxxx", "zz"),
    ("zz2xxxxxxxxx", "1", "zz", "xxxxxxxxx12"),
]

Texts = list[str]
Rule = Callable[[Texts], bytes]
Pattern = list[int]  # a byte that is always there, or ~0, ~1 for one of two neighbours


def second_reading(rule: Rule) -> str | None:
    """Two slips with the same signed bytes, in words; or None if it finds no such slips.

    >>> second_reading(lambda texts: "|".join(texts).encode())[-39:]
    "alike; '|' can stand inside a text, too"
    >>> second_reading(lambda texts: repr(texts).encode())
    """
    for place in range(LAST + 1):
        for slips in _suspects(rule, place):
            seen: dict[bytes, Texts] = {}
            for slip in slips:
                signed = signed_or_none(rule, slip)
                other = slip if signed is None else seen.setdefault(signed, slip)
                if other != slip:
                    return _in_words(rule, place, other, slip)
    return None


def signed_or_none(rule: Rule, texts: Texts) -> bytes | None:
    """What is signed for these texts, or None if the rule refuses them."""
    try:
        return bytes(memoryview(rule([*texts])))
    except Exception:  # a rule that refuses a slip does not read it in two ways
        return None


def _with(place: int, one: str, two: str) -> Texts:
    """The plain slip with two other neighbours."""
    return [*PLAIN[:place], one, two, *PLAIN[place + 2 :]]


def _suspects(rule: Rule, place: int) -> Iterator[Iterable[Texts]]:
    """Slips that may be signed alike; two neighbours differ."""
    yield [_with(place, "7", "31"), _with(place, "73", "1"), _with(place, "731", "")]
    gap = _gap(rule, place)
    for separator in [gap, *SEPARATORS] if gap else SEPARATORS:
        yield [_with(place, f"a{separator}b", "c"), _with(place, "a", f"b{separator}c")]
    for one, two, three, four in RUN_TOGETHER:
        yield [_with(place, one, two), _with(place, three, four)]
    yield from _overlaid(rule, place, product(range(18), range(18)))
    # 10, 100 and 256: a number gets another digit, or another byte
    for low, high in [(10, 100), (16, 256), (100, 1000), (0, 256), (0, 65_536)]:
        yield from _overlaid(rule, place, [(low, high), (high, low)])
    if place == LAST:  # what a rule writes there, it writes elsewhere, too
        letters = _special(rule)
        texts = ["".join(text) for n in range(4) for text in product(letters, repeat=n)]
        yield (_with(place, one, two) for one, two in product(texts, texts))


def _overlaid(
    rule: Rule, place: int, shapes: Iterable[tuple[int, int]]
) -> Iterator[Iterable[Texts]]:
    """Pairs of slips that agree wherever one of them has bytes that nobody can choose."""
    by_length: dict[int, list[Pattern]] = {}
    for shape in shapes:
        pattern = _pattern(rule, place, shape)
        if pattern is not None:
            by_length.setdefault(len(pattern), []).append(pattern)
    for patterns in by_length.values():
        for one, two in combinations(patterns, 2):
            if all(a == b or a < 0 or b < 0 for a, b in zip(one, two, strict=True)):
                pairs = zip(one, two, strict=True)
                merged = [max(a, b) if max(a, b) >= 0 else FILLER for a, b in pairs]
                yield [_read(place, merged, one), _read(place, merged, two)]


def _pattern(rule: Rule, place: int, shape: tuple[int, int]) -> Pattern | None:
    """What is signed for neighbours of these lengths, if it contains both unchanged."""
    pairs = [[letter * n for letter, n in zip(it, shape, strict=True)] for it in ("QX", "WZ")]
    low, high = (signed_or_none(rule, _with(place, *pair)) for pair in pairs)
    if low is None or high is None or len(low) != len(high):
        return None
    marks = {ord("Q"): ~0, ord("X"): ~1}
    pattern = [a if a == b else marks.get(a, 0) for a, b in zip(low, high, strict=True)]
    return pattern if [pattern.count(~0), pattern.count(~1)] == [*shape] else None


def _read(place: int, signed: list[int], pattern: Pattern) -> Texts:
    texts = (
        bytes(b for b, p in zip(signed, pattern, strict=True) if p == ~n).decode("latin-1")
        for n in range(2)
    )
    return _with(place, *texts)


def _special(rule: Rule) -> list[str]:
    """Letters that the rule writes itself: separators, and escapes for some letters only."""
    added = []
    for letter in map(chr, range(32, 127)):
        signed = signed_or_none(rule, _with(LAST, "K", letter)) or b""
        added.append(set(signed.decode("latin-1")) - {letter} - set("".join(PLAIN)))
    always = set.intersection(*added)
    sometimes = set.union(*added) - always
    return ["a", *sorted(sometimes)[:2], *sorted(always)[:2]][:4]


def _gap(rule: Rule, place: int) -> str:
    """What stands between two neighbours."""
    signed = signed_or_none(rule, _with(place, "QQQ", "XXX")) or b""
    _, _, behind = signed.partition(b"QQQ")
    gap, found, _ = behind.partition(b"XXX")
    return gap.decode("latin-1") if found else ""


def _in_words(rule: Rule, place: int, one: Texts, two: Texts) -> str:
    pairs = [f"{_short(it[place])}, {_short(it[place + 1])}" for it in (one, two)]
    gap = _gap(rule, place)
    moved = [_with(place, f"a{gap}b", "c"), _with(place, "a", f"b{gap}c")]
    signed = {signed_or_none(rule, it) for it in moved}
    if gap and len(signed) == 1:
        why = f"{shown(gap)} can stand inside a text, too"
    elif gap[-1:] == "\0":
        why = "bytes(3) is three zeros, not the number 3"
    elif max(map(len, [*one, *two])) > 99:
        why = "a length outgrows its room: its digits or bytes do not suffice"
    elif gap[-1:].isdigit():
        why = "a length needs an end of its own: 1 and then 1… reads like 11"
    else:
        why = f"letters can move between {NAMES[place]} and {NAMES[place + 1]}: where does one end?"
    return f"expected one reading, got {pairs[0]} and {pairs[1]} signed alike; {why}"


def _short(text: str) -> str:
    return repr(text) if len(text) <= SHORT else f"{text[:SHORT]!r}…"
