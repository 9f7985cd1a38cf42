"""Lesson 03's checks: an inverse, a toy signature, the cut hash, a live record, and framing."""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import requests
from Crypto.PublicKey import DSA

from securedata.errors import SecureDataError
from securedata.lab import smalldsa
from securedata.lab.bits import flip_bit
from securedata.lab.check import exercise, given, shown
from securedata.lab.service import LabServer
from securedata.lab.signedtwin import SignedTwin
from securedata.lab.smalldsa import REAL, TOY, Domain
from securedata.lab.twin import Row
from securedata.record import frame
from securedata.web.client import Client, receipt_from_json

Json = dict[str, Any]
TEXT = "a record for exercise 3.4"
TOYS = (TOY, Domain(p=607, q=101, g=64))


@exercise("3.1", "a number times its inverse is 1, modulo q")
def inverts(my_inverse: Callable[[int, int], int]) -> str | None:
    """my_inverse(a, q): the b with a·b = 1 modulo q, for every a from 1 to q-1."""
    for q in (11, 101, 1009):
        for a in range(1, q, 1 + q // 50):
            b = given(my_inverse(a, q))
            if isinstance(b, float):
                why = "you divided real numbers; multiply by the inverse mod q"
            elif not isinstance(b, int) or isinstance(b, bool):
                why = "an inverse is an int"
            elif a * b % q != 1:
                why = _not_inverse(a, b, q)
            elif not 0 < b < q:
                why = "that is right, and too long: take it mod q"
            else:
                continue
            return f"expected the b with {a}·b mod {q} = 1, got {shown(b)}; {why}"
    return None


def _not_inverse(a: int, b: int, q: int) -> str:
    if (a + b) % q == 0:
        return f"{a} + b is 0: that is the opposite for adding, not for multiplying"
    if b == 1 // a:
        return "// rounds down: you divided integers; multiply by the inverse mod q"
    if b % q == a:
        return f"that is {a} itself: a to the power q is a again, q-2 is the inverse"
    if (a * b) % (q - 1) == 1:
        return "that is the inverse mod q-1: the modulus is q"
    return f"{a} times that is {a * b % q} mod {q}: try the numbers from 1 to q-1, or pow(a, -1, q)"


@exercise("3.2", "whoever has x signs any h, and each k makes another signature")
def signs(my_sign: Callable[[Domain, int, int, int], tuple[int, int]]) -> str | None:
    """my_sign(domain, x, h, k): (r, s) by FIPS 186-4, 4.6."""
    chance = random.Random(3)  # noqa: S311  # exercise numbers
    for domain in TOYS * 10:
        x, h, k = (chance.randrange(1, domain.q) for _ in range(3))
        right = _signature(domain, x, h, k)
        if right is None:
            continue
        answer = given(my_sign(domain, x, h, k))
        if isinstance(answer, (tuple, list)) and tuple(answer) == right:
            continue
        numbers = f"p, q, g = {domain.p}, {domain.q}, {domain.g}, x={x}, h={h}, k={k}"
        why = _wrong_signature(answer, domain, x, h, k)
        return f"expected {right} for {numbers}, got {shown(answer)}; {why}"
    return None


def _signature(domain: Domain, x: int, h: int, k: int) -> tuple[int, int] | None:
    try:
        return smalldsa.sign(domain, x, h, k)
    except SecureDataError:  # r or s is zero, which no exercise asks for
        return None


def _wrong_signature(answer: object, domain: Domain, x: int, h: int, k: int) -> str:
    p, q, g = domain.p, domain.q, domain.g
    if not (isinstance(answer, (tuple, list)) and len(answer) == 2):
        return "return both numbers: (r, s)"
    r, s = answer
    power, right = pow(g, k, p), pow(g, k, p) % q
    if (s, r) == smalldsa.sign(domain, x, h, k):
        return "those are both, in the other order: r comes first"
    if r != right:
        return {
            power: "r is mod p, *then* mod q",
            pow(g, k, q): "you left out p: r is mod p, *then* mod q",
            pow(g, x, p) % q: "that is made of x: r is g to the power of k, which is secret too",
        }.get(r, "r is g to the power of k, mod p, *then* mod q")
    if isinstance(s, float):
        return "you divided real numbers; multiply by the inverse of k mod q"
    inverse = pow(k, -1, q)
    return {
        inverse * (h + x * right): "take s mod q too",
        k * (h + x * right) % q: "you multiplied by k: multiply by its inverse mod q",
        (inverse * h + x * right) % q: "the inverse of k multiplies all of (h + x·r): brackets",
        inverse * (h + x * power) % q: "that s has the r that is only mod p in it",
        inverse * (h - x * right) % q: "plus, not minus: h + x·r",
        inverse * (h + right) % q: "without x anyone could do it: h + x·r",
        inverse * (x * h + right) % q: "x multiplies r, not h",
        pow(k, -1, p) * (h + x * right) % q: "the inverse of k is mod q, not mod p",
        inverse * (h + x * right) % p: "s is mod q; p is for r alone",
    }.get(s, "s is the inverse of k mod q, times (h + x·r), mod q")


@exercise("3.3", "the leftmost bits, as many as q has; nothing is divided")
def cuts_the_hash(my_cut: Callable[[bytes, int], int]) -> str | None:
    """my_cut(digest, q): the leftmost bits of a hash as a number (FIPS 186-4, 4.6)."""
    chance = random.Random(3)  # noqa: S311  # exercise numbers
    for bits, length in ((224, 32), (160, 32), (256, 32), (224, 64)):
        q = 2**bits - chance.randrange(3, 2**bits // 2, 2)
        digest = b"\xff" + chance.randbytes(length - 1)
        answer = given(my_cut(digest, q))
        right = smalldsa.leftmost_bits(digest, q)
        if answer in (right, right % q):
            continue
        whole = int.from_bytes(digest, "big")
        why = {
            whole % q: "that is the remainder: keep the leftmost bits",
            whole: "that is the whole hash: keep as many bits as q has",
            whole % 2**bits: "those are the rightmost bits: shift right instead",
            whole >> bits: f"you took {bits} bits away: keep {bits}",
            whole >> 32: "q is not always 32 bits shorter than the hash: q.bit_length()",
            int.from_bytes(digest, "little"): "read the bytes big-endian",
        }.get(answer if isinstance(answer, int) else -1)
        if why is None:
            why = (
                "h is an int" if not isinstance(answer, int) else "shift right by what is too much"
            )
        wanted = f"{bits} of {8 * length} bits, {shown(right)}"
        return f"expected {wanted}, got {shown(answer)}; {why}"
    return None


@exercise("3.4", "your own pow has verified what the running service signed")
def verifies_a_live_record(my_verify: Callable[[Json, int], bool], server: LabServer) -> str | None:
    """my_verify(answer, y): whether an answer of /store is what the holder of y's key signed."""
    y = int(DSA.import_key(Client(server.url, ca_file=str(server.ca_file)).public_key()).y)
    genuine = _stored(server)
    answer = given(my_verify(genuine, y))
    if not isinstance(answer, bool):
        return f"expected True or False, got {shown(answer)}; compare with == and return that"
    if not answer:
        why = _bytes_that_were_hashed(my_verify, genuine)
        return f"expected True for a fresh record, got False; {why}"
    for field, changed in _tampered(genuine):
        if my_verify(changed, y) is not False:
            why = f"that record's {field} was changed: every part must go into the hash"
            return f"expected False, got {shown(my_verify(changed, y))}; {why}"
    if my_verify(genuine, pow(REAL.g, 5, REAL.p)) is not False:
        return "expected False for somebody else's y, got True; use the y that you are handed"
    return _refuses_zeros(my_verify, genuine, y)


def _stored(server: LabServer) -> Json:
    answer: Json = requests.post(
        f"{server.url}/store", json={"data": TEXT}, verify=str(server.ca_file), timeout=10
    ).json()
    return answer


def _tampered(genuine: Json) -> Iterator[tuple[str, Json]]:
    for field, value in genuine["data"].items():
        yield field, genuine | {"data": genuine["data"] | {field: flip_bit(value, 9)}}
    yield "owner", genuine | {"owner": "eve"}
    yield "created", genuine | {"created": "2001-01-01T00:00:00Z"}
    yield "record_id", genuine | {"record_id": flip_bit(genuine["record_id"], 0)}


def _refuses_zeros(my_verify: Callable[[Json, int], bool], genuine: Json, y: int) -> str | None:
    zeros = genuine | {"data": genuine["data"] | {"signature": "00" * 64}}
    try:
        answer = my_verify(zeros, y)
    except ValueError:
        return (
            "expected False for a signature of zeros, got ValueError; "
            "zero has no inverse: first 0 < r < q and 0 < s < q (FIPS 186-4, 4.7)"
        )
    return None if answer is False else f"expected False for zeros, got {shown(answer)}; check r, s"


def _bytes_that_were_hashed(my_verify: Callable[[Json, int], bool], genuine: Json) -> str:
    """Sign other bytes than the service does, and see which of them my_verify believes."""
    receipt, data = receipt_from_json(genuine), genuine["data"]
    parts = (receipt.nonce, receipt.ciphertext, receipt.tag)
    candidates = {
        "the JSON text": [json.dumps(genuine), json.dumps(data), str(genuine), str(data)],
        "the ciphertext alone": [receipt.ciphertext, data["encrypted_data"]],
        "nonce, ciphertext and tag without their lengths": [b"".join(parts)],
        "hex digits": ["".join(data[name] for name in ("nonce", "encrypted_data", "tag"))],
        "the parts without the header": [frame(*parts)],
        "the header alone": [receipt.header],
        "the text": [TEXT],
        "the right bytes in hex": [receipt.signed_bytes.hex()],
    }
    for name, variants in candidates.items():
        for variant in variants:
            message = variant.encode() if isinstance(variant, str) else variant
            if _believes(my_verify, genuine, message):
                return f"you hashed {name}: it must be the exact framed bytes, not their display"
    return (
        "hash receipt_from_json(answer).signed_bytes: the exact framed bytes, not their display; "
        "then v == r"
    )


def _believes(my_verify: Callable[[Json, int], bool], genuine: Json, message: bytes) -> bool:
    x = 12345
    signature = smalldsa.to_bytes(smalldsa.sign(REAL, x, smalldsa.hashed(message, REAL.q), k=54321))
    signed = genuine | {"data": genuine["data"] | {"signature": signature.hex()}}
    try:
        return my_verify(signed, pow(REAL.g, x, REAL.p)) is True
    except Exception:  # whatever a student's code raises, it did not believe
        return False


@exercise("3.5", "no two rows have the same signed bytes, and honest rows still open")
def frames(MyTwin: type[SignedTwin]) -> str | None:  # noqa: N803  # it is a class
    """MyTwin.signed_bytes(row) must have one reading only, whatever stands in the parts."""
    given(MyTwin)
    if not (isinstance(MyTwin, type) and issubclass(MyTwin, SignedTwin)):
        return (
            f"expected a class made from Unframed, got {shown(MyTwin)}; "
            "begin with class MyTwin(Unframed), and hand the class over, without brackets"
        )
    twin = MyTwin()
    for text in (b"pay 1000 to Ada", b"", b"x" * 70_000):
        row = twin.seal(text, "1")
        if not isinstance(twin.signed_bytes(row), bytes):
            return (
                f"expected bytes, got {shown(twin.signed_bytes(row))}; it is bytes that are signed"
            )
        if twin.open(row, "1") != text:
            return "expected the text as it went in, got another; change signed_bytes alone"
    return _not_covered(twin) or _second_reading(twin)


def _not_covered(twin: SignedTwin) -> str | None:
    row = Row(b"N" * 12, b"ciphertext", b"T" * 16)
    for part in ("nonce", "encrypted_data", "tag"):
        if twin.signed_bytes(replace(row, **{part: b"other"})) == twin.signed_bytes(row):
            return f"expected every part to be signed, got one left out; {part} can be changed"
    return None


def _second_reading(twin: SignedTwin) -> str | None:
    """Look for two rows with the same signed bytes, as an attacker would."""
    gaps = _gaps(twin)
    for filler in [*gaps, *(bytes([value]) for value in range(256))]:
        seen: dict[bytes, Row] = {}
        for row in _rows(filler):
            other = seen.setdefault(twin.signed_bytes(row), row)
            if other != row:
                return _two_readings(other, row, gaps)
    return None


def _rows(filler: bytes) -> Iterator[Row]:
    for i in range(14):
        for j in range(14):
            yield Row(b"N" * 12, filler * i, filler * j)
            yield Row(filler * i, filler * j, b"T" * 16)


def _gaps(twin: SignedTwin) -> list[bytes]:
    """What stands between the parts, where they stand there as they are."""
    parts = (b"N" * 12, b"C" * 20, b"T" * 16)
    signed = twin.signed_bytes(Row(*parts))
    places = [signed.find(part) for part in parts]
    if -1 in places:
        return []
    between = [signed[places[n] + len(parts[n]) : places[n + 1]] for n in range(2)]
    return [gap for gap in between if gap]


def _two_readings(one: Row, two: Row, gaps: list[bytes]) -> str:
    where = "encrypted_data, tag" if one.nonce == two.nonce else "nonce, encrypted_data"
    shapes = [[len(row.nonce), len(row.encrypted_data), len(row.tag)] for row in (one, two)]
    if not gaps:
        why = f"bytes can move between {where}: put each part's length in front of it"
    elif any(gap.isdigit() for gap in gaps):
        why = "a length needs an end of its own: 1 and then 1… reads like 11"
    else:
        why = f"{shown(gaps[0])} can occur inside a part; use lengths"
    return f"expected one reading, got rows of {shapes[0]} and {shapes[1]} bytes alike; {why}"
