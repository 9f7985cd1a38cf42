"""The attack on exercise 3.3: it looks for two slips with the same signed bytes.

It does not know how a student writes the texts: it only calls their function and compares.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import combinations, combinations_with_replacement, permutations, product

from securedata_lab.judging.engine import shown

NAMES = ("first name", "second name", "amount", "memo")
FILLER = ord("x")  # where any letter will do
SHORT = 16  # letters of a text
LARGE = 1000  # letters: so long a text may be refused
LAST = 2  # the last place that has a neighbour
PLAIN = ["Kim", "Eve", "7", "31 bottles"]
# Two texts each that careless rules write alike.
ALIKE = [
    *(("7", "07"), ("7", "7 "), ("7", " 7"), ("Eve", "eve"), ("Zoé", "Zoè"), ("a b", "a  b")),
    *(("Eve", "xve"), ("Eve", "Evx"), ("Eve", "Evex"), ("Eve", "xEve")),
]
SEPARATORS = [*map(chr, range(128)), "||", "--", "::", ";;", "..", "  ", ", ", " | ", " - ", "\r\n"]
# Neighbours that are written alike by `f"{len(text)}{text}"` and `f"{text}{len(text)}"`, where 1
# and 1… reads like 11; and by CRC-32, since that of aevs9az is 0, like that of no letters.
RUN_TOGETHER = [
    ("1", "xxxxxxxxx2zz", "12xxxxxxxxx", "zz"),
    ("zz2xxxxxxxxx", "1", "zz", "xxxxxxxxx12"),
    ("aevs9azaevs9az", "x", "aevs9az", "aevs9azx"),
]
# Lengths where a number gets another digit, or another byte. The last four outgrow four digits and
# five: texts of 10,000 and 0 letters are then written like texts of 1,000 and 9,001.
GROWING = [
    *((10, 100), (16, 256), (100, 1000), (0, 256), (0, 65_536)),
    *((10_000, 0), (1000, 9001), (100_000, 0), (10_000, 90_001)),
]
MARKED = ("QXJV", "WZGY")  # a letter for each text, twice

Texts = list[str]
Rule = Callable[[Texts], bytes]
Shape = tuple[int | None, ...]  # how long each text is; None: it is the plain one
Pattern = list[int]  # a byte that is always there, or ~n for one of the n-th text


def second_reading(rule: Rule) -> str | None:
    """Two slips with the same signed bytes, in words; or a slip that is refused; or None.

    >>> second_reading(lambda texts: "|".join(texts).encode())[-39:]
    "alike; '|' can stand inside a text, too"
    >>> second_reading(lambda texts: repr(texts).encode())
    """
    for slips in _suspects(rule):
        seen: dict[bytes, Texts] = {}
        for slip in slips:
            signed = signed_or_none(rule, slip)
            if signed is None and (refused := refusal(rule, slip)):
                return refused
            other = slip if signed is None else seen.setdefault(signed, slip)
            if other != slip:
                return _in_words(rule, other, slip)
    return None


def signed_or_none(rule: Rule, texts: Texts) -> bytes | None:
    """What is signed for these texts, or None if the rule refuses them."""
    try:
        return bytes(memoryview(rule([*texts])))
    except Exception:
        return None


def refusal(rule: Rule, slip: Texts) -> str | None:
    """What to say if the rule refuses a slip, unless that has a very long text."""
    try:
        memoryview(rule([*slip]))
    except Exception as error:
        if max(map(len, slip)) <= LARGE:
            what = f"{type(error).__name__}: {error}"[:80]
            too_large = "range(0, 256)" in what or "too big" in what
            why = "one byte counts to 255" if too_large else "every text must be signed"
            return f"expected bytes for {_texts(slip)}, got {what}; {why}"
    return None


def _with(place: int, one: str, two: str) -> Texts:
    """The plain slip with two other neighbours."""
    return [*PLAIN[:place], one, two, *PLAIN[place + 2 :]]


def _suspects(rule: Rule) -> Iterator[Iterable[Texts]]:
    """Slips that may be signed alike."""
    for pair, place in product(ALIKE, range(4)):
        yield [[*PLAIN[:place], text, *PLAIN[place + 1 :]] for text in pair]
    yield [["Kim", "Zoë", "7", ""], [*PLAIN[:3], 300 * "x"]]
    for moved in [*map(list, permutations(PLAIN)), *sorted(_splits("".join(PLAIN)), key=_distance)]:
        yield [PLAIN, moved]
    for place in range(LAST + 1):
        gaps = [_gap(rule, place), *SEPARATORS]
        moves = [(f"a{gap}b", "c", "a", f"b{gap}c") for gap in gaps if gap]
        for one, two, three, four in moves + RUN_TOGETHER:
            yield [_with(place, one, two), _with(place, three, four)]
        sizes = [*product(range(18), range(18)), *GROWING, *((b, a) for a, b in GROWING)]
        yield from _overlaid(rule, [_neighbours(place, *it) for it in sizes])
    yield from _overlaid(rule, product(range(4), repeat=4))  # ends that move together
    letters = _special(rule)  # at one place: what a rule writes there, it writes elsewhere, too
    texts = ["".join(text) for n in range(4) for text in product(letters, repeat=n)]
    yield (_with(LAST, one, two) for one, two in product(texts, texts))


def _splits(text: str) -> list[Texts]:
    """All four texts that are this one, joined."""
    return [
        [text[:a], text[a:b], text[b:c], text[c:]]
        for c, b, a in combinations_with_replacement(range(len(text), -1, -1), 3)
    ]


def _distance(slip: Texts) -> tuple[list[bool], int]:
    """Which texts differ from the plain ones, and by how many letters."""
    changed = [a != b for a, b in zip(slip, PLAIN, strict=True)]
    return changed, sum(abs(len(a) - len(b)) for a, b in zip(slip, PLAIN, strict=True))


def _neighbours(place: int, one: int, two: int) -> Shape:
    return tuple({place: one, place + 1: two}.get(n) for n in range(4))


def _overlaid(rule: Rule, shapes: Iterable[Shape]) -> Iterator[Iterable[Texts]]:
    """Pairs of slips that agree wherever one of them has bytes that nobody can choose."""
    by_length: dict[int, list[tuple[Shape, Pattern]]] = {}
    for shape in shapes:
        pattern = _pattern(rule, shape)
        if pattern is not None:
            by_length.setdefault(len(pattern), []).append((shape, pattern))
    for patterns in by_length.values():
        for one, two in combinations(patterns, 2):
            pairs = [*zip(one[1], two[1], strict=True)]
            if all(a == b or a < 0 or b < 0 for a, b in pairs):
                merged = [max(a, b) if max(a, b) >= 0 else FILLER for a, b in pairs]
                yield [_read(merged, *one), _read(merged, *two)]


def _pattern(rule: Rule, shape: Shape) -> Pattern | None:
    """What is signed for texts of these lengths, if it contains them unchanged."""
    marked = [
        [
            plain if n is None else letter * n
            for plain, letter, n in zip(PLAIN, it, shape, strict=True)
        ]
        for it in MARKED
    ]
    low, high = (signed_or_none(rule, texts) for texts in marked)
    if low is None or high is None or len(low) != len(high):
        return None
    marks = {ord(letter): ~n for n, letter in enumerate(MARKED[0])}
    pattern = [a if a == b else marks.get(a, 0) for a, b in zip(low, high, strict=True)]
    return pattern if all(pattern.count(~n) == (it or 0) for n, it in enumerate(shape)) else None


def _read(signed: list[int], shape: Shape, pattern: Pattern) -> Texts:
    return [
        PLAIN[n]
        if it is None
        else bytes(b for b, p in zip(signed, pattern, strict=True) if p == ~n).decode("latin-1")
        for n, it in enumerate(shape)
    ]


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


def _in_words(rule: Rule, one: Texts, two: Texts) -> str:
    place, *_, last = 2 * [n for n in range(4) if one[n] != two[n]]
    gap = _gap(rule, min(place, LAST))
    pairs = (f"a{gap}b", "c"), ("a", f"b{gap}c")
    signed = {signed_or_none(rule, _with(min(place, LAST), *it)) for it in pairs}
    short, long = (
        signed_or_none(rule, [*PLAIN[:place], it, *PLAIN[place + 1 :]]) or b"" for it in ("Q", "ZZ")
    )
    if last == place and b"ZZ" in long and len(short) == len(long):
        why = "what fills a text up can stand in it, too: where does the text end?"
    elif last == place and short == long != b"":
        why = f"the {NAMES[place]} is not in it: sign all four texts"
    elif last == place:
        why = f"sign each {NAMES[place]} as it is written"
    elif gap and len(signed) == 1:
        why = f"{shown(gap)} can stand inside a text, too"
    elif sorted(one) == sorted(two) == sorted(PLAIN):
        why = "each text needs a place of its own"
    elif gap[-1:] == "\0":
        why = "bytes(3) is three zeros, not the number 3"
    elif max(map(len, [*one, *two])) > 99:
        why = "a length outgrows its room: its digits or bytes do not suffice"
    elif gap[-1:].isdigit() or (signed_or_none(rule, ["Q", "X", "QQ", "XX"]) or b"")[:4].isdigit():
        why = "a length needs an end of its own: 1 beside another 1 reads like 11"
    elif last > place + 1:
        why = "ends can move together: where does each text end?"
    else:
        why = f"letters can move between {NAMES[place]} and {NAMES[last]}: where does one end?"
    return f"expected one reading, got {_texts(one)} and {_texts(two)} signed alike; {why}"


def _texts(slip: Texts) -> str:
    """All texts of a slip, but for the long ones."""
    return ", ".join(repr(it) if len(it) <= SHORT else f"{len(it)} letters" for it in slip)
