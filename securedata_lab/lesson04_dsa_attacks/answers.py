"""Answers to lesson 04: right ones, and wrong ones with a part of their sentence."""

import hmac
from itertools import count
from typing import Any

from securedata_lab.basics.small_dsa import REAL
from securedata_lab.judging.powers import Base, Exponent
from securedata_lab.lesson04_dsa_attacks.two_slips import pulled

P, Q, G = REAL.p, REAL.q, REAL.g


def inverse(number: int) -> int:
    return pow(number, -1, Q)


def number(data: bytes) -> int:
    return int.from_bytes(data, "big")


def in_bytes(x: int) -> bytes:
    return x.to_bytes(32, "big")


def made(x: int, digest: bytes, hashed: str = "sha512") -> int:
    return number(hmac.digest(in_bytes(x), digest, hashed))


counter = count(1)
NAMES = globals() | {"p": Exponent(P), "q": Exponent(Q), "g": Base(G)}  # as the notebook has them
FIRST_CELL = """
import hashlib, os, random, secrets, time
from securedata_lab.lesson04_dsa_attacks import *
"""
exec(FIRST_CELL, NAMES)
NAMES["my_pull"] = pulled
HEADS = {
    "4.2": "q",
    "4.5": "signatures, y",
    "4.6": "x, digest, q",
}
PAIR = "one.r == two.r"
KEY, K = "(one.s * k - one.h) * inverse(one.r)", "(one.h - two.h) * inverse(one.s - two.s)"


def theft(pair: str = PAIR, k: str = f"{K} % q", key: str = f"{KEY} % q") -> list[str]:
    """The three answers to 4.7: what each returns, or `...`."""
    heads = {"one, two": pair, "one, two, q": k, "one, k, q": key}
    body = "    inverse = lambda number: pow(number, -1, q)\n    return"
    return [f"def answer({head}):\n{body} {code}" for head, code in heads.items()]


X_OF_0 = "one.h * inverse(one.r)"  # and with a minus
T = "two.r * one.s * inverse(one.r * two.s) % q"
A = f"(two.h - two.r * {X_OF_0}) * inverse(two.s) % q"
PULL = "row[0] - n * by[0], row[1] - n * by[1]"
DOT = "a = my_pull(a, b); b = my_pull(b, a); dot = my_pull(my_pull(dot, a), b)"


def two_slips(
    line: str = f"{T}, {A}",
    pull: str = PULL,
    turn: str = DOT,
    result: str = "dot",
    turns: int = 300,
) -> list[str]:
    """The three answers to 4.8: what is returned, and what a turn does."""
    inverse = "    inverse = lambda number: pow(number, -1, q)\n"
    return [
        f"def answer(one, two, q):\n{inverse}    return {line}",
        f"def answer(row, by):\n    n = times(row, by)\n    return {pull}",
        f"def answer(a, b, dot):\n    for turn in range({turns}):\n        {turn}\n"
        f"    return {result}",
    ]


RECOVERY = """
def answer(signatures, y):
    B = 2**{bits}
    for *_, x_part, last in lattice.reduced(lattice_rows(signatures, q, B)):
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


def with_count(code: str, count: object = 6) -> list[str]:
    """The two answers to 4.5."""
    return [f"answer = {'...' if count is ... else repr(count)}", code]


RIGHT = {
    "4.7": [
        theft(),
        theft(
            "one.r - two.r == 0",
            "(two.h - one.h) * inverse(two.s - one.s) % q",
            "(one.h - one.s * k) * pow(-one.r, -1, q) % q",
        ),
        theft(
            "one.r % q == two.r % q and one.h != two.h",
            "inverse((one.s - two.s) * inverse(one.h - two.h))",
            "(one.s * k * inverse(one.r) - one.h * inverse(one.r)) % q",
        ),
        theft(k=K, key=KEY),
        theft("not (one.r - two.r)", "(one.h - two.h) * pow(one.s - two.s, q - 2, q)"),
        theft(key="(k - one.h * inverse(one.s)) * inverse(one.r * inverse(one.s)) % q"),
    ],
    "4.8": [
        two_slips(),
        two_slips(pull="[a - n * b for a, b in zip(row, by)]"),
        two_slips(  # x of k1 = 0, and of k1 = 1
            f"(two.r * (1 * one.s - one.h) * inverse(one.r) + two.h) * inverse(two.s) - ({A}), {A}"
        ),
        two_slips(turn="b = my_pull(b, a); a = my_pull(a, b); dot = my_pull(my_pull(dot, b), a)"),
        two_slips(  # clicks of one, as in the explorer; the dot after the arrows
            turn="a = my_pull(a, b); b = my_pull(b, a)",
            result="[dot := my_pull(my_pull(dot, a), b) for turn in range(300)][-1]",
        ),
    ],
    "4.2": [
        "secrets.randbelow(q - 1) + 1",
        "1 + secrets.randbelow(int(q) - 1)",
        "random.SystemRandom().randrange(1, q)",
        "secrets.randbits(320) % (q - 1) + 1",
        "number(secrets.token_bytes(48)) % (q - 1) + 1",
        "int.from_bytes(os.urandom(48)) % (q - 1) + 1",
        "def answer(q):\n    k = 0\n    while not 0 < k < q:\n        k = secrets.randbits(256)"
        "\n    return k",
        "def answer(q):\n    while True:\n        k = secrets.randbits(q.bit_length())"
        "\n        if 0 < k < q:\n            return k",
    ],
    "4.5": [
        with_count(recovery()),
        with_count(recovery(), 5),
        with_count(recovery(), 8),
        with_count(recovery(x="x_part // B % q")),
        with_count(
            recovery(x="abs(x_part) // B % q").replace(
                "if pow", "x = x if pow(g, x, p) == y else q - x\n        if pow"
            )
        ),
        with_count(recovery(x="x_part * (1 if last > 0 else -1) * inverse(B) % q")),
        with_count(recovery(at_the_end="raise RuntimeError")),
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
REAL_NUMBERS, OURS = " divided real numbers: multiply", "expected your own steps, got a call of"
WRONG_PAIRS = [
    ("one.h == two.h", "the texts are equal, not the ks"),
    ("one.s == two.s", "s has the text in it"),
    ("one.r == two.s", "yes to no two slips"),
    ("one == two", "yes to no two slips"),
    ("one.r - two.r", "yes where they differ"),
    ("(one, two)", "yes to every two slips"),
    ("one.h == two.h or one.r == two.r", "which of h, r, s depends on k alone?"),
    ("one.k == two.k", "k is on no slip"),
]
WRONG_KEYS = [
    ("(one.s * k - one.h) * pow(one.r, -1, Q) % Q", "use the q that your function is handed"),
    ("(one.s * k - one.h) % q", "my_pair and my_k: right. my_key: you have x·r"),
    ("...", "my_pair and my_k: right. Go on with my_key"),
    ("(one.s * k - one.h) * one.r % q", "multiplied by r"),
    ("(one.s * k - one.h) * (one.r ^ -1) % q", "^ is XOR"),
    (f"-{KEY} % q", "that is -x"),
    ("(one.s * k - 5) * inverse(one.r) % q", "the same h for every slip"),
    ("(one.s * 5 - one.h) * inverse(one.r) % q", "the same k for every slip"),
    ("one.r * inverse(one.s * k - one.h) % q", "that is 1/x"),
    ("inverse((one.s * k - one.h) * one.r)", "invert r alone"),
    (f"pow(g, {KEY} % q, p)", "that is y"),
    ("(one.s * k - one.h) * one.r ** (q - 2) % q", "a power mod q"),
    ("(one.s * k + one.h) * inverse(one.r) % q", "on the other side"),
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
    ("(one.s * k - one.h) / one.r % q", f"my_key{REAL_NUMBERS}"),
    ("k", "that is k"),
    ("next(x for x in range(1, q) if x * one.r % q < 0)", "a search without end"),
    ("8", "one number for all"),
    ("(one.s * k - one.h) * pow(one.r, -1, 10**9 + 7) % (10**9 + 7)", "is q still the machine's?"),
    ("one.s + k", "solve s·k = h + x·r"),
    (f"({KEY} % q).to_bytes(32, 'big')", "one int"),
    ("one.x", "x is on no slip"),
]
WRONG_KS = [
    ("(one.h - two.h) * pow(one.s - two.s, -1, Q) % Q", "use the q that your function is handed"),
    ("(one.h - two.h) * inverse(two.s - one.s) % q", "my_pair: right. my_k: that is -k"),
    ("...", "my_pair and my_key: right. Go on with my_k"),
    ("(one.s - two.s) * inverse(one.h - two.h) % q", "that is 1/k"),
    ("(one.s - two.s) * inverse(two.h - one.h) % q", "that is -1/k"),
    ("(one.h - two.h) * (one.s - two.s) % q", "you multiplied"),
    ("-abs(one.h - two.h) * inverse(abs(one.s - two.s)) % q", "k"),
    ("0", "one number for all"),
    ("(one.h - two.h) % q", "k·(s1 - s2)"),
    ("(one.h - two.h) // (one.s - two.s)", "// divides integers"),
    ("(one.h - two.h) // (one.s - two.s) % q", "// divides integers"),
    ("next(k for k in range(q) if (one.s - two.s) * k % q < 0)", "a search without end"),
    ("one.h - two.h // one.s - two.s", "// divides integers, and brackets are missing"),
    ("(one.h - two.h // (one.s - two.s)) % q", "brackets are missing around h1 - h2"),
    ("(one.h - two.h) / (one.s - two.s)", f"my_k{REAL_NUMBERS}"),
    ("h1 - h2", "h1 on paper is one.h in code"),
    ("(one.h + two.h) * inverse(one.s + two.s) % q", "you added the equations"),
    ("(one.h - two.h) * inverse(one.s + two.s) % q", "below, do the same as above"),
    ("(one.h + two.h) * inverse(one.s - two.s) % q", "above, do the same as below"),
    ("(one.h - two.h * inverse(one.s - two.s)) % q", "all of h1 - h2"),
    ("((one.h - two.h) * inverse(one.s) - two.s) % q", "all of s1 - s2"),
    ("(one.h - two.h) * (inverse(one.s) - inverse(two.s)) % q", "subtract first"),
    ("(one.h * inverse(one.s) - two.h * inverse(two.s)) % q", "subtract the equations first"),
    ("one.h * inverse(one.s) % q", "one signature alone"),
    ("(one.h - two.h) * inverse(one.s) % q", "divides by s1 alone"),
    ("(one.h - two.h) * pow(one.s - two.s, -1, p) % q", "not mod p"),
    ("(one.h - two.h) * pow(one.s - two.s, -1, p) % p", "not in this equation: all of it"),
    ("(one.h - two.h) * pow(one.s - two.s, -1, q) % p", "at the end, too, mod q"),
    (f"(one.s * {K} - one.h) * inverse(one.r) % q", "that is x already"),
    ("one.r", "that is r"),
    ("(one.h - two.h) * inverse(one.r - two.r) % q", "It is 0 for these two slips"),
    ("(one.r - two.r) * inverse(one.s - two.s) % q", "r1 = r2, so r1 - r2 is 0"),
    ("(one.h ^ two.h) * inverse(one.s ^ two.s) % q", "that is XOR"),
    ("(one.h - two.h) * (one.s - two.s) ^ -1 % q", "^ is XOR: the inverse is pow"),
]
WRONG_TS = [
    (f"{T} + {A}", "that is T + A, the k2 of k1 = 1"),
    ("one.r * two.s * inverse(two.r * one.s) % q", "that is 1/T"),
    ("-two.r * one.s * inverse(one.r * two.s) % q", "that is -T"),
    ("two.r * one.s * one.r * two.s % q", "you multiplied"),
    ("two.r * one.s * inverse(one.r) % q", "divide by s2, too"),
    ("two.r * one.s * inverse(two.s) % q", "divide by r1, too"),
    ("two.r * inverse(two.s) % q", "what stands beside k1?"),
    ("two.r * one.s // (one.r * two.s)", "// divides integers"),
    ("two.r * one.s / (one.r * two.s)", "/ makes floats"),
    ("two.r * one.s * pow(one.r * two.s, -1, Q) % Q", "use the q that your function is handed"),
    ("one.s * inverse(two.s) % q", "put x = (s1·k1 - h1)/r1"),
    ("...", "fill in both values"),
]
WRONG_AS = [
    (f"{T} + {A}", "that is the k2 of k1 = 1"),
    (f"-{A}", "that is -A"),
    ("two.h * inverse(two.s) % q", "what is x if k1 is 0?"),
    (f"(two.h + two.r * {X_OF_0}) * inverse(two.s) % q", "what sign has h1"),
    (f"(two.h - two.r * {X_OF_0}) % q", "A: divide by s2, too"),
    ("(two.h - two.r * one.h) * inverse(two.s) % q", "divide h1 by r1"),
    (f"(two.h - two.r * {X_OF_0} * inverse(two.s)) % q", "h2 must be divided by s2"),
    ("(one.h - two.r * two.h * inverse(one.r)) * inverse(two.s) % q", "changed places"),
    ("(one.h - one.r * two.h * inverse(two.r)) * inverse(one.s) % q", "holds for k1"),
    ("(two.h - two.r * one.h // one.r) // two.s", "// divides integers"),
    ("one.h * two.h % q", "A: put x = "),
]
WRONG_PULLS = [
    ("row[0] + n * by[0], row[1] + n * by[1]", "you added"),
    ("row[0] - by[0], row[1] - by[1]", "take it n times"),
    ("n * by[0], n * by[1]", "take it from the row"),
    ("by[0] - n * row[0], by[1] - n * row[1]", "changed places"),
    ("row[0] - n * by[0], row[1]", "the second number is as before"),
    ("row[0], row[1] - n * by[1]", "the first number is as before"),
    ("row", "that is the row"),
    ("(row[0] - n * by[0]) % Q, (row[1] - n * by[1]) % Q", "no % q here"),
    ("row[0] - row[1] // by[1] * by[0], row[1] - row[1] // by[1] * by[1]", "n is given"),
    ("row - n * by", "a row is a pair"),
    ("row[1] - n * by[1]", "expected 2 values"),
    ("...", "my_line and my_dot: right. Go on with my_pull"),
]
WRONG_TURNS = [
    ("a = my_pull(a, b); b = my_pull(b, a)", "the dot is where it began"),
    ("my_pull(a, b); my_pull(b, a); my_pull(dot, a)", "the dot is where it began"),
    ("dot = my_pull(my_pull(dot, a), b)", "my_dot: "),  # by chance, it moves or does not
    ("a = my_pull(a, b); dot = my_pull(my_pull(dot, a), b)", "my_dot: "),
    ("a, b = my_pull(a, b), my_pull(b, a); dot = my_pull(dot, a)", "(0, 0)"),  # a dot, or an arrow
    ("a = my_pull(b, a); b = my_pull(a, b); dot = my_pull(dot, a)", "(0, 0)"),
]
WRONG: dict[str, list[tuple[Any, str]]] = {
    "4.7": [
        *((theft(pair), words) for pair, words in WRONG_PAIRS),
        *((theft(k=k), words) for k, words in WRONG_KS),
        *((theft(key=key), words) for key, words in WRONG_KEYS),
        (
            [theft()[0], "def answer(one, two):\n    return 5", theft()[2]],
            "write its first line as it was given",
        ),
    ],
    "4.8": [
        *((two_slips(line=f"{t}, {A}"), words) for t, words in WRONG_TS),
        *((two_slips(line=f"{T}, {a}"), words) for a, words in WRONG_AS),
        *((two_slips(pull=pull), words) for pull, words in WRONG_PULLS),
        *((two_slips(turn=turn), words) for turn, words in WRONG_TURNS),
        (two_slips(f"{A}, {T}"), "that is A: return T, A"),
        (two_slips(T), "two ints are asked for"),
        (two_slips("h2 - h1, 1"), "h1 on paper is one.h in code"),
        (two_slips(result="a"), "that is an arrow"),
        (two_slips(result="(8, 3)"), "that is no dot at all"),
        (two_slips(result="dot[0]"), "expected 2 values"),
        (two_slips(result="..."), "my_line and my_pull: right. Go on with my_dot"),
        (two_slips(turns=10), "in all turns"),
        (two_slips(result="(dot[0] / 1, dot[1] / 1)"), "/ makes floats"),
    ],
    "4.2": [
        ("secrets.randbelow(q)", "got 0, too; 0 has no inverse"),
        ("secrets.randbelow(q - 1)", "got 0, too; 0 has no inverse"),
        ("secrets.randbelow(q) + 1", "got 11, too; that is 0 mod q"),
        ("secrets.randbelow(Q - 1) + 1", "use the q that you are handed"),
        ("secrets.randbits(256) % q", "below 2^256 - q, where 235 belong"),
        ("secrets.randbits(256) % (q - 1) + 1", "two numbers of 256 bits give each"),
        ("2 * secrets.randbelow((q - 1) // 2) + 2", "few or no 1, 3, 5, 7, 9"),
        ("secrets.randbelow(q - 2) + 1", "few or no 10"),
        ("secrets.randbelow(q - 2) + 2", "few or no 1"),
        ("secrets.randbelow(q - 1) or 1", "few or no 10"),
        ("max(1, secrets.randbelow(q))", "got 1 twice as often"),
        ("secrets.randbelow(q) or 1", "got 1 twice as often"),
        ("min(secrets.randbelow(q) + 1, q - 1)", "got 10 twice as often"),
        (
            "number(hashlib.sha512(b'%d' % next(counter)).digest()) % (q - 1) + 1",
            "without your sys",
        ),
        ("secrets.randbelow(256)", "they come again"),
        ("secrets.randbits(256)", "expected 0 < k < q"),
        ("-secrets.randbelow(q)", "expected 0 < k < q"),
        ("secrets.randbelow(256) + 1", "they come again"),
        ("secrets.randbits(255) % (q - 1) + 1", "% of q in 1000"),
        ("secrets.randbelow(q // 2) + 1", "none above 49 % of q in 1000"),
        ("secrets.randbits(192) + 1", "none above 2^192 in 1000"),
        ("random.randrange(1, q)", "made for games"),
        ("random.Random(secrets.randbits(256)).randrange(1, q)", "made for games"),
        ("time.time_ns()", "none is above 2^61, and a clock or a count can be tried"),
        ("next(counter)", "and a clock or a count can be tried"),
        ("number(hashlib.sha512(b'%d' % time.time_ns()).digest()) % (q - 1) + 1", "of the clock"),
        ("next(counter) + 2**255", "each from the one before"),
        ("5", "got 5 each time"),
        ("q - 1", "each time; draw one"),
        ("number(hashlib.sha256(b'Kim').digest()) >> 1", "each time; draw one"),
        ("secrets.token_bytes(32)", "int.from_bytes"),
        ("random.random() / 2 + 0.25", "got 0."),
        ("secrets.choice(range(1, q))", "secrets has a function"),
        ("secrets.randbellow(q - 1) + 1", "is the name spelled right?"),
        ("def answer():\n    return 5", "takes 1 argument"),
    ],
    "4.5": [
        (
            with_count(recovery(x="(-x_part if last > 0 else x_part) // B % q", test="last")),
            "mind the sign",
        ),
        (with_count(recovery(x="x_part if last > 0 else -x_part", test="last")), "divide by B"),
        (with_count(recovery(result="x + q")), "not reduced: mod q"),
        (with_count(recovery(x="(x_part if last > 0 else -x_part) // B")), "not reduced: mod q"),
        (with_count(recovery(x="abs(x_part) // B", test="abs(last) == q * B")), "no abs"),
        (
            with_count(recovery(x="x_part / B % q", test="abs(last) == q * B")),
            "a float, which keeps 16 digits",
        ),
        (
            with_count(
                recovery(x="int(x_part / B * (last > 0 or -1)) % q", test="abs(last) == q * B")
            ),
            "its first digits are right",
        ),
        (with_count(recovery(test="abs(last) == q * B")), "test each x with y"),
        (with_count(recovery(result="[x]")), "x is among them"),
        (with_count(recovery(result="[x_part]")), "which of its numbers has x in it?"),
        (with_count(recovery(result="hex(x)")), "x is one int"),
        (with_count(recovery(bits="64")), "it found no x"),
        (with_count(recovery(x="x_part // q", test="last")), "is it the row whose last number"),
        (with_count("12345"), "is it the row whose last number"),
        (
            with_count("key_from_short_ks(REAL, y, signatures, zero_bits=64)"),
            f"{OURS} key_from_short",
        ),
        (with_count(recovery(), 4), "4 times 64 bits are just enough: LLL's rows seldom"),
        (with_count(recovery(), 3), "3 times 64 bits are fewer than x has"),
        (with_count(recovery(), 0), "a count from 1 to 8"),
        (with_count(recovery(), 9), "fewer will do"),
        (with_count(recovery(), "5"), "got '5'; write the number without quotes"),
        (with_count(recovery(), ...), "my_count is still empty"),
        (with_count(recovery(x="x_part * q // last % q"), 4), "4 times 64 bits are just enough"),
        (with_count(recovery(x="x_part * q // last % q"), 6), "some rows end in 0"),
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
        (
            "number(hashlib.sha512(str(time.time_ns()).encode()).digest()) % q",
            "what a clock may have shown",
        ),
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
        ('made(x, digest, "sha256") % q', "belong; two numbers of 256 bits give each"),
        ("secrets.randbits(256) % q", "belong; two numbers of 256 bits give each"),
        ("made(x, digest)", "expected 0 < k < q"),
        ("-(made(x, digest) % q)", "expected 0 < k < q"),
        ("made(x % 2**32, digest) % q", "made of a part"),
        ("made(x >> 128, digest) % q", "made of a part"),
        ("random.randrange(1, q)", "made for games"),
        (
            "def answer(x, digest, q):\n    random.seed(time.time_ns())\n"
            "    return random.randrange(1, q)",
            "what a clock may have shown",
        ),
        ("random.Random(x ^ number(digest)).randrange(1, q)", "made for games"),
        ("hmac.digest(in_bytes(x), digest, 'sha512')", "int.from_bytes"),
        ("float(made(x, digest) % q)", "// makes an int"),
        ("made(x, digest) % q if digest[0] % 2 else None", "got None"),
    ],
}
