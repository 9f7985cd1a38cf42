"""Answers to lesson 03: right ones, and wrong ones with a part of their sentence."""

import hashlib
from typing import Any, Literal

from securedata.web.receipt import receipt_from_json
from securedata_lab.basics import small_dsa
from securedata_lab.basics.small_dsa import REAL
from securedata_lab.servers.starting import LabServer


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


NAMES = globals() | {"p": REAL.p, "q": REAL.q, "g": REAL.g, "h": 1, "r": 2, "s": 3}
NAMES["receipt"] = None
FIRST_CELL = """
import base64, json, os, pickle, re, struct, zlib
from Crypto.Hash import SHA256
from Crypto.PublicKey import DSA
from Crypto.Signature import DSS
from securedata_lab.lesson03_dsa_signatures.shop import framed
from securedata.record import frame
"""
exec(FIRST_CELL, NAMES)
HEADS = {
    "3.1": "p, q, g, x, h, k",
    "3.2": "amount, memo",
    "3.3": "parts",
    "3.4": "answer, y",
}
R, INVERSE = "pow(g, k, p) % q", "pow(k, -1, q)"


def with_r(r: str) -> str:
    """A my_sign with a mistake in r, which s is then made with."""
    return f"(r := {r}, {INVERSE} * (h + x * r) % q)"


def with_s(s: str) -> str:
    return f"(r := {R}, {s})"


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


def joined(rule: str, between: str = '""') -> str:
    """Bytes in which each text stands by one rule."""
    return f"{between}.join({rule} for part in parts).encode()"


TWO_LINES = """
def answer(p, q, g, x, h, k):
    r = {r}
    s = {s}
    return r, s
"""
BY_DIGITS = """
def answer(amount, memo):
    digits = re.match("[0-9]+", memo)[0]
    return amount + digits, memo.removeprefix(digits)
"""
FIRST_SLIP = """
def answer(amount, memo, first=[]):
    first += [amount + memo[:2], memo[2:]]
    return first[0], first[1]
"""


RIGHT = {
    "3.1": [
        with_s(f"{INVERSE} * (h + x * r) % q"),
        f"list({with_s(f'{INVERSE} * (h + x * r) % q')})",
        with_s("pow(k, q - 2, q) * (h + x * r) % q"),
        TWO_LINES.format(r=R, s="(h + x * r) * pow(k, -1, q) % q"),
    ],
    "3.2": [
        "(amount + memo[:2], memo[2:])",
        "[amount + memo[0], memo[1:]]",
        '(f"{amount}{memo[:2]}", memo.replace(memo[:2], "", 1))',
        BY_DIGITS,
    ],
    "3.4": [
        verifier(),
        "fits(bytes_of(answer), answer, y)",
        TAKING_IT_APART,
    ],
    "3.3": [
        "repr(parts).encode()",
        "json.dumps(parts).encode()",
        joined('f"{len(part)}:{part}"'),
        joined('f"{len(part)} {part}|"'),
        joined('f"{len(part):09}{part}"'),
        'bytearray("".join(part.encode().hex() + "|" for part in parts).encode())',
        'b"".join(len(part.encode()).to_bytes(8, "big") + part.encode() for part in parts)',
        'b"".join(struct.pack("<H", len(part.encode())) + part.encode() for part in parts)',
        'b"".join(hashlib.sha256(part.encode()).digest() for part in parts)',
        "hashlib.sha256(repr(parts).encode()).digest()",
        joined(r"""part.replace("\\", "\\\\").replace("|", "\\|")""", '"|"'),
        'str([*map(len, parts)]).encode() + "".join(parts).encode()',
        'f"{parts}".encode()',
        "f\"{len(parts[0])},{len(parts[1])},{len(parts[2])},{''.join(parts)}\".encode()",
        "zlib.compress(repr(parts).encode())",
        "hashlib.sha256(repr(parts).encode()).hexdigest().encode()",
        "pickle.dumps(parts)",
        'repr(parts).encode() + zlib.crc32(repr(parts).encode()).to_bytes(4, "big")',
    ],
}

INSIDE = "can stand inside a text, too"
MOVES = "letters can move between"
LENGTHS = "f\"{{len(parts{})}} {{len(parts{})}} {{''.join(parts)}}\".encode()"
REFUSES = """
def answer(parts):
    if any("{0}" in part for part in parts): raise ValueError("no separator, please")
    return "{0}".join(parts).encode()
"""
WRONG: dict[str, list[tuple[str, str]]] = {
    "3.1": [
        (with_s("(h + x * r) * pow(8, -1, 11) % q"), "the example's"),
        (with_r("pow(g, k, p)"), "the second mod"),
        (with_r("pow(g, k, q)"), "you began with q"),
        (with_r("pow(g, k, q) % p"), "you began with q"),
        (with_r("pow(g, k)"), "nothing reduced"),
        (with_r("pow(g, x, p) % q"), "g to the power x"),
        (with_r("pow(k, g, p) % q"), "k to the power g"),
        (with_r("g * k % p % q"), "you multiplied"),
        (with_r("(g ^ k) % p % q"), "^ is XOR"),
        (with_r("g ^ k"), "^ is XOR"),
        (with_r("g ^ k % p % q"), "^ is XOR"),
        ("(9, 4)", "one answer for all"),
        (with_r("pow(g, k + 1, p) % q"), "g to the power of k"),
        (with_s("(h + x * r) / k % q"), "you divided real numbers"),
        (with_s("(h + x * r) // k % q"), "(h + x·r)/k, rounded"),
        (with_s("int((h + x * r) / k % q)"), "(h + x·r)/k, rounded"),
        (with_s("(h + x * r) * k % q"), "you multiplied by k"),
        (with_s("(h + x * r) % q"), "inverse of k is missing"),
        (with_s(f"(h + x * r) * {INVERSE}"), "take s mod q too"),
        (with_s(f"({INVERSE} * h + x * r) % q"), "brackets"),
        (with_s(f"(h + {INVERSE} * x * r) % q"), "also h: brackets"),
        (with_s(f"h + x * r * {INVERSE} % q"), "also h: brackets"),
        (with_s("h + k"), "compare your s with the formula"),
        (with_s(f"{INVERSE} * (h - x * r) % q"), "plus, not minus"),
        (with_s(f"{INVERSE} * (h + r) % q"), "x is missing"),
        (with_s(f"{INVERSE} * x * r % q"), "h is missing"),
        (with_s(f"{INVERSE} * (x * h + r) % q"), "not h"),
        (with_s("pow(x, -1, q) * (h + k * r) % q"), "x and k"),
        (with_s("pow(k, -1, p) * (h + x * r) % q"), "not mod p"),
        (with_s(f"{INVERSE} * (h + x * r) % p"), "s is mod q"),
        (with_s("pow(k, -1, p) * (h + x * r) % p"), "mod q, not mod p"),
        (with_r("pow(g, k, p) % 11"), "the ring's q: use the q"),
        (with_s("pow(k, -1, 11) * (h + x * r) % 11"), "the ring's q: use the q"),
        (with_s(f"{INVERSE} * (h + x * r) % 11"), "you are handed for the last reduction"),
        (with_s("pow(k, -1, 11) * (h + x * r) % q"), "you are handed for 1/k"),
        (
            "(k := k % (q - 1) + 1) and " + with_s(f"{INVERSE} * (h + x * r) % q"),
            "use the k that you are handed",
        ),
        (f"({with_s(f'{INVERSE} * (h + x * r) % q')})[::-1]", "r comes first"),
        (f"(r, {INVERSE} * (h + x * r) % q)", "it uses r of another cell"),
        (with_s(f"{INVERSE} * (x + h * r) % q"), "x and h have changed places"),
        ("k", "return both"),
        ("(1, None)", "r and s are ints"),
        (
            with_s("next(s for s in range(q) if (s * k - h - x * r) % q < 1)"),
            "a search without end",
        ),
        (
            f"(r := g**k % p % q, {INVERSE} * (h + x * r) % q)",
            "give pow three numbers",
        ),
        ("(9, 4) if p < 90 else (1, 1)", "r is g to the power of k"),
        (
            f"(h, k) if p > 1000 else {with_s(f'{INVERSE} * (h + x * r) % q')}",
            "with the shop's numbers, too",
        ),
        (
            "small_dsa.sign(small_dsa.Domain(p, q, g), x, h, k)",
            "expected your own steps, got a call of sign",
        ),
        (
            "[*map(int, DSA.construct((pow(g, x, p), g, p, q, x)"
            ", consistency_check=False)._sign(h, k))]",
            "expected your own steps, got a call of _sign",
        ),
        (TWO_LINES.format(r=R, s="..."), "r is right. Go on with s"),
        (TWO_LINES.format(r="pow(g, k, p)", s="..."), "the second mod"),
        (TWO_LINES.format(r="...", s=f"{INVERSE} * (h + x * r) % q"), "begin with r"),
        (with_r("pow(2, k, 23) % 11"), "the ring's numbers"),
        (with_s("(h + x * r) * (k ^ -1) % q"), "1/k is pow(k, -1, q)"),
        (with_s("pow(q, -1, k) * (h + x * r) % q"), "compare your s"),
    ],
    "3.2": [
        ("(amount, memo)", "that is the slip as it was; read the printed bytes"),
        ('("9999", memo)', "that changes what was signed, and you have no key; read the printed"),
        ("(amount + memo[:2], memo)", "must be gone from the memo"),
        ("(str(int(amount) + int(memo[:2])), memo[2:])", 'you added: "7" + "31" is "731"'),
        ("(int(amount + memo[:2]), memo[2:])", "leave int away"),
        ('("731", " bottles, bag 000417")', "one answer for every slip"),
        (FIRST_SLIP, "one answer for every slip"),
        ("(memo[2:], amount + memo[:2])", "must stay the same text"),
        ("(memo, amount)", "they have changed places"),
        ("(amount + memo[:2], memo[3:])", "a space of the memo is lost"),
        ("(amount + memo[:2], memo[2:].strip())", "a space of the memo is lost"),
        ("(amount + memo[:4], memo[4:])", "digits and nothing else"),
        ('("", amount + memo)', "digits and nothing else"),
        ("(amount + memo[:3], memo[3:])", "digits and nothing else"),
        ('("0" + amount, memo)', "changes what was signed"),
        ("(memo[:2] + amount, memo[2:])", "must stay the same text"),
        ("(amount + memo[:2], ...)", "the memo is still empty"),
        ("amount + memo[:2]", "return both texts"),
    ],
    "3.3": [
        ("parts", "expected bytes, got"),
        ('"".join(parts)', ".encode() makes them of a text"),
        ("parts.encode()", "make one text of it first"),
        ('"".join(parts).encode()', MOVES),
        (joined("part", '"|"'), f"'|' {INSIDE}"),
        (joined("part", '"--part--"'), f"'--part--' {INSIDE}"),
        (joined("part", r'"\\0"'), INSIDE),
        ('f"N={parts[0]};C={parts[1]};A={parts[2]};M={parts[3]}".encode()', f"';C=' {INSIDE}"),
        (joined("part + ' '"), f"' ' {INSIDE}"),
        (joined("f'<{part}>'"), f"'><' {INSIDE}"),
        ('b"x"', "make them of all four texts"),
        (joined("part.ljust(20)"), "what fills a text up can stand in it, too"),
        (joined("part.zfill(20)"), "what fills a text up can stand in it, too"),
        ('"".join([*(str(len(it)) for it in parts), *parts]).encode()', "an end of its own"),
        (joined('f"{len(part)}{part}"'), "a length needs an end of its own"),
        (joined('f"{len(part):x}{part}"'), "a length needs an end of its own"),
        (joined('f"{part}{len(part)}"'), "a length needs an end of its own"),
        ('b"".join(b"%d" % len(part) + part.encode() for part in parts)', "an end of its own"),
        (joined('f"{len(part):02}{part}"'), "outgrows its room"),
        (joined('f"{len(part):4}{part}"'), "10000 letters"),
        (joined('f"{len(part):05}{part}"'), "outgrows its room"),
        (joined("chr(len(part) % 128) + part"), "outgrows its room"),
        ('b"".join(bytes([len(part)]) + part.encode() for part in parts)', "300 letters"),
        ('b"".join(bytes(len(part)) + part.encode() for part in parts)', "three zeros"),
        ('b"".join(len(part) + part.encode() for part in parts)', "a length is an int"),
        (joined("len(part) + part"), "a length is an int"),
        (joined("part + len(part)"), "a length is an int"),
        ('"|".join(part.encode() for part in parts)', "texts and bytes do not mix"),
        ('b"|".join(parts)', "texts and bytes do not mix"),
        ('str(zlib.crc32("".join(parts).encode())).encode()', "Eve tries slips"),
        ('zlib.crc32(repr(parts).encode()).to_bytes(4, "big")', "Eve tries slips"),
        ('b"".join(zlib.crc32(part.encode()).to_bytes(4, "big") for part in parts)', "Eve tries"),
        ("hashlib.sha256(repr(parts).encode()).digest()[:8]", "Eve tries slips"),
        ('hashlib.sha256("".join(parts).encode()).digest()', MOVES),
        ('hashlib.sha256("|".join(parts).encode()).digest()', MOVES),
        (
            'hashlib.sha256("".join(f"{len(it)}{it}" for it in parts).encode()).digest()',
            MOVES,
        ),
        ("repr(sorted(parts)).encode()", "a place of its own"),
        ("repr(parts[:3]).encode()", "the memo is not in it: sign all four texts"),
        ("repr(parts[1:]).encode()", "the first name is not in it"),
        (
            "repr([part.lower() for part in parts]).encode()",
            "sign each first name as it is written",
        ),
        (
            "repr([part.strip() for part in parts]).encode()",
            "and '7 ', 'Eve', '7', '31 bottles' signed alike",
        ),
        (
            "repr([*parts[:2], int(parts[2]), parts[3]]).encode()",
            "sign each amount as it is written",
        ),
        ('repr(parts).encode("ascii")', "'Zoé'"),
        ('repr(parts).encode("ascii", "replace")', "sign each first name as it is written"),
        ("repr(parts).encode() + os.urandom(8)", "the same bytes for the same slip"),
        (joined(r"""part.replace("|", "\\|")""", '"|"'), MOVES),
        (joined("""part.replace("|", "||")""", '"|"'), MOVES),
        (joined("""part.replace("|", "")""", '"|"'), "signed alike"),
        ('b"%d:%b" % (len("".join(parts)), "".join(parts).encode())', MOVES),
        ("frame(*(part.encode() for part in parts))", "got a call of frame"),
        ("framed(parts)", "got a call of frame"),
        (LENGTHS.format("[0]", "[2]"), "ends can move together"),
        (LENGTHS.format("[1]", "[3]"), "ends can move together"),
        (LENGTHS.format("[0] + parts[1]", "[2]"), "between first name and second name"),
        ('f"{parts[0]}|{parts[1]}{parts[2]}|{parts[3]}".encode()', "second name and amount"),
        ('f"{parts[0]}{parts[1]}{parts[2]}|{parts[3]}".encode()', "'Kim', 'Eve', '7'"),
        ("str(hash(tuple(parts))).encode()", "another one in each process"),
        (joined("str(hash(part))", '" "'), "Eve tries slips"),
        (REFUSES.format("|"), "every text must be signed"),
        (REFUSES.format("--part--"), "every text must be signed"),
        ('b"".join(bytes([len(it)]) + it.encode() for it in parts)', "one byte counts to 255"),
        ('b"".join(len(it).to_bytes(1, "big") + it.encode() for it in parts)', "counts to 255"),
        ('b"".join(hashlib.md5(part.encode()).digest() for part in parts)', "about 1"),
        (joined("hashlib.md5(part.encode()).hexdigest()"), "about 128 bits"),
        (joined("hashlib.sha1(part.encode()).hexdigest()"), "about 160 bits"),
        (joined("str(zlib.crc32(part.encode()))", '" "'), "Eve tries slips"),
        (
            'b"".join(zlib.crc32(it.encode()).to_bytes(4, "big") for it in parts)'
            ' + "".join(parts).encode()',
            MOVES,
        ),
        ("[].append(parts)", "it returned None: end with return"),
    ],
    "3.4": [
        ("True", "drawn at random"),
        ("False", "is h the SHA-256 of signed_bytes"),
        ("fits(bytes_of(answer), answer, y) or None", "got None; return False, too"),
        (
            "def answer(answer, y):\n    if fits(bytes_of(answer), answer, y): return True",
            "return False, too",
        ),
        ("int(fits(bytes_of(answer), answer, y))", "expected True or False, got 1"),
        ("pair(answer)", "compare with =="),
        ("fits(json.dumps(answer).encode(), answer, y)", "is h the SHA-256 of signed_bytes"),
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
        (
            verifier(result="pow(g, h / s % q, p) * pow(y, r / s % q, p) % p % q == r"),
            "the inverse of s",
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
            "is h the SHA-256 of signed_bytes",
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
        ("answer['signature']", 'lie in answer["data"]'),
    ],
}


SERVERS = {"3.4": LabServer}
