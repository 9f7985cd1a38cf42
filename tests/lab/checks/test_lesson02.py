"""Lesson 02's checks: reference solutions pass, typical wrong answers get a fitting word."""

import os
from collections.abc import Callable, Iterator

import pytest

from securedata.lab import Row, Twin, attacks, check, xor
from securedata.lab.attacks import Sealed
from securedata.lab.attacks.field import inverse, multiply, square_root
from securedata.lab.flaws import RepeatedNonceGcm
from securedata.lab.twin import TwinServer


def said(capsys: pytest.CaptureFixture[str], number: str, *answers: object) -> str:
    check(number, *answers)
    return capsys.readouterr().out


# 2.1 and 2.3: one word, one number


@pytest.mark.parametrize(
    ("number", "right"),
    [("2.1", "signature"), ("2.1", " Signature "), ("2.1", "SignatureError"), ("2.3", 2**32)],
)
def test_the_right_word_and_number_pass(
    capsys: pytest.CaptureFixture[str], number: str, right: object
) -> None:
    assert said(capsys, number, right).startswith(f"{number} correct: ")


@pytest.mark.parametrize(
    ("number", "wrong", "word"),
    [
        ("2.1", "tag", "the tag was never read"),
        ("2.1", "Key", "no key was looked at"),
        ("2.1", "nonce", "the nonce was right"),
        ("2.1", "all of them", "one word"),
        ("2.1", 42, "one word"),
        ("2.3", 2**96, "collide long before"),
        ("2.3", 2**48, "likely already"),
        ("2.3", 2**64, "not exhaustion"),
        ("2.3", 2**128, "96 bits"),
        ("2.3", 32, "exponent"),
        ("2.3", 2 ^ 32, "^ is XOR"),
        ("2.3", "2^32", "has one number"),
    ],
)
def test_a_wrong_word_or_number_is_explained(
    capsys: pytest.CaptureFixture[str], number: str, wrong: object, word: str
) -> None:
    printed = said(capsys, number, wrong)
    assert printed.startswith(f"{number} not yet: expected ")
    assert word in printed


# 2.2


class Bound(Twin):
    def associated_data(self, record_id: str | None) -> bytes:
        return str(record_id).encode()


class Constant(Twin):
    def associated_data(self, record_id: str | None) -> bytes:
        return b"always the same"


class IdInTheText(Twin):
    def seal(self, plaintext: bytes, record_id: str) -> Row:
        return super().seal(record_id.encode() + plaintext, record_id)

    def open(self, row: Row, record_id: str | None) -> bytes:
        return super().open(row, record_id)[32:]


class OnlyTheEndOfTheId(Twin):
    def associated_data(self, record_id: str | None) -> bytes:
        return str(record_id)[-1:].encode()


class OnlyTheStartOfTheId(Twin):
    def associated_data(self, record_id: str | None) -> bytes:
        return str(record_id)[:16].encode()


class Random(Twin):
    def associated_data(self, record_id: str | None) -> bytes:
        return os.urandom(8)


class LeavesTheIdInTheText(Twin):
    def seal(self, plaintext: bytes, record_id: str) -> Row:
        return super().seal(record_id.encode() + plaintext, record_id)


def test_2_2_the_reference_passes(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "2.2", Bound).startswith("2.2 correct: ")


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        (Constant, "who compares them?"),
        (IdInTheText, "who compares them?"),
        (OnlyTheStartOfTheId, "whole record_id"),
        (Random, "the same associated data"),
        (LeavesTheIdInTheText, "not part of the text"),
        (Bound(), "without brackets"),
        (lambda record_id: record_id.encode(), "begin with class MyTwin"),
        (dict, "begin with class MyTwin"),
    ],
)
def test_2_2_a_wrong_binding_is_explained(
    capsys: pytest.CaptureFixture[str], wrong: object, word: str
) -> None:
    printed = said(capsys, "2.2", wrong)
    assert printed.startswith("2.2 not yet: expected ")
    assert word in printed


def test_2_2_an_id_that_is_bound_in_part_is_not_enough(capsys: pytest.CaptureFixture[str]) -> None:
    assert "2.2 not yet" in said(capsys, "2.2", OnlyTheEndOfTheId)


# 2.4


def number(data: bytes) -> int:
    return int.from_bytes(data, "big")


def fraction(first: Sealed, second: Sealed) -> int:
    t = number(xor(first.tag, second.tag))
    return multiply(t, inverse(number(xor(first.ciphertext, second.ciphertext))))


def test_2_4_the_reference_passes(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "2.4", lambda a, b: square_root(fraction(a, b))).startswith("2.4 correct: ")
    assert said(capsys, "2.4", attacks.recover_h).startswith("2.4 correct: ")


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        (fraction, "H squared"),
        (lambda a, b: number(xor(a.tag, b.tag)), "divide it"),
        (lambda a, b: number(xor(a.ciphertext, b.ciphertext)), "under the fraction"),
        (lambda a, b: inverse(fraction(a, b)), "upside down"),
        (
            lambda a, b: multiply(
                number(xor(a.tag, b.tag)), number(xor(a.ciphertext, b.ciphertext))
            ),
            "you multiplied",
        ),
        (
            lambda a, b: number(xor(a.tag, b.tag)) // number(xor(a.ciphertext, b.ciphertext)),
            "GF(2^128)",
        ),
        (lambda a, b: a.tag, "H is an int"),
        (lambda a, b: number(a.tag), "is multiply"),
    ],
)
def test_2_4_a_wrong_h_is_explained(
    capsys: pytest.CaptureFixture[str], wrong: Callable[[Sealed, Sealed], object], word: str
) -> None:
    printed = said(capsys, "2.4", wrong)
    assert printed.startswith("2.4 not yet: expected ")
    assert word in printed


# 2.5

AD = b"securedata/twin"
DIFFERENCE = xor(b"pay 0100 to Ada!", b"pay 9100 to Eve!")


@pytest.fixture(scope="module")
def twin() -> Iterator[TwinServer]:
    with TwinServer(RepeatedNonceGcm()) as server:
        yield server


def good_forge(h: int, row: Row, known_text: bytes) -> tuple[bytes, bytes]:
    ciphertext = xor(row.ciphertext, DIFFERENCE)
    known = Sealed(row.ciphertext, row.tag, AD)
    return ciphertext, attacks.forge_tag(h, known, ciphertext, AD)


def test_2_5_the_reference_passes(capsys: pytest.CaptureFixture[str], twin: TwinServer) -> None:
    assert said(capsys, "2.5", good_forge, twin).startswith("2.5 correct: ")


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        (lambda h, row, text: (xor(row.ciphertext, DIFFERENCE), row.tag), "recompute the tag"),
        (lambda h, row, text: (row.ciphertext, row.tag), "still the old one"),
        (
            lambda h, row, text: (
                good_forge(h, row, text)[0],
                attacks.ghash(h, AD, good_forge(h, row, text)[0]).to_bytes(16, "big"),
            ),
            "GHASH alone",
        ),
        (lambda h, row, text: (good_forge(h, row, text)[0], h), "a tag is bytes"),
        (lambda h, row, text: good_forge(h, row, text)[0], "return both"),
        (lambda h, row, text: good_forge(h ^ 1, row, text), "known tag XOR GHASH"),
        (lambda h, row, text: (b"pay 9100 to Eve!", row.tag), "recompute the tag"),
    ],
)
def test_2_5_a_wrong_forgery_is_explained(
    capsys: pytest.CaptureFixture[str],
    twin: TwinServer,
    wrong: Callable[[int, Row, bytes], object],
    word: str,
) -> None:
    printed = said(capsys, "2.5", wrong, twin)
    assert printed.startswith("2.5 not yet: expected ")
    assert word in printed
