"""Answers to lesson 02: right ones, and wrong ones with a part of their sentence."""

import math
import os
from decimal import Decimal
from fractions import Fraction
from typing import Any

from Crypto.Cipher import AES
from lab.checks.written import Lesson

from securedata.lab import Row, Twin, attacks, xor
from securedata.lab.attacks.gf128 import inverse, multiply, square_root
from securedata.lab.checks.lesson02 import IN_THE_LOG
from securedata.lab.servers.clients import TwinClient
from securedata.lab.twins.flaws import RepeatedNonceGcm
from securedata.lab.twins.twin import TwinServer

HEADS = {"2.4": "a, b", "2.5": "h, row, text, new"}
NAMES = {
    "os": os,
    "Fraction": Fraction,
    "Decimal": Decimal,
    "AES": AES,
    "Twin": Twin,
    "Row": Row,
    "attacks": attacks,
    "xor": xor,
    "multiply": multiply,
    "inverse": inverse,
    "isqrt": math.isqrt,
    "square_root": square_root,
    "little": lambda data: int.from_bytes(data, "little"),
    "number": lambda data: int.from_bytes(data, "big"),
    "ghash": lambda h, c: attacks.ghash(h, b"securedata/twin", c),
}


def a_class(body: str) -> str:
    return f"class answer(Twin):\n{body}"


def binding(value: str) -> str:
    """A twin with this associated data."""
    return a_class(f"    def associated_data(self, record_id):\n        return {value}")


def errors(nonce: str, ciphertext: str, tag: str) -> str:
    """An answer to 2.2."""
    return str({"nonce": nonce, "encrypted_data": ciphertext, "tag": tag})


RIGHT_BYTES = """
    def associated_data(self, record_id):
        return record_id.encode()
"""
COUNTED = """
    def __init__(self, seed=None):
        super().__init__(seed)
        self.numbers = {}
    def associated_data(self, record_id):
        return bytes([self.numbers.setdefault(record_id, len(self.numbers))])
"""
FIXED = """
    def nonce(self):
        return bytes(12)
"""
IN_THE_TEXT = """
    def seal(self, plaintext, record_id):
        return super().seal(record_id.encode() + plaintext, record_id)
"""
OPENED = """
    def open(self, row, record_id):
        return super().open(row, record_id)[32:]
"""
DAYS = "/ 1000 / 86400"
TAGS, CIPHERTEXTS = "number(xor(a.tag, b.tag))", "number(xor(a.ciphertext, b.ciphertext))"
FRACTION = f"multiply({TAGS}, inverse({CIPHERTEXTS}))"
C = "xor(row.ciphertext, xor(text, new))"
MASK = "number(row.tag) ^ ghash(h, row.ciphertext)"
T = f"({MASK} ^ ghash(h, {C})).to_bytes(16, 'big')"
RIGHT: dict[str, list[Any]] = {
    "2.1": [
        binding("record_id.encode()"),
        binding("bytearray(str(record_id), 'ascii')"),
        binding("b'record ' + bytes.fromhex(record_id)"),
        a_class(
            "    def seal(self, text, record_id):\n"
            "        return self.encrypt(text, self.nonce(), record_id.encode())\n"
            "    def open(self, row, record_id):\n"
            "        return self.decrypt(row, record_id.encode())"
        ),
    ],
    "2.2": [
        errors("RecordNotFoundError", "SignatureError", "SignatureError"),
        errors("RecordNotFoundError:", "signatureerror", "400 SignatureError: does not fit"),
        str({field: [f"POST /retrieve 400 {error}: no"] for field, error in IN_THE_LOG.items()}),
    ],
    "2.3": [
        f"2**32 {DAYS}",
        "2**32 // (1000 * 24 * 60 * 60)",
        "50",
        "Fraction(2**32, 1000 * 86400)",
        "Decimal('49.7')",
        "True * 49",
    ],
    "2.4": [
        f"square_root({FRACTION})",
        f"[square_root({FRACTION})]",
        f"multiply(square_root({TAGS}), inverse(square_root({CIPHERTEXTS})))",
        "square_root(multiply(inverse(number(a.ciphertext) ^ number(b.ciphertext)), "
        "number(a.tag) ^ number(b.tag)))",
    ],
    "2.5": [
        f"({C}, {T})",
        f"[bytearray({C}), {T}]",
        f"(attacks.rewrite(row.ciphertext, 0, text, new), {T})",
        # Associated data of the same length cancels out: without it the tag is the same.
        f"({C}, xor(row.tag, (attacks.ghash(h, b'', row.ciphertext) ^ "
        f"attacks.ghash(h, b'', {C})).to_bytes(16, 'big')))",
    ],
}
WRONG: dict[str, list[Any]] = {
    "2.1": [
        (binding("b'always the same'"), "the same for every record"),
        (a_class(IN_THE_TEXT + OPENED), "who compares it?"),
        (a_class(IN_THE_TEXT), "no part of the text"),
        (binding("record_id[:16].encode()"), "which part of the id"),
        (binding("record_id[-1:].encode()"), "which part of the id"),
        (binding("(record_id[0] + record_id[-1]).encode()"), "which part of the id"),
        (binding("bytes([sum(record_id.encode()) % 256])"), "in another order"),
        (binding("''.join(sorted(record_id)).encode()"), "in another order"),
        (binding("(int(record_id, 16) % 65521).to_bytes(2, 'big')"), "must give different bytes"),
        (binding("os.urandom(8)"), "must use the same associated data"),
        (a_class(COUNTED), "also after a restart"),
        (binding("str(hash(record_id)).encode()"), "another number after each restart"),
        (a_class(FIXED + RIGHT_BYTES), "leave the method nonce as it is"),
        (binding("record_id"), "how does a text become bytes?"),
        (binding("bytes(record_id)"), "how does a text become bytes?"),
        (binding("None"), "must return the associated data"),
        (a_class("    def associated_dat(self, record_id): return b''"), "exactly its name"),
        (a_class("    def associated_data(record_id): return b''"), "self, and then"),
        (a_class("    associated_data = b'record 1'"), "exactly its name"),
        ("Twin()", "without brackets"),
        ("lambda record_id: record_id.encode()", "a class made from lab.Twin"),
        ("dict", "a class made from lab.Twin"),
    ],
    "2.2": [
        (errors("RecordNotFoundError", "SignatureError", "TagError"), "the log does not say so"),
        (errors("SignatureError", "SignatureError", "SignatureError"), "was the nonce changed"),
        (errors(*["Invalid signature. Data may be compromised."] * 3), "that is the answer"),
        (errors(*["RecordNotFoundError"] * 3), "changed as well, or before"),
        (errors("RecordNotFoundError", "SignatureError", "FormatError"), "flip one bit of it"),
        (errors("RecordNotFoundError", "SignatureError", "tag"), "the log names an error"),
        ("'SignatureError'", "fill in the three fields"),
        ("{'tag': 'SignatureError'}", "fill in the three fields"),
    ],
    "2.3": [
        (f"2**31 {DAYS}", "half of the limit"),
        (f"2**32.5 {DAYS}", "whole power of two"),
        (f"2**33 {DAYS}", "twice the standard's limit"),
        (f"2**48 {DAYS}", "as likely as not"),
        (f"2**64 {DAYS}", "a nonce of 128 bits"),
        (f"2**95 {DAYS}", "half of all nonces"),
        (f"2**96 {DAYS}", "how many nonces there are"),
        (f"2**128 {DAYS}", "a nonce has 96 bits"),
        (f"(2 ^ 32) {DAYS}", "^ is XOR"),
        ("2**32", "that is the number of texts"),
        ("2**32 / 1000", "that is the answer in seconds"),
        ("2**32 / 1000 / 3600", "that is the answer in hours"),
        ("7.1", "that is the answer in weeks"),
        ("0", "how many texts may one key encrypt"),
        ("float('nan')", "how many texts may one key encrypt"),
        ("10**400", "how many texts may one key encrypt"),
        ("'49 days'", "without quotes"),
    ],
    "2.4": [
        (FRACTION, "one step is missing"),
        (TAGS, "what stands below it?"),
        (CIPHERTEXTS, "that is what stands below the line"),
        (f"inverse({FRACTION})", "upside down"),
        (f"multiply({TAGS}, {CIPHERTEXTS})", "you multiplied"),
        (f"{TAGS} // {CIPHERTEXTS}", "// divides integers"),
        (f"isqrt({TAGS} // {CIPHERTEXTS})", "// divides integers"),
        (f"isqrt({FRACTION})", "a root of integers"),
        ("multiply(xor(a.tag, b.tag), inverse(xor(a.ciphertext, b.ciphertext)))", "from_bytes"),
        ("a.tag ^ b.tag", "from_bytes"),
        (
            "square_root(multiply(number(a.tag) - number(b.tag), "
            "inverse(number(a.ciphertext) - number(b.ciphertext))))",
            "a sum is ^",
        ),
        (f"multiply({TAGS}, inverse(number(a.ciphertext) - number(b.ciphertext)))", "a sum is ^"),
        (f"{TAGS} / {CIPHERTEXTS}", "not the field's division"),
        ("a.tag", "H is an int"),
        ("number(b.tag)", "the mask is still in it"),
        (f"square_root({TAGS})", "what stands below it?"),
        (f"square_root({TAGS} // {CIPHERTEXTS})", "// divides integers"),
        (f"square_root(multiply({TAGS}, {CIPHERTEXTS}))", "you multiplied"),
        (f"square_root(inverse({FRACTION}))", "upside down"),
        (f"square_root({FRACTION.replace('number', 'little')})", "order of bytes is 'big'"),
        (
            "square_root(multiply(number(a.tag) + number(b.tag) & 2**128 - 1, "
            "inverse(number(a.ciphertext) + number(b.ciphertext) & 2**128 - 1)))",
            "a sum is ^",
        ),
        ("0", "which sum stands above the line, and which below?"),
        ("attacks.recover_h(a, b)[0]", "got a call of recover_h"),
    ],
    "2.5": [
        (f"({C}, row.tag)", "the tag is still the old one"),
        ("(row.ciphertext, row.tag)", "the text is still the old one"),
        (f"(xor(row.ciphertext, new), {T})", "the new text alone"),
        (f"(new, {T})", "that is the text, not a ciphertext"),
        (f"({C}[:-1] + b'?', {T})", "as under CTR?"),
        (f"({C}, ghash(h, {C}).to_bytes(16, 'big'))", "GHASH without the mask"),
        (f"({C}, ({MASK}).to_bytes(16, 'big'))", "that is the mask alone"),
        (
            f"({C}, (number(row.tag) ^ ghash(h, {C})).to_bytes(16, 'big'))",
            "GHASH of the old ciphertext is still",
        ),
        (f"({C}, h)", "to_bytes(length, 'big') makes them of an int"),
        (C, "return both"),
        (f"({T}, {C})", "the ciphertext comes first"),
        (f"({C}.hex(), {T}.hex())", "bytes.fromhex of hex digits"),
        (
            "AES.new(key, AES.MODE_GCM, nonce=row.nonce)"
            ".update(b'securedata/twin').encrypt_and_digest(new)",
            "an attacker has no key",
        ),
        (f"({C}, bytes(16))", "which known tag holds this mask?"),
        ("(row.tag, row.ciphertext)", "the ciphertext comes first"),
        ("client.store(new.decode()).__dict__.values()", "return both"),
        ("(r := client.store(new.decode())) and (r.ciphertext, r.tag)", "you had the text stored"),
        (
            f"({C}, attacks.forge_tag(h, attacks.Sealed(row.ciphertext, row.tag), {C}))",
            "got a call of forge_tag",
        ),
    ],
}


def at_the_twin(server: TwinServer | None) -> dict[str, Any]:
    return {"client": TwinClient(server), "key": server.twin.key} if server else {}


LESSON = Lesson(
    RIGHT,
    WRONG,
    HEADS,
    NAMES,
    servers={"2.5": lambda: TwinServer(RepeatedNonceGcm())},
    at_the_server=at_the_twin,
)
