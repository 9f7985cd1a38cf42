"""Lesson 01's checks: right answers pass in every form, and each mistake gets its sentence."""

from collections.abc import Iterator
from itertools import cycle
from typing import Any

import pytest
from Crypto.Util.Padding import pad
from lab.checks.written import cases, said, written

from securedata.lab import attacks, xor
from securedata.lab.flaws import Cbc, Ecb, FixedNonceCtr
from securedata.lab.twin import Twin, TwinServer
from securedata.lab.twinclient import TwinClient

HEADS = {
    "1.1": "data",
    "1.2": "text, sealed, other",
    "1.3": "c",
    "1.4": "iv",
    "1.5": "sign_up",
    "1.6": "oracle, iv, block",
}
AT_A_TWIN = {"1.3": FixedNonceCtr, "1.4": Cbc, "1.5": Ecb}


@pytest.fixture(scope="module")
def twins() -> Iterator[dict[str, TwinServer]]:
    running = {number: TwinServer(kind()) for number, kind in AT_A_TWIN.items()}
    for server in running.values():
        server.start()
    yield running
    for server in running.values():
        server.stop()


def answered(
    capsys: pytest.CaptureFixture[str], twins: dict[str, TwinServer], number: str, code: str
) -> str:
    """What the check says to an answer, given as code."""
    more = [twins[number]] if number in twins else []
    client = TwinClient(more[0]) if more else None
    names = {"attacks": attacks, "xor": xor, "pad": pad, "cycle": cycle, "client": client}
    return said(capsys, number, written(code, HEADS[number], names), *more)


def search(returned: str, asked: str = "iv[:15] + bytes([g])") -> str:
    """An answer to 1.6: what it returns at the first yes, and what it asks."""
    return f"next({returned} for g in range(256) if oracle({asked}, block))"


HEAD, TAIL = 'sign_up("A" * 5)[:16]', 'sign_up("A" * 11 + "admin" + "\\x0b" * 11)[16:32]'
RIGHT: dict[str, list[Any]] = {
    "1.1": [
        "data + bytes([16 - len(data) % 16]) * (16 - len(data) % 16)",
        "bytearray(data) + bytearray([16 - len(data) % 16]) * (16 - len(data) % 16)",
        "data.ljust(len(data) // 16 * 16 + 16, bytes([16 - len(data) % 16]))",
        """
        def answer(data):
            length = 1
            while (len(data) + length) % 16:
                length += 1
            return memoryview(data + bytes([length] * length))
        """,
    ],
    "1.2": [
        "xor(xor(text, sealed)[: len(other)], other)",
        "bytearray(a ^ b ^ c for a, b, c in zip(text, sealed, other))",
        "xor(text[: len(other)], xor(sealed[: len(other)], other))",
        """
        def answer(text, sealed, other):
            sum_of_texts = [a ^ b for a, b in zip(sealed, other)]
            return bytes(a ^ b for a, b in zip(sum_of_texts, text))
        """,
    ],
    "1.3": [
        'c[:4] + xor(c[4:8], xor(b"0100", b"9100")) + c[8:]',
        'bytearray(c[:4]) + bytes([c[4] ^ ord("0") ^ ord("9")]) + c[5:]',
        'xor(c, bytes(4) + xor(b"0100", b"9100") + bytes(len(c) - 8))',
        """
        def answer(c):
            changed = bytearray(c)
            changed[4] ^= 9
            return changed
        """,
    ],
    "1.4": [
        'iv[:5] + xor(iv[5:9], xor(b"user", b"root")) + iv[9:]',
        'bytearray(xor(iv, bytes(5) + xor(b"user", b"root") + bytes(7)))',
        'bytes(i ^ a ^ b for i, a, b in zip(iv, b"role=user;name=A", b"role=root;name=A"))',
    ],
    "1.5": [
        f"{HEAD} + {TAIL}",
        f"bytearray({HEAD}) + {TAIL}",
        f'{HEAD} + sign_up("B" * 11 + "admin" + "\\x0b" * 11 + "more")[16:32]',
        f"sign_up('A' * 21)[:16] + sign_up('A' * 21)[16:32] + {TAIL}",
    ],
    "1.6": [
        search("g ^ 1 ^ iv[15]"),
        search("chr(g ^ 1 ^ iv[15])"),
        search("bytes([g ^ 1 ^ iv[15]])", "bytes(15) + bytes([g])"),
        search("g ^ 1", "iv[:15] + bytes([iv[15] ^ g])"),
    ],
}
WRONG: dict[str, list[Any]] = {
    "1.1": [
        ("data + bytes([-len(data) % 16]) * (-len(data) % 16)", "the last byte is text or padding"),
        ("data + bytes(16 - len(data) % 16)", "holds the number of bytes added"),
        ("data + bytes(15 - len(data) % 16) + bytes([16 - len(data) % 16])", "every byte that is"),
        ('data + b"\\x80" + bytes(15 - len(data) % 16)', "holds the number of bytes added"),
        ('data.ljust(32, b"\\x10")', "next multiple of 16"),
        ('data.decode("latin-1")', "must be bytes"),
        ("pad(data, 16)[len(data) :] + data", "comes after it"),
        ("pad(data, 16)", "got a call of pad; "),
        ("1 // 0", "ZeroDivisionError"),
    ],
    "1.2": [
        ("xor(sealed[: len(other)], other)", "that is text XOR text"),
        ("xor(text[: len(other)], other)", "the keystream is still in it"),
        ("xor(text, sealed)", "that is the keystream"),
        ("xor(text, sealed)[: len(other)]", "that is the keystream"),
        ("other", "that is the ciphertext itself"),
        ("other.hex()", "must be bytes"),
        ("text", "that you knew already"),
        ("xor(xor(text, sealed)[:20], other[:20])", "right so far, but"),
        ("xor(xor(text, sealed)[:24], other) + b'!'", "stop where the ciphertext stops"),
        ("bytes(a ^ b ^ c for a, b, c in zip(text, sealed, cycle(other)))", "stop where"),
        ("bytes(24)", "which two of the three"),
        ("attacks.read_with_known_text(other, sealed, text)", "a call of read_with_known_text"),
        ("xor(text, other)", "XOR needs two equal lengths"),
    ],
    "1.3": [
        ('c[:4] + b"9100" + c[8:]', "you wrote text into encrypted bytes"),
        ('c.replace(b"0100", b"9100")', "nothing was changed"),
        ('c[:4] + xor(c[4:8], b"9100") + c[8:]', "the new text alone"),
        ('c[:4] + xor(c[4:8], b"0100") + c[8:]', "the old text alone"),
        ('c[:3] + xor(c[3:7], xor(b"0100", b"9100")) + c[7:]', "look where it begins"),
        ('xor(c[4:8], xor(b"0100", b"9100"))', "of which only 4 have changed"),
        ('xor(b"0100", b"9100")', "of which only 4 have changed"),
        ("c[:4] + bytes(4) + c[8:]", "to get the new one?"),
        ('"pay 9100"', "must be bytes"),
        ('attacks.rewrite(c, 4, b"0100", b"9100")', "got a call of rewrite"),
        ('client.store("pay 9100 EUR to Ada Lovelace").ciphertext', "you had a text stored"),
        (
            """
            def answer(c):
                text = client.retrieve(type(client.store("a"))(bytes(8), c, b""))
                return client.store(text.replace("0100", "9100")).ciphertext
            """,
            "you had a text stored",
        ),
    ],
    "1.4": [
        ("iv", "nothing was changed"),
        ('iv[:5] + b"root" + iv[9:]', "you wrote text into encrypted bytes"),
        ('xor(iv[:4], xor(b"user", b"root")) + iv[4:]', "look where it begins"),
        ('iv[:5] + xor(iv[5:9], b"root") + iv[9:]', "the new text alone"),
        ('iv[:5] + xor(iv[5:9], b"user") + iv[9:]', "the old text alone"),
        ('xor(b"user", b"root")', "hand back all 16 bytes"),
        ('bytes(5) + xor(b"user", b"root") + bytes(7)', "that is the difference alone"),
        ("iv[:5] + bytes(4) + iv[9:]", "to get the new one?"),
        (
            """
            def answer(iv):
                row = client.store("role=user;name=Ada")
                return row.nonce[:5] + xor(row.nonce[5:9], xor(b"user", b"root")) + row.nonce[9:]
            """,
            "another row's IV",
        ),
        ('"root"', "must be bytes"),
        ('attacks.flip_through_iv(iv, 5, b"user", b"root")', "got a call of flip_through_iv"),
    ],
    "1.5": [
        ("bytes(32)", "call sign_up(name) first"),
        ('sign_up("admin")', "as it is"),
        (f'{HEAD} + b"admin" + bytes([11]) * 11', "that the twin has made"),
        (f'{HEAD} + sign_up("A" * 11 + "admin")[16:21]', "whole blocks"),
        (f'{HEAD} + sign_up("A" * 11 + "admin")[16:32]', "something follows 'admin'"),
        (f"{HEAD} + {TAIL.replace('[16:32]', '[16:]')}", "something follows 'admin'"),
        (f'{HEAD} + sign_up("A" * 11 + "admin" + " " * 11)[16:32]', "takes a padding off"),
        (f'{HEAD} + sign_up("A" * 11 + "admin" + "\\x11" * 11)[16:32]', "takes a padding off"),
        (f'{HEAD} + sign_up("A" * 11 + "admin" + "1" * 11)[16:32]', "takes a padding off"),
        (f'{HEAD} + sign_up("A" * 12 + "admin")[16:]', "at the very start"),
        (f'{HEAD} + sign_up("A" * 11 + "root" + "\\x0c" * 12)[16:32]', "begin with 'admin'"),
        (f"sign_up('A' * 4)[:16] + {TAIL}", "exactly behind 'role='"),
        ('sign_up("x;role=admin")', "must not hold ; or ="),
        ('client.store("name=A;role=admin").ciphertext', "you had a text stored"),
        ('"admin"', "must be bytes"),
    ],
    "1.6": [
        (search("g"), "that is your guess"),
        (search("g ^ 1"), "before CBC's XOR"),
        (search("g ^ iv[15]"), "came out as 01"),
        (search("1"), "that is the padding"),
        (search("g", "bytes([g]) + iv[1:]"), "stands at the end"),
        ("iv[15]", "nothing else tells you anything"),
        (search("[g]"), "one letter, or its number"),
        (search("0"), "at which guess"),
        ("[oracle(iv[:15] + bytes([n % 256]), block) for n in range(1000)]", "600 questions"),
        ("attacks.decrypt_last_byte(oracle, iv, block)", "got a call of decrypt_last_byte"),
        ("attacks.decrypt_block(oracle, iv, block)[15]", "one letter takes 257 at most"),
        (search("g ^ 2 ^ iv[15]"), "02 02"),
    ],
}


@pytest.mark.parametrize(("number", "code"), cases(RIGHT))
def test_a_right_answer_passes(
    capsys: pytest.CaptureFixture[str], twins: dict[str, TwinServer], number: str, code: str
) -> None:
    assert answered(capsys, twins, number, code).startswith(f"{number} correct: ")


@pytest.mark.parametrize(("number", "code", "word"), cases(WRONG))
def test_a_wrong_answer_is_explained(
    capsys: pytest.CaptureFixture[str],
    twins: dict[str, TwinServer],
    number: str,
    code: str,
    word: str,
) -> None:
    line = answered(capsys, twins, number, code)
    assert line.startswith(f"{number} not yet: expected ")
    assert word in line


@pytest.mark.parametrize("number", AT_A_TWIN)
def test_no_forgery_passes_at_the_control(capsys: pytest.CaptureFixture[str], number: str) -> None:
    with TwinServer(Twin()) as control:
        line = answered(capsys, {number: control}, number, RIGHT[number][0])
        assert line.startswith(f"{number} not yet: ")
