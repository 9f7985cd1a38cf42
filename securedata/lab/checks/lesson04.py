"""Lesson 04's checks: x from k, the repeat, a pair, a live forgery, a biased key, a good k."""

import hashlib
import os
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise, permutations
from typing import Any

from securedata.lab import smalldsa
from securedata.lab.attacks import Signed, key_from_short_ks
from securedata.lab.checking import NotAttemptedError, exercise, given, is_stub, returned, shown
from securedata.lab.flaws import BiasedK
from securedata.lab.flaws.signed import ZERO_BITS
from securedata.lab.signedtwin import SignedTwin
from securedata.lab.smalldsa import REAL
from securedata.lab.twin import Row, TwinServer
from securedata.lab.twinclient import TwinClient

MakesK = Callable[[int, bytes, int], int]
KNOWN_TEXT = "pay 0100 to Ada!"
FORGED_TEXT = "pay 9100 to Eve!"
ENOUGH = 5  # signatures with 64 zero bits in each k; see tools/bias_map.py
MANY = 8  # with more rows, LLL in plain Python takes longer than a check may
TOO_FEW = "too few: of 4, about 1 in 30 succeeds; take 5"
MESSAGES = 100  # in so many ks, a bias of a bit or of a byte shows
TRIES = 20  # so that half a solution does not pass by luck


def _chance() -> random.Random:
    return random.Random(os.urandom(16))  # noqa: S311  # exercise numbers


def _number(below: int, chance: random.Random) -> int:
    return chance.randrange(1, below)


def _signed(x: int, k: int, h: int) -> Signed:
    return Signed(h, *smalldsa.sign(REAL, x, h, k))


def _kind(answer: object) -> str | None:
    """What to say of an answer that is no int at all."""
    if isinstance(answer, float):
        return "you divided real numbers: multiply by the inverse mod q"
    return None if type(answer) is int else "the answer is one int"


@exercise("4.1", "one k, and the key is yours")
def key_from_one_k(my_key: Callable[[Signed, int, int], int]) -> str | None:
    """my_key(signed, k, q): x from one signature and its k."""
    chance, q = _chance(), REAL.q
    for _ in range(TRIES):
        x, k, h = (_number(q, chance) for _ in range(3))
        signed = _signed(x, k, h)
        answer = returned(my_key, signed, k, q)
        if isinstance(answer, int) and answer == x:
            continue
        why = _kind(answer) or _wrong_key(answer, x, k, signed)
        return f"expected the key, got {shown(answer)}; {why}"
    return None


def _wrong_key(answer: int, x: int, k: int, signed: Signed) -> str:
    q, h, r, s = REAL.q, signed.h, signed.r, signed.s
    if answer % q == x:
        return "that is right, and not reduced: mod q"
    if answer == (s * k - h) // r:
        return "// divides integers: multiply by the inverse of r mod q"
    return {
        (s * k - h) % q: "you have x·r: multiply by the inverse of r mod q",
        (s * k - h) * r % q: "you multiplied by r: multiply by its inverse mod q",
        -x % q: "that is -x: s·k = h + x·r, so x·r = s·k - h",
        (s * k + h) * pow(r, -1, q) % q: "minus, not plus: s·k = h + x·r",
        (s * pow(k, -1, q) - h) * pow(r, -1, q) % q: "s·k, not s/k: the k has to go back up",
        (s - h) * k * pow(r, -1, q) % q: "k multiplies s alone: s·k - h",
        s * k * pow(r, -1, q) % q: "the h is missing: s·k = h + x·r",
        (s * k * pow(r, -1, q) - h) % q: "h is divided by r, too: brackets around s·k - h",
        (r * k - h) * pow(s, -1, q) % q: "r and s have changed places: s·k = h + x·r",
        (s * k - h) * pow(s, -1, q) % q: "divide by r, not by s: s·k = h + x·r",
        (s * k - h) * pow(k, -1, q) % q: "divide by r, not by k: s·k = h + x·r",
        (s * k - h) * pow(r, -1, REAL.p) % q: "the inverse of r is mod q, not mod p",
        k: "that is k, which you were handed",
    }.get(answer % q, "solve s·k = h + x·r for x, mod q")


@exercise("4.2", "equal r, equal k: the rest is arithmetic")
def finds_the_repeat(my_find: Callable[[list[Signed]], tuple[int, int]]) -> str | None:
    """my_find(signed): the places (i, j) of the two signatures made with one k."""
    chance = _chance()
    anywhere = sorted(chance.sample(range(12), 2))
    for i, j in ((2, 7), (0, 11), (0, 1), (10, 11), (5, 6), anywhere):
        signed, bait = _one_repeat(i, j, chance)
        answer = my_find(list(signed))
        pair = sorted(answer) if _is_pair(answer) else None
        if pair != [i, j]:
            why = _wrong_pair(my_find, answer, (i, j), signed, bait)
            return f"expected {(i, j)}, got {shown(answer)}; {why}"
    return None


def _one_repeat(i: int, j: int, chance: random.Random) -> tuple[list[Signed], list[int]]:
    """Twelve signatures, i and j under one k; and two more places, which share their s."""
    x, ks = _number(REAL.q, chance), [_number(REAL.q, chance) for _ in range(12)]
    ks[j] = ks[i]
    signed = [_signed(x, k, _number(REAL.q, chance)) for k in ks]
    # A bait for those who compare s: no two honest signatures have one s. Not where those who
    # count from 1 would point.
    elsewhere = [place for place in range(12) if place not in (i, j, i + 1, j + 1)]
    one, two = sorted(chance.sample(elsewhere, 2))
    signed[two] = replace(signed[two], s=signed[one].s)
    return signed, [one, two]


def _is_pair(answer: object) -> bool:
    return (
        isinstance(answer, (tuple, list))
        and len(answer) == 2
        and all(isinstance(place, int) for place in answer)
    )


def _wrong_pair(
    my_find: Callable[[list[Signed]], Any],
    answer: Any,
    places: tuple[int, int],
    signed: list[Signed],
    bait: list[int],
) -> str:
    if answer is None:
        return _finds_none(my_find, [signed[n] for n in (*places, *bait)])
    if not _is_pair(answer):
        return "return the two places as (i, j), counted from 0"
    first, second = sorted(answer)
    if [first, second] == bait:
        return "k alone fixes r; the message changes s"
    if (first - 1, second - 1) == places:
        return "Python counts from 0"
    if first < 0 or second >= len(signed):
        return f"places go from 0 to {len(signed) - 1}"
    if first == second:
        return "that is one signature with itself: i and j must differ"
    return "their r are not equal: k alone fixes r"


def _finds_none(my_find: Callable[[list[Signed]], Any], some: list[Signed]) -> str:
    """Why it found nothing: does it find a pair elsewhere, or only one signature twice?"""
    if is_stub(my_find):
        raise NotAttemptedError
    if any(my_find(list(order)) is not None for order in permutations(some)):
        return "it finds some pairs: compare every place with every later one, also the last"
    if my_find([some[0]] * 3) is not None:
        return "the messages differ: compare the r alone"
    return "return (i, j) as soon as their r are equal"


@exercise("4.3", "k, and with it the key")
def k_from_two(my_k: Callable[[Signed, Signed, int], int]) -> str | None:
    """my_k(one, two, q): the k that made both signatures."""
    chance, q = _chance(), REAL.q
    for _ in range(TRIES):
        x, k = (_number(q, chance) for _ in range(2))
        one, two = (_signed(x, k, _number(q, chance)) for _ in range(2))
        answer = returned(my_k, one, two, q)
        if isinstance(answer, int) and answer == k:
            continue
        why = _kind(answer) or _wrong_k(answer, x, k, one, two)
        return f"expected k, got {shown(answer)}; {why}"
    return None


def _wrong_k(answer: int, x: int, k: int, one: Signed, two: Signed) -> str:
    q, hashes, numbers = REAL.q, one.h - two.h, one.s - two.s
    if answer % q == k:
        return "that is right, and not reduced: mod q"
    if answer in (hashes // numbers, hashes % q // (numbers % q)):
        return "// divides integers: multiply by the inverse of (s1 - s2) mod q"
    upside_down = "that is upside down: the hashes stand above, the s below"
    return {
        -k % q: "that is -k: subtract in the same order above and below",
        pow(k, -1, q): upside_down,
        -pow(k, -1, q) % q: upside_down,
        hashes * numbers % q: "you multiplied: multiply by the inverse of (s1 - s2) mod q",
        hashes % q: "that is k·(s1 - s2): multiply by the inverse of (s1 - s2) mod q",
        (one.h + two.h) * pow(one.s + two.s, -1, q) % q: "minus: x·r must fall out",
        hashes * pow(one.s + two.s, -1, q) % q: "minus below, too: (s1 - s2)·k = h1 - h2",
        (one.h + two.h) * pow(numbers, -1, q) % q: "minus above, too: (s1 - s2)·k = h1 - h2",
        one.h * pow(one.s, -1, q) % q: "that uses one signature alone: x·r is still in it",
        hashes * pow(numbers, -1, REAL.p) % q: "the inverse is mod q, not mod p",
        one.r: "that is r, which everybody sees: k is asked for",
        x: "that is x already; here k is asked for",
    }.get(answer % q, "take s1·k = h1 + x·r minus s2·k = h2 + x·r")


@exercise("4.4", "the running twin accepted a record that its owner never signed")
def forges(my_forge: Callable[[int, Row, str], Any], server: TwinServer) -> str | None:
    """my_forge(x, row, known_text) -> (encrypted_data, signature) that says FORGED_TEXT."""
    client, twin = TwinClient(server), server.twin
    if not isinstance(twin, SignedTwin):
        return f"expected a twin that signs, got {shown(twin)}; hand over the one of this lesson"
    row = client.store(KNOWN_TEXT)
    forged = returned(my_forge, twin.x, row, KNOWN_TEXT)
    if not (isinstance(forged, (tuple, list)) and len(forged) == 2):
        return f"expected (encrypted_data, signature), got {shown(forged)}; return both"
    encrypted_data, signature = forged
    if not isinstance(encrypted_data, bytes):
        return f"expected bytes, got {shown(encrypted_data)}; a ciphertext is bytes: xor makes them"
    if not isinstance(signature, bytes):
        why = "smalldsa.to_bytes makes 64 bytes of (r, s)"
        return f"expected a signature of bytes, got {shown(signature)}; {why}"
    changed = replace(row, ciphertext=encrypted_data, signature=signature)
    text = client.retrieve(changed)
    if text == FORGED_TEXT:
        return None
    why = _wrong_ciphertext(row, changed) or _wrong_signature(twin, row, changed)
    return f"expected {shown(FORGED_TEXT)}, got {shown(text)}; {why}"


def _wrong_ciphertext(row: Row, changed: Row) -> str | None:
    new, old = FORGED_TEXT.encode(), KNOWN_TEXT.encode()
    ours, theirs = row.ciphertext, changed.ciphertext
    if len(theirs) == 2 * smalldsa.NUMBER_BYTES and len(changed.signature) == len(ours):
        return "those are both, in the other order: encrypted_data comes first"
    if theirs == _xor(ours, _xor(old, new)):
        return None
    return {
        ours: "the text is still the old one: XOR in the difference, as under CTR",
        new: "that is the text, not a ciphertext: XOR in the difference, as under CTR",
        _xor(ours, new): "you XORed the new text alone: old XOR new is the difference",
        _xor(ours, old): "you XORed the old text alone: old XOR new is the difference",
        _xor(old, new): "that is the difference alone: XOR it into the ciphertext",
    }.get(theirs, "this ciphertext says something else: ciphertext XOR old text XOR new text")


def _xor(one: bytes, two: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, two, strict=True))


def _wrong_signature(twin: SignedTwin, row: Row, changed: Row) -> str:
    signature, signed = changed.signature, twin.signed_bytes(changed)
    if signature == row.signature:
        return "it signs the old bytes; sign yours with x"
    if len(signature) != 2 * smalldsa.NUMBER_BYTES:
        return "a signature is 64 bytes: smalldsa.to_bytes((r, s))"
    if _fits(twin.y, twin.signed_bytes(row), signature):
        return "you signed the old row's bytes; sign those with your ciphertext in it"
    parts = (changed.ciphertext, FORGED_TEXT.encode(), KNOWN_TEXT.encode())
    if any(_fits(twin.y, part, signature) for part in parts):
        return "you signed one part: the twin verifies signed_bytes of the whole row"
    if _fits(twin.y, signed, signature[32:] + signature[:32]):
        return "r comes first: smalldsa.to_bytes((r, s))"
    return "sign hashed(signed_bytes of the changed row) with x, and any k of your own"


def _fits(y: int, message: bytes, signature: bytes) -> bool:
    h = smalldsa.hashed(message, REAL.q)
    return smalldsa.fits(REAL, y, h, smalldsa.from_bytes(signature))


@exercise("4.5", "a key that nobody had seen, from signatures that never repeat")
def recovers_a_biased_key(
    my_seed: str, my_count: int, my_recover: Callable[[list[Row], int], int | None]
) -> str | None:
    """my_recover(rows, y): x of the biased twin with this seed, from my_count stored rows."""
    if not (isinstance(given(my_seed), str) and my_seed):
        return f'expected your name as a seed, got {shown(my_seed)}; my_seed = "…"'
    if not isinstance(given(my_count), int) or my_count < 1:
        return f"expected a count from 1 to {MANY}, got {shown(my_count)}; how many do you need?"
    if my_count > MANY:
        why = "every row makes LLL slower, and fewer will do"
        return f"expected a count from 1 to {MANY}, got {shown(my_count)}; {why}"
    if is_stub(given(my_recover)):
        raise NotAttemptedError
    twin = BiasedK(my_seed)
    with TwinServer(twin) as server:
        client = TwinClient(server)
        rows = [client.store(f"text {number}") for number in range(my_count)]
        answer = my_recover(list(rows), client.public_number())
    if isinstance(answer, int) and pow(REAL.g, answer, REAL.p) == twin.y:
        return None
    return f"expected the x of this y, got {shown(answer)}; {_why_not_found(twin, rows, answer)}"


def _why_not_found(twin: BiasedK, rows: Sequence[Row], answer: object) -> str:
    signed = [Signed.seen(twin.signed_bytes(row), row.signature, REAL.q) for row in rows]
    if len(rows) <= ENOUGH and key_from_short_ks(REAL, twin.y, signed, ZERO_BITS) is None:
        return TOO_FEW if len(rows) < ENOUGH else "bad luck with this seed: take one more"
    if answer is None:
        return "is each h the hash of signed_bytes(row), y the one you are handed, zero_bits 64?"
    if not isinstance(answer, int):
        return "x is one int"
    return "g to the power of x must be y: is it this twin's key?"


@exercise("4.6", "nobody without x can compute this k, and no two messages share one")
def makes_a_good_k(my_k: MakesK) -> str | None:
    """my_k(x, digest, q): k for a message with this hash; attacked by what is public."""
    chance, q = _chance(), REAL.q
    x = _number(q // 2, chance)
    messages = [f"message {number} {chance.random()}".encode() for number in range(MESSAGES)]
    digests = [hashlib.sha256(message).digest() for message in messages]
    ks = [returned(my_k, x, digest, q) for digest in digests]
    strange = next((k for k in ks if not isinstance(k, int)), None)
    if strange is not None:
        why = (
            "int.from_bytes(…, 'big') makes one of bytes"
            if isinstance(strange, bytes)
            else "k is one int"
        )
        return f"expected an int, got {shown(strange)}; {why}"
    if len(set(ks)) < len(ks):
        return "expected another k for each message, got one twice; k must depend on the message"
    return (
        _needs_no_x(my_k, x, digests[0], ks[0])
        or _out_of_range(ks)
        or _is_played(my_k, x, digests[0])
        or _attacked(x, digests, ks)
    )


def _needs_no_x(my_k: MakesK, x: int, digest: bytes, k: int) -> str | None:
    other_low, other_high = x ^ (1 << 128) - 1, x ^ (1 << 248) - (1 << 128)
    same = [my_k(other, digest, REAL.q) == k for other in (other_low, other_high)]
    if all(same):
        return (
            f"expected a secret k, got one that needs no x: {shown(k)}; "
            "anyone can compute it; k must depend on x"
        )
    if any(same):
        return "expected a k made of all of x, got one made of a part; put all its bytes in"
    return None


def _out_of_range(ks: Sequence[int]) -> str | None:
    outside = [k for k in ks if not 0 < k < REAL.q]
    return f"expected 0 < k < q, got {shown(outside[0])}; reduce it mod q" if outside else None


def _is_played(my_k: MakesK, x: int, digest: bytes) -> str | None:
    """Whether the state of the module random decides on k."""
    state = random.getstate()
    first = my_k(x, digest, REAL.q)
    random.setstate(state)
    again, later = my_k(x, digest, REAL.q), my_k(x, digest, REAL.q)
    if first == again != later:
        return (
            "expected ks that nobody can predict, got the module random's; "
            "it is made for games: use secrets, or HMAC"
        )
    return None


def _attacked(x: int, digests: Sequence[bytes], ks: Sequence[int]) -> str | None:
    q, y = REAL.q, pow(REAL.g, x, REAL.p)
    hs = [smalldsa.leftmost_bits(digest, q) for digest in digests]
    signed = [_signed(x, k, h) for k, h in zip(ks[: ENOUGH + 1], hs, strict=False)]
    if key_from_short_ks(REAL, y, signed, ZERO_BITS) == x:
        return "expected a long k, got short ones; the lattice found x: use all 256 bits"
    return _related(ks, digests) or _biased(ks)


def _related(ks: Sequence[int], digests: Sequence[bytes]) -> str | None:
    """Whether ks are public numbers with something secret added, or multiplied by it."""
    public = {
        "the hashes": [int.from_bytes(digest, "big") for digest in digests],
        "the hashes, read backwards,": [int.from_bytes(digest, "little") for digest in digests],
        "the hashes of the hashes": [smalldsa.hashed(digest, REAL.q) for digest in digests],
        "numbers in a row": list(range(len(digests))),
    }
    for name, numbers in public.items():
        if _differ_alike(ks, numbers):
            return (
                f"expected ks that nobody can relate, got ks that differ as {name} do; "
                "adding is not hiding: put x and the message through HMAC"
            )
        if any(_on_a_line(ks, numbers, modulus) for modulus in (REAL.q, REAL.q - 1)):
            return (
                f"expected ks that nobody can relate, got multiples of {name}; "
                "as many equations as unknowns: put x and the message through HMAC"
            )
    return None


def _differ_alike(ks: Sequence[int], numbers: Sequence[int]) -> bool:
    pairs = [*pairwise(zip(ks, numbers, strict=True))]
    return any(
        (k - j - m + n) % REAL.q == 0 or (k - j + m - n) % REAL.q == 0 or k ^ j == m ^ n
        for (k, m), (j, n) in pairs
    )


def _on_a_line(ks: Sequence[int], numbers: Sequence[int], modulus: int) -> bool:
    """Whether k = a·n + b, or k = a/n, whatever a and b are: three points, or two, tell."""
    points = [*zip(ks, numbers, strict=True)]
    return any(
        ((k0 - k1) * (n1 - n2) - (k1 - k2) * (n0 - n1)) % modulus == 0
        or (k0 * n0 - k1 * n1) % modulus == 0
        for (k0, n0), (k1, n1), (k2, n2) in zip(points, points[1:], points[2:], strict=False)
    )


def _biased(ks: Sequence[int]) -> str | None:
    """What the owner can see in 100 ks: in even ones, every byte takes some 80 values."""
    if max(ks).bit_length() < REAL.q.bit_length():
        return "expected a long k, got ks whose first bit is always 0; use all 256 bits"
    for place in range(32):
        values = {k.to_bytes(32, "big")[place] for k in ks}
        if len(values) < 20:
            return (
                f"expected ks drawn evenly, got ks whose byte {place} takes {len(values)} of 256 "
                "values; a lattice needs no more: use all 256 bits"
            )
    return None
