"""Lesson 04's checks: right answers pass whatever is drawn, wrong ones get a fitting word."""

import hashlib
import hmac
import importlib
import random
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import combinations, count
from typing import Any

import pytest

from securedata.lab import attacks, check, smalldsa, xor
from securedata.lab.attacks import Signed
from securedata.lab.flaws import BiasedK, RepeatedK
from securedata.lab.rfc6979 import secret_number
from securedata.lab.smalldsa import REAL
from securedata.lab.twin import Row, Twin, TwinServer
from securedata.lab.twinclient import TwinClient

# `securedata.lab.checking` is also the name of the object that lessons use.
engine = importlib.import_module("securedata.lab.checking")

RUNS = 2  # what is drawn is drawn anew each time
RUNS_OF_A_LATTICE = 1
P, Q, G = REAL.p, REAL.q, REAL.g


def said(capsys: pytest.CaptureFixture[str], number: str, *answers: object) -> str:
    check(number, *answers)
    printed = capsys.readouterr().out
    assert printed.count("\n") == 1
    assert len(printed) <= engine.LINE_LENGTH, "cut off"
    return printed


def inverse(number: int) -> int:
    return pow(number, -1, Q)


def drawn() -> int:
    return 1 + secrets.randbelow(Q - 1)


def signed(x: int, k: int) -> Signed:
    h = drawn()
    return Signed(h, *smalldsa.sign(REAL, x, h, k))


def outcome(function: Callable[..., object], *arguments: object) -> object:
    """What a function gives, written out: 4.0 is not 4; or what it raises."""
    try:
        answer = function(*arguments)
    except Exception as error:
        return type(error)
    return repr(answer)


def stub(*_: object) -> object: ...


def prints(*_: object) -> None:
    print(end="")


def never_ends(*_: object) -> object:
    while True:
        pass


@pytest.fixture(scope="module")
def twin() -> Iterator[TwinServer]:
    with TwinServer(RepeatedK()) as server:
        yield server


@pytest.mark.parametrize("number", ["4.1", "4.2", "4.3", "4.6"])
def test_a_stub_is_not_attempted(capsys: pytest.CaptureFixture[str], number: str) -> None:
    assert said(capsys, number, stub) == f"{number} not attempted yet\n"


@pytest.mark.parametrize("number", ["4.1", "4.2", "4.3", "4.6"])
def test_an_endless_loop_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, number: str
) -> None:
    monkeypatch.setattr(engine, "SECONDS", 0.2)
    assert "endless loop" in said(capsys, number, never_ends)


# 4.1


def good_key(signed: Signed, k: int, q: int) -> int:
    return (signed.s * k - signed.h) * pow(signed.r, -1, q) % q


@pytest.mark.parametrize(
    "right",
    [
        good_key,
        attacks.key_from_k,
        lambda one, k, q: (one.s * k - one.h) * pow(one.r, q - 2, q) % q,
        lambda one, k, q: (one.h - one.s * k) * pow(-one.r, -1, q) % q,
        lambda one, k, q: (one.s * k * pow(one.r, -1, q) - one.h * pow(one.r, -1, q)) % q,
    ],
)
def test_4_1_a_right_key_passes(
    capsys: pytest.CaptureFixture[str], right: Callable[..., object]
) -> None:
    for _ in range(RUNS):
        assert said(capsys, "4.1", right).startswith("4.1 correct: ")


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        (lambda one, k, q: (one.s * k - one.h) % q, "you have x·r"),
        (lambda one, k, q: one.s * k - one.h, "you have x·r"),
        (lambda one, k, q: (one.s * k - one.h) * one.r % q, "multiplied by r"),
        (lambda one, k, q: -good_key(one, k, q) % q, "that is -x"),
        (lambda one, k, q: -good_key(one, k, q), "that is -x"),
        (lambda one, k, q: (one.s * k - one.h) * inverse(one.r), "not reduced: mod q"),
        (lambda one, k, q: good_key(one, k, q) - q, "not reduced: mod q"),
        (lambda one, k, q: (one.s * k + one.h) * inverse(one.r) % q, "minus, not plus"),
        (lambda one, k, q: (one.s * inverse(k) - one.h) * inverse(one.r) % q, "s·k, not s/k"),
        (lambda one, k, q: (one.s - one.h) * k * inverse(one.r) % q, "k multiplies s alone"),
        (lambda one, k, q: one.s * k * inverse(one.r) % q, "the h is missing"),
        (lambda one, k, q: (one.s * k * inverse(one.r) - one.h) % q, "brackets around s·k - h"),
        (lambda one, k, q: (one.r * k - one.h) * inverse(one.s) % q, "changed places"),
        (lambda one, k, q: (one.s * k - one.h) * inverse(one.s) % q, "not by s"),
        (lambda one, k, q: (one.s * k - one.h) * inverse(k) % q, "not by k"),
        (lambda one, k, q: (one.s * k - one.h) * pow(one.r, -1, P) % q, "not mod p"),
        (lambda one, k, q: (one.s * k - one.h) * inverse(one.r) % P, "not reduced: mod q"),
        (lambda one, k, q: (one.s * k - one.h) // one.r, "// divides integers"),
        (lambda one, k, q: (one.s * k - one.h) / one.r, "you divided real numbers"),
        (lambda one, k, q: (one.s * k - one.h) / one.r % q, "you divided real numbers"),
        (lambda one, k, q: float(good_key(one, k, q)), "you divided real numbers"),
        (lambda one, k, q: k, "that is k"),
        (lambda one, k, q: one.s * k - one.h * inverse(one.r) % q, "solve s·k = h + x·r"),
        (lambda one, k, q: good_key(one, k, q).to_bytes(32, "big"), "one int"),
        (lambda one, k, q: hex(good_key(one, k, q)), "one int"),
        (lambda one, k, q: (good_key(one, k, q), k), "one int"),
        (lambda one, k, q: True, "one int"),
        (lambda one, k, q: good_key(one, k, q) if one.h < one.r else None, "every path must end"),
        (prints, "returned None: "),
        (lambda one, k, q: one["s"] * k, "TypeError"),
        (lambda one, k, q: pow(one.r, -1, 0), "ValueError"),
    ],
)
def test_4_1_a_wrong_key_is_explained(
    capsys: pytest.CaptureFixture[str], wrong: Callable[..., object], word: str
) -> None:
    ks = [drawn() for _ in range(20)]
    cases = [(signed(drawn(), k), k, Q) for k in ks]
    assert any(outcome(wrong, *case) != outcome(good_key, *case) for case in cases)
    printed = said(capsys, "4.1", wrong)
    assert printed.startswith("4.1 not yet: expected ")
    assert word in printed


# 4.2


def good_find(seen: list[Signed]) -> tuple[int, int] | None:
    for i in range(len(seen)):
        for j in range(i + 1, len(seen)):
            if seen[i].r == seen[j].r:
                return i, j
    return None


def by_dictionary(seen: list[Signed]) -> tuple[int, int] | None:
    places: dict[int, int] = {}
    for place, one in enumerate(seen):
        if one.r in places:
            return places[one.r], place
        places[one.r] = place
    return None


def by_taking_away(seen: list[Signed]) -> tuple[int, int] | None:
    size = len(seen)
    while seen:
        last = seen.pop()
        for i, one in enumerate(seen):
            if one.r == last.r:
                return i, len(seen)
    return (size, size)


def comparing(what: Callable[[Signed], object]) -> Callable[[list[Signed]], object]:
    return lambda seen: next(
        ((i, j) for i, j in combinations(range(len(seen)), 2) if what(seen[i]) == what(seen[j])),
        None,
    )


def stops_early(seen: list[Signed]) -> tuple[int, int] | None:
    return good_find(seen[:-1])


def only_neighbours(seen: list[Signed]) -> tuple[int, int] | None:
    for i in range(len(seen) - 1):
        if seen[i].r == seen[i + 1].r:
            return i, i + 1
    return None


def only_the_first(seen: list[Signed]) -> tuple[int, int] | None:
    for j in range(1, len(seen)):
        if seen[j].r == seen[0].r:
            return 0, j
    return None


def never_neighbours(seen: list[Signed]) -> tuple[int, int] | None:
    for i in range(len(seen)):
        for j in range(i + 2, len(seen)):
            if seen[i].r == seen[j].r:
                return i, j
    return None


def with_itself(seen: list[Signed]) -> tuple[int, int] | None:
    for i in range(len(seen)):
        for j in range(len(seen)):
            if seen[i].r == seen[j].r:
                return i, j
    return None


def one_too_far(seen: list[Signed]) -> tuple[int, int] | None:
    for i in range(len(seen)):
        for j in range(i + 1, len(seen) + 1):
            if seen[i].r == seen[j].r:
                return i, j
    return None


def in_sorted_order(seen: list[Signed]) -> tuple[int, int] | None:
    seen.sort(key=lambda one: one.r)
    return good_find(seen)


def returns_too_early(seen: list[Signed]) -> tuple[int, int] | None:
    for i in range(len(seen)):
        for j in range(i + 1, len(seen)):
            return (i, j) if seen[i].r == seen[j].r else None
    return None


@pytest.mark.parametrize(
    "right",
    [
        good_find,
        by_dictionary,
        by_taking_away,
        lambda seen: good_find(seen)[::-1],
        lambda seen: list(by_dictionary(seen)),
        lambda seen: attacks.equal_r(seen)[0],
        comparing(lambda one: one.r),
    ],
)
def test_4_2_a_right_pair_passes(
    capsys: pytest.CaptureFixture[str], right: Callable[..., object]
) -> None:
    for _ in range(RUNS):
        assert said(capsys, "4.2", right).startswith("4.2 correct: ")


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        (comparing(lambda one: one.s), "k alone fixes r; the message changes s"),
        (comparing(lambda one: one.h), "compare the r alone"),
        (comparing(lambda one: one), "compare the r alone"),
        (comparing(lambda one: (one.r, one.s)), "compare the r alone"),
        (stops_early, "also the last"),
        (only_neighbours, "every later one"),
        (only_the_first, "every later one"),
        (never_neighbours, "every later one"),
        (returns_too_early, "every later one"),
        (with_itself, "one signature with itself"),
        (lambda seen: tuple(n + 1 for n in good_find(seen)), "Python counts from 0"),
        (lambda seen: tuple(n - 12 for n in good_find(seen)), "places go from 0 to 11"),
        (lambda seen: tuple(seen[n].r for n in good_find(seen)), "places go from 0 to 11"),
        (
            lambda seen: (good_find(seen)[0], good_find(seen)[1] + 1),
            "their r are not equal",
        ),
        (lambda seen: (3, 7), "their r are not equal"),
        (in_sorted_order, "their r are not equal"),
        (lambda seen: good_find(seen)[0], "return the two places as (i, j)"),
        (lambda seen: attacks.equal_r(seen), "return the two places as (i, j)"),
        (lambda seen: [seen[n] for n in good_find(seen)], "return the two places as (i, j)"),
        (lambda seen: tuple(map(float, good_find(seen))), "return the two places as (i, j)"),
        (lambda seen: {*good_find(seen)}, "return the two places as (i, j)"),
        (lambda seen: bytes(good_find(seen)), "return the two places as (i, j)"),
        (lambda seen: (yield good_find(seen)), "return the two places as (i, j)"),
        (lambda seen: True, "return the two places as (i, j)"),
        (one_too_far, "IndexError"),
        (prints, "return (i, j) as soon as"),
    ],
)
def test_4_2_a_wrong_pair_is_explained(
    capsys: pytest.CaptureFixture[str], wrong: Callable[..., object], word: str
) -> None:
    x, twice = drawn(), drawn()
    seen = [signed(x, twice if n in (1, 2) else drawn()) for n in range(4)]
    lists = [seen, [seen[1], seen[0], seen[2]], [seen[0], seen[1], seen[3], seen[2]]]
    assert any(outcome(wrong, [*some]) != outcome(good_find, [*some]) for some in lists)
    printed = said(capsys, "4.2", wrong)
    assert printed.startswith("4.2 not yet: expected ")
    assert word in printed


# 4.3


def good_k(one: Signed, two: Signed, q: int) -> int:
    return (one.h - two.h) * pow(one.s - two.s, -1, q) % q


@pytest.mark.parametrize(
    "right",
    [
        good_k,
        attacks.k_from_pair,
        lambda a, b, q: (b.h - a.h) * pow(b.s - a.s, -1, q) % q,
        lambda a, b, q: (a.h - b.h) % q * pow((a.s - b.s) % q, q - 2, q) % q,
        lambda a, b, q: inverse((a.s - b.s) * inverse(a.h - b.h)),
    ],
)
def test_4_3_a_right_k_passes(
    capsys: pytest.CaptureFixture[str], right: Callable[..., object]
) -> None:
    for _ in range(RUNS):
        assert said(capsys, "4.3", right).startswith("4.3 correct: ")


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        (lambda a, b, q: (a.h - b.h) * inverse(b.s - a.s) % q, "that is -k"),
        (lambda a, b, q: -good_k(a, b, q), "that is -k"),
        (lambda a, b, q: abs(a.h - b.h) * inverse(abs(a.s - b.s)) % q, "that is -k"),
        (lambda a, b, q: (a.s - b.s) * inverse(a.h - b.h) % q, "upside down"),
        (lambda a, b, q: (a.s - b.s) * inverse(b.h - a.h) % q, "upside down"),
        (lambda a, b, q: (a.h - b.h) * (a.s - b.s) % q, "you multiplied"),
        (lambda a, b, q: (a.h - b.h) % q, "k·(s1 - s2)"),
        (lambda a, b, q: (a.h - b.h) // (a.s - b.s), "// divides integers"),
        (lambda a, b, q: (a.h - b.h) % q // ((a.s - b.s) % q), "// divides integers"),
        (lambda a, b, q: (a.h - b.h) / (a.s - b.s), "you divided real numbers"),
        (lambda a, b, q: (a.h - b.h) / (a.s - b.s) % q, "you divided real numbers"),
        (lambda a, b, q: (a.h - b.h) * inverse(a.s - b.s), "not reduced"),
        (lambda a, b, q: good_k(a, b, q) - q, "not reduced"),
        (lambda a, b, q: (a.h + b.h) * inverse(a.s + b.s) % q, "minus: x·r must fall out"),
        (lambda a, b, q: (a.h - b.h) * inverse(a.s + b.s) % q, "minus below"),
        (lambda a, b, q: (a.h + b.h) * inverse(a.s - b.s) % q, "minus above"),
        (lambda a, b, q: a.h * inverse(a.s) % q, "one signature alone"),
        (lambda a, b, q: (a.h - b.h) * pow(a.s - b.s, -1, P) % q, "not mod p"),
        (lambda a, b, q: attacks.key_from_k(a, good_k(a, b, q), q), "that is x already"),
        (lambda a, b, q: a.r, "that is r"),
        (lambda a, b, q: (a.h - b.h) * inverse(a.r - b.r) % q, "ValueError"),
        (lambda a, b, q: good_k(a, b, q).to_bytes(32, "big"), "one int"),
        (lambda a, b, q: [good_k(a, b, q)], "one int"),
        (lambda a, b, q: good_k(a, b, q) if a.h > b.h else None, "every path must end"),
        (lambda a, b, q: True, "one int"),
        (prints, "returned None: "),
        (lambda a, b: 5, "TypeError"),
    ],
)
def test_4_3_a_wrong_k_is_explained(
    capsys: pytest.CaptureFixture[str], wrong: Callable[..., object], word: str
) -> None:
    x, ks = drawn(), [drawn() for _ in range(20)]
    cases = [(signed(x, k), signed(x, k), Q) for k in ks]
    assert any(outcome(wrong, *case) != outcome(good_k, *case) for case in cases)
    printed = said(capsys, "4.3", wrong)
    assert printed.startswith("4.3 not yet: expected ")
    assert word in printed


# 4.4

OLD, NEW = b"pay 0100 to Ada!", b"pay 9100 to Eve!"
Forged = tuple[Any, Any]


def signature_of(x: int, message: bytes, k: int | None = None) -> bytes:
    h = smalldsa.hashed(message, Q)
    return smalldsa.to_bytes(smalldsa.sign(REAL, x, h, k or drawn()))


def changed(row: Row) -> Row:
    return replace(row, ciphertext=xor(row.ciphertext, xor(OLD, NEW)))


def signed_bytes(row: Row) -> bytes:
    return RepeatedK(seed=1).signed_bytes(row)


def good_forge(x: int, row: Row, known_text: str) -> Forged:
    new = xor(row.ciphertext, xor(known_text.encode(), NEW))
    return new, signature_of(x, signed_bytes(replace(row, ciphertext=new)))


def good_ciphertext_wrong(
    signature: Callable[[int, Row], object],
) -> Callable[[int, Row, str], Forged]:
    return lambda x, row, text: (changed(row).ciphertext, signature(x, row))


def good_signature_wrong(
    ciphertext: Callable[[Row], bytes],
) -> Callable[[int, Row, str], Forged]:
    return lambda x, row, text: (
        ciphertext(row),
        signature_of(x, signed_bytes(replace(row, ciphertext=ciphertext(row)))),
    )


def test_4_4_a_stub_is_not_attempted(capsys: pytest.CaptureFixture[str], twin: TwinServer) -> None:
    assert said(capsys, "4.4", stub, twin) == "4.4 not attempted yet\n"


@pytest.mark.parametrize(
    "right",
    [
        good_forge,
        lambda x, row, text: [*good_forge(x, row, text)],
        good_ciphertext_wrong(lambda x, row: signature_of(x, signed_bytes(changed(row)), k=1)),
        good_ciphertext_wrong(
            lambda x, row: signature_of(
                x,
                signed_bytes(changed(row)),
                k=secret_number(x, hashlib.sha256(signed_bytes(changed(row))).digest(), Q),
            )
        ),
    ],
)
def test_4_4_a_right_forgery_passes(
    capsys: pytest.CaptureFixture[str], twin: TwinServer, right: Callable[..., object]
) -> None:
    for _ in range(RUNS):
        assert said(capsys, "4.4", right, twin).startswith("4.4 correct: ")


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        (good_ciphertext_wrong(lambda x, row: row.signature), "it signs the old bytes"),
        (
            good_ciphertext_wrong(lambda x, row: signature_of(x, signed_bytes(row))),
            "with your ciphertext in it",
        ),
        (
            good_ciphertext_wrong(lambda x, row: signature_of(x, changed(row).ciphertext)),
            "signed one part",
        ),
        (good_ciphertext_wrong(lambda x, row: signature_of(x, NEW)), "signed one part"),
        (
            good_ciphertext_wrong(lambda x, row: signature_of(x + 1, signed_bytes(changed(row)))),
            "sign hashed(signed_bytes of the changed row) with x",
        ),
        (
            good_ciphertext_wrong(
                lambda x, row: smalldsa.to_bytes(
                    smalldsa.sign(
                        REAL, x, int.from_bytes(signed_bytes(changed(row)), "big"), drawn()
                    )
                )
            ),
            "sign hashed(signed_bytes of the changed row) with x",
        ),
        (
            good_ciphertext_wrong(
                lambda x, row: smalldsa.to_bytes(
                    smalldsa.from_bytes(signature_of(x, signed_bytes(changed(row))))[::-1]
                )
            ),
            "r comes first",
        ),
        (
            good_ciphertext_wrong(lambda x, row: signature_of(x, signed_bytes(changed(row)))[:63]),
            "a signature is 64 bytes",
        ),
        (
            good_ciphertext_wrong(
                lambda x, row: smalldsa.from_bytes(signature_of(x, signed_bytes(changed(row))))
            ),
            "smalldsa.to_bytes makes 64 bytes",
        ),
        (
            good_ciphertext_wrong(lambda x, row: signature_of(x, signed_bytes(changed(row))).hex()),
            "smalldsa.to_bytes makes 64 bytes",
        ),
        (good_signature_wrong(lambda row: row.ciphertext), "still the old one"),
        (good_signature_wrong(lambda row: NEW), "that is the text, not a ciphertext"),
        (good_signature_wrong(lambda row: xor(row.ciphertext, NEW)), "the new text alone"),
        (good_signature_wrong(lambda row: xor(row.ciphertext, OLD)), "the old text alone"),
        (good_signature_wrong(lambda row: xor(OLD, NEW)), "the difference alone"),
        (
            good_signature_wrong(lambda row: changed(row).ciphertext[:-1] + b"?"),
            "says something else",
        ),
        (good_signature_wrong(lambda row: changed(row).ciphertext[:8]), "says something else"),
        (lambda x, row, text: (row.ciphertext, row.signature), "still the old one"),
        (lambda x, row, text: (b"", b""), "says something else"),
        (lambda x, row, text: good_forge(x, row, text)[::-1], "in the other order"),
        (lambda x, row, text: good_forge(x, row, text)[0], "return both"),
        (lambda x, row, text: replace(changed(row)), "return both"),
        (lambda x, row, text: (NEW.decode(), row.signature), "a ciphertext is bytes"),
        (lambda x, row, text: (changed(row).ciphertext, None), "smalldsa.to_bytes makes"),
        (lambda x, row, text: (None, row.signature), "a ciphertext is bytes"),
        (prints, "returned None: "),
        (lambda x, row, text: xor(row.ciphertext, b"9"), "FormatError"),
    ],
)
def test_4_4_a_wrong_forgery_is_explained(
    capsys: pytest.CaptureFixture[str], twin: TwinServer, wrong: Callable[..., object], word: str
) -> None:
    printed = said(capsys, "4.4", wrong, twin)
    assert printed.startswith("4.4 not yet: expected ")
    assert word in printed


def test_4_4_a_text_that_the_owner_signed_is_no_forgery(
    capsys: pytest.CaptureFixture[str], twin: TwinServer
) -> None:
    """The owner signs a row with a nonce of its own, and that is another row."""

    def ask_the_owner(x: int, row: Row, text: str) -> Forged:
        stored = TwinClient(twin).store(NEW.decode())
        return stored.ciphertext, stored.signature

    assert "says something else" in said(capsys, "4.4", ask_the_owner, twin)


def test_4_4_another_twin_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with TwinServer(Twin()) as control:
        assert "expected a twin that signs" in said(capsys, "4.4", good_forge, control)


# 4.5


def recover(rows: list[Row], y: int, zero_bits: int = 64) -> int | None:
    seen = [Signed.seen(signed_bytes(row), row.signature, Q) for row in rows]
    return attacks.key_from_short_ks(REAL, y, seen, zero_bits=zero_bits)


def recover_and_spoil(rows: list[Row], y: int) -> int | None:
    x = recover(rows, y)
    rows.clear()
    return x


# Found by trying: four signatures are not enough for this seed, as for most.
SEED_THAT_FOUR_DO_NOT_FIND = "Ada Lovelace"


def test_4_5_a_stub_is_not_attempted(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "4.5", ..., ..., stub) == "4.5 not attempted yet\n"
    assert said(capsys, "4.5", "Ada", ..., recover) == "4.5 not attempted yet\n"
    assert said(capsys, "4.5", "Ada", 5, stub) == "4.5 not attempted yet\n"


@pytest.mark.parametrize("my_count", [5, 6, 8])
def test_4_5_enough_signatures_pass(capsys: pytest.CaptureFixture[str], my_count: int) -> None:
    for _ in range(RUNS_OF_A_LATTICE):
        seed = secrets.token_hex(4)
        assert said(capsys, "4.5", seed, my_count, recover).startswith("4.5 correct: ")


@pytest.mark.parametrize(
    ("my_seed", "my_count", "my_recover", "word"),
    [
        (SEED_THAT_FOUR_DO_NOT_FIND, 4, recover, "too few: of 4, about 1 in 30 succeeds; take 5"),
        (SEED_THAT_FOUR_DO_NOT_FIND, 1, recover, "too few"),
        (SEED_THAT_FOUR_DO_NOT_FIND, 3, lambda rows, y: 12345, "too few"),
        ("Ada", 0, recover, "a count from 1 to 8"),
        ("Ada", -5, recover, "a count from 1 to 8"),
        ("Ada", 9, recover, "fewer will do"),
        ("Ada", 1000, recover, "fewer will do"),
        ("Ada", 5.0, recover, "a count from 1 to 8, got 5.0"),
        ("Ada", "5", recover, "a count from 1 to 8, got '5'"),
        (12345, 5, recover, "your name as a seed"),
        ("", 5, recover, "your name as a seed"),
        (b"Ada", 5, recover, "your name as a seed"),
        ("Ada", 5, lambda rows, y: recover(rows, y, zero_bits=192), "zero_bits 64?"),
        ("Ada", 5, lambda rows, y: recover(rows, pow(G, 7, P)), "y the one you are handed"),
        ("Ada", 5, lambda rows, y: recover(rows[:4], y), "is each h the hash"),
        ("Ada", 5, prints, "is each h the hash"),
        (
            "Ada",
            5,
            lambda rows, y: attacks.key_from_short_ks(
                REAL,
                y,
                [Signed.seen(row.ciphertext, row.signature, Q) for row in rows],
                zero_bits=64,
            ),
            "is each h the hash of signed_bytes(row)",
        ),
        ("Ada", 5, lambda rows, y: 12345, "is it this twin's key?"),
        ("Ada", 5, lambda rows, y: y, "is it this twin's key?"),
        ("Ada", 5, lambda rows, y: BiasedK("Eve").x, "is it this twin's key?"),
        ("Ada", 5, lambda rows, y: hex(BiasedK("Ada").x), "x is one int"),
        ("Ada", 5, lambda rows, y: float(BiasedK("Ada").x), "x is one int"),
        ("Ada", 5, lambda rows, y: 1 // 0, "ZeroDivisionError"),
    ],
)
def test_4_5_a_wrong_recovery_is_explained(
    capsys: pytest.CaptureFixture[str],
    my_seed: object,
    my_count: object,
    my_recover: Callable[..., object],
    word: str,
) -> None:
    printed = said(capsys, "4.5", my_seed, my_count, my_recover)
    assert printed.startswith("4.5 not yet: expected ")
    assert word in printed


def test_4_5_what_the_student_does_to_the_rows_does_not_matter(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert said(capsys, "4.5", "Ada", 5, recover_and_spoil).startswith("4.5 correct: ")


# 4.6


def number(data: bytes) -> int:
    return int.from_bytes(data, "big")


def in_bytes(x: int) -> bytes:
    return x.to_bytes(32, "big")


def made(x: int, digest: bytes, hashed: str = "sha256") -> int:
    return number(hmac.digest(in_bytes(x), digest, hashed))


def drawn_again(x: int, digest: bytes, q: int) -> int:
    candidates = (made(x, digest + bytes([n])) for n in count())
    return next(k for k in candidates if 0 < k < q)


@pytest.mark.parametrize(
    "right",
    [
        lambda x, digest, q: made(x, digest) % (q - 1) + 1,
        lambda x, digest, q: made(x, digest) % q,
        lambda x, digest, q: made(x, digest, "sha512") % (q - 1) + 1,
        lambda x, digest, q: number(hashlib.sha256(in_bytes(x) + digest).digest()) % q,
        lambda x, digest, q: number(hashlib.sha512(f"{x},{digest.hex()}".encode()).digest()) % q,
        lambda x, digest, q: number(hmac.digest(digest, in_bytes(x), "sha256")) % q,
        lambda x, digest, q: made(x, digest + secrets.token_bytes(16)) % q,
        lambda x, digest, q: secrets.randbelow(q - 1) + 1,
        lambda x, digest, q: random.SystemRandom().randrange(1, q),
        drawn_again,
        secret_number,
    ],
)
def test_4_6_a_right_k_passes(
    capsys: pytest.CaptureFixture[str], right: Callable[..., object]
) -> None:
    for _ in range(RUNS_OF_A_LATTICE):
        assert said(capsys, "4.6", right).startswith("4.6 correct: ")


counter = count(1)


def seeded(seed: object, q: int) -> int:
    return random.Random(seed).randrange(1, q)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        (lambda x, digest, q: number(digest) % q, "anyone can compute it; k must depend on x"),
        (lambda x, digest, q: number(digest), "anyone can compute it"),
        (lambda x, digest, q: number(hashlib.sha256(digest).digest()) % q, "anyone can compute it"),
        (lambda x, digest, q: hash(digest), "anyone can compute it"),
        (lambda x, digest, q: made(1, digest) % q, "anyone can compute it"),
        (lambda x, digest, q: seeded(digest, q), "anyone can compute it"),
        (lambda x, digest, q: number(hashlib.sha256(in_bytes(x)).digest()) % q, "one twice"),
        (lambda x, digest, q: x, "one twice"),
        (lambda x, digest, q: 4, "one twice"),
        (lambda x, digest, q: 0, "one twice"),
        (lambda x, digest, q: True, "one twice"),
        (lambda x, digest, q: made(x, digest[:1]) % q, "one twice"),
        (lambda x, digest, q: seeded(x, q), "one twice"),
        (lambda x, digest, q: (x + number(digest)) % q, "differ as the hashes do"),
        (lambda x, digest, q: (x - number(digest)) % q, "differ as the hashes do"),
        (lambda x, digest, q: (number(digest) - x) % q, "differ as the hashes do"),
        (lambda x, digest, q: (number(digest) - x) % (q - 1) + 1, "differ as the hashes do"),
        (lambda x, digest, q: (x ^ number(digest)) % q, "differ as the hashes do"),
        (lambda x, digest, q: (x ^ number(digest)) % (q - 1) + 1, "differ as the hashes do"),
        (lambda x, digest, q: (x + int.from_bytes(digest, "little")) % q, "read backwards"),
        (
            lambda x, digest, q: (x + number(hashlib.sha256(digest).digest())) % q,
            "differ as the hashes of the hashes do",
        ),
        (lambda x, digest, q: (made(x, b"") + number(digest)) % q, "differ as the hashes do"),
        (lambda x, digest, q: (x + next(counter)) % q, "differ as numbers in a row do"),
        (lambda x, digest, q: x * number(digest) % q, "multiples of the hashes"),
        (lambda x, digest, q: x * number(digest) % (q - 1) + 1, "multiples of the hashes"),
        (lambda x, digest, q: (x * number(digest) + 5) % q, "multiples of the hashes"),
        (lambda x, digest, q: x * inverse(number(digest)) % q, "multiples of the hashes"),
        (lambda x, digest, q: (2 * number(digest) + x) % q, "multiples of the hashes"),
        (lambda x, digest, q: x * next(counter) % q, "multiples of numbers in a row"),
        (lambda x, digest, q: next(counter), "the lattice found x"),
        (lambda x, digest, q: time.time_ns() + next(counter), "the lattice found x"),
        (lambda x, digest, q: made(x, digest) % 2**128, "the lattice found x"),
        (lambda x, digest, q: made(x, digest, "md5"), "the lattice found x"),
        (lambda x, digest, q: made(x, digest, "sha1"), "the lattice found x"),
        (lambda x, digest, q: secrets.randbits(128), "the lattice found x"),
        (lambda x, digest, q: made(x, digest) >> 64, "the lattice found x"),
        (lambda x, digest, q: made(x, digest, "sha224"), "first bit is always 0"),
        (lambda x, digest, q: made(x, digest) >> 8, "first bit is always 0"),
        (lambda x, digest, q: made(x, digest) >> 1, "first bit is always 0"),
        (lambda x, digest, q: made(x, digest) % 2**255, "first bit is always 0"),
        (lambda x, digest, q: (made(x, digest) >> 128 << 128) % q, "byte 16 takes 2 of 256 values"),
        (lambda x, digest, q: (made(x, digest) | 0xFF) % q, "byte 31 takes 2 of 256 values"),
        (lambda x, digest, q: 1 << 255 | made(x, digest) % 2**128, "byte 0 takes 1 of 256 values"),
        (
            lambda x, digest, q: number(hmac.digest(in_bytes(x), digest, "sha256").hex().encode()),
            "expected 0 < k < q",
        ),
        (
            lambda x, digest, q: number(
                hmac.digest(in_bytes(x), digest, "sha256").hex()[:32].encode()
            ),
            "first bit is always 0",
        ),
        (lambda x, digest, q: made(x, digest), "expected 0 < k < q"),
        (lambda x, digest, q: made(x, digest, "sha512"), "expected 0 < k < q"),
        (lambda x, digest, q: made(x, digest) % q + q, "expected 0 < k < q"),
        (lambda x, digest, q: -(made(x, digest) % q), "expected 0 < k < q"),
        (lambda x, digest, q: x + number(digest), "expected 0 < k < q"),
        (lambda x, digest, q: made(x, digest) % P, "expected 0 < k < q"),
        (lambda x, digest, q: made(x % 2**32, digest) % q, "made of a part"),
        (lambda x, digest, q: made(x >> 128, digest) % q, "made of a part"),
        (lambda x, digest, q: random.randrange(1, q), "made for games"),
        (lambda x, digest, q: random.getrandbits(250) << 5, "made for games"),
        (lambda x, digest, q: hmac.digest(in_bytes(x), digest, "sha256"), "int.from_bytes"),
        (lambda x, digest, q: hmac.digest(in_bytes(x), digest, "sha256").hex(), "k is one int"),
        (lambda x, digest, q: float(made(x, digest)), "expected an int"),
        (lambda x, digest, q: made(x, digest) % q if digest[0] % 2 else "odd", "expected an int"),
        (lambda x, digest, q: made(x, digest) % q if digest[0] % 2 else None, "every path must"),
        (prints, "returned None: "),
        (lambda x, digest, q: x + digest, "TypeError"),
        (lambda x, digest, q: x.to_bytes(16, "big"), "OverflowError"),
    ],
)
def test_4_6_a_wrong_k_is_explained(
    capsys: pytest.CaptureFixture[str], wrong: Callable[..., object], word: str
) -> None:
    printed = said(capsys, "4.6", wrong)
    assert printed.startswith("4.6 not yet: expected ")
    assert word in printed


@pytest.mark.parametrize(
    "wrong",
    [
        lambda x, digest, q: number(hashlib.sha256(str(next(counter)).encode()).digest()) % q,
        lambda x, digest, q: made(pow(G, x, P) % Q, digest) % q,
    ],
)
def test_4_6_a_hashed_counter_and_a_public_key_are_wrong_and_not_found(
    capsys: pytest.CaptureFixture[str], wrong: Callable[..., object]
) -> None:
    """A limit of the attacks: seen from outside, both look as if they were drawn by lot."""
    assert said(capsys, "4.6", wrong).startswith("4.6 correct: ")
