"""Answers to lesson 01: right ones, and wrong ones with a part of their sentence."""

from itertools import cycle
from typing import Any

from Crypto.Util.Padding import pad
from lab.checks.written import Lesson

from securedata.lab import attacks, xor
from securedata.lab.servers.clients import TwinClient
from securedata.lab.twins.flaws import Cbc, Ecb, FixedNonceCtr
from securedata.lab.twins.twin import TwinServer

HEADS = {
    "1.1": "data",
    "1.2": "text, sealed, other",
    "1.3": "c",
    "1.4": "iv",
    "1.5": "sign_up",
    "1.6": "oracle, iv, block, last",
}
AT_A_TWIN = {"1.3": FixedNonceCtr, "1.4": Cbc, "1.5": Ecb}


def at_the_twin(server: TwinServer | None) -> dict[str, Any]:
    client = TwinClient(server) if server else None
    return {"client": client, "ROW": client.store("pay 0100").ciphertext if client else b""}


NAMES = {"attacks": attacks, "xor": xor, "pad": pad, "cycle": cycle, "padder": lambda: pad}
NAMES |= {"OLD": b"pay 0100 EUR to Ada", "NEW": b"pay 9100 EUR to Eve"}


END = "last ^ iv[15] ^ 2"


def search(returned: str, asked: str = f"iv[:14] + bytes([g, {END}])") -> str:
    """An answer to 1.6: what it returns at the first yes, and what it asks."""
    return f"next({returned} for g in range(256) if oracle({asked}, block))"


ORDERS = 'xor(b"0100 EUR to Ada", b"9100 EUR to Eve")'
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
        f"c[:4] + xor(c[4:19], {ORDERS}) + c[19:]",
        "bytes(a ^ b ^ d for a, b, d in zip(c, OLD, NEW)) + c[len(OLD) :]",
        f"xor(c, bytes(4) + {ORDERS} + bytes(len(c) - 19))",
        """
        def answer(c):
            changed = bytearray(c)
            for place, bits in (4, 9), (16, 4), (17, 18), (18, 4):
                changed[place] ^= bits
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
        search("g ^ 2 ^ iv[14]"),
        search("chr(g ^ 2 ^ iv[14])"),
        search("bytes([g ^ 2 ^ iv[14]])", f"bytes(14) + bytearray([g, {END}])"),
        search("g ^ 2", f"iv[:14] + bytes([iv[14] ^ g, {END}])"),
    ],
}
WRONG: dict[str, list[Any]] = {
    "1.1": [
        ("data + bytes([-len(data) % 16]) * (-len(data) % 16)", "the last byte is text or padding"),
        ("data + bytes(16 - len(data) % 16)", "holds the number of bytes added"),
        ("data + bytes(15 - len(data) % 16) + bytes([16 - len(data) % 16])", "every byte that is"),
        ('data + b"\\x80" + bytes(15 - len(data) % 16)', "holds the number of bytes added"),
        ("data + str(16 - len(data) % 16).encode() * (16 - len(data) % 16)", "these are digits"),
        ('data.ljust(32, b"\\x10")', "until the blocks are whole"),
        ('data.decode("latin-1")', "must be bytes"),
        ("pad(data, 16)[len(data) :] + data", "comes after it"),
        ("pad(data, 16)", "got a call of pad; "),
        ("padder()(data, 16)", "got a call of padder; "),
        ("1 // 0", "ZeroDivisionError"),
    ],
    "1.2": [
        ("xor(sealed[: len(other)], other)", "that is text XOR text"),
        ("xor(text[: len(other)], other)", "the keystream is still in it"),
        ("xor(text, sealed)", "that is the keystream"),
        ("xor(text, sealed)[: len(other)]", "that is the keystream"),
        ("xor(xor(text, sealed)[-len(other) :], other)", "you took the keystream's end"),
        ("other", "that is the ciphertext itself"),
        ("other.hex()", "must be bytes"),
        ("text", "that you knew already"),
        ("xor(xor(text, sealed)[:20], other[:20])", "right so far, but"),
        ("xor(xor(text, sealed)[:24], other) + b'!'", "stop where the ciphertext stops"),
        ("bytes(a ^ b ^ c for a, b, c in zip(text, sealed, cycle(other)))", "stop where"),
        ("bytes(24)", "which two of the three"),
        ("attacks.read_with_known_text(other, sealed, text)", "a call of read_with_known_text"),
        ("attacks.rewrite(other, 0, sealed[:24], text[:24])", "got a call of rewrite"),
        ("xor(text, other)", "XOR needs two equal lengths"),
    ],
    "1.3": [
        ('c[:4] + b"9100 EUR to Eve" + c[19:]', "you wrote text into encrypted bytes"),
        ('c.replace(b"0100", b"9100")', "nothing was changed"),
        ('c[:4] + xor(c[4:19], b"9100 EUR to Eve") + c[19:]', "the new text alone"),
        ('c[:4] + xor(c[4:19], b"0100 EUR to Ada") + c[19:]', "the old text alone"),
        ("c[:5] + bytes([c[5] ^ 9]) + c[6:]", "look where it begins"),
        (f"c[:3] + xor(c[3:18], {ORDERS}) + c[18:]", "look where it begins"),
        (f"xor(c[4:19], {ORDERS})", "also those that stay the same"),
        (ORDERS, "also those that stay the same"),
        ('c[:4] + xor(c[4:8], xor(b"0100", b"9100")) + c[8:]', "the amount is right"),
        ('c[:16] + xor(c[16:19], xor(b"Ada", b"Eve")) + c[19:]', "the name is right"),
        ("c[:4] + bytes(15) + c[19:]", "to get the new one?"),
        (f"c[:4] + {ORDERS} + c[19:]", "replaces the old bytes"),
        ('attacks.rewrite(client.store("pay 0100").ciphertext, 4, b"0", b"9")', "got a new one"),
        ('attacks.rewrite(ROW, 4, b"0", b"9")', "made of another row"),
        ('"pay 9100"', "must be bytes"),
        ('attacks.rewrite(c, 4, b"0100 EUR to Ada", b"9100 EUR to Eve")', "got a call of rewrite"),
        ('client.store("pay 9100 EUR to Eve Lovelace").ciphertext', "you had a text stored"),
        (
            """
            def answer(c):
                text = client.retrieve(type(client.store("a"))(bytes(8), c, b""))
                return client.store(text.replace("Ada", "Eve")).ciphertext
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
            "made of another row",
        ),
        ('"root"', "must be bytes"),
        ('attacks.flip_through_iv(iv, 5, b"user", b"root")', "got a call of flip_through_iv"),
    ],
    "1.5": [
        ("bytes(32)", "call sign_up(name) first"),
        ('sign_up("admin")', "as it is"),
        (f'{HEAD} + b"admin" + bytes([11]) * 11', "that your own twin has made"),
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
        (search("g ^ 2"), "before CBC's XOR"),
        (search("g ^ iv[14]"), "came out as 02"),
        (search("g ^ 1 ^ iv[14]"), "that is right for a padding of 01"),
        (search("2"), "that is the padding"),
        (search("last"), "which you knew"),
        (search("g", "iv[:14] + bytes([g]) + iv[15:]"), "must come out as 02"),
        (search("g", "iv[:14] + bytes([g, last ^ iv[15] ^ 1])"), "came out as 01"),
        (search("g", "iv[:15] + bytes([g])"), "came out as 01"),
        (search("g", f"bytes([g]) + iv[1:15] + bytes([{END}])"), "byte 14 of the IV"),
        (search("g", "iv[:14] + bytes(g) + bytes(1)"), "an IV has 16 bytes"),
        (f"[oracle(iv[:14] + bytes([g, {END}]), block) for g in range(9)] and None", "0 to 255"),
        ("iv[15]", "nothing else tells you anything"),
        (search("[g]"), "one letter, or its number"),
        (search("0"), "at which guess"),
        ("[oracle(iv[:14] + bytes([n % 256, 0]), block) for n in range(1000)]", "600 questions"),
        ("attacks.decrypt_block(oracle, iv, block)[14]", "one letter takes 256 at most"),
    ],
}


LESSON = Lesson(
    RIGHT,
    WRONG,
    HEADS,
    NAMES,
    servers={
        "1.3": lambda: TwinServer(FixedNonceCtr()),
        "1.4": lambda: TwinServer(Cbc()),
        "1.5": lambda: TwinServer(Ecb()),
    },
    at_the_server=at_the_twin,
)
