"""Lesson 03's checks: an inverse, a toy signature, the cut hash, a live record, and framing."""

import copy
import json
import random
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import combinations, count, product
from numbers import Number
from typing import Any

import requests
from Crypto.PublicKey import DSA

from securedata.errors import SecureDataError
from securedata.lab import smalldsa
from securedata.lab.bits import flip_bit
from securedata.lab.checking import exercise, given, returned, shown
from securedata.lab.checks.framing import PARTS, PLAIN, second_reading, signed_or_none
from securedata.lab.flaws import Unframed
from securedata.lab.service import LabServer
from securedata.lab.signedtwin import SignedTwin
from securedata.lab.smalldsa import REAL, TOY, Domain
from securedata.record import frame
from securedata.web.client import Client
from securedata.web.receipt import receipt_from_json

Json = dict[str, Any]
Verify = Callable[[Json, int], bool]
Formula = Callable[..., int]
Sign = Callable[[Domain, int, int, int], tuple[int, int]]
Case = tuple[Domain, int, int, int]  # the domain, x, h and k
TEXT = "a record for exercise 3.4"
TOYS = (TOY, Domain(p=607, q=101, g=64))


def _mistake(
    mistakes: Mapping[str, Formula], cases: Iterable[tuple[Any, ...]], answers: list[Any]
) -> str | None:
    """The mistake that explains every answer: with small numbers, one may fit by chance."""
    cases = list(cases)
    for why, formula in mistakes.items():
        if [formula(*case) for case in cases] == answers:
            return why
    return None


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_fraction(value: object) -> bool:
    return isinstance(value, Number) and not isinstance(value, int)


WRONG_INVERSES: dict[str, Formula] = {
    "a + b is 0: that is the opposite for adding, not for multiplying": lambda a, q: -a % q,
    "// rounds down: you divided integers; multiply by the inverse mod q": lambda a, q: 1 // a,
    "q // a rounds down, and is no inverse: a·b must leave the remainder 1": lambda a, q: q // a,
    "that is a itself": lambda a, q: a,
    "a to the power q is a again: q-2 gives the inverse": lambda a, q: pow(a, q, q),
    "a to the power q-1 is always 1: q-2 gives the inverse": lambda a, q: pow(a, q - 1, q),
    "a and q have changed places: pow(a, -1, q)": lambda a, q: pow(q, -1, a),
}


@exercise("3.1", "a number times its inverse is 1, modulo q")
def inverts(my_inverse: Callable[[int, int], int]) -> str | None:
    """my_inverse(a, q): the b with a·b = 1 modulo q, for every a from 1 to q-1."""
    cases = [(a, q) for q in (11, 101, 1009) for a in range(1, q, 1 + q // 50)]
    answers = [returned(my_inverse, a, q) for a, q in cases]
    for (a, q), b in zip(cases, answers, strict=True):
        if _is_fraction(b):
            why = "you divided real numbers; multiply by the inverse mod q"
        elif not _is_int(b):
            why = "an inverse is an int"
        elif a * b % q != 1:
            why = _mistake(WRONG_INVERSES, cases, answers) or (
                f"{a} times that is {a * b % q} mod {q}: try 1 to q-1, or pow(a, -1, q)"
            )
        elif not 0 < b < q:
            why = "that is right, but not from 1 to q-1: take it mod q"
        else:
            continue
        return f"expected the b with {a}·b mod {q} = 1, got {shown(b)}; {why}"
    return None


WRONG_R: dict[str, Formula] = {
    "r is mod p, *then* mod q": lambda d, x, h, k: pow(d.g, k, d.p),
    "you left out p: r is mod p, *then* mod q": lambda d, x, h, k: pow(d.g, k, d.q),
    "you changed p and q: r is mod p, *then* mod q": lambda d, x, h, k: pow(d.g, k, d.q) % d.p,
    "that is g to the power k, and nothing reduced: mod p, *then* mod q": (
        lambda d, x, h, k: d.g**k
    ),
    "that is made of x: r is g to the power of k, which is secret too": (
        lambda d, x, h, k: pow(d.g, x, d.p) % d.q
    ),
    "that is k to the power g: r is g to the power k": lambda d, x, h, k: pow(k, d.g, d.p) % d.q,
    "you multiplied: r is g to the *power* k": lambda d, x, h, k: d.g * k % d.p % d.q,
    "^ is XOR in Python: pow(g, k, p)": lambda d, x, h, k: (d.g ^ k) % d.p % d.q,
}
WRONG_S: dict[str, Formula] = {
    "you multiplied by k: multiply by its inverse mod q": (
        lambda d, x, h, k, r: k * (h + x * r) % d.q
    ),
    "the inverse of k is missing": lambda d, x, h, k, r: (h + x * r) % d.q,
    "// rounds down: you divided integers; multiply by the inverse of k mod q": (
        lambda d, x, h, k, r: (h + x * r) // k % d.q
    ),
    "the inverse of k multiplies all of (h + x·r): brackets": (
        lambda d, x, h, k, r: (pow(k, -1, d.q) * h + x * r) % d.q
    ),
    "the inverse of k multiplies all of (h + x·r), also h: brackets": (
        lambda d, x, h, k, r: (h + pow(k, -1, d.q) * x * r) % d.q
    ),
    "plus, not minus: h + x·r": lambda d, x, h, k, r: pow(k, -1, d.q) * (h - x * r) % d.q,
    "without x anyone could do it: h + x·r": lambda d, x, h, k, r: pow(k, -1, d.q) * (h + r) % d.q,
    "without h it signs no message: h + x·r": lambda d, x, h, k, r: pow(k, -1, d.q) * x * r % d.q,
    "x multiplies r, not h": lambda d, x, h, k, r: pow(k, -1, d.q) * (x * h + r) % d.q,
    "x and k have changed places in s": lambda d, x, h, k, r: pow(x, -1, d.q) * (h + k * r) % d.q,
    "the inverse of k is mod q, not mod p": lambda d, x, h, k, r: (
        pow(k, -1, d.p) * (h + x * r) % d.q
    ),
    "s is mod q; p is for r alone": lambda d, x, h, k, r: pow(k, -1, d.q) * (h + x * r) % d.p,
    "the inverse and the sum are mod q, not mod p": lambda d, x, h, k, r: (
        pow(k, -1, d.p) * (h + x * r) % d.p
    ),
}


@exercise("3.2", "whoever has x signs any h, and each k makes another signature")
def signs(my_sign: Callable[[Domain, int, int, int], tuple[int, int]]) -> str | None:
    """my_sign(domain, x, h, k): (r, s) by FIPS 186-4, 4.6."""
    chance = random.Random(3)  # noqa: S311  # exercise numbers
    numbers = [[chance.randrange(1, domain.q) for _ in range(3)] for domain in TOYS * 10]
    drawn = [(domain, x, h, k) for domain, (x, h, k) in zip(TOYS * 10, numbers, strict=True)]
    cases = [case for case in drawn if _signature(*case)]
    right = [_signature(*case) for case in cases]
    answers = [returned(my_sign, *case) for case in cases]
    pairs = [tuple(answer) if isinstance(answer, list) else answer for answer in answers]
    malformed = [n for n, pair in enumerate(pairs) if _not_two_ints(pair)]
    wrong = malformed or [n for n, pair in enumerate(pairs) if pair != right[n]]
    if not wrong:
        return None
    n = wrong[0]
    domain, x, h, k = cases[n]
    why = _not_two_ints(pairs[n]) or _wrong_signature(pairs, right, cases)
    given_to = f"p, q, g = {domain.p}, {domain.q}, {domain.g}, x={x}, h={h}, k={k}"
    return f"expected {right[n]} for {given_to}, got {shown(pairs[n])}; {why}"


def _not_two_ints(answer: object) -> str | None:
    if not (isinstance(answer, tuple) and len(answer) == 2):
        return "return both numbers: (r, s)"
    if any(map(_is_fraction, answer)):
        return "you divided real numbers; multiply by the inverse of k mod q"
    return None if all(map(_is_int, answer)) else "r and s are ints"


def _signature(domain: Domain, x: int, h: int, k: int) -> tuple[int, int] | None:
    try:
        return smalldsa.sign(domain, x, h, k)
    except SecureDataError:  # r or s is zero, which no exercise asks for
        return None


def _wrong_signature(answers: list[Any], right: list[Any], cases: list[Any]) -> str:
    if [(r, s) for s, r in answers] == right:
        return "those are both, in the other order: r comes first"
    rs = [r for r, _ in answers]
    right_rs = [r for r, _ in right]
    if rs != right_rs:
        return _mistake(WRONG_R, cases, rs) or "r is g to the power of k, mod p, *then* mod q"
    all_ss = zip([s for _, s in answers], right, cases, strict=True)
    if all(s % domain.q == wanted for s, (_, wanted), (domain, *_) in all_ss):
        return "take s mod q too"
    with_r = [(*case, r) for case, r in zip(cases, right_rs, strict=True)]
    return _mistake(WRONG_S, with_r, [s for _, s in answers]) or (
        "r is right; s is the inverse of k mod q, times (h + x·r), mod q"
    )


@exercise("3.3", "the leftmost bits, as many as q has; nothing is divided")
def cuts_the_hash(my_cut: Callable[[bytes, int], int]) -> str | None:
    """my_cut(digest, q): the leftmost bits of a hash as a number (FIPS 186-4, 4.6)."""
    chance = random.Random(3)  # noqa: S311  # exercise numbers
    sizes = ((224, 32), (160, 32), (256, 32), (224, 64), (163, 32))
    for first, (bits, length) in product((b"\xff", b"\x00"), sizes):
        q = 2**bits - chance.randrange(3, 2**bits // 2, 2)
        digest = first + chance.randbytes(length - 1)
        answer = returned(my_cut, digest, q)
        right = smalldsa.leftmost_bits(digest, q)
        if _is_int(answer) and answer in (right, right % q):
            continue
        wanted = f"{bits} of {8 * length} bits, {shown(right)}"
        return f"expected {wanted}, got {shown(answer)}; {_wrong_cut(answer, digest, q)}"
    return None


def _wrong_cut(answer: object, digest: bytes, q: int) -> str:
    if _is_fraction(answer):
        return "h is an int, and / rounds: >> takes bits away"
    if not _is_int(answer):
        return "h is an int: int.from_bytes(digest, 'big') makes one of bytes"
    bits, whole = q.bit_length(), int.from_bytes(digest, "big")
    surplus = 8 * len(digest) - bits
    little = int.from_bytes(digest, "little")
    if answer == whole:
        return "that is the whole hash: keep as many bits as q has"
    if answer == whole % q:
        return "that is the remainder: keep the leftmost bits"
    if answer == whole % 2**bits:
        return "those are the rightmost bits: shift right instead"
    if answer in (little, little >> surplus, little % q):
        return "read the bytes big-endian"
    taken = next((n for n in range(8 * len(digest)) if whole >> n == answer), None)
    if taken is None:
        return "shift right by what is too much: 8 * len(digest) - q.bit_length()"
    if taken == bits:
        return f"you took {bits} bits away: keep {bits}"
    if digest[0] == 0:
        return f"you took {taken} bits away, not {surplus}: zeros at the front are bits too"
    return f"you took {taken} bits away, not {surplus}: 8 * len(digest) - q.bit_length()"


@exercise("3.4", "your own pow has verified what the running service signed")
def verifies_a_live_record(my_verify: Verify, server: LabServer) -> str | None:
    """my_verify(answer, y): whether an answer of /store is what the holder of y's key signed."""
    y = int(DSA.import_key(Client(server.url, ca_file=str(server.ca_file)).public_key()).y)
    genuine = _stored(server)
    answer = returned(my_verify, copy.deepcopy(genuine), y)
    if not isinstance(answer, bool):
        return f"expected True or False, got {shown(answer)}; compare with == and return that"
    if not answer:
        why = _what_was_verified(my_verify, genuine)
        return f"expected True for a fresh record, got False; {why}"
    return _believes_another(my_verify, genuine, y) or _believes_out_of_range(my_verify, genuine)


def _stored(server: LabServer) -> Json:
    answer: Json = requests.post(
        f"{server.url}/store", json={"data": TEXT}, verify=str(server.ca_file), timeout=10
    ).json()
    return answer


def _believes_another(my_verify: Verify, genuine: Json, y: int) -> str | None:
    """What is not what the holder of y signed must be False."""
    noise = smalldsa.to_bytes(
        (1 + secrets.randbelow(REAL.q - 1), 1 + secrets.randbelow(REAL.q - 1))
    )
    cases = [(_with(genuine, noise), y, "r and s were drawn by lot: compare v with r")]
    somebody_elses = pow(REAL.g, 5, REAL.p)
    cases.append((genuine, somebody_elses, "that is somebody else's y: use the y you are handed"))
    for field, changed in _tampered(genuine):
        why = f"that record's {field} was changed: every part must go into the hash"
        cases.append((changed, y, why))
    for record, handed_y, why in cases:
        answer = my_verify(copy.deepcopy(record), handed_y)
        if answer is None:
            return "expected False for a wrong signature, got None; return False, too"
        if answer is not False:
            return f"expected False, got {shown(answer)}; {why}"
    return None


def _tampered(genuine: Json) -> Iterator[tuple[str, Json]]:
    for field in ("nonce", "encrypted_data", "tag"):
        data = genuine["data"]
        yield field, genuine | {"data": data | {field: flip_bit(data[field], 9)}}
    yield "owner", genuine | {"owner": "eve"}
    yield "created", genuine | {"created": "2001-01-01T00:00:00Z"}
    for field in ("record_id", "signer_id"):
        yield field, genuine | {field: flip_bit(genuine[field], 0)}


def _with(genuine: Json, signature: bytes) -> Json:
    return genuine | {"data": genuine["data"] | {"signature": signature.hex()}}


def _believes_out_of_range(my_verify: Verify, genuine: Json) -> str | None:
    """0 < r < q and 0 < s < q (FIPS 186-4, 4.7), with signatures of a key of the check's own."""
    x, q = 1 + secrets.randbelow(REAL.q - 1), REAL.q
    y, h = pow(REAL.g, x, REAL.p), smalldsa.hashed(receipt_from_json(genuine).signed_bytes, q)
    signatures = (smalldsa.sign(REAL, x, h, k) for k in count(1))
    # Both so small that q can be added, and 32 bytes still hold them.
    r, s = next(pair for pair in signatures if max(pair) + q < 2**256)
    for name, pair in {
        "r = s = 0": (0, 0),
        "r = 1, s = 0": (1, 0),
        "s = q": (r, q),
        "s + q": (r, s + q),
        "r + q": (r + q, s),
    }.items():
        try:
            got = shown(my_verify(_with(copy.deepcopy(genuine), smalldsa.to_bytes(pair)), y))
        except ValueError as error:
            got = f"ValueError: {error}"
        if got != "False":
            why = "first 0 < r < q and 0 < s < q (FIPS 186-4, 4.7)"
            return f"expected False for {name}, got {got}; {why}"
    return None


def _what_was_verified(my_verify: Verify, genuine: Json) -> str:
    """Sign other bytes than the service does, or with other formulas: which does it believe?"""
    receipt, data = receipt_from_json(genuine), genuine["data"]
    parts = (receipt.nonce, receipt.ciphertext, receipt.tag)
    fields = {name: data[name] for name in ("nonce", "encrypted_data", "tag")}
    unsigned = (fields, genuine | {"data": fields})
    hashed_instead = {
        "the JSON text": [dump(text) for dump in (json.dumps, str) for text in unsigned],
        "the ciphertext alone": [receipt.ciphertext, data["encrypted_data"]],
        "the parts without their lengths": [
            b"".join(parts),
            receipt.header.encoded + b"".join(parts),
        ],
        "hex digits": ["".join(fields.values())],
        "the parts without the header": [frame(*parts)],
        "the header alone": [receipt.header.encoded],
        "the text": [TEXT],
        "the right bytes in hex": [receipt.signed_bytes.hex()],
    }
    for name, variants in hashed_instead.items():
        for variant in variants:
            message = variant.encode() if isinstance(variant, str) else variant
            if _believes(my_verify, genuine, message, smalldsa.sign):
                return f"you hashed {name}: it must be the exact framed bytes, not their display"
    for why, sign in OTHER_FORMULAS.items():
        if _believes(my_verify, genuine, receipt.signed_bytes, sign):
            return why
    return (
        "hash the exact framed bytes, not their display (JSON, hex): "
        "receipt_from_json(answer).signed_bytes; v is mod p, *then* mod q; then v == r"
    )


def _divided_by_w(d: Domain, x: int, h: int, k: int) -> tuple[int, int]:
    r = pow(d.g, k, d.p) % d.q
    return r, k * pow(h + x * r, -1, d.q) % d.q


def _h_and_r_changed(d: Domain, x: int, h: int, k: int) -> tuple[int, int]:
    r = pow(d.g, k, d.p) % d.q
    return r, pow(k, -1, d.q) * (r + x * h) % d.q


def _s_made_of_k(d: Domain, x: int, h: int, k: int) -> tuple[int, int]:
    s = pow(d.g, k, d.p) % d.q
    return (k * s - h) * pow(x, -1, d.q) % d.q, s


def _s_first(d: Domain, x: int, h: int, k: int) -> tuple[int, int]:
    r, s = smalldsa.sign(d, x, h, k)
    return s, r


# Signatures that only a verifier with this mistake believes.
OTHER_FORMULAS: dict[str, Sign] = {
    "w is the inverse of s mod q, not s itself": _divided_by_w,
    "u1 and u2 have changed places: g goes with h·w, y with r·w": _h_and_r_changed,
    "v must be equal to r, not to s": _s_made_of_k,
    "r is the first half of the signature, s the second": _s_first,
}


def _believes(
    my_verify: Verify,
    genuine: Json,
    message: bytes,
    sign: Sign,
) -> bool:
    x = 12345
    signature = smalldsa.to_bytes(sign(REAL, x, smalldsa.hashed(message, REAL.q), 54321))
    try:
        answer = my_verify(_with(copy.deepcopy(genuine), signature), pow(REAL.g, x, REAL.p))
    except Exception:  # whatever a student's code raises, it did not believe
        return False
    return answer is True


@exercise("3.5", "no two rows have the same signed bytes, and honest rows still open")
def frames(MyTwin: type[SignedTwin]) -> str | None:  # noqa: N803  # it is a class
    """MyTwin.signed_bytes(row) must have one reading only, whatever stands in the parts."""
    given(MyTwin)
    if not (isinstance(MyTwin, type) and issubclass(MyTwin, SignedTwin)):
        return (
            f"expected a class made from Unframed, got {shown(MyTwin)}; "
            "begin with class MyTwin(Unframed), and hand the class over, without brackets"
        )
    if MyTwin.signed_bytes in (Unframed.signed_bytes, SignedTwin.signed_bytes):
        return (
            "expected a signed_bytes of your own, got the one that was there; "
            "write def signed_bytes(self, row) inside the class"
        )
    twin = MyTwin()
    return (
        _not_the_same_bytes(twin)
        or _not_covered(twin)
        or _does_not_open(twin)
        or second_reading(twin)
    )


def _not_the_same_bytes(twin: SignedTwin) -> str | None:
    signed = returned(twin.signed_bytes, PLAIN)
    if not isinstance(signed, bytes):
        return f"expected bytes, got {shown(signed)}; it is bytes that are signed"
    if twin.signed_bytes(PLAIN) != signed:
        return "expected the same bytes for the same row, got others; nobody could verify them"
    if twin.signed_bytes(replace(PLAIN, signature=b"S" * 64)) != signed:
        return "expected the three parts, got the signature among them; it cannot sign itself"
    return None


def _not_covered(twin: SignedTwin) -> str | None:
    signed = twin.signed_bytes(PLAIN)
    for part in PARTS:
        old = getattr(PLAIN, part)
        for place in range(len(old)):
            texts = (old[:place] + bytes([value]) + old[place + 1 :] for value in range(256))
            if len({twin.signed_bytes(replace(PLAIN, **{part: text})) for text in texts}) < 256:
                return (
                    "expected every part to be signed, got something left out; "
                    f"byte {place} of {part} can be changed"
                )
    for one, two in combinations(PARTS, 2):
        swapped = {one: getattr(PLAIN, two), two: getattr(PLAIN, one)}
        if signed_or_none(twin, replace(PLAIN, **swapped)) == signed:
            return (
                f"expected one reading, got the same when {one} and {two} change places; "
                "each part needs a place of its own"
            )
    return None


def _does_not_open(twin: SignedTwin) -> str | None:
    for text in (b"pay 1000 to Ada", b"", b"x" * 300, b"x" * 70_000):
        try:
            opened = twin.open(twin.seal(text, "1"), "1")
        except Exception as error:
            what = f"{type(error).__name__}: {error}"
            return (
                f"expected a text of {len(text)} bytes to be signed, got {what}; "
                "a text may be empty, and its length more than one or two bytes hold"
            )
        if opened != text:
            return "expected the text as it went in, got another; change signed_bytes alone"
    return None
