"""Answers to lesson 01: right ones, and wrong ones with a part of their sentence."""

import os
import random
import secrets
import time
from datetime import datetime
from hashlib import sha256
from itertools import count, cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from securedata_lab.basics.bits import xor
from securedata_lab.lesson01_aes_modes import CtrBank, open_bank

HEADS = {
    "1.7": "text, sealed, other",
    "1.2": "c, text",
    "1.4": "guess, padding, iv_byte",
    "1.6": "sign_up",
}
FOLDER = TemporaryDirectory()
NAMES = {
    "CtrBank": CtrBank, "FOLDER": FOLDER.name, "NEW": b"pay 9999 EUR to Eve", "Path": Path,
    "count": count, "cycle": cycle, "datetime": datetime, "open_bank": open_bank, "os": os,
    "random": random, "secrets": secrets, "sha256": sha256,
    "stamp": lambda: time.time_ns().to_bytes(8, "big"),  # of another cell
    "time": time, "uuid4": uuid4, "xor": xor,
}  # fmt: skip


SAID = "answer = 'The bank: right. It takes you for the stranger, whose account held 47110 EUR.'"


def reading(code: str, text: str = '"x" * 53', said: str = SAID) -> list[str]:
    """An answer to 1.7: the text that is stored, what the function returns, and what was said."""
    return [f"answer = {text}", code, said]


def nonce(body: str, before: str = "pass") -> str:
    """An answer to 1.3: a bank whose method has this body."""
    return f"class answer(CtrBank):\n    {before}\n    def nonce(self):\n        {body}"


# A counter that a restart does not set back.
COUNT_IN_A_FILE = (
    "file = Path(FOLDER, 'count'); n = int(file.read_text()) + 1 if file.exists() else 0; "
    "file.write_text(str(n)); return n.to_bytes(8, 'big')"
)
HEAD, TAIL = 'sign_up("A" * 5)[:16]', 'sign_up("A" * 11 + "admin" + "\\x0b" * 11)[16:32]'
RIGHT: dict[str, list[Any]] = {
    "1.7": [
        reading("xor(xor(text, sealed), other)"),
        reading("xor(xor(text, sealed)[: len(other)], other)", '"A text of mine. " * 9'),
        reading("bytearray(a ^ b ^ c for a, b, c in zip(text, sealed, other))", "'ü' * 40"),
        [
            "answer = 'pay 0001 EUR to Eve, and this is long enough for an order'",
            """
            def answer(text, sealed, other):
                sum_of_texts = [a ^ b for a, b in zip(sealed, other)]
                return bytes(a ^ b for a, b in zip(sum_of_texts, text))
            """,
            SAID,
        ],
    ],
    "1.2": [
        "xor(c[:19], xor(text, NEW)) + c[19:]",
        "c[:4] + xor(c[4:8], xor(text[4:8], b'9999')) + c[8:]",
        "xor(c, xor(text, NEW) + bytes(len(c) - 19))",
        "xor(xor(c[: len(text)], text), NEW) + c[len(text) :]",
        """
        def answer(c, text):
            changed = bytearray(c)
            for place in range(4, 8):
                changed[place] ^= text[place] ^ ord("9")
            return changed
        """,
    ],
    "1.3": [
        nonce("return os.urandom(8)"),
        nonce("return secrets.token_bytes(12)"),
        nonce("return bytearray(self.random.randbytes(8))"),
        nonce("return secrets.randbits(64).to_bytes(8, 'big')"),
        nonce("return uuid4().bytes[:8]"),
        nonce("return secrets.token_urlsafe(6).encode()"),
        nonce(COUNT_IN_A_FILE),
        nonce(COUNT_IN_A_FILE.replace("big", "little")),
        f"""
        class answer(CtrBank):
            def count(self):
                {COUNT_IN_A_FILE.replace("return", "return 7,")}
            def nonce(self):
                return self.count()[1]
        """,
        """
        class answer(CtrBank):
            def __init__(self):
                super().__init__()
                self.start, self.n = secrets.token_bytes(5), 0
            def nonce(self):
                self.n += 1
                return self.start + self.n.to_bytes(7, "big")
        """,
    ],
    "1.4": [
        "guess ^ padding ^ iv_byte",
        "chr(guess ^ iv_byte ^ padding)",
        "bytes([guess ^ padding ^ iv_byte])",
        "xor(xor(bytes([guess]), bytes([padding])), bytes([iv_byte]))",
    ],
    "1.6": [
        f"{HEAD} + {TAIL}",
        f"bytearray({HEAD}) + {TAIL}",
        f'{HEAD} + sign_up("B" * 11 + "admin" + "\\x0b" * 11 + "more")[16:32]',
        f"sign_up('A' * 21)[:16] + sign_up('A' * 21)[16:32] + {TAIL}",
    ],
}
BANK = "open_bank()"
READS = "xor(xor(text, sealed), other)"
WRONG: dict[str, list[Any]] = {
    "1.7": [
        (reading("xor(sealed, other)"), "that is text XOR text"),
        (reading("xor(text, other)"), "the keystream is still in it"),
        (reading("xor(text, sealed)"), "that is the keystream"),
        (reading("other"), "that is the ciphertext itself"),
        (reading("text"), "that you knew already"),
        (reading("xor(xor(text, sealed), other)", '"a text of mine"'), "how many bytes has the"),
        (reading("xor(xor(text, sealed), other)", '"x" * 60'), "how many bytes has the stolen"),
        (reading("xor(xor(text, sealed), other[: len(text)])", '"x" * 20'), "how long must your"),
        (reading("xor(xor(text, sealed), other)[:40]"), "the code word comes last"),
        (reading("xor(xor(text, sealed), other)[-16:]"), "return the whole order"),
        (reading("xor(xor(text, sealed), other).decode()"), "return the bytes as they are"),
        (reading("xor(text, sealed).decode()"), "return the bytes as they are"),
        (
            reading("bytes(a ^ b ^ c for a, b, c in zip(text, sealed, cycle(other)))", "'x' * 60"),
            "stop where",
        ),
        (reading("text ^ sealed ^ other"), "bytes have no ^: use xor"),
        (reading("xor(xor(text, sealed), other)[::-1]"), "which two of the three"),
        (reading(f"xor(xor(text, sealed), {BANK}.stolen.ciphertext)"), "never looks at ciphertext"),
        (reading("bytes(53)"), "the same at each bank"),
        (reading("b'pay 0047 EUR to Eve, my code word is saddle-basket-18'"), "same at each bank"),
        (reading(READS, said=f"answer = {BANK}.say('fox')"), "my_read: right. said: what stands"),
        (reading(READS, said=f"answer = {BANK}.say(b'pay')"), "my_read: right. said: what stands"),
        (reading(READS, said="answer = 'saddle-basket-18'"), "hand over what the bank answers"),
        (reading(READS, said="answer = b'saddle-basket-18'"), "hand over what the bank answers"),
        (reading(READS, said=f"answer = {BANK}.say(...)"), "my_read: right. Go on with said"),
        (reading("other", "b'bytes'"), "with no b before them"),
        (reading("other", "53"), "a text stands in quotes"),
        (reading("xor(xor('x' * 53, sealed), other)"), "one of the two is a text"),
    ],
    "1.2": [
        ("NEW + c[19:]", "you wrote text into encrypted bytes"),
        ("c[:4] + b'9999' + c[8:]", "you wrote text into encrypted bytes"),
        ("c.replace(b'0047', b'9999')", "nothing was changed"),
        ("xor(c[:19], NEW) + c[19:]", "the new text alone"),
        ("c[:4] + xor(c[4:8], b'9999') + c[8:]", "the new text alone"),
        ("xor(c[:19], text) + c[19:]", "the old text alone"),
        ("xor(text, NEW) + c[19:]", "replaces the old bytes"),
        ("xor(c[:19], xor(text, NEW))", "the rest of the order is missing"),
        ("xor(text, NEW)", "the rest of the order is missing"),
        ("c[:5] + xor(c[5:9], xor(text[4:8], b'9999')) + c[9:]", "look where it begins"),
        ("xor(c[:19], xor(text, NEW)) + c[19:50] + bytes(3)", "leave all other bytes"),
        ("xor(c[:19], xor(text, NEW)) + c", "do not add any"),
        ("c[:4] + xor(c[4:8], xor(b'0000', b'9999')) + c[8:]", "with another key and bill"),
        (
            "bytes(a ^ b ^ d for a, b, d in zip(c, text+b',', NEW[:7]+b'99 EUR to Eve'))+c[20:]",
            "bytes 4 to 7 are right",
        ),
        ("c ^ text ^ NEW", "bytes have no ^: use xor"),
        ("c[:4] + xor(c[4:8], xor(text[4:8], b'9998')) + c[8:]", "look at your new text"),
        ("xor(c[:19], xor(text, b'pay 99g9 EUR to Eve')) + c[19:]", "look at your new text"),
        ("xor(c, NEW)", "which bytes of the order are to change, and how many?"),
        ("xor(c[:19], xor(text, 'pay 9999 EUR to Eve'))", "one of the two is a text"),
        (f"{BANK}.store('pay 9999 EUR to Eve' + 34 * '!').ciphertext", "has a bank of its own"),
        (f"{BANK}.store('pay 9999 EUR to Eve').ciphertext + c[19:]", "has a bank of its own"),
        (f"xor({BANK}.stolen.ciphertext[:19], xor(text, NEW)) + c[19:]", "has a bank of its own"),
        ("xor(c[:19], xor(text[1:] + b' ', NEW)) + c[19:]", "the two arguments: what do you XOR"),
        ('"pay 9999"', "must be bytes"),
    ],
    "1.3": [
        (nonce("return bytes(8)"), "still one nonce for all"),
        (nonce("return b'mynonce1'"), "still one nonce for all"),
        (nonce("return os.urandom(16)"), "nonce and counter share a block"),
        (nonce("return os.urandom(4)"), "so few bytes come again"),
        (nonce("return os.urandom(15)"), "nonce and counter share a block"),
        (nonce("return bytes([secrets.randbelow(256)]) * 8"), "so few come again"),
        (nonce("return secrets.randbelow(10**4).to_bytes(8, 'big')"), "so few come again"),
        (nonce("self.n += 1; return self.n.to_bytes(8, 'big')", "n = 0"), "a counter in memory"),
        (nonce("return next(self.n).to_bytes(8, 'big')", "n = count()"), "a counter in memory"),
        (
            nonce("answer.n += 1; return answer.n.to_bytes(8, 'big')", "n = 0"),
            "a counter in memory",
        ),
        (nonce("return sha256(bytes([next(self.n) % 256])).digest()[:8]", "n = count()"), "again"),
        (nonce("return secrets.token_bytes(3) + bytes(5)"), "so few come again"),
        (nonce("return secrets.token_bytes(4) * 2"), "so few come again"),
        (nonce("return secrets.token_hex(4).encode()"), "at most 2^32 values; so few"),
        (nonce("return f'{secrets.randbelow(10**8):08}'.encode()"), "so few come again"),
        (nonce("return time.monotonic_ns().to_bytes(8, 'big')"), "two orders in one moment"),
        (nonce("return time.perf_counter_ns().to_bytes(8, 'big')"), "those of a clock"),
        (nonce("return str(time.time()).encode()[-8:]"), "those of a clock"),
        (nonce("return str(datetime.now()).encode()[-8:]"), "those of a clock"),
        (nonce("return sha256(str(datetime.now()).encode()).digest()[:8]"), "those of a clock"),
        (nonce("return stamp()"), "those of a clock"),
        (nonce("return random.randbytes(8)"), "is made for games"),
        (nonce("random.seed(7); return random.randbytes(8)"), "is made for games"),
        (nonce("return time.time_ns().to_bytes(8, 'big')"), "two orders in one moment"),
        (nonce("return int(time.time()).to_bytes(8, 'big')"), "two orders in one moment"),
        (nonce("return os.urandom(8).hex()"), "a nonce is 8 bytes"),
        (nonce("return secrets.randbits(64)"), "a nonce is 8 bytes"),
        (nonce("os.urandom(8)"), "must return the nonce"),
        (
            "class answer(CtrBank):\n    def nonse(self):\n        return os.urandom(8)",
            "of exactly this name",
        ),
        (
            "class answer(CtrBank):\n    def nonce(self):\n        return os.urandom(8)\n"
            "    def encrypt(self, text, nonce, data):\n"
            "        return super().encrypt(text, bytes(8), data)",
            "still under one keystream",
        ),
    ],
    "1.4": [
        ("guess", "that is your guess"),
        ("guess ^ padding", "the true IV is missing"),
        ("guess ^ iv_byte", "the padding is missing"),
        ("padding ^ iv_byte", "your guess is missing"),
        ("padding", "that is the padding"),
        ("guess ^ 1 ^ iv_byte", "that fits a padding of 01 alone"),
        ("guess - padding - iv_byte - 1000", "the drawing has two rows"),
        ("[guess ^ padding ^ iv_byte]", "return one letter, or its number"),
        ("1 // 0", "ZeroDivisionError"),
    ],
    "1.6": [
        ("bytes(32)", "call sign_up(name) first"),
        ('sign_up("admin")', "as it is"),
        (f'{HEAD} + b"admin" + bytes([11]) * 11', "has not given you one of these blocks"),
        (f'{HEAD} + sign_up("A" * 11 + "admin")[16:21]', "whole blocks"),
        (f'{HEAD} + sign_up("A" * 11 + "admin")[16:32]', "something follows 'admin'"),
        (f"{HEAD} + {TAIL.replace('[16:32]', '[16:]')}", "something follows 'admin'"),
        (f'{HEAD} + sign_up("A" * 11 + "admin" + " " * 11)[16:32]', "takes a padding off"),
        (f'{HEAD} + sign_up("A" * 11 + "admin" + "\\x11" * 11)[16:32]', "takes a padding off"),
        (f'{HEAD} + sign_up("A" * 11 + "admin" + "1" * 11)[16:32]', "takes a padding off"),
        (f'{HEAD} + sign_up("A" * 12 + "admin")[16:]', "at the very start"),
        (f'{HEAD} + sign_up("A" * 12 + "admin" + "\\x0b" * 11)[16:32]', "at the very start"),
        (f'{HEAD} + sign_up("A" * 10 + "admin" + "\\x0b" * 11)[16:32]', "at the very start"),
        (f'{HEAD} + sign_up("A" * 11 + "root" + "\\x0c" * 12)[16:32]', "begin with 'admin'"),
        (f"sign_up('A' * 4)[:16] + {TAIL}", "exactly behind 'role='"),
        ('sign_up("x;role=admin")', "which blocks can you get from it?"),
        ('"admin"', "must be bytes"),
    ],
}
