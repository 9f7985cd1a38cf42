"""Exercise 3.4: verify what the running service has signed."""

import copy
import hashlib
import json
import secrets
from collections.abc import Callable, Iterator
from itertools import count
from typing import Annotated, Any

import requests
from Crypto.PublicKey import DSA

from securedata.record import frame
from securedata.web.receipt import receipt_from_json
from securedata_lab.basics import small_dsa
from securedata_lab.basics.bits import flip_bit
from securedata_lab.basics.small_dsa import REAL, TOY, Domain
from securedata_lab.judging.attempts import this_attempt
from securedata_lab.judging.calls import outer_names
from securedata_lab.judging.declared import as_declared
from securedata_lab.judging.engine import exercise, returned, shown
from securedata_lab.judging.mistakes import Formula, about_bytes
from securedata_lab.judging.powers import Base, bounded, without_search
from securedata_lab.servers.clients import ask
from securedata_lab.servers.starting import LabServer

Json = dict[str, Any]
Verify = Callable[[Json, int], bool]
TEXT, LESSONS_TEXT = "a record for exercise 3.4", "Meet me at noon."
PARTS = ("nonce", "encrypted_data", "tag")
OUTER = {"answer", "h", "message", "r", "receipt", "s", "signature", "signed", "u1", "u2", "v", "w"}
LIBRARYS, LIBRARYS_OWN = "Crypto.Signature.DSS.verify", "Crypto.PublicKey.DSA._verify"


@exercise(
    "3.4",
    "your own pow has verified what the running service signed",
    points=6,
    ready_made=["securedata_lab.basics.small_dsa.fits", LIBRARYS, LIBRARYS_OWN],
    errors={
        "KeyError": 'the three fields lie in answer["data"]: receipt_from_json(answer) finds all',
        "all arguments are integers": "/ makes a float: multiply by the inverse of s mod q",
        **about_bytes("h is a number: that of the hash of signed_bytes (int.from_bytes)"),
    },
)
def verifies_a_live_record(my_verify: Verify, server: LabServer) -> str | None:
    """my_verify(answer, y): whether an answer of /store is what the holder of y's key signed."""
    y, genuine = Base(_public_number(server)), ask(server, "/store", {"data": TEXT})
    my_verify = bounded(my_verify, g=REAL.g)
    with without_search(1_000_000):
        answer = returned(my_verify, copy.deepcopy(genuine), y)
    if not as_declared(answer, Annotated[bool, "compare with == and return that"]):
        why = _outer_names(my_verify) or _returns_the_librarys()
        why = why or _what_was_verified(my_verify, genuine)
        return f"expected True for a fresh record, got False; {why}"
    return _believes_another(my_verify, genuine, y) or _believes_out_of_range(my_verify, genuine)


def _public_number(server: LabServer) -> int:
    address = f"{server.url}/public-key"
    pem = requests.get(address, verify=str(server.ca_file), timeout=10).text
    return int(DSA.import_key(pem).y)


def _outer_names(my_verify: Verify) -> str | None:
    return outer_names(my_verify, OUTER, "the answer that you are handed")


def _returns_the_librarys() -> str | None:
    if LIBRARYS in (this_attempt().called or ()):
        return "PyCryptodome's verify returns False if valid, and raises ValueError if not: use pow"
    return None


def _believes_another(my_verify: Verify, genuine: Json, y: int) -> str | None:
    """What the holder of y did not sign must be False."""
    at_random = small_dsa.to_bytes(
        (1 + secrets.randbelow(REAL.q - 1), 1 + secrets.randbelow(REAL.q - 1))
    )
    somebody_elses = pow(REAL.g, 5, REAL.p)
    cases = [
        (_with(genuine, at_random), y, "r and s were drawn at random: compare v with r"),
        (genuine, somebody_elses, "that is somebody else's y: use the y that you are handed"),
    ]
    for field, changed in _tampered(genuine):
        why = f"that record's {field} was changed: every part must go into the hash"
        cases.append((changed, y, why))
    for record, handed_y, why in cases:
        answer = my_verify(copy.deepcopy(record), handed_y)
        if answer is None:
            return "expected False for a wrong signature, got None; return False, too"
        if answer is not False:
            return f"expected False, got {shown(answer)}; {_outer_names(my_verify) or why}"
    return None


def _tampered(genuine: Json) -> Iterator[tuple[str, Json]]:
    for field in PARTS:
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
    y, h = pow(REAL.g, x, REAL.p), small_dsa.hashed(receipt_from_json(genuine).signed_bytes, q)
    signatures = (small_dsa.sign(REAL, x, h, k) for k in count(1))
    # Both so small that q can be added, and 32 bytes still hold them.
    r, s = next(pair for pair in signatures if max(pair) + q < 2**256)
    for name, pair in {
        "r = s = 0": (0, 0),
        "r = 1, s = 0": (1, 0),
        "s = q": (r, q),
        "s + q": (r, s + q),
        "r + q": (r + q, s),
    }.items():
        why = "first 0 < r < q and 0 < s < q (FIPS 186-4, 4.7)"
        try:
            got = shown(my_verify(_with(copy.deepcopy(genuine), small_dsa.to_bytes(pair)), y))
        except Exception as error:
            got = repr(error)
            why = why if "invertible" in got else "return False, and raise nothing"
        if got != "False":
            return f"expected False for {name}, got {got}; {why}"
    return None


def _what_was_verified(my_verify: Verify, genuine: Json) -> str:
    """Sign other bytes than the service does, or with other formulas: which does it believe?"""
    for name, variants in _hashed_instead(genuine).items():
        for variant in variants:
            message = variant.encode() if isinstance(variant, str) else variant
            if _says_true(my_verify, genuine, *_signed_number(small_dsa.hashed(message, REAL.q))):
                return f"you hashed {name}: hash signed_bytes, the bytes that were signed"
    signed = receipt_from_json(genuine).signed_bytes
    h = small_dsa.hashed(signed, REAL.q)
    g_h = pow(REAL.g, h, REAL.p)
    believed = {
        **_other_numbers(signed),
        **{why: _signed_number(h, formula) for why, formula in OTHER_FORMULAS.items()},
        RIGHT_FOR_S_1: _signed_with_s_1(REAL, h),
        **{why: ((1, 1), y_for(g_h)) for why, y_for in OTHER_REDUCTIONS.items()},
    }
    for why, (signature, y) in believed.items():
        if _says_true(my_verify, genuine, signature, y):
            return why
    return "is h the SHA-256 of signed_bytes, and v made as in the toy? then compare v with r"


def _hashed_instead(genuine: Json) -> dict[str, list[str | bytes]]:
    receipt, data = receipt_from_json(genuine), genuine["data"]
    parts = (receipt.nonce, receipt.ciphertext, receipt.tag)
    fields = {name: data[name] for name in PARTS}
    unsigned = (fields, genuine | {"data": fields})
    return {
        "the JSON text": [dump(text) for dump in (json.dumps, str) for text in unsigned],
        "the ciphertext alone": [receipt.ciphertext, data["encrypted_data"]],
        "the parts without their lengths": [
            b"".join(parts),
            receipt.header.encoded + b"".join(parts),
        ],
        "hex digits": ["".join(fields.values())],
        "the parts without the header": [frame(*parts)],
        "the header alone": [receipt.header.encoded],
        "the text": [TEXT, LESSONS_TEXT],
        "the right bytes in hex": [receipt.signed_bytes.hex()],
    }


def _other_numbers(signed: bytes) -> dict[str, tuple[tuple[int, int], int]]:
    """Signatures of other numbers than h, or in another domain, and the y that verifies each."""
    little = int.from_bytes(hashlib.sha256(signed).digest(), "little")
    return {
        "h is the hash of signed_bytes, as a number: the hash is missing": (
            _signed_number(int.from_bytes(signed, "big"))
        ),
        "read the hash big-endian": _signed_number(little),
        "those are the toy's p, q and g: use the service's": (
            _signed_with_s_1(TOY, small_dsa.hashed(signed, REAL.q))
        ),
    }


# Signatures that only a verifier with this mistake believes; r is g^k, mod p and then mod q.
OTHER_FORMULAS: dict[str, Formula] = {
    "w is the inverse of s mod q, not s itself": lambda d, x, h, k, r: (
        (r, k * pow(h + x * r, -1, d.q) % d.q)
    ),
    "u1 and u2 have changed places: g goes with h·w, y with r·w": lambda d, x, h, k, r: (
        (r, pow(k, -1, d.q) * (r + x * h) % d.q)
    ),
    "both powers are of g: one is of y": lambda d, x, h, k, r: (
        (r, pow(k, -1, d.q) * (h + r) % d.q)
    ),
    "v must be equal to r, not to s": lambda d, x, h, k, r: (
        ((k * r - h) * pow(x, -1, d.q) % d.q, r)
    ),
    "r is the first half of the signature, s the second": lambda d, x, h, k, r: (
        (pow(k, -1, d.q) * (h + x * r) % d.q, r)
    ),
}


def _signed_number(h: int, formula: Formula | None = None) -> tuple[tuple[int, int], int]:
    """A signature of this number, by the right formula or another, and the y that verifies it."""
    x, k = 12345, 54321
    right = small_dsa.sign(REAL, x, h, k)
    return formula(REAL, x, h, k, right[0]) if formula else right, pow(REAL.g, x, REAL.p)


def _signed_with_s_1(d: Domain, h: int) -> tuple[tuple[int, int], int]:
    """A signature whose s needs no inverse, and the y under which it is valid."""
    k = 6
    r = pow(d.g, k, d.p) % d.q
    return (r, 1), pow(d.g, (k - h) * pow(r, -1, d.q) % d.q, d.p)


RIGHT_FOR_S_1 = "yours is right for s = 1: is w the inverse of s, and are w, u1 and u2 mod q?"
# With r = s = 1, v is made of g^h times y: the y for which such a v is 1.
OTHER_REDUCTIONS: dict[str, Callable[[int], int]] = {
    "your v is right: compare it with r by ==": lambda g_h: (
        (1 + REAL.q) * pow(g_h, -1, REAL.p) % REAL.p
    ),
    "v is mod p, and then mod q: the last reduction is missing": lambda g_h: pow(g_h, -1, REAL.p),
    "the product is mod p, and then mod q: you left out p": lambda g_h: pow(g_h, -1, REAL.q),
    "the two powers are multiplied, not added": lambda g_h: (1 - g_h) % REAL.p,
}


def _says_true(my_verify: Verify, genuine: Json, signature: tuple[int, int], y: int) -> bool:
    try:
        answer = my_verify(_with(copy.deepcopy(genuine), small_dsa.to_bytes(signature)), y)
    except Exception:  # whatever a student's code raises, it did not believe
        return False
    return answer is True
