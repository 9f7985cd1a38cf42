"""Lesson 01's checks: reference solutions pass, typical wrong answers get a fitting word."""

from collections.abc import Callable, Iterator

import pytest

from securedata.lab import attacks, check, xor
from securedata.lab.flaws import Cbc, Ecb, FixedNonceCtr
from securedata.lab.twin import Twin, TwinServer

SignUp = Callable[[str], bytes]


def said(capsys: pytest.CaptureFixture[str], number: str, *answers: object) -> str:
    check(number, *answers)
    return capsys.readouterr().out


@pytest.fixture(scope="module")
def twins() -> Iterator[dict[str, TwinServer]]:
    running = {kind.flaw: TwinServer(kind()) for kind in (Ecb, Cbc, FixedNonceCtr)}
    for server in running.values():
        server.start()
    yield running
    for server in running.values():
        server.stop()


# 1.1


def good_pad(data: bytes) -> bytes:
    n = 16 - len(data) % 16
    return data + bytes([n]) * n


def test_1_1_the_reference_passes(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "1.1", good_pad).startswith("1.1 correct: ")


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        (lambda data: data + bytes([-len(data) % 16]) * (-len(data) % 16), "a full block is added"),
        (lambda data: data + bytes(16 - len(data) % 16), "number of bytes added"),
        (lambda data: data.ljust(32, b"\x10"), "next multiple of 16"),
        (lambda data: good_pad(data).decode("latin-1"), "must be bytes, not str"),
        (lambda data: good_pad(data)[len(data) :] + data, "comes after it"),
        (lambda data: data + bytes(15 - len(data) % 16) + b"\x01", "number of bytes added"),
        (lambda data: data + b"\x80" + bytes(15 - len(data) % 16), "number of bytes added"),
        (lambda data: 1 // 0, "ZeroDivisionError"),
    ],
)
def test_1_1_a_wrong_padding_is_explained(
    capsys: pytest.CaptureFixture[str], wrong: Callable[[bytes], object], word: str
) -> None:
    printed = said(capsys, "1.1", wrong)
    assert printed.startswith("1.1 not yet: expected ")
    assert word in printed


# 1.2


def test_1_2_the_reference_passes(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(
        capsys, "1.2", lambda text, ct, other: xor(xor(text, ct)[: len(other)], other)
    ).startswith("1.2 correct: ")


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        (lambda text, ct, other: xor(ct[: len(other)], other), "text XOR text"),
        (lambda text, ct, other: xor(text[: len(other)], other), "keystream in it"),
        (lambda text, ct, other: xor(text, ct), "that is the keystream"),
        (lambda text, ct, other: xor(text, ct)[: len(other)], "that is the keystream"),
        (lambda text, ct, other: other, "ciphertext itself"),
        (lambda text, ct, other: other.hex(), "must be bytes"),
        (lambda text, ct, other: text, "keystream = known text XOR"),
        (lambda text, ct, other: xor(text, other), "XOR needs two equal lengths"),
    ],
)
def test_1_2_a_wrong_reading_is_explained(
    capsys: pytest.CaptureFixture[str], wrong: Callable[..., object], word: str
) -> None:
    printed = said(capsys, "1.2", wrong)
    assert printed.startswith("1.2 not yet: expected ")
    assert word in printed


# 1.3


def test_1_3_the_reference_passes(
    capsys: pytest.CaptureFixture[str], twins: dict[str, TwinServer]
) -> None:
    def good(ciphertext: bytes) -> bytes:
        return attacks.rewrite(ciphertext, 4, b"0100", b"9100")

    assert said(capsys, "1.3", good, twins["ctr-fixed-nonce"]).startswith("1.3 correct: ")


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        (lambda ct: ct[:4] + b"9100" + ct[8:], "plaintext into the ciphertext"),
        (lambda ct: ct[:4] + xor(ct[4:8], b"9100") + ct[8:], "new text alone"),
        (lambda ct: ct, "nothing was changed"),
        (lambda ct: attacks.rewrite(ct, 3, b"0100", b"9100"), "from place 4 on"),
        (lambda ct: attacks.rewrite(ct, 4, b"0100", b"9100")[:20], "length must stay"),
        (lambda ct: "pay 9100", "must be bytes"),
    ],
)
def test_1_3_a_wrong_forgery_is_explained(
    capsys: pytest.CaptureFixture[str],
    twins: dict[str, TwinServer],
    wrong: Callable[[bytes], object],
    word: str,
) -> None:
    printed = said(capsys, "1.3", wrong, twins["ctr-fixed-nonce"])
    assert printed.startswith("1.3 not yet: expected ")
    assert word in printed


# 1.4


def test_1_4_the_reference_passes(
    capsys: pytest.CaptureFixture[str], twins: dict[str, TwinServer]
) -> None:
    def good(iv: bytes) -> bytes:
        return attacks.flip_through_iv(iv, 5, b"user", b"root")

    assert said(capsys, "1.4", good, twins["cbc"]).startswith("1.4 correct: ")


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        (lambda iv: iv, "nothing was changed"),
        (lambda iv: iv[:5] + b"root" + iv[9:], "text into the IV"),
        (lambda iv: attacks.flip_through_iv(iv, 0, b"user", b"root"), "wrong place"),
        (lambda iv: iv[:5] + xor(iv[5:9], b"root") + iv[9:], "new text alone"),
        (lambda iv: iv[:5] + xor(iv[5:9], b"user") + iv[9:], "bytes 5 to 8"),
        (lambda iv: b"role=root", "16 bytes"),
        (lambda iv: "root", "16 bytes"),
    ],
)
def test_1_4_a_wrong_flip_is_explained(
    capsys: pytest.CaptureFixture[str],
    twins: dict[str, TwinServer],
    wrong: Callable[[bytes], object],
    word: str,
) -> None:
    printed = said(capsys, "1.4", wrong, twins["cbc"])
    assert printed.startswith("1.4 not yet: expected ")
    assert word in printed


# 1.5


def good_admin(sign_up: SignUp) -> bytes:
    admin_block = sign_up("A" * 11 + "admin" + "\x0b" * 11)[16:32]
    return sign_up("A" * 5)[:16] + admin_block


def test_1_5_the_reference_passes(
    capsys: pytest.CaptureFixture[str], twins: dict[str, TwinServer]
) -> None:
    assert said(capsys, "1.5", good_admin, twins["ecb"]).startswith("1.5 correct: ")


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        (lambda sign_up: bytes(32), "call sign_up(name) first"),
        (lambda sign_up: sign_up("admin"), "as it is"),
        (lambda sign_up: sign_up("A" * 5)[:16] + b"admin" + bytes([11]) * 11, "twin has made"),
        (
            lambda sign_up: sign_up("A" * 5)[:16] + sign_up("A" * 11 + "admin")[16:21],
            "whole blocks",
        ),
        (
            lambda sign_up: sign_up("A" * 5)[:16] + sign_up("A" * 11 + "admin")[16:32],
            "a block of its own",
        ),
        (
            lambda sign_up: sign_up("A" * 5)[:16] + sign_up("admin" + "\x0b" * 11)[16:32],
            "byte 0 of its block",
        ),
        (lambda sign_up: sign_up("x;role=admin"), "must not hold ; or ="),
        (lambda sign_up: "admin", "must be bytes"),
    ],
)
def test_1_5_a_wrong_admin_is_explained(
    capsys: pytest.CaptureFixture[str],
    twins: dict[str, TwinServer],
    wrong: Callable[[SignUp], object],
    word: str,
) -> None:
    printed = said(capsys, "1.5", wrong, twins["ecb"])
    assert printed.startswith("1.5 not yet: expected ")
    assert word in printed


@pytest.mark.parametrize("number", ["1.3", "1.4", "1.5"])
def test_no_forgery_passes_at_the_control(capsys: pytest.CaptureFixture[str], number: str) -> None:
    with TwinServer(Twin()) as control:
        answers = {
            "1.3": lambda ct: attacks.rewrite(ct, 4, b"0100", b"9100"),
            "1.4": lambda iv: attacks.flip_through_iv(iv.ljust(16), 5, b"user", b"root"),
            "1.5": good_admin,
        }
        assert said(capsys, number, answers[number], control).startswith(f"{number} not yet: ")
