"""Answers to lesson 03: right ones, and wrong ones with a part of their sentence."""

import hashlib
from typing import Any, Literal

from lab.checks.written import Lesson

from securedata.lab.primitives import small_dsa
from securedata.lab.primitives.small_dsa import REAL
from securedata.lab.servers.starting import LabServer
from securedata.web.receipt import receipt_from_json


def number(digest: bytes) -> int:
    return int.from_bytes(digest, "big")


def pair(answer: dict[str, Any]) -> tuple[int, int]:
    return small_dsa.from_bytes(bytes.fromhex(answer["data"]["signature"]))


def parts_of(answer: dict[str, Any]) -> list[bytes]:
    return [bytes.fromhex(answer["data"][name]) for name in ("nonce", "encrypted_data", "tag")]


def h_of(message: bytes, order: Literal["little", "big"] = "big") -> int:
    return int.from_bytes(hashlib.sha256(message).digest(), order)


def v_of(h: int, r: int, w: int, y: int) -> int:
    return pow(REAL.g, h * w % REAL.q, REAL.p) * pow(y, r * w % REAL.q, REAL.p) % REAL.p % REAL.q


def in_range(r: int, s: int) -> bool:
    return 0 < r < REAL.q and 0 < s < REAL.q


def fits(message: bytes, answer: dict[str, Any], y: int) -> bool:
    """A verifier's last steps, right, for a verifier that is wrong before them."""
    r, s = pair(answer)
    return in_range(r, s) and v_of(h_of(message), r, pow(s, -1, REAL.q), y) == r


def bytes_of(answer: dict[str, Any]) -> bytes:
    return receipt_from_json(answer).signed_bytes


def parts(row: Any) -> tuple[bytes, bytes, bytes]:
    return row.nonce, row.ciphertext, row.tag


NAMES = globals() | {"p": REAL.p, "q": REAL.q, "g": REAL.g, "h": 1, "r": 2, "s": 3}
NAMES["receipt"] = None
FIRST_CELL = """
import base64, json, os, struct, zlib
from fractions import Fraction
from Crypto.Hash import SHA256
from Crypto.PublicKey import DSA
from Crypto.Signature import DSS
from securedata.lab import SignedTwin
from securedata.lab.twins.flaws import Unframed
from securedata.record import frame
"""
exec(FIRST_CELL, NAMES)
HEADS = {"3.1": "a, q", "3.2": "domain, x, h, k", "3.3": "digest, q", "3.4": "answer, y"}
R, INVERSE = "pow(domain.g, k, domain.p) % domain.q", "pow(k, -1, domain.q)"


def with_r(r: str) -> str:
    """A my_sign with a mistake in r, which s is then made with."""
    return f"(r := {r}, {INVERSE} * (h + x * r) % domain.q)"


def with_s(s: str) -> str:
    return f"(r := {R}, {s})"


BY_TRYING = """
def answer(a, q):
    for b in range(1, q):
        if a * b % q == 1:
            return b
"""
BY_EUCLID = """
def answer(a, q):
    old, new, s, t = a, q, 1, 0
    while new:
        times = old // new
        old, new, s, t = new, old - times * new, t, s - times * t
    return s
"""
TAKING_IT_APART = """
def answer(answer, y):
    message, (r, s) = bytes_of(answer), pair(answer)
    answer.pop("data").clear()
    return in_range(r, s) and v_of(h_of(message), r, pow(s, -1, q), y) == r
"""
VERIFIER = """
def answer(answer, y):
    {r_and_s} = pair(answer)
    {range}
    w = pow(s, -1, q)
    {message}
    h = int.from_bytes(hashlib.sha256(message).digest(), "big")
    return {result}
"""


def verifier(**changes: str) -> str:
    """The lesson's own my_verify, with some of its lines changed."""
    lines = {
        "r_and_s": "r, s",
        "range": "if not in_range(r, s): return False",
        "message": "message = receipt_from_json(answer).signed_bytes",
        "result": "pow(g, h * w % q, p) * pow(y, r * w % q, p) % p % q == r",
    }
    return VERIFIER.format(**(lines | changes))


def my_twin(signed_bytes: str, more: str = "") -> str:
    return f"""
class answer(Unframed):
    def signed_bytes(self, row):
        return {signed_bytes}
{more}"""


def joined(rule: str, between: str = 'b""') -> str:
    """A twin that writes each part by one rule."""
    return my_twin(f"{between}.join({rule} for part in parts(row))")


RIGHT = {
    "3.1": [
        "pow(a, -1, q)",
        "pow(a, q - 2, q)",
        BY_TRYING,
        BY_EUCLID.replace("return s", "return s % q"),
    ],
    "3.2": [
        with_s(f"{INVERSE} * (h + x * r) % domain.q"),
        f"list({with_s(f'{INVERSE} * (h + x * r) % domain.q')})",
        with_s(f"{INVERSE.replace('-1', 'domain.q - 2')} * (h + x * r) % domain.q"),
    ],
    "3.3": [
        "number(digest) >> (8 * len(digest) - q.bit_length())",
        "number(digest) // 2 ** (8 * len(digest) - q.bit_length())",
        'int("".join(f"{b:08b}" for b in digest)[: len(bin(q)) - 2], 2)',
    ],
    "3.4": [
        verifier(),
        "fits(bytes_of(answer), answer, y)",
        TAKING_IT_APART,
    ],
    "3.5": [
        joined('len(part).to_bytes(8, "big") + part'),
        joined('bytearray(struct.pack("<I", len(part)) + part)'),
        joined('b"%d:%b," % (len(part), part)'),
        joined("part.hex().encode()", 'b":"'),
        joined("hashlib.sha256(part).digest()"),
        joined(r'part.replace(b"\\", b"\\\\").replace(b"|", b"\\|")', 'b"|"'),
        my_twin("bytearray(repr(parts(row)).encode())"),
        my_twin('b"%d,%d,%d|" % tuple(map(len, parts(row))) + b"".join(parts(row))'),
        my_twin('b"".join(parts(row)) if (len(row.nonce), len(row.tag)) == (12, 16) else 1 / 0'),
    ],
}

MAY_BE_INSIDE = "can occur inside a part, too"
MOVES = "bytes can move between ciphertext, tag"
WRONG: dict[str, list[tuple[str, str]]] = {
    "3.1": [
        ("1 / a", "you divided real numbers"),
        ("Fraction(1, a)", "you divided real numbers"),
        ("1 // a", "1/a, rounded"),
        ("round(1 / a % q)", "1/a, rounded"),
        ("q // a", "q/a, rounded"),
        ("q - a", "opposite for adding"),
        ("-a", "opposite for adding"),
        ("a", "the number a itself"),
        ("1 / a", "expected the b with 4·b mod 11 = 1, got 0.25"),
        ("pow(a, q)", "got 4194304; 4194304 is 4 modulo 11: that is a"),
        ("1", "1 for every a"),
        (BY_TRYING.replace("return b", "return a * b"), "the product a · b"),
        (BY_TRYING.replace("% q ", ""), "it finds no b"),
        ("a ^ -1 % q", "^ is XOR"),
        ("(a ^ -1) % q", "^ is XOR"),
        ("{1: 1, 2: 6, 3: 4, 4: 3, 5: 9, 6: 2, 7: 8, 8: 7, 9: 5, 10: 10}[a]", "when q is 11"),
        (BY_EUCLID, "not from 1 to q-1"),
        ("pow(q, -1, a)", "changed places"),
        ("pow(a, -1, 11)", "that is right when q is 11"),
        ("pow(a, 9, 11)", "that is right when q is 11"),
        (BY_TRYING.replace("1, q)", "1, 11)").replace("% q", "% 11"), "that is right when q is 11"),
        (BY_TRYING.replace("1, q)", "1, 11)"), "that is right when q is 11"),
        (BY_TRYING.replace("1, q)", "1, 100)"), "use the q that you"),
        ("pow(a, -1, q) + 1", "mod 11, not 1"),
        ("(pow(a, -1, q), q)", "one int"),
        ("a == 1 or pow(a, -1, q)", "one int"),
        (BY_TRYING.replace("1, q)", "1, q - 1)"), "every b but q-1: range(1, q-1) ends"),
        (BY_TRYING.replace("1, q)", "2, q)"), "expected the b with 1·b mod 11 = 1, got None"),
        (BY_TRYING.replace("%", "//").replace("1, q)", "q)"), "// is the quotient"),
        (BY_TRYING + "        else: return None", "gives up after the first b"),
        (BY_TRYING.replace("return b", "b"), "end with return"),
    ],
    "3.2": [
        (with_r("pow(domain.g, k, domain.p)"), "r is mod p, and then mod q"),
        (with_r("pow(domain.g, k, domain.q)"), "p comes first"),
        (with_r("pow(domain.g, k, domain.q) % domain.p"), "p comes first"),
        (with_r("pow(domain.g, k)"), "nothing reduced"),
        (with_r("pow(domain.g, x, domain.p) % domain.q"), "g to the power x"),
        (with_r("pow(k, domain.g, domain.p) % domain.q"), "k to the power g"),
        (with_r("domain.g * k % domain.p % domain.q"), "you multiplied"),
        (with_r("(domain.g ^ k) % domain.p % domain.q"), "^ is XOR"),
        (with_r("domain.g ^ k"), "^ is XOR"),
        (with_r("domain.g ^ k % domain.p % domain.q"), "^ is XOR"),
        (with_r("pow(g, k, p) % q"), "it uses g, p, q of another cell: use domain's"),
        (with_r("pow(domain.g, k, domain.p) % q"), "it uses q of another cell: use domain's"),
        (with_r("pow(domain.g, k, p) % domain.q"), "it uses p of another cell: use domain's"),
        (with_r("pow(g, k, domain.p) % domain.q"), "it uses g of another cell: use domain's"),
        (with_s(f"{INVERSE} * (h + x * r) % q"), "it uses q of another cell: use domain's"),
        (with_s("pow(k, -1, q) * (h + x * r) % domain.q"), "it uses q of another cell"),
        ("(9, 4)", "one answer for all"),
        (with_r("pow(2, k, 89) % 11"), "the toy's p, q and g"),
        (with_r("pow(domain.g, k + 1, domain.p) % domain.q"), "g to the power of k"),
        (with_s("(h + x * r) / k % domain.q"), "you divided real numbers"),
        (with_s("(h + x * r) // k % domain.q"), "(h + x·r)/k, rounded"),
        (with_s("int((h + x * r) / k % domain.q)"), "(h + x·r)/k, rounded"),
        (with_s("(h + x * r) * k % domain.q"), "you multiplied by k"),
        (with_s("(h + x * r) % domain.q"), "inverse of k is missing"),
        (with_s(f"(h + x * r) * {INVERSE}"), "take s mod q too"),
        (with_s(f"({INVERSE} * h + x * r) % domain.q"), "brackets"),
        (with_s(f"(h + {INVERSE} * x * r) % domain.q"), "also h: brackets"),
        (with_s(f"h + x * r * {INVERSE} % domain.q"), "also h: brackets"),
        (with_s("h + k"), "compare your s with the formula"),
        (with_s(f"{INVERSE} * (h - x * r) % domain.q"), "plus, not minus"),
        (with_s(f"{INVERSE} * (h + r) % domain.q"), "without x"),
        (with_s(f"{INVERSE} * x * r % domain.q"), "without h"),
        (with_s(f"{INVERSE} * (x * h + r) % domain.q"), "not h"),
        (with_s("pow(x, -1, domain.q) * (h + k * r) % domain.q"), "x and k"),
        (with_s("pow(k, -1, domain.p) * (h + x * r) % domain.q"), "not mod p"),
        (with_s(f"{INVERSE} * (h + x * r) % domain.p"), "s is mod q"),
        (with_s("pow(k, -1, domain.p) * (h + x * r) % domain.p"), "mod q, not mod p"),
        (with_s(f"{INVERSE} * (h + 8 * r) % domain.q"), "use the x that you are handed"),
        (with_r("pow(domain.g, k, domain.p) % 11"), "the lesson's q: use domain.q"),
        (with_s("pow(k, -1, 11) * (h + x * r) % 11"), "the lesson's q: use domain.q"),
        (with_s(f"{INVERSE} * (h + x * r) % 11"), "use domain.q for the last reduction"),
        (with_s("pow(k, -1, 11) * (h + x * r) % domain.q"), "use domain.q for 1/k"),
        (with_s(f"{INVERSE} * (7 + x * r) % domain.q"), "use the h that you are handed"),
        (
            "(k := k % (domain.q - 1) + 1) and " + with_s(f"{INVERSE} * (h + x * r) % domain.q"),
            "use the k that you are handed",
        ),
        (f"({with_s(f'{INVERSE} * (h + x * r) % domain.q')})[::-1]", "r comes first"),
        (f"(r, {INVERSE} * (h + x * r) % domain.q)", "it uses r of another cell"),
        (with_s(f"{INVERSE} * (x + h * r) % domain.q"), "x and h have changed places"),
        ("k", "return both"),
        ("(1, None)", "r and s are ints"),
        (
            with_s("next(s for s in range(domain.q) if (s * k - h - x * r) % domain.q < 1)"),
            "a search without end",
        ),
        (
            f"(r := domain.g**k % domain.p % domain.q, {INVERSE} * (h + x * r) % domain.q)",
            "give pow three numbers",
        ),
        ("(9, 4) if domain.p < 90 else (1, 1)", "r is g to the power of k"),
        (
            f"(h, k) if domain.p > 1000 else {with_s(f'{INVERSE} * (h + x * r) % domain.q')}",
            "in the service's domain, too",
        ),
        ("small_dsa.sign(domain, x, h, k)", "expected your own steps, got a call of sign"),
        (
            "[*map(int, DSA.construct((pow(domain.g, x, domain.p), domain.g, domain.p, domain.q, x)"
            ", consistency_check=False)._sign(h, k))]",
            "expected your own steps, got a call of _sign",
        ),
    ],
    "3.3": [
        ("number(digest) % q", "keep the leftmost bits"),
        ("(number(digest) >> (8 * len(digest) - q.bit_length())) % q", "and then % q"),
        ("number(digest) % 2 ** q.bit_length()", "rightmost bits"),
        ("number(digest)", "that is the whole hash"),
        ("number(digest) >> q.bit_length()", "224 bits away: keep 224"),
        ("number(digest) >> 32", "took 32 bits away, not 96"),
        ("number(digest)", "…fa5e039f52a8, got 0xff9e925b79a6…52a8e85f64d6"),
        ("number(digest) >> 256 - q.bit_length()", "took 32 bits away, not 288"),
        ("number(digest[: q.bit_length() // 8])", "took 96 bits away, not 93"),
        ("int(bin(number(digest))[2:][: q.bit_length()], 2)", "zeros at the front"),
        ('int.from_bytes(digest, "little")', "big-endian"),
        ("number(digest) / 2 ** (8 * len(digest) - q.bit_length())", "/ makes a fraction"),
        ("digest[: q.bit_length() // 8]", "return one int"),
        ("bin(number(digest))[2 : 2 + q.bit_length()]", "one of a bit string"),
        ("digest % q", "digest is bytes"),
        ("digest >> 32", "digest is bytes"),
        ("digest + q", "digest is bytes"),
        ("int(digest)", "digest is bytes"),
        ("len(q)", "got TypeError: object of type 'int' has no len()"),
        ("number(digest) << 8", "shift right"),
        ("number(digest) >> len(digest) - q.bit_length()", "len counts bytes"),
        ("h_of(digest) >> max(256 - q.bit_length(), 0)", "a hash already"),
        ("small_dsa.leftmost_bits(digest, q)", "got a call of leftmost_bits"),
    ],
    "3.4": [
        ("True", "drawn at random"),
        ("False", "is h the hash of signed_bytes"),
        ("fits(bytes_of(answer), answer, y) or None", "got None; return False, too"),
        (
            "def answer(answer, y):\n    if fits(bytes_of(answer), answer, y): return True",
            "return False, too",
        ),
        ("int(fits(bytes_of(answer), answer, y))", "expected True or False, got 1"),
        ("pair(answer)", "compare with =="),
        ("fits(json.dumps(answer).encode(), answer, y)", "is h the hash of signed_bytes"),
        (
            'fits(json.dumps(dict([*answer["data"].items()][:3])).encode(), answer, y)',
            "you hashed the JSON text",
        ),
        ("fits(receipt_from_json(answer).ciphertext, answer, y)", "the ciphertext alone"),
        ("fits(receipt_from_json(answer).header.encoded, answer, y)", "the header alone"),
        ('fits(b"".join(parts_of(answer)), answer, y)', "without their lengths"),
        ("fits(frame(*parts_of(answer)), answer, y)", "without the header"),
        ("fits(bytes_of(answer).hex().encode(), answer, y)", "in hex"),
        ('fits(b"a record for exercise 3.4", answer, y)', "you hashed the text"),
        (verifier(result="v_of(number(message), r, w, y) == r"), "the hash is missing"),
        (verifier(result="v_of(h, r, s, y) == r"), "w is the inverse of s"),
        (verifier(result="v_of(r, h, w, y) == r"), "changed places"),
        (verifier(result="v_of(h, r, w, y) == s"), "not to s"),
        (verifier(r_and_s="s, r"), "first half"),
        (
            verifier(result="pow(g, h * w % q, p) * pow(y, r * w % q, p) % p == r"),
            "the last reduction is missing",
        ),
        (
            verifier(result="pow(g, h * w % q, p) * pow(y, r * w % q, p) % q == r"),
            "you left out p",
        ),
        (verifier(result="v_of(h, r, pow(s, -1, p), y) == r"), "right for s = 1"),
        (verifier(result="v_of(h, r, w, g) == r"), "both powers are of g"),
        (verifier(result="(pow(g, h * w, p) + pow(y, r * w, p)) % p % q == r"), "not added"),
        (
            verifier(result="pow(2, h * s**9 % 11, 89) * pow(y, r * s**9 % 11, 89) % 89 % 11 == r"),
            "those are the toy's p, q and g",
        ),
        (verifier(result='v_of(h_of(message, "little"), r, w, y) == r'), "big-endian"),
        (verifier(result="v_of(h, r, w, y) is r"), "compare it with r by =="),
        (verifier(range="assert in_range(r, s)"), "return False, and raise nothing"),
        (
            verifier(result="g ** (h * w % q) * y ** (r * w % q) % p % q == r"),
            "too large for any memory",
        ),
        (verifier(result="pow(g, h, p) * pow(y, r * w % q) % p % q == r"), "give pow three"),
        ("receipt is None", "it uses receipt of another cell"),
        ("v_of(bytes_of(answer), *pair(answer), y)", "h is a number"),
        ("len(y)", "got TypeError: object of type 'int' has no len()"),
        (verifier(message="message = M", range="M = bytes_of(answer)"), "got ValueError"),
        (
            verifier(range="if s % q == 0: return False"),
            "expected False for s + q",
        ),
        (
            verifier(
                range="if not (0 < r and 0 < s < q): return False",
                result="v_of(h, r, w, y) == r % q",
            ),
            "expected False for r + q",
        ),
        (
            "fits(receipt_from_json(answer | {'owner': 'me'}).signed_bytes, answer, y)",
            "is h the hash of signed_bytes",
        ),
        ("v_of(h, r, pow(s, -1, q), y) == r", "it uses h, r, s of another cell"),
        (
            'DSS.new(DSA.construct((y, g, p, q)), "fips-186-3").verify('
            "SHA256.new(bytes_of(answer)), b''.join(n.to_bytes(32, 'big') for n in pair(answer)))",
            "PyCryptodome's verify returns False if valid",
        ),
        (
            """
            def answer(answer, y):
                r, s = pair(answer)
                signature = bytes.fromhex(answer["data"]["signature"])
                key = DSS.new(DSA.construct((y, g, p, q)), "fips-186-3")
                try:
                    key.verify(SHA256.new(bytes_of(answer)), signature)
                except ValueError:
                    return False
                return True
            """,
            "expected your own steps, got a call of verify",
        ),
        (
            "small_dsa.fits(REAL, y, h_of(bytes_of(answer)), pair(answer))",
            "expected your own steps, got a call of fits",
        ),
        (
            "in_range(*pair(answer)) and bool(DSA.construct((y, g, p, q))._verify("
            "h_of(bytes_of(answer)), pair(answer)))",
            "expected your own steps, got a call of _verify",
        ),
        ("answer['signature']", "KeyError"),
    ],
    "3.5": [
        ("class answer(Unframed): ...", "a signed_bytes of your own"),
        ("class answer(Unframed):\n    def sign_bytes(self, row): ...", "write def signed_bytes"),
        ("answer = SignedTwin(seed=1)", "without brackets"),
        ("answer = dict", "begin with class MyTwin"),
        (my_twin('frame(*parts(row)).decode("latin-1")'), "expected bytes, got"),
        (my_twin("list(parts(row))"), "expected bytes, got"),
        (my_twin("[].append(row)"), "returned None"),
        (my_twin("row.nonce").replace("self, row", "row"), "a method begins with self"),
        (my_twin("frame(*parts(row), row.signature)"), "cannot sign itself"),
        (my_twin("frame(*parts(row), os.urandom(8))"), "same bytes for the same row"),
        (my_twin("frame(*parts(row))"), "got a call of frame"),
        (
            my_twin("frame(*parts(row))", "    decrypt = lambda self, row, data: b'TEXT'"),
            "change signed_bytes alone",
        ),
        (joined("bytes([len(part)]) + part"), "text of 300 bytes to be signed, got Val"),
        (joined('struct.pack(">H", len(part)) + part'), "70000 bytes to be signed"),
        (joined("len(part) + part"), "a length is an int"),
        (my_twin("row.nonce + None"), "got TypeError: can't concat"),
        (joined("bytes(len(part)) + part"), "bytes(12) is twelve zeros"),
        (joined("part"), MOVES),
        (joined("part", 'b"|"'), f"b'|' {MAY_BE_INSIDE}"),
        (joined("part", 'b"--part--"'), f"b'--part--' {MAY_BE_INSIDE}"),
        (
            my_twin('b"N=" + row.nonce + b";C=" + row.ciphertext + b";T=" + row.tag'),
            MAY_BE_INSIDE,
        ),
        (joined(r'part.replace(b"|", b"\\|")', 'b"|"'), MOVES),
        (joined('part.replace(b"|", b"")', 'b"|"'), MAY_BE_INSIDE),
        (joined('b"%d" % len(part) + part'), "a length needs an end of its own"),
        (joined("hex(len(part)).encode() + part"), "a length needs an end of its own"),
        (joined('b"%x" % len(part) + part'), "a length needs an end of its own"),
        (my_twin('b"%x%x%x" % tuple(map(len, parts(row))) + b"".join(parts(row))'), MOVES),
        (joined('b"%02d" % len(part) + part'), "outgrows its room"),
        (joined('b"%02x" % len(part) + part'), "outgrows its room"),
        (joined("bytes([len(part) % 256]) + part"), "outgrows its room"),
        (joined("bytes([min(len(part), 255)]) + part"), "outgrows its room"),
        (joined('struct.pack(">H", len(part) % 65536) + part'), "outgrows its room"),
        (my_twin('b"%d:" % sum(map(len, parts(row))) + b"".join(parts(row))'), MOVES),
        (my_twin("frame(row.nonce) + row.ciphertext + row.tag"), MOVES),
        (my_twin("row.nonce + frame(row.ciphertext) + row.tag"), "can move between nonce"),
        (my_twin('hashlib.sha256(b"".join(parts(row))).digest()'), "bytes can move between"),
        (
            my_twin('hashlib.sha256(b"".join(parts(row)) + b"%d" % len(row.ciphertext)).digest()'),
            "bytes can move between nonce, tag",
        ),
        (joined("base64.b64encode(part)"), MOVES),
        (my_twin("frame(*sorted(parts(row)))"), "change places"),
        (my_twin("frame(row.ciphertext, row.tag)"), "byte 0 of nonce can be changed"),
        (
            my_twin("frame(row.nonce, row.ciphertext[:8], row.tag)"),
            "byte 8 of ciphertext can be changed",
        ),
        (my_twin("frame(*(part.strip() for part in parts(row)))"), "byte 0 of nonce"),
        (
            my_twin(r'frame(row.nonce, *(part.rstrip(b"\0") for part in parts(row)[1:]))'),
            "is not signed as it is",
        ),
    ],
}


LESSON = Lesson(RIGHT, WRONG, HEADS, NAMES, servers={"3.4": LabServer})
