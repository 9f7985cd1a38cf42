"""Answers to lesson 04: right ones, and wrong ones with a part of their sentence."""

import hmac
from itertools import count

from lab.checks.written import Lesson

from securedata.lab.attacks import Signed
from securedata.lab.primitives.small_dsa import REAL

P, Q, G = REAL.p, REAL.q, REAL.g


def inverse(number: int) -> int:
    return pow(number, -1, Q)


def number(data: bytes) -> int:
    return int.from_bytes(data, "big")


def in_bytes(x: int) -> bytes:
    return x.to_bytes(32, "big")


def made(x: int, digest: bytes, hashed: str = "sha512") -> int:
    return number(hmac.digest(in_bytes(x), digest, hashed))


def key(one: Signed, k: int) -> int:
    return (one.s * k - one.h) * inverse(one.r) % Q


def k_of(one: Signed, two: Signed) -> int:
    return (one.h - two.h) * inverse(one.s - two.s) % Q


counter = count(1)
NAMES = globals() | {"p": P, "q": Q, "g": G}
FIRST_CELL = """
import hashlib, random, secrets, time
from fractions import Fraction
from securedata.lab import attacks
from securedata.lab.attacks import lattice
from securedata.lab.twins.flaws import BiasedK, RepeatedK
from securedata.lab.primitives.rfc6979 import secret_number
"""
exec(FIRST_CELL, NAMES)
HEADS = {
    "4.1": "one, k, q",
    "4.2": "a, b, q",
    "4.3": "signatures",
    "4.4": "signatures, q, B",
    "4.5": "signatures, y",
    "4.6": "x, digest, q",
}
KEY, K = "(one.s * k - one.h) * inverse(one.r)", "(a.h - b.h) * inverse(a.s - b.s)"

THEFT = """
def answer(signatures):
    for j, two in enumerate(signatures):
        for one in signatures[{start}]:
            if {equal}:
                {found}
"""


def theft(**changes: str) -> str:
    """A right my_theft, with some of its parts changed."""
    parts = {"start": ":j", "equal": "one.r == two.r", "found": "return key(one, k_of(one, two))"}
    return THEFT.format(**(parts | changes))


ROWS = """
def answer(signatures, q, B):
    n = len(signatures)
    t = [{t} for one in signatures]
    a = [{a} for one in signatures]
    rows = [[{diagonal} if i == j else 0 for j in range(n + 2)] for i in range(n)]
    rows.append({of_t})
    rows.append({of_a})
    return {result}
"""


def rows(**changes: str) -> str:
    """The lesson's own my_rows, with some of its parts changed."""
    parts = {
        "t": "one.r * inverse(one.s) % q",
        "a": "one.h * inverse(one.s) % q",
        "diagonal": "q * q",
        "of_t": "[q * number for number in t] + [B, 0]",
        "of_a": "[q * number for number in a] + [0, q * B]",
        "result": "rows",
    }
    return ROWS.format(**(parts | changes))


RECOVERY = """
def answer(signatures, y):
    B = 2**{bits}
    for *_, x_part, last in lattice.reduced(attacks.lattice_rows(signatures, q, B)):
        x = {x}
        if {test}:
            return {result}
    {at_the_end}
"""


def recovery(**changes: str) -> str:
    """The lesson's own my_recover, with some of its parts changed."""
    parts = {
        "bits": "192",
        "x": "(x_part if last > 0 else -x_part) // B % q",
        "test": "pow(g, x, p) == y",
        "result": "x",
        "at_the_end": "return None",
    }
    return RECOVERY.format(**(parts | changes))


DRAWN_AGAIN = """
def answer(x, digest, q):
    candidates = (made(x, digest + bytes([n]), "sha256") for n in count())
    return next(k for k in candidates if 0 < k < q)
"""


def of_ada(code: str, seed: object = "Ada", count: object = 6) -> list[str]:
    """The three answers to 4.5."""
    shown = ["..." if it is ... else repr(it) for it in (seed, count)]
    return [*(f"answer = {it}" for it in shown), code]


# Found by trying: four signatures are not enough for this seed, as for most.
HARD_SEED = "Ada Lovelace"
RIGHT = {
    "4.1": [
        f"{KEY} % q",
        "(one.h - one.s * k) * pow(-one.r, -1, q) % q",
        "(one.s * k * inverse(one.r) - one.h * inverse(one.r)) % q",
    ],
    "4.2": [
        f"{K} % q",
        "(b.h - a.h) * inverse(b.s - a.s) % q",
        "inverse((a.s - b.s) * inverse(a.h - b.h))",
    ],
    "4.3": [
        theft(),
        theft(start="j + 1 :"),
        "next(key(one, k_of(one, two)) for one in signatures for two in signatures"
        " if one.r == two.r and one.s != two.s)",
    ],
    "4.4": [
        rows(),
        rows(result="tuple(map(tuple, rows))"),
        rows(result="rows[::-1]"),
        rows(result="[[2 * number for number in row[::-1]] for row in rows]"),
        rows(a="-one.h * inverse(one.s) % q"),
        rows(t="one.r * inverse(one.s)", a="one.h * inverse(one.s)"),
    ],
    "4.5": [
        of_ada(recovery()),
        of_ada(recovery(), "a new name", 5),
        of_ada(recovery(), "a new name", 8),
        of_ada(recovery(x="x_part // B % q")),
        of_ada(
            recovery(x="abs(x_part) // B % q").replace(
                "if pow", "x = x if pow(g, x, p) == y else q - x\n        if pow"
            )
        ),
        of_ada(recovery(x="x_part * (1 if last > 0 else -1) * inverse(B) % q")),
        of_ada(recovery(at_the_end="raise RuntimeError")),
    ],
    "4.6": [
        "made(x, digest) % (q - 1) + 1",
        "number(hashlib.sha512(in_bytes(x) + digest).digest()) % q",
        "made(x, digest + secrets.token_bytes(16)) % q",
        "secrets.randbelow(q - 1) + 1",
        "random.SystemRandom().randrange(1, q)",
        DRAWN_AGAIN,
    ],
}
REAL_NUMBERS, OURS = "you divided real numbers", "expected your own steps, got a call of"
WRONG: dict[str, list[tuple[str, str]]] = {
    "4.1": [
        ("(one.s * k - one.h) % q", "you have x·r"),
        ("(one.s * k - one.h) * one.r % q", "multiplied by r"),
        ("(one.s * k - one.h) * (one.r ^ -1) % q", "^ is XOR"),
        (f"-{KEY} % q", "that is -x"),
        (KEY, "not reduced: mod q"),
        ("(one.s * k - 5) * inverse(one.r) % q", "the same h for every signature"),
        ("(one.s * 5 - one.h) * inverse(one.r) % q", "the same k for every signature"),
        ("one.r * inverse(one.s * k - one.h) % q", "that is 1/x"),
        ("inverse((one.s * k - one.h) * one.r)", "invert r alone"),
        (f"pow(g, {KEY} % q, p)", "that is y"),
        ("(one.s * k - one.h) * one.r ** (q - 2) % q", "a power mod q"),
        ("(one.s * k + one.h) * inverse(one.r) % q", "minus, not plus"),
        ("(one.s * inverse(k) - one.h) * inverse(one.r) % q", "s·k, not s/k"),
        ("(one.s - one.h) * k * inverse(one.r) % q", "k multiplies s alone"),
        ("one.s * k * inverse(one.r) % q", "the h is missing"),
        ("(one.s * k * inverse(one.r) - one.h) % q", "h must be divided by r, too"),
        ("one.s * k - one.h * inverse(one.r) % q", "s·k must be divided by r, too"),
        ("(one.r * k - one.h) * inverse(one.s) % q", "changed places"),
        ("(one.s * k - one.h) * inverse(one.s) % q", "not by s"),
        ("(one.s * k - one.h) * inverse(k) % q", "not by k"),
        ("(one.s * k - one.h) * pow(one.r, -1, p) % q", "not mod p"),
        ("(one.s * k - one.h) * pow(one.r, -1, p) % p", "not in this equation: all of it"),
        ("(one.s * k - one.h) // one.r", "// divides integers"),
        ("(one.s * k - one.h) // one.r % q", "// divides integers"),
        ("(one.s * k - one.h // one.r) % q", "// divides integers, and brackets are missing"),
        ("(one.s * k - one.h) / one.r % q", REAL_NUMBERS),
        ("k", "that is k"),
        ("next(x for x in range(1, q) if x * one.r % q < 0)", "a search without end"),
        ("8", "one number for all"),
        ("one.s + k", "solve s·k = h + x·r"),
        (f"({KEY} % q).to_bytes(32, 'big')", "one int"),
        (f"{KEY} % q if one.h < one.r else None", "got None for"),
        ("attacks.key_from_k(one, k, q)", f"{OURS} key_from_k"),
    ],
    "4.2": [
        ("(a.h - b.h) * inverse(b.s - a.s) % q", "that is -k"),
        ("(a.s - b.s) * inverse(a.h - b.h) % q", "upside down"),
        ("(a.s - b.s) * inverse(b.h - a.h) % q", "upside down, and -"),
        ("(a.h - b.h) * (a.s - b.s) % q", "you multiplied"),
        ("-abs(a.h - b.h) * inverse(abs(a.s - b.s)) % q", "k"),
        ("0", "one number for all"),
        ("(a.h - b.h) % q", "k·(s1 - s2)"),
        ("(a.h - b.h) // (a.s - b.s)", "// divides integers"),
        ("(a.h - b.h) // (a.s - b.s) % q", "// divides integers"),
        ("next(k for k in range(q) if (a.s - b.s) * k % q < 0)", "a search without end"),
        ("a.h - b.h // a.s - b.s", "// divides integers, and brackets are missing"),
        ("(a.h - b.h // (a.s - b.s)) % q", "brackets are missing around h1 - h2"),
        ("(a.h - b.h) / (a.s - b.s)", REAL_NUMBERS),
        (K, "not reduced"),
        ("(a.h + b.h) * inverse(a.s + b.s) % q", "minus, twice"),
        ("(a.h - b.h) * inverse(a.s + b.s) % q", "minus below"),
        ("(a.h + b.h) * inverse(a.s - b.s) % q", "minus above"),
        ("(a.h - b.h * inverse(a.s - b.s)) % q", "all of h1 - h2"),
        ("((a.h - b.h) * inverse(a.s) - b.s) % q", "all of s1 - s2"),
        ("(a.h - b.h) * (inverse(a.s) - inverse(b.s)) % q", "subtract first"),
        ("(a.h * inverse(a.s) - b.h * inverse(b.s)) % q", "subtract the equations first"),
        ("a.h * inverse(a.s) % q", "one signature alone"),
        ("(a.h - b.h) * inverse(a.s) % q", "divides by s1 alone"),
        ("(a.h - b.h) * pow(a.s - b.s, -1, p) % q", "not mod p"),
        ("key(a, k_of(a, b))", "that is x already"),
        ("a.r", "that is r"),
        ("(a.h - b.h) * inverse(a.r - b.r) % q", "r1 - r2 is 0"),
        ("(a.r - b.r) * inverse(a.s - b.s) % q", "r1 = r2, so r1 - r2 is 0"),
        ("(a.h ^ b.h) * inverse(a.s ^ b.s) % q", "that is XOR"),
        ("attacks.k_from_pair(a, b, q)", f"{OURS} k_from_pair"),
    ],
    "4.3": [
        (theft(equal="one.s == two.s"), "it found no pair"),
        (
            "[key(one, k_of(one, two)) for one in signatures for two in signatures"
            " if one.s == two.s and one.h != two.h][0]",
            "signatures: len(seen); did it find a pair with one r?",
        ),
        (
            "def answer(signatures):\n    one, two = None\n    return key(one, k_of(one, two))",
            "signatures: len(seen); did it find a pair with one r?",
        ),
        ("len(signatures[0])", "no len(); look at line"),
        (theft(found="return k_of(one, two)"), "that is k: one more step"),
        (theft(found="return key(one, -k_of(one, two))"), "that comes from -k"),
        (theft(found="return one, two"), "the first step of three"),
        (theft(found="return hex(key(one, k_of(one, two)))"), "x is one int"),
        (theft(found="return one.s * k_of(one, two) - one.h"), "you have x·r"),
        (theft(start=":"), "compared with itself"),
        (theft(found="return [key(one, k_of(one, two))]"), "x is among them"),
        (
            theft(found="return (one.s * k_of(one, two) - two.h) * inverse(one.r) % q"),
            "both of one",
        ),
        ("def answer(signatures, y):\n    return y", "takes 1 argument"),
        ("RepeatedK(1).x", "the notebook's twin"),
        ("12345", "which two signatures share their k?"),
        (theft(found="return pow(g, key(one, k_of(one, two)), p)"), "that is y"),
        (theft(found="return attacks.key_from_k(one, k_of(one, two), q)"), f"{OURS} key_from_k"),
    ],
    "4.4": [
        (rows(result="rows[:-2]"), "the row of t and the row of a are missing"),
        (rows(result="rows[:-1]"), "one row is missing"),
        (rows(result="rows + rows[:1]"), "one row for each signature"),
        (rows(result="[row[:-1] for row in rows]"), "each row has one number for each signature"),
        (rows(of_t="t", of_a="a"), "each row has one number for each signature"),
        (rows(result="t"), "a list of rows"),
        (rows(of_t="[q * n for n in t] + [B / q, 0]"), "then B/q becomes B"),
        (rows(t="one.r / one.s"), "divided on the clock"),
        (rows(result="[[Fraction(n) for n in row] for row in rows]"), "make an int of each"),
        (rows(result="[[str(number) for number in row] for row in rows]"), "one int"),
        (rows(result="list(zip(*rows))"), "your rows stand as columns"),
        (rows(diagonal="q"), "these too"),
        (rows(diagonal="1"), "before all is multiplied by q, is q"),
        (
            rows(diagonal="q * q if j < n else 0").replace(" if i == j else 0", ""),
            "in its own column",
        ),
        (rows(result="[rows[0]] * len(rows)"), "make each anew"),
        (rows(of_t="[q * n % q for n in t] + [B, 0]"), "do not reduce it"),
        (rows(of_t="q * t + [B, 0]"), "multiply each number"),
        (rows(of_t="t + [B, 0]"), "the row of t is not multiplied by q"),
        (rows(of_a="a + [0, q * B]"), "the row of a is not multiplied by q"),
        (rows(t="one.r * one.s % q"), "t is r/s mod q"),
        (rows(t="one.r // one.s"), "t is r/s mod q"),
        (rows(t="one.r"), "t is r/s mod q"),
        (rows(a="one.h"), "a is h/s mod q"),
        (
            rows(t="one.h * inverse(one.s) % q", a="one.r * inverse(one.s) % q"),
            "t = r/s goes with x",
        ),
        (rows(of_t="[q * n for n in t] + [1, 0]"), "B/q and 0"),
        (rows(of_a="[q * n for n in a] + [0, 1]"), "0 and B"),
        ("attacks.lattice_rows(signatures, q, B)", f"{OURS} lattice_rows"),
    ],
    "4.5": [
        (
            of_ada(recovery(x="(-x_part if last > 0 else x_part) // B % q", test="last")),
            "mind the sign",
        ),
        (of_ada(recovery(x="x_part if last > 0 else -x_part", test="last")), "divide by B"),
        (of_ada(recovery(result="x + q")), "not reduced: mod q"),
        (of_ada(recovery(x="(x_part if last > 0 else -x_part) // B")), "not reduced: mod q"),
        (of_ada(recovery(x="abs(x_part) // B", test="abs(last) == q * B")), "no abs"),
        (
            of_ada(recovery(x="x_part / B % q", test="abs(last) == q * B")),
            "a float, which keeps 16 digits",
        ),
        (
            of_ada(recovery(x="int(x_part / B * (last > 0 or -1)) % q", test="abs(last) == q * B")),
            "its first digits are right",
        ),
        (of_ada(recovery(test="abs(last) == q * B")), "test each x with y"),
        (of_ada(recovery(result="[x]")), "x is among them"),
        (of_ada(recovery(result="[x_part]")), "which of its numbers has x in it?"),
        (of_ada(recovery(result="hex(x)")), "x is one int"),
        (of_ada("BiasedK(1).x"), "the notebook's twin"),
        (of_ada(recovery(bits="64")), "it found no x"),
        (of_ada(recovery(x="x_part // q", test="last")), "is it the row whose last number"),
        (of_ada("12345"), "is it the row whose last number"),
        (of_ada('BiasedK("Ada").x'), "that is the key of your seed"),
        (
            of_ada("attacks.key_from_short_ks(REAL, y, signatures, zero_bits=64)"),
            f"{OURS} key_from_short",
        ),
        (of_ada(recovery(), HARD_SEED, 4), "4 times 64 bits are just enough: LLL's rows seldom"),
        (of_ada(recovery(), HARD_SEED, 3), "3 times 64 bits are fewer than x has"),
        (of_ada(recovery(), "Ada", 0), "a count from 1 to 8"),
        (of_ada(recovery(), "Ada", 9), "fewer will do"),
        (of_ada(recovery(), "Ada", "5"), "got '5'; write the number without quotes"),
        (of_ada(recovery(), 12345), "your name as a seed"),
        (of_ada(recovery(), ""), "your name as a seed"),
        (of_ada(recovery(), "your name"), "nobody else should have your key"),
        (of_ada(recovery(), "Ada", ...), "my_count is still empty"),
        (of_ada(recovery(), ...), "my_seed is still empty"),
    ],
    "4.6": [
        ("number(digest) % q", "k must depend on x"),
        ("number(hashlib.sha256(digest).digest()) % q", "anyone can compute it"),
        ("random.Random(digest).randrange(1, q)", "anyone can compute it"),
        ("number(hashlib.sha256(in_bytes(x)).digest()) % q", "one twice"),
        ("4", "one twice"),
        ("made(x, digest[:1]) % q", "one twice"),
        ("(x + number(digest)) % q", "one unknown is left"),
        ("(x ^ number(digest)) % (q - 1) + 1", "one unknown is left"),
        ('(x + int.from_bytes(digest, "little")) % q', "one unknown is left"),
        ("(x + number(hashlib.sha256(digest).digest())) % q", "one unknown is left"),
        ("(x * 3 + number(digest)) % q", "differ as the hashes do"),
        ('(x * 3 + int.from_bytes(digest, "little")) % q', "read backwards"),
        ("(x * 3 + number(hashlib.sha256(digest).digest())) % q", "hashes of the hashes do"),
        ("x * number(digest) ** 2 % q", "one unknown is left"),
        ("(x + number(digest)) ** 2", "one unknown is left"),
        ("inverse(x + number(digest))", "one unknown is left"),
        ("(x + number(hashlib.sha512(digest).digest())) % q", "one unknown is left"),
        ("(x * number(hashlib.sha256(digest).digest())) % (q - 1) + 1", "one unknown is left"),
        ("pow(g, x * number(digest), p) % q", "one made of y"),
        (
            "number(hashlib.sha512(pow(g, x, p).to_bytes(256, 'big') + digest).digest()) % q",
            "one made of y",
        ),
        ("number(hashlib.sha512(str(time.time_ns()).encode()).digest()) % q", "try all clocks"),
        ("(x + next(counter)) % q", "differ as numbers in a row do"),
        ("(x * number(digest) + 5) % q", "multiples of the hashes"),
        ("x * number(digest) % q", "one unknown is left"),
        ("x * x * x * inverse(number(digest)) % q", "multiples of the hashes"),
        ("x * next(counter) % (q - 1) + 1", "multiples of numbers in a row"),
        ("next(counter)", "the lattice found x"),
        ("made(x, digest) >> 320", "the lattice found x"),
        ('made(x, digest, "sha1")', "the lattice found x"),
        ("made(x, digest) >> 257", "first bit is always 0"),
        ("(made(x, digest) >> 384 << 128) % q", "byte 16 takes"),
        ("(made(x, digest) | 0xFF) % 2**256 % q", "byte 31 takes"),
        ("1 << 255 | made(x, digest) % 2**128", "byte 0 takes 1 of 256 values"),
        ('made(x, digest, "sha256") % q', "belong; % q of 256 bits counts these twice"),
        ("secrets.randbits(256) % q", "belong; % q of 256 bits counts these twice"),
        ("made(x, digest)", "expected 0 < k < q"),
        ("-(made(x, digest) % q)", "expected 0 < k < q"),
        ("made(x % 2**32, digest) % q", "made of a part"),
        ("made(x >> 128, digest) % q", "made of a part"),
        ("random.randrange(1, q)", "made for games"),
        (
            "def answer(x, digest, q):\n    random.seed(time.time_ns())\n"
            "    return random.randrange(1, q)",
            "try all clocks",
        ),
        ("random.Random(x ^ number(digest)).randrange(1, q)", "made for games"),
        ("hmac.digest(in_bytes(x), digest, 'sha512')", "int.from_bytes"),
        ("float(made(x, digest) % q)", "// makes an int"),
        ("made(x, digest) % q if digest[0] % 2 else None", "got None"),
        ("secret_number(x, digest, q)", f"{OURS} secret_number"),
    ],
}


LESSON = Lesson(RIGHT, WRONG, HEADS, NAMES)
