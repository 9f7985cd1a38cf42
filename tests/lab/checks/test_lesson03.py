"""Lesson 03's checks: right answers pass whatever is drawn, wrong ones get a fitting word."""

import base64
import hashlib
import importlib
import json
import secrets
import struct
import zlib
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
import requests
from Crypto.Hash import SHA256
from Crypto.PublicKey import DSA
from Crypto.Signature import DSS

from securedata.lab import check, smalldsa
from securedata.lab.flaws import Unframed
from securedata.lab.service import LabServer
from securedata.lab.signedtwin import SignedTwin
from securedata.lab.smalldsa import REAL, TOY, Domain
from securedata.lab.twin import Row
from securedata.record import frame
from securedata.web.receipt import receipt_from_json

# `securedata.lab.checking` is also the name of the object that lessons use.
engine = importlib.import_module("securedata.lab.checking")

RUNS = 2  # what is drawn is drawn anew each time
RUNS_OF_A_SEARCH = 1
P, Q, G = REAL.p, REAL.q, REAL.g


def said(capsys: pytest.CaptureFixture[str], number: str, *answers: object) -> str:
    check(number, *answers)
    printed = capsys.readouterr().out
    assert printed.count("\n") == 1
    assert len(printed) <= engine.LINE_LENGTH, "cut off"
    return printed


def outcome(function: Callable[..., object], *arguments: object) -> object:
    """What a function gives, written out: 4.0 is not 4; or what it raises."""
    try:
        answer = function(*arguments)
    except Exception as error:
        return type(error)
    return repr(answer)


def differs(
    wrong: Callable[..., object], good: Callable[..., object], cases: list[tuple[Any, ...]]
) -> bool:
    return any(outcome(wrong, *case) != outcome(good, *case) for case in cases)


def stub(*_: object) -> object: ...


def prints(*_: object) -> None:
    print(end="")


def never_ends(*_: object) -> object:
    while True:
        pass


@pytest.mark.parametrize("number", ["3.1", "3.2", "3.3"])
def test_a_stub_is_not_attempted(capsys: pytest.CaptureFixture[str], number: str) -> None:
    assert said(capsys, number, stub) == f"{number} not attempted yet\n"
    assert said(capsys, number, ...) == f"{number} not attempted yet\n"


@pytest.mark.parametrize("number", ["3.1", "3.2", "3.3"])
def test_an_endless_loop_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, number: str
) -> None:
    monkeypatch.setattr(engine, "SECONDS", 0.2)
    assert "endless loop" in said(capsys, number, never_ends)


# 3.1


def by_trying(a: int, q: int) -> int | None:
    for b in range(1, q):
        if a * b % q == 1:
            return b
    return None


def by_trying_too_few(a: int, q: int) -> int | None:
    for b in range(1, q - 1):
        if a * b % q == 1:
            return b
    return None


def by_euclid(a: int, q: int) -> int:
    old, new, s, t = a, q, 1, 0
    while new:
        times = old // new
        old, new, s, t = new, old - times * new, t, s - times * t
    return s


@pytest.mark.parametrize(
    "right",
    [
        lambda a, q: pow(a, -1, q),
        lambda a, q: pow(a, q - 2, q),
        lambda a, q: a ** (q - 2) % q,
        by_trying,
        lambda a, q: next(b for b in range(q) if a * b % q == 1),
        lambda a, q: by_euclid(a, q) % q,
        lambda a, q: next((1 + n * q) // a for n in range(a) if (1 + n * q) % a == 0) % q or 1,
    ],
)
def test_3_1_a_right_inverse_passes(
    capsys: pytest.CaptureFixture[str], right: Callable[[int, int], int]
) -> None:
    assert said(capsys, "3.1", right).startswith("3.1 correct: ")


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        (lambda a, q: 1 / a, "you divided real numbers; multiply by the inverse mod q"),
        (lambda a, q: 1 / a % q, "you divided real numbers"),
        (lambda a, q: float(pow(a, -1, q)), "you divided real numbers"),
        (lambda a, q: Fraction(1, a), "you divided real numbers"),
        (lambda a, q: 1 / Decimal(a), "you divided real numbers"),
        (lambda a, q: 1 // a, "// rounds down"),
        (lambda a, q: q // a, "q // a rounds down"),
        (lambda a, q: q - a, "opposite for adding"),
        (lambda a, q: a, "that is a itself"),
        (lambda a, q: pow(a, q, q), "a itself"),
        (lambda a, q: pow(a, q - 1, q), "always 1"),
        (lambda a, q: 1, "always 1"),
        (lambda a, q: a ** (q - 2), "not from 1 to q-1"),
        (by_euclid, "not from 1 to q-1"),
        (lambda a, q: pow(a, -1, q) - q, "not from 1 to q-1"),
        (lambda a, q: pow(q, -1, a), "changed places"),
        (lambda a, q: pow(a, -1, q) + 1, "mod 11: try"),
        (lambda a, q: pow(a, 9, 11), "mod 101: try"),
        (lambda a, q: pow(a, -1, q - 1), "ValueError"),
        (lambda a, q: str(pow(a, -1, q)), "an inverse is an int"),
        (lambda a, q: (pow(a, -1, q), q), "an inverse is an int"),
        (lambda a, q: a == 1 or pow(a, -1, q), "an inverse is an int"),
        (lambda a, q: bytes([a % 256]), "an inverse is an int"),
        (by_trying_too_few, "got None for (10, 11); it returned None: "),
        (prints, "returned None: "),
        (lambda a, q: 1 // 0, "ZeroDivisionError"),
        (lambda a: a, "TypeError"),
    ],
)
def test_3_1_a_wrong_inverse_is_explained(
    capsys: pytest.CaptureFixture[str], wrong: Callable[..., object], word: str
) -> None:
    cases = [(a, q) for q in (11, 101) for a in range(1, q)]
    assert differs(wrong, lambda a, q: pow(a, -1, q), cases)
    printed = said(capsys, "3.1", wrong)
    assert printed.startswith("3.1 not yet: expected ")
    assert word in printed


# 3.2


def good_sign(d: Domain, x: int, h: int, k: int) -> tuple[int, int]:
    r = pow(d.g, k, d.p) % d.q
    return r, pow(k, -1, d.q) * (h + x * r) % d.q


def toy_cases() -> list[tuple[Domain, int, int, int]]:
    numbers = [[1 + secrets.randbelow(TOY.q - 1) for _ in range(3)] for _ in range(50)]
    return [(TOY, x, h, k) for x, h, k in numbers]


def signer(
    r: Callable[..., object] = lambda d, x, h, k: pow(d.g, k, d.p) % d.q,
    s: Callable[..., object] = lambda d, x, h, k, r: pow(k, -1, d.q) * (h + x * r) % d.q,
) -> Callable[[Domain, int, int, int], object]:
    """A my_sign with a mistake in r, which s is then made with, or in s."""
    return lambda d, x, h, k: (r(d, x, h, k), s(d, x, h, k, r(d, x, h, k)))


@pytest.mark.parametrize(
    "right",
    [
        good_sign,
        smalldsa.sign,
        lambda d, x, h, k: list(good_sign(d, x, h, k)),
        lambda d, x, h, k: (d.g**k % d.p % d.q, by_trying(k, d.q) * (h + x * (d.g**k % d.p)) % d.q),
        signer(s=lambda d, x, h, k, r: (by_euclid(k, d.q) * h + by_euclid(k, d.q) * x * r) % d.q),
        signer(
            s=lambda d, x, h, k, r: next(s for s in range(d.q) if (s * k - h - x * r) % d.q < 1)
        ),
    ],
)
def test_3_2_a_right_signer_passes(
    capsys: pytest.CaptureFixture[str], right: Callable[..., object]
) -> None:
    assert said(capsys, "3.2", right).startswith("3.2 correct: ")


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        (signer(r=lambda d, x, h, k: pow(d.g, k, d.p)), "r is mod p, *then* mod q"),
        (signer(r=lambda d, x, h, k: pow(d.g, k, d.q)), "left out p"),
        (signer(r=lambda d, x, h, k: pow(d.g, k, d.q) % d.p), "left out p"),
        (signer(r=lambda d, x, h, k: pow(d.g, k)), "nothing reduced"),
        (signer(r=lambda d, x, h, k: pow(d.g, x, d.p) % d.q), "made of x"),
        (signer(r=lambda d, x, h, k: pow(k, d.g, d.p) % d.q), "k to the power g"),
        (signer(r=lambda d, x, h, k: d.g * k % d.p % d.q), "you multiplied"),
        (signer(r=lambda d, x, h, k: (d.g ^ k) % d.p % d.q), "^ is XOR"),
        (signer(r=lambda d, x, h, k: pow(d.g, k + 1, d.p) % d.q), "g to the power of k"),
        (signer(r=lambda d, x, h, k: pow(2, k, 23) % 11), "g to the power of k"),
        (signer(s=lambda d, x, h, k, r: (h + x * r) / k % d.q), "you divided real numbers"),
        (signer(s=lambda d, x, h, k, r: (h + x * r) // k % d.q), "// rounds down"),
        (signer(s=lambda d, x, h, k, r: (h + x * r) * k % d.q), "you multiplied by k"),
        (signer(s=lambda d, x, h, k, r: (h + x * r) % d.q), "inverse of k is missing"),
        (signer(s=lambda d, x, h, k, r: (h + x * r) * pow(k, -1, d.q)), "take s mod q too"),
        (
            signer(s=lambda d, x, h, k, r: pow(k, -1, d.q) * h + x * r % d.q),
            "s is the inverse of k",
        ),
        (signer(s=lambda d, x, h, k, r: (pow(k, -1, d.q) * h + x * r) % d.q), "brackets"),
        (signer(s=lambda d, x, h, k, r: (h + pow(k, -1, d.q) * x * r) % d.q), "brackets"),
        (signer(s=lambda d, x, h, k, r: pow(k, -1, d.q) * (h - x * r) % d.q), "plus, not minus"),
        (signer(s=lambda d, x, h, k, r: pow(k, -1, d.q) * (h + r) % d.q), "without x"),
        (signer(s=lambda d, x, h, k, r: pow(k, -1, d.q) * x * r % d.q), "without h"),
        (signer(s=lambda d, x, h, k, r: pow(k, -1, d.q) * (x * h + r) % d.q), "not h"),
        (signer(s=lambda d, x, h, k, r: pow(x, -1, d.q) * (h + k * r) % d.q), "x and k"),
        (signer(s=lambda d, x, h, k, r: pow(k, -1, d.p) * (h + x * r) % d.q), "not mod p"),
        (signer(s=lambda d, x, h, k, r: pow(k, -1, d.q) * (h + x * r) % d.p), "s is mod q"),
        (signer(s=lambda d, x, h, k, r: pow(k, -1, d.p) * (h + x * r) % d.p), "mod q, not mod p"),
        (lambda d, x, h, k: good_sign(d, x, h, k)[::-1], "r comes first"),
        (lambda d, x, h, k: good_sign(d, x, h, k)[1], "return both"),
        (lambda d, x, h, k: (*good_sign(d, x, h, k), k), "return both"),
        (lambda d, x, h, k: [float(n) for n in good_sign(d, x, h, k)], "divided real numbers"),
        (lambda d, x, h, k: tuple(map(str, good_sign(d, x, h, k))), "r and s are ints"),
        (lambda d, x, h, k: bytes(good_sign(d, x, h, k)), "return both"),
        (lambda d, x, h, k: {*good_sign(d, x, h, k)}, "return both"),
        (lambda d, x, h, k: good_sign(d, x, h, k) if k % 2 else None, "every path must end"),
        (lambda d, x, h, k: good_sign(d, x, h, k) if k % 2 else k, "return both"),
        (lambda d, x, h, k: (1, 1) if h % 2 else (1, None), "got (1, None); r and s are ints"),
        (prints, "returned None: "),
        (lambda d, x, h, k: pow(d["g"], k, d["p"]), "TypeError"),
    ],
)
def test_3_2_a_wrong_signature_is_explained(
    capsys: pytest.CaptureFixture[str], wrong: Callable[..., object], word: str
) -> None:
    cases = [*toy_cases(), (Domain(p=607, q=101, g=64), 50, 60, 70)]
    assert differs(wrong, good_sign, cases)
    printed = said(capsys, "3.2", wrong)
    assert printed.startswith("3.2 not yet: expected ")
    assert word in printed


# 3.3


def number(digest: bytes) -> int:
    return int.from_bytes(digest, "big")


def good_cut(digest: bytes, q: int) -> int:
    return number(digest) >> (8 * len(digest) - q.bit_length())


@pytest.mark.parametrize(
    "right",
    [
        good_cut,
        smalldsa.leftmost_bits,
        lambda digest, q: number(digest) // 2 ** (8 * len(digest) - q.bit_length()),
        lambda digest, q: int(f"{number(digest):0{8 * len(digest)}b}"[: q.bit_length()], 2),
        lambda digest, q: int("".join(f"{b:08b}" for b in digest)[: len(bin(q)) - 2], 2),
        lambda digest, q: good_cut(digest, q) % q,
    ],
)
def test_3_3_a_right_cut_passes(
    capsys: pytest.CaptureFixture[str], right: Callable[[bytes, int], int]
) -> None:
    assert said(capsys, "3.3", right).startswith("3.3 correct: ")


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        (lambda digest, q: number(digest) % q, "keep the leftmost bits"),
        (lambda digest, q: number(digest) % 2 ** q.bit_length(), "rightmost bits"),
        (lambda digest, q: number(digest[-(q.bit_length() // 8) :]), "rightmost bits"),
        (lambda digest, q: number(digest), "that is the whole hash"),
        (lambda digest, q: number(digest) >> q.bit_length(), "224 bits away: keep 224"),
        (lambda digest, q: number(digest) >> 32, "took 32 bits away, not 96"),
        (lambda digest, q: number(digest) >> 256 - q.bit_length(), "took 32 bits away, not 288"),
        (lambda digest, q: number(digest) >> 8 * len(digest) - q.bit_length() + 1, "33 bits away"),
        (lambda digest, q: number(digest) >> len(digest) - q.bit_length() // 8, "took 4 bits away"),
        (lambda digest, q: number(digest[: q.bit_length() // 8]), "took 96 bits away, not 93"),
        (lambda digest, q: int(digest.hex()[: q.bit_length() // 4], 16), "96 bits away, not 93"),
        (lambda digest, q: int(bin(number(digest))[2:][: q.bit_length()], 2), "zeros at the front"),
        (lambda digest, q: int(bin(number(digest))[: q.bit_length()], 2), "took 34 bits away"),
        (
            lambda digest, q: number(digest) >> number(digest).bit_length() - q.bit_length(),
            "zeros at the front",
        ),
        (lambda digest, q: int.from_bytes(digest, "little"), "big-endian"),
        (
            lambda digest, q: int.from_bytes(digest, "little") >> 8 * len(digest) - q.bit_length(),
            "big-endian",
        ),
        (lambda digest, q: number(digest) / 2 ** (8 * len(digest) - q.bit_length()), "/ rounds"),
        (lambda digest, q: digest[: q.bit_length() // 8], "h is an int: int.from_bytes"),
        (lambda digest, q: bin(number(digest))[2 : 2 + q.bit_length()], "h is an int"),
        (lambda digest, q: good_cut(hashlib.sha256(digest).digest(), q), "shift right"),
        (lambda digest, q: number(digest) << 8 * len(digest) - q.bit_length(), "shift right"),
        (lambda digest, q: None if q.bit_length() == 256 else good_cut(digest, q), "got None"),
        (prints, "returned None: "),
        (lambda digest, q: digest >> 32, "TypeError"),
    ],
)
def test_3_3_a_wrong_cut_is_explained(
    capsys: pytest.CaptureFixture[str], wrong: Callable[[bytes, int], object], word: str
) -> None:
    digests = [first + secrets.token_bytes(63) for first in (b"\xff", b"\x00")]
    sizes = ((224, 32), (160, 32), (256, 32), (224, 64), (163, 32))
    cases = [(digest[:n], 2**bits - 5) for digest in digests for bits, n in sizes]
    assert differs(wrong, good_cut, cases)
    printed = said(capsys, "3.3", wrong)
    assert printed.startswith("3.3 not yet: expected ")
    assert word in printed


# 3.4


@pytest.fixture(scope="module")
def server() -> Iterator[LabServer]:
    with LabServer() as running:
        yield running


Json = dict[str, Any]


def pair(answer: Json) -> tuple[int, int]:
    return smalldsa.from_bytes(bytes.fromhex(answer["data"]["signature"]))


def verifier(
    hashed: Callable[[Json], bytes] = lambda answer: receipt_from_json(answer).signed_bytes,
    fits: Callable[..., object] = lambda h, r, s, y: smalldsa.fits(REAL, y, h, (r, s)),
) -> Callable[[Json, int], object]:
    """A my_verify with a mistake in what is hashed, or in what is done with it."""

    def my_verify(answer: Json, y: int) -> object:
        h = int.from_bytes(hashlib.sha256(hashed(answer)).digest(), "big")
        return fits(h, *pair(answer), y)

    return my_verify


def v(h: int, r: int, w: int, y: int) -> int:
    return pow(G, h * w % Q, P) * pow(y, r * w % Q, P) % P % Q


def by_fermat(h: int, r: int, s: int, y: int) -> bool:
    return v(h, r, pow(s, Q - 2, Q), y) == r


def in_a_try(h: int, r: int, s: int, y: int) -> bool:
    try:
        return v(h, r, pow(s, -1, Q), y) == r
    except ValueError:
        return False


def by_the_library(answer: Json, y: int) -> bool:
    try:
        DSS.new(DSA.construct((y, G, P, Q)), "fips-186-3").verify(
            SHA256.new(receipt_from_json(answer).signed_bytes),
            bytes.fromhex(answer["data"]["signature"]),
        )
    except ValueError:
        return False
    return True


def from_the_fields(answer: Json) -> bytes:
    data = answer["data"]
    algorithms = ("securedata/v1", "aes-256-gcm", "dsa-2048-256-sha256")
    names = ("record_id", "owner", "signer_id", "created")
    header = frame(*algorithms, *(answer[name] for name in names))
    return frame(header, *(bytes.fromhex(data[n]) for n in ("nonce", "encrypted_data", "tag")))


def without(part: str) -> Callable[[Json, int], object]:
    """A verifier that believes whatever stands in one field."""
    genuine: Json = {}

    def hashed(answer: Json) -> bytes:
        genuine.setdefault(part, answer[part])
        return receipt_from_json(answer | {part: genuine[part]}).signed_bytes

    return verifier(hashed=hashed)


def taking_it_apart(answer: Json, y: int) -> object:
    fresh = json.loads(json.dumps(answer))
    answer.pop("data")["signature"] = ""
    return verifier()(fresh, y)


def test_3_4_a_stub_is_not_attempted(capsys: pytest.CaptureFixture[str], server: LabServer) -> None:
    assert said(capsys, "3.4", stub, server) == "3.4 not attempted yet\n"


@pytest.mark.parametrize(
    "right",
    [
        verifier(),
        verifier(hashed=from_the_fields),
        verifier(
            fits=lambda *all_of: 0 < all_of[1] < Q and 0 < all_of[2] < Q and in_a_try(*all_of)
        ),
        verifier(fits=lambda h, r, s, y: 0 < r < Q and 0 < s < Q and by_fermat(h, r, s, y)),
        by_the_library,
        taking_it_apart,
    ],
)
def test_3_4_a_right_verifier_passes(
    capsys: pytest.CaptureFixture[str], server: LabServer, right: Callable[[Json, int], object]
) -> None:
    for _ in range(RUNS):
        assert said(capsys, "3.4", right, server).startswith("3.4 correct: ")


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        (lambda answer, y: True, "drawn by lot"),
        (lambda answer, y: pair(answer)[0] > 0, "drawn by lot"),
        (lambda answer, y: False, "the exact framed bytes"),
        (lambda answer, y: verifier()(answer, y) or None, "got None; return False, too"),
        (lambda answer, y: None if verifier()(answer, y) else False, "every path must end"),
        (prints, "returned None: "),
        (lambda answer, y: int(verifier()(answer, y)), "expected True or False, got 1"),
        (lambda answer, y: "True", "expected True or False"),
        (lambda answer, y: pair(answer), "compare with =="),
        (
            verifier(hashed=lambda a: json.dumps(a).encode()),
            "exact framed bytes, not their display",
        ),
        (verifier(hashed=lambda a: str(a["data"]).encode()), "not their display (JSON, hex)"),
        (
            verifier(hashed=lambda a: json.dumps(dict([*a["data"].items()][:3])).encode()),
            "you hashed the JSON text: it must be the exact framed bytes, not their display",
        ),
        (verifier(hashed=lambda a: receipt_from_json(a).ciphertext), "the ciphertext alone"),
        (verifier(hashed=lambda a: receipt_from_json(a).header.encoded), "the header alone"),
        (
            verifier(
                hashed=lambda a: b"".join(
                    bytes.fromhex(a["data"][n]) for n in ("nonce", "encrypted_data", "tag")
                )
            ),
            "without their lengths",
        ),
        (
            verifier(
                hashed=lambda a: frame(
                    *(bytes.fromhex(a["data"][n]) for n in ("nonce", "encrypted_data", "tag"))
                )
            ),
            "without the header",
        ),
        (verifier(hashed=lambda a: receipt_from_json(a).signed_bytes.hex().encode()), "in hex"),
        (verifier(hashed=lambda a: b"a record for exercise 3.4"), "you hashed the text"),
        (verifier(fits=lambda h, r, s, y: v(h, r, s, y) == r), "w is the inverse of s"),
        (verifier(fits=lambda h, r, s, y: v(r, h, pow(s, -1, Q), y) == r), "changed places"),
        (verifier(fits=lambda h, r, s, y: v(h, r, pow(s, -1, Q), y) == s), "not to s"),
        (verifier(fits=lambda h, r, s, y: smalldsa.fits(REAL, y, h, (s, r))), "first half"),
        (
            verifier(
                fits=lambda h, r, s, y: (
                    pow(G, h * pow(s, -1, Q) % Q, P) * pow(y, r * pow(s, -1, Q) % Q, P) % P == r
                )
            ),
            "mod p, *then* mod q",
        ),
        (verifier(fits=lambda h, r, s, y: v(h, r, pow(s, -1, Q), y) == r), "got ValueError"),
        (verifier(fits=by_fermat), "expected False for r = 1, s = 0"),
        (verifier(fits=in_a_try), "expected False for s + q"),
        (
            verifier(fits=lambda h, r, s, y: r > 0 and s > 0 and in_a_try(h, r, s, y)),
            "expected False for s + q",
        ),
        (
            verifier(fits=lambda h, r, s, y: s < Q and in_a_try(h, r % Q, s, y)),
            "expected False for r + q",
        ),
        (without("owner"), "owner was changed"),
        (without("signer_id"), "signer_id was changed"),
        (without("created"), "created was changed"),
        (lambda answer, y: 1 // 0, "ZeroDivisionError"),
        (lambda answer, y: answer["signature"], "KeyError"),
    ],
)
def test_3_4_a_wrong_verifier_is_explained(
    capsys: pytest.CaptureFixture[str],
    server: LabServer,
    wrong: Callable[[Json, int], object],
    word: str,
) -> None:
    printed = said(capsys, "3.4", wrong, server)
    assert printed.startswith("3.4 not yet: expected ")
    assert word in printed


def test_3_4_another_key_than_the_one_handed_over_is_noticed(
    capsys: pytest.CaptureFixture[str], server: LabServer
) -> None:
    pem = requests.get(f"{server.url}/public-key", verify=str(server.ca_file), timeout=10).text
    y = int(DSA.import_key(pem).y)
    printed = said(capsys, "3.4", lambda answer, _: verifier()(answer, y), server)
    assert "somebody else's y" in printed


# 3.5


def twin_of(signed_bytes: Callable[[Row], object]) -> type[Unframed]:
    """MyTwin with this as its signed_bytes."""
    return type("MyTwin", (Unframed,), {"signed_bytes": lambda self, row: signed_bytes(row)})


def parts(row: Row) -> tuple[bytes, bytes, bytes]:
    return row.nonce, row.ciphertext, row.tag


def joined(make: Callable[[bytes], bytes], between: bytes = b"") -> type[Unframed]:
    """MyTwin that writes each part by one rule."""
    return twin_of(lambda row: between.join(make(part) for part in parts(row)))


def escaped(part: bytes) -> bytes:
    return part.replace(b"\\", b"\\\\").replace(b"|", b"\\|")


def only_of_honest_lengths(row: Row) -> bytes:
    if len(row.nonce) != 12 or len(row.tag) != 16:
        raise ValueError("no such row")
    return row.nonce + row.ciphertext + row.tag


class Stub(Unframed): ...


class Misspelled(Unframed):
    def sign_bytes(self, row: Row) -> bytes:
        return frame(*parts(row))


class FromTheBase(SignedTwin):
    def signed_bytes(self, row: Row) -> bytes:
        return frame(*parts(row))


class OtherBytesEachTime(Unframed):
    def signed_bytes(self, row: Row) -> bytes:
        return frame(*parts(row), secrets.token_bytes(8))


class ChangesTheText(Unframed):
    def signed_bytes(self, row: Row) -> bytes:
        return frame(*parts(row))

    def decrypt(self, row: Row, associated_data: bytes) -> bytes:
        return super().decrypt(row, associated_data).upper()


class StubMethod(Unframed):
    def signed_bytes(self, row: Row) -> bytes: ...  # type: ignore[empty-body]


@pytest.mark.parametrize("stands_there", [..., None, StubMethod])
def test_3_5_a_stub_is_not_attempted(
    capsys: pytest.CaptureFixture[str], stands_there: object
) -> None:
    assert said(capsys, "3.5", stands_there) == "3.5 not attempted yet\n"


@pytest.mark.parametrize(
    "right",
    [
        joined(lambda part: len(part).to_bytes(8, "big") + part),
        joined(lambda part: len(part).to_bytes(4, "little") + part),
        joined(lambda part: struct.pack(">I", len(part)) + part),
        joined(lambda part: b"%d:%b," % (len(part), part)),
        joined(lambda part: b"%08d" % len(part) + part),
        joined(lambda part: part + len(part).to_bytes(8, "big")),
        joined(lambda part: part.hex().encode(), b":"),
        joined(base64.b64encode, b"."),
        joined(lambda part: hashlib.sha256(part).digest()),
        joined(escaped, b"|"),
        joined(lambda part: part.replace(b"\x00", b"\x00\xff"), b"\x00\x01"),
        twin_of(lambda row: frame(*parts(row))),
        twin_of(lambda row: json.dumps([part.hex() for part in parts(row)]).encode()),
        twin_of(lambda row: repr(parts(row)).encode()),
        twin_of(lambda row: b"%d,%d,%d|" % tuple(map(len, parts(row))) + b"".join(parts(row))),
        twin_of(
            lambda row: (
                struct.pack("<II", len(row.nonce), len(row.tag))
                + row.nonce
                + row.tag
                + row.ciphertext
            )
        ),
        twin_of(only_of_honest_lengths),
        FromTheBase,
    ],
)
def test_3_5_a_right_framing_passes(
    capsys: pytest.CaptureFixture[str], right: type[Unframed]
) -> None:
    for _ in range(RUNS_OF_A_SEARCH):
        assert said(capsys, "3.5", right).startswith("3.5 correct: ")


N, T = b"N" * 12, b"T" * 16


@pytest.mark.parametrize(
    ("wrong", "alike", "word"),
    [
        (joined(bytes), (Row(N, b"", b"a"), Row(N, b"a", b"")), "bytes can move between ciph"),
        (
            joined(bytes, b"|"),
            (Row(N, b"|", b""), Row(N, b"", b"|")),
            "b'|' can occur inside a part; use lengths",
        ),
        (
            joined(bytes, b"\x00"),
            (Row(N, b"\x00", b""), Row(N, b"", b"\x00")),
            "can occur inside a part; use lengths",
        ),
        (
            joined(bytes, b"--part--"),
            (Row(N, b"--part--", b""), Row(N, b"", b"--part--")),
            "b'--part--' can occur inside a part",
        ),
        (
            twin_of(lambda row: b"N=" + row.nonce + b";C=" + row.ciphertext + b";T=" + row.tag),
            (Row(N, b";T=", b""), Row(N, b"", b";T=")),
            "can occur inside a part",
        ),
        (
            joined(lambda part: part.replace(b"|", b"\\|"), b"|"),
            (Row(N, b"\\", b"|"), Row(N, b"|\\", b"")),
            "bytes can move between ciphertext, tag",
        ),
        (
            joined(lambda part: part.replace(b"|", b""), b"|"),
            (Row(N, b"|", b""), Row(N, b"", b"")),
            "can occur inside a part",
        ),
        (
            joined(bytes, b"0"),
            (Row(N, b"0", b""), Row(N, b"", b"0")),
            "b'0' can occur inside a part",
        ),
        (
            joined(lambda part: b"%d" % len(part) + part),
            (Row(N, b"1" * 1, b"1" * 11), Row(N, b"1" * 11, b"1")),
            "a length needs an end of its own: 1 and then 1… reads like 11",
        ),
        (
            joined(lambda part: b"%02d" % len(part) + part),
            (
                Row(N, b"0" + b"a" * 9, b"b" * 88 + b"10" + b"c" * 10),
                Row(N, b"a" * 9 + b"100" + b"b" * 88, b"c" * 10),
            ),
            "outgrows its room",
        ),
        (
            joined(lambda part: bytes([len(part) % 256]) + part),
            (Row(N, b"", bytes(256)), Row(N, bytes(256), b"")),
            "outgrows its room",
        ),
        (
            joined(lambda part: bytes([min(len(part), 255)]) + part),
            (
                Row(N, b"\xff" * 255, b"\xff" * 256),
                Row(N, b"\xff" * 256, b"\xff" * 255),
            ),
            "outgrows its room",
        ),
        (
            joined(lambda part: struct.pack(">H", len(part) % 65536) + part),
            (Row(N, b"", bytes(65536)), Row(N, bytes(65536), b"")),
            "outgrows its room",
        ),
        (
            twin_of(lambda row: b"%d:" % sum(map(len, parts(row))) + b"".join(parts(row))),
            (Row(N, b"", b"a"), Row(N, b"a", b"")),
            "bytes can move between ciphertext, tag",
        ),
        (
            twin_of(lambda row: frame(row.nonce) + row.ciphertext + row.tag),
            (Row(N, b"", b"a"), Row(N, b"a", b"")),
            "bytes can move between ciphertext, tag",
        ),
        (
            twin_of(lambda row: b"%c%b%b%c%b" % (12, row.nonce, row.ciphertext, 16, row.tag)),
            (Row(N, b"", b"\x10"), Row(N, b"\x10", b"")),
            "can occur inside a part",
        ),
        (
            twin_of(
                lambda row: (
                    len(row.nonce).to_bytes(4, "big")
                    + row.nonce
                    + row.ciphertext
                    + len(row.tag).to_bytes(4, "big")
                    + row.tag
                )
            ),
            (Row(N, b"", b"\0\0\0\0"), Row(N, b"\0\0\0\4", b"")),
            "bytes can move between ciphertext, tag",
        ),
        (
            twin_of(lambda row: row.nonce + frame(row.ciphertext) + row.tag),
            (Row(b"", b"", b"0  "), Row(b"0  ", b"", b"")),
            "bytes can move between nonce",
        ),
        (
            twin_of(lambda row: hashlib.sha256(b"".join(parts(row))).digest()),
            (Row(N, b"", b"a"), Row(N, b"a", b"")),
            "bytes can move between ciphertext, tag",
        ),
        (
            joined(lambda part: part.hex().encode()),
            (Row(N, b"", b"a"), Row(N, b"a", b"")),
            "bytes can move between ciphertext, tag",
        ),
        (
            joined(base64.b64encode),
            (Row(N, b"", b"aaa"), Row(N, b"aaa", b"")),
            "bytes can move between ciphertext, tag",
        ),
        (
            twin_of(lambda row: frame(*sorted(parts(row)))),
            (Row(N, b"a", b"b"), Row(N, b"b", b"a")),
            "change places",
        ),
        (
            twin_of(
                lambda row: bytes([sum(b"".join(parts(row))) % 256]) + frame(*sorted(parts(row)))
            ),
            (Row(N, b"a", b"b"), Row(N, b"b", b"a")),
            "change places",
        ),
        (
            twin_of(lambda row: frame(row.ciphertext, row.tag)),
            (Row(N, b"a", b""), Row(T, b"a", b"")),
            "byte 0 of nonce can be changed",
        ),
        (
            twin_of(lambda row: frame(row.nonce, row.ciphertext)),
            (Row(N, b"a", b""), Row(N, b"a", T)),
            "byte 0 of tag can be changed",
        ),
        (
            twin_of(lambda row: frame(row.nonce, row.ciphertext[:8], row.tag)),
            (Row(N, b"12345678", b""), Row(N, b"123456789", b"")),
            "byte 8 of ciphertext can be changed",
        ),
        (
            twin_of(lambda row: frame(*(part.lower() for part in parts(row)))),
            (Row(N, b"a", b""), Row(N, b"A", b"")),
            "byte 0 of nonce can be changed",
        ),
        (
            twin_of(
                lambda row: frame(
                    *(part.decode("utf-8", "replace").encode() for part in parts(row))
                )
            ),
            (Row(N, b"\x80", b""), Row(N, b"\x81", b"")),
            "byte 0 of nonce can be changed",
        ),
        (
            twin_of(lambda row: frame(*(part.strip() for part in parts(row)))),
            (Row(N, b" ", b""), Row(N, b"", b"")),
            "byte 0 of nonce can be changed",
        ),
        (
            twin_of(lambda row: frame(row.nonce, *(part.rstrip(b"\0") for part in parts(row)[1:]))),
            (Row(N, b"\0", b""), Row(N, b"", b"")),
            "is not signed as it is",
        ),
        (
            twin_of(lambda row: b"signed"),
            (Row(N, b"a", b""), Row(N, b"b", b"")),
            "byte 0 of nonce can be changed",
        ),
        (
            twin_of(lambda row: b"%d,%d,%d" % tuple(map(len, parts(row)))),
            (Row(N, b"a", b""), Row(N, b"b", b"")),
            "byte 0 of nonce can be changed",
        ),
    ],
)
def test_3_5_a_second_reading_is_found_and_explained(
    capsys: pytest.CaptureFixture[str], wrong: type[Unframed], alike: tuple[Row, Row], word: str
) -> None:
    twin = wrong(seed=1)
    assert alike[0] != alike[1]
    assert twin.signed_bytes(alike[0]) == twin.signed_bytes(alike[1])
    printed = said(capsys, "3.5", wrong)
    assert printed.startswith("3.5 not yet: expected ")
    assert word in printed


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        (Stub, "a signed_bytes of your own"),
        (Unframed, "a signed_bytes of your own"),
        (SignedTwin, "a signed_bytes of your own"),
        (Misspelled, "write def signed_bytes(self, row)"),
        (FromTheBase(seed=1), "without brackets"),
        (dict, "begin with class MyTwin"),
        (lambda row: frame(*parts(row)), "begin with class MyTwin"),
        (twin_of(lambda row: frame(*parts(row)).decode("latin-1")), "expected bytes, got"),
        (twin_of(lambda row: list(parts(row))), "expected bytes, got"),
        (twin_of(lambda row: None), "every path must end in return"),
        (twin_of(lambda row: frame(*parts(row), row.signature)), "cannot sign itself"),
        (twin_of(lambda row: repr(row).encode()), "cannot sign itself"),
        (OtherBytesEachTime, "the same bytes for the same row"),
        (ChangesTheText, "change signed_bytes alone"),
        (joined(lambda part: bytes([len(part)]) + part), "text of 300 bytes to be signed, got Val"),
        (joined(lambda part: struct.pack(">H", len(part)) + part), "70000 bytes to be signed"),
        (joined(lambda part: len(part).to_bytes(2, "big") + part), "OverflowError"),
        (joined(lambda part: part[:1] + bytes([part[0]])), "byte 1 of nonce"),
        (joined(lambda part: frame(part, bytes([part[0]]))), "text of 0 bytes to be signed"),
        (twin_of(lambda row: str(len(row.nonce)) + row.nonce), "TypeError"),
        (twin_of(lambda row: 1 // 0), "ZeroDivisionError"),
    ],
)
def test_3_5_what_is_no_framing_is_explained(
    capsys: pytest.CaptureFixture[str], wrong: object, word: str
) -> None:
    printed = said(capsys, "3.5", wrong)
    assert printed.startswith("3.5 not yet: expected ")
    assert word in printed


def test_3_5_a_short_checksum_is_no_framing_and_not_found(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A limit of the search: 32 bits collide somewhere, and it does not look for long."""
    crc = joined(lambda part: zlib.crc32(part).to_bytes(4, "big"))
    assert said(capsys, "3.5", crc).startswith("3.5 correct: ")
