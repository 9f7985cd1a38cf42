"""Lesson 04's checks: x from k, the repeat, a pair, a live forgery, a biased key, a good k."""

import hashlib
import os
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from securedata.lab import smalldsa
from securedata.lab.attacks import Signed, key_from_short_ks
from securedata.lab.check import exercise, given, shown
from securedata.lab.flaws import BiasedK
from securedata.lab.flaws.signed import ZERO_BITS
from securedata.lab.signedtwin import SignedTwin
from securedata.lab.smalldsa import REAL
from securedata.lab.twin import Row, TwinServer
from securedata.lab.twinclient import TwinClient

KNOWN_TEXT = "pay 0100 to Ada!"
FORGED_TEXT = "pay 9100 to Eve!"
ENOUGH = 5  # signatures with 64 zero bits in each k; see tools/bias_map.py
MANY = 32
TOO_FEW = "too few: of 4, about 1 in 30 succeeds; take 5"


def _chance() -> random.Random:
    return random.Random(os.urandom(16))  # noqa: S311  # exercise numbers


def _number(below: int, chance: random.Random) -> int:
    return chance.randrange(1, below)


def _signed(x: int, k: int, h: int) -> Signed:
    return Signed(h, *smalldsa.sign(REAL, x, h, k))


@exercise("4.1", "one k, and the key is yours")
def key_from_one_k(my_key: Callable[[Signed, int, int], int]) -> str | None:
    """my_key(signed, k, q): x from one signature and its k."""
    chance, q = _chance(), REAL.q
    x, k, h = (_number(q, chance) for _ in range(3))
    signed = _signed(x, k, h)
    answer = given(my_key(signed, k, q))
    if answer == x:
        return None
    r, s = signed.r, signed.s
    why = {
        (s * k - h) % q: "you have x·r: multiply by the inverse of r mod q",
        s * k - h: "you have x·r, and not mod q: multiply by the inverse of r mod q",
        (s * k - h) * r % q: "you multiplied by r: multiply by its inverse mod q",
        -x % q: "that is -x: s·k = h + x·r, so x·r = s·k - h",
        (s * k + h) * pow(r, -1, q) % q: "minus, not plus: s·k = h + x·r",
        (s * pow(k, -1, q) - h) * pow(r, -1, q) % q: "s·k, not s/k: the k has to go back up",
        (s * k - h) // r: "// divides integers: multiply by the inverse of r mod q",
        (s * k - h) * pow(r, -1, q): "that is right, and not reduced: mod q",
    }.get(answer if isinstance(answer, int) else -1)
    if why is None:
        real = isinstance(answer, float)
        why = "you divided real numbers" if real else "solve s·k = h + x·r for x, mod q"
    return f"expected the key, got {shown(answer)}; {why}"


@exercise("4.2", "equal r, equal k: the rest is arithmetic")
def finds_the_repeat(my_find: Callable[[list[Signed]], tuple[int, int]]) -> str | None:
    """my_find(signed): the places (i, j) of the two signatures made with one k."""
    chance = _chance()
    x = _number(REAL.q, chance)
    ks = [_number(REAL.q, chance) for _ in range(12)]
    places = chance.sample(range(12), 4)
    i, j = sorted(places[:2])
    ks[j] = ks[i]
    signed = [_signed(x, k, _number(REAL.q, chance)) for k in ks]
    # A bait for those who compare s: no two honest signatures have one s.
    one, two = sorted(places[2:])
    signed[two] = replace(signed[two], s=signed[one].s)
    answer = my_find(list(signed))
    if answer is None:
        given(my_find([signed[0]] * 3))
        return "expected two places, got None; the messages differ: compare the r alone"
    if not (isinstance(answer, (tuple, list)) and len(answer) == 2):
        return f"expected two places (i, j), got {shown(answer)}; return both, counted from 0"
    first, second = sorted(answer)
    if (first, second) == (i, j):
        return None
    why = {
        (one, two): "k alone fixes r; the message changes s",
        (i + 1, j + 1): "Python counts from 0",
    }.get((first, second), "their r are not equal: k alone fixes r")
    if first == second:
        why = "that is one signature with itself: i and j must differ"
    return f"expected {(i, j)}, got {shown(answer)}; {why}"


@exercise("4.3", "k, and with it the key")
def k_from_two(my_k: Callable[[Signed, Signed, int], int]) -> str | None:
    """my_k(one, two, q): the k that made both signatures."""
    chance, q = _chance(), REAL.q
    x, k = (_number(q, chance) for _ in range(2))
    one, two = (_signed(x, k, _number(q, chance)) for _ in range(2))
    answer = given(my_k(one, two, q))
    if answer == k:
        return None
    hashes, numbers = one.h - two.h, one.s - two.s
    why = {
        -k % q: "that is -k: subtract in the same order above and below",
        pow(k, -1, q): "that is upside down: the hashes stand above, the s below",
        -pow(k, -1, q) % q: "that is upside down: the hashes stand above, the s below",
        hashes * numbers % q: "you multiplied: multiply by the inverse of (s1 - s2) mod q",
        hashes // numbers: "// divides integers: multiply by the inverse of (s1 - s2) mod q",
        hashes * pow(numbers, -1, q): "that is right, and not reduced: mod q",
        (one.h + two.h) * pow(one.s + two.s, -1, q) % q: "minus: x·r must fall out",
        x: "that is x already; here k is asked for",
    }.get(answer if isinstance(answer, int) else -1)
    if why is None:
        real = isinstance(answer, float)
        why = "you divided real numbers" if real else "take s1·k = h1 + x·r minus s2·k = h2 + x·r"
    return f"expected k, got {shown(answer)}; {why}"


@exercise("4.4", "the running twin accepted a record that its owner never signed")
def forges(my_forge: Callable[[int, Row, str], Any], server: TwinServer) -> str | None:
    """my_forge(x, row, known_text) -> (encrypted_data, signature) that says FORGED_TEXT."""
    client, twin = TwinClient(server), server.twin
    if not isinstance(twin, SignedTwin):
        return f"expected a twin that signs, got {shown(twin)}; hand over the one of this lesson"
    row = client.store(KNOWN_TEXT)
    forged = given(my_forge(twin.x, row, KNOWN_TEXT))
    if not (isinstance(forged, tuple) and len(forged) == 2):
        return f"expected (encrypted_data, signature), got {shown(forged)}; return both"
    encrypted_data, signature = forged
    if not (isinstance(encrypted_data, bytes) and isinstance(signature, bytes)):
        why = "smalldsa.to_bytes makes 64 bytes of (r, s)"
        return f"expected two byte strings, got {shown(forged)}; {why}"
    changed = replace(row, encrypted_data=encrypted_data, signature=signature)
    text = client.retrieve(changed)
    if text == FORGED_TEXT:
        return None
    if encrypted_data == row.encrypted_data:
        why = "the text is still the old one: XOR in the difference, as under CTR"
    elif signature == row.signature:
        why = "it signs the old bytes; sign yours with x"
    elif text.startswith("pay"):
        why = "the signature is right, the text is not"
    elif len(signature) != 2 * smalldsa.NUMBER_BYTES:
        why = "a signature is 64 bytes: smalldsa.to_bytes((r, s))"
    elif _fits(twin.y, twin.signed_bytes(row), signature):
        why = "you signed the old row's bytes; sign those with your ciphertext in it"
    elif any(_fits(twin.y, part, signature) for part in (encrypted_data, FORGED_TEXT.encode())):
        why = "you signed one part: the twin verifies signed_bytes of the whole row"
    else:
        why = "sign hashed(signed_bytes of the changed row) with x, and any k of your own"
    return f"expected {shown(FORGED_TEXT)}, got {shown(text)}; {why}"


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
    if not isinstance(given(my_count), int) or not 1 <= my_count <= MANY:
        return f"expected a count from 1 to {MANY}, got {shown(my_count)}; how many do you need?"
    twin = BiasedK(my_seed)
    with TwinServer(twin) as server:
        client = TwinClient(server)
        rows = [client.store(f"text {number}") for number in range(my_count)]
        answer = my_recover(rows, client.public_number())
    if isinstance(answer, int) and pow(REAL.g, answer, REAL.p) == twin.y:
        return None
    return f"expected the x of this y, got {shown(answer)}; {_why_not_found(twin, rows)}"


def _why_not_found(twin: BiasedK, rows: Sequence[Row]) -> str:
    signed = [Signed.seen(twin.signed_bytes(row), row.signature, REAL.q) for row in rows]
    if len(rows) < ENOUGH and key_from_short_ks(REAL, twin.y, signed, ZERO_BITS) is None:
        return TOO_FEW
    return "is each h the hash of signed_bytes(row), and zero_bits 64?"


@exercise("4.6", "nobody without x can compute this k, and no two messages share one")
def makes_a_good_k(my_k: Callable[[int, bytes, int], int]) -> str | None:
    """my_k(x, digest, q): k for a message with this hash; attacked by what is public."""
    chance, q = _chance(), REAL.q
    x, other_x = (_number(q, chance) for _ in range(2))
    messages = [f"message {number} {chance.random()}".encode() for number in range(ENOUGH + 1)]
    digests = [hashlib.sha256(message).digest() for message in messages]
    ks = [given(my_k(x, digest, q)) for digest in digests]
    if not all(isinstance(k, int) for k in ks):
        return f"expected an int, got {shown(ks[0])}; int.from_bytes(…, 'big') makes one of bytes"
    if not all(0 < k < q for k in ks):
        return f"expected 0 < k < q, got {shown(next(k for k in ks if not 0 < k < q))}; reduce it"
    if len(set(ks)) < len(ks):
        return "expected another k for each message, got one twice; k must depend on the message"
    if any(my_k(other_x, digest, q) == k for digest, k in zip(digests, ks, strict=True)):
        return (
            f"expected a secret k, got one that needs no x: {shown(ks[0])}; "
            "anyone can compute it; k must depend on x"
        )
    return _attacked(x, digests, ks)


def _attacked(x: int, digests: Sequence[bytes], ks: Sequence[int]) -> str | None:
    q, y = REAL.q, pow(REAL.g, x, REAL.p)
    hs = [smalldsa.leftmost_bits(digest, q) for digest in digests]
    signed = [_signed(x, k, h) for k, h in zip(ks, hs, strict=True)]
    if key_from_short_ks(REAL, y, signed, ZERO_BITS) == x:
        return "expected a long k, got short ones; the lattice found x: use all 256 bits"
    known = {(ks[0] - ks[1] - sign * (hs[0] - hs[1])) % q for sign in (1, -1)}
    if 0 in known or ks[0] ^ ks[1] == hs[0] ^ hs[1]:
        return (
            "expected ks that nobody can relate, got ks that differ as the hashes do; "
            "adding is not hiding: put x and the message through HMAC"
        )
    if ks[0] * hs[1] % q == ks[1] * hs[0] % q or ks[0] * hs[0] % q == ks[1] * hs[1] % q:
        return (
            "expected ks that nobody can relate, got multiples of the hashes; "
            "two equations, two unknowns: put x and the message through HMAC"
        )
    return None
