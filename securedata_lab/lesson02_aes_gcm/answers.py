"""Answers to lesson 02: right ones, and wrong ones with a part of their sentence."""

import hashlib
import os
from dataclasses import replace
from typing import Any

from Crypto.Cipher import AES
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from securedata_lab.basics.bits import xor
from securedata_lab.lesson02_aes_gcm import gcm
from securedata_lab.lesson02_aes_gcm.small_gcm import product, small_ghash
from securedata_lab.lesson02_aes_gcm.unknown_banks import KINDS
from securedata_lab.twins.twin import Row, Twin

HEADS = {"2.7": "h, one, two", "2.8": "stolen, new, ghash", "2.9": "bank"}
NAMES = {
    "os": os,
    "AES": AES,
    "AESGCM": AESGCM,
    "Twin": Twin,
    "Row": Row,
    "gcm": gcm,
    "xor": xor,
    "product": product,
    "KINDS": KINDS,
    "replace": replace,
    "small_ghash": small_ghash,
    "sha256": hashlib.sha256,
}


def a_class(body: str) -> str:
    return f"class answer(Twin):\n{body}"


def binding(value: str) -> str:
    """A twin with this associated data."""
    return a_class(f"    def associated_data(self, record_id):\n        return {value}")


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
MASK = "xor(stolen.tag, ghash(stolen.ciphertext))"
TAG = f"xor({MASK}, ghash(new))"
ONE, TWO = "small_ghash(h, one.blocks)", "small_ghash(h, two.blocks)"
FITS = f"{ONE} ^ {TWO} == one.tag ^ two.tag"


def forgery(mask: str = MASK, tag: str = TAG) -> str:
    """An answer to 2.8."""
    return f"({mask}, {tag})"


# The tests of 2.9, in a right order. A test that is left out, or another order, is a wrong answer.
TESTS = {
    "ECB": """
    if C[:16] == C[16:]:
        return "ECB"
""",
    "CTR": """
    if xor(xor(a, C), D) == b:
        return "CTR"
""",
    "CBC": """
    if "padding" in bank.pay(replace(one, ciphertext=C)):
        return "CBC"
""",
    "GCM": """
    bank.restore_backup()
    if bank.store("x").nonce == bank.stolen.nonce:
        return "GCM"
""",
}


def verdict(*order: str, **other: str) -> str:
    """An answer to 2.9: these tests in this order, some of them replaced."""
    tests = {**TESTS, **other}
    return f"""def answer(bank):
    a, b = b"a" * 32, b"b" * 32
    one, two = bank.store(a.decode()), bank.store(b.decode())
    C, D = one.ciphertext[:32], two.ciphertext[:32]{"".join(tests[it] for it in order)}
    return "sound"
"""


BOTH_ROWS = """
    before = bank.store("x")
    bank.restore_backup()
    rows = [bank.store("x") for _ in range(9)]
    if before.nonce in [it.nonce for it in rows]:
        return "GCM\""""
REPEATS = """
    bank.restore_backup()
    row = bank.store(a.decode())
    bank.restore_backup()
    if xor(xor(a, row.ciphertext[:32]), bank.store(b.decode()).ciphertext[:32]) == b:
        return "GCM\""""
AFTER_THE_BACKUP = REPEATS.replace("GCM", "CTR")
EQUAL_TEXTS = """
    if bank.store("x").ciphertext == bank.store("x").ciphertext:
        return "CTR\""""
WITHOUT_A_LOOK = """
    return "GCM\""""
GCM = "AES.new(key, AES.MODE_GCM, nonce=nonce)"
SEAL = f"{GCM}.encrypt_and_digest(text)"
OPEN = f"{GCM}.decrypt_and_verify(ciphertext, tag)"
CAUGHT = f"""
    try:
        return {OPEN}
    except ValueError:
        return BACK
"""
COMPARED = f"""
    text = {GCM}.decrypt(ciphertext)
    if {GCM}.encrypt_and_digest(text)[1] != tag:
        raise RuntimeError("another tag")
    return text
"""
IN_TWO_STEPS = f"""
    cipher = {GCM}
    ciphertext = cipher.encrypt(text)
    return [ciphertext, cipher.digest()]
"""
WARNS = f"""
    cipher = {GCM}
    text = cipher.decrypt(ciphertext)
    try:
        cipher.verify(tag)
    except ValueError:
        text = bytes(text)
    return text
"""
BY_A_PART = f"""
    text = {GCM}.decrypt(ciphertext)
    if {GCM}.encrypt_and_digest(text)[1][:LENGTH] != tag[:LENGTH]:
        raise ValueError
    return text
"""


def pair(seal: str = SEAL, opens: str = OPEN) -> list[str]:
    """An answer to 2.1: both functions, each by its body or by what it returns."""
    bodies = [it if it.startswith("\n") else f"\n    return {it}\n" for it in (seal, opens)]
    heads = "key, nonce, text", "key, nonce, ciphertext, tag"
    return [f"def answer({head}):{body}" for head, body in zip(heads, bodies, strict=True)]


RIGHT: dict[str, list[Any]] = {
    "2.1": [
        pair(),
        pair(IN_TWO_STEPS),
        pair(opens=COMPARED),
        pair(
            "(lambda both: (both[:-16], both[-16:]))(AESGCM(key).encrypt(nonce, text, None))",
            "AESGCM(key).decrypt(nonce, ciphertext + tag, None)",
        ),
    ],
    "2.3": [
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
    "2.7": [
        FITS,
        f"one.tag ^ {ONE} == two.tag ^ {TWO}",
        f"not ({ONE} ^ {TWO} ^ one.tag ^ two.tag)",
        f"{TWO} == two.tag ^ one.tag ^ {ONE}",
        f"int({FITS})",
    ],
    "2.8": [
        forgery(),
        f"[bytearray({MASK}), {TAG}]",
        forgery(tag="xor(stolen.tag, xor(ghash(stolen.ciphertext), ghash(new)))"),
    ],
    "2.9": [
        verdict("ECB", "CTR", "CBC", "GCM"),
        verdict("CBC", "ECB", "CTR", "GCM"),
        verdict("GCM", "ECB", "CBC", "CTR", GCM=BOTH_ROWS),
    ],
}
WRONG: dict[str, list[Any]] = {
    "2.1": [
        (pair("AES.new(key, AES.MODE_CTR, nonce=nonce[:8]).encrypt(text)"), "return both"),
        (pair("(AES.new(key, AES.MODE_CTR, nonce=nonce[:8]).encrypt(text), b'')"), "which mode"),
        (pair(f"{GCM}.encrypt(text)"), "return both"),
        (pair(f"b''.join({SEAL})"), "return both"),
        (pair(f"{SEAL}[::-1]"), "the ciphertext comes first"),
        (pair("AES.new(key, AES.MODE_GCM).encrypt_and_digest(text)"), "without nonce=nonce"),
        (pair(SEAL.replace("=nonce", "=bytes(12)")), "the same for all orders"),
        (pair(SEAL.replace("GCM", "EAX")), "that is the mode EAX"),
        (pair(SEAL.replace("=nonce", "=nonce, mac_len=8")), "the tag has 16 bytes"),
        (pair(f"({GCM}.encrypt(text), sha256(text).digest()[:16])"), "what GCM makes beside it"),
        (pair(opens=f"{GCM}.decrypt(ciphertext)"), "decrypt alone never looks at the tag"),
        (pair(opens=WARNS), "a caught error stops nothing"),
        (pair(opens=BY_A_PART.replace("LENGTH", "1")), "one wrong bit anywhere"),
        (pair(opens=BY_A_PART.replace("LENGTH", "len(tag)")), "a tag that was cut"),
        (pair(opens=OPEN.replace("GCM", "EAX")), "an honest order: GCM, its key"),
        (pair(opens=f"({OPEN}, 'fine')"), "give the text alone"),
        (pair(f"[it.hex() for it in {SEAL}]"), "both are bytes"),
        (pair(GCM), "return both"),
        (pair(opens=f"{OPEN}.decode()"), "the text alone, as bytes"),
        (
            pair(opens="AES.new(key, AES.MODE_CTR, nonce=nonce).decrypt(ciphertext)"),
            "which mode opens",
        ),
        *(
            (pair(opens=CAUGHT.replace("BACK", back)), "can be taken for a text: let the error")
            for back in ("None", "False", "'an error'", "b'an error'", "b''", "ValueError()")
        ),
        (pair(opens=OPEN.replace("tag)", "tga)")), "got NameError"),
        (pair(opens=f"\n    {OPEN}\n"), "end with return"),
    ],
    "2.3": [
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
        ("lambda record_id: record_id.encode()", "a class made from Twin"),
        ("dict", "a class made from Twin"),
    ],
    "2.7": [
        (f"{ONE} == one.tag", "the mask is still in that tag"),
        (f"{ONE} == one.tag and {TWO} == two.tag", "a mask is in each tag"),
        (f"{ONE} == one.tag ^ two.tag", "where is the second?"),
        (f"{TWO} == one.tag ^ two.tag", "what is left when you XOR them?"),
        (
            "small_ghash(h, [a ^ b for a, b in zip(one.blocks, two.blocks)]) == one.tag ^ two.tag",
            "take it of each row",
        ),
        (f"{ONE} - {TWO} == one.tag - two.tag", "minus is XOR"),
        (f"{ONE} ^ two.tag == {TWO}", "the tag of its own row"),
        (f"{ONE} == {TWO}", "where are the tags?"),
        ("(one.blocks[0] ^ two.blocks[0]) * h * h == one.tag ^ two.tag", "* is for integers"),
        (
            "product(one.blocks[0] ^ two.blocks[0], product(h, h)) == one.tag ^ two.tag",
            "let small_ghash do the longer ones",
        ),
        ("True", "not every H fits"),
        ("h == 3", "it says the same of all rows"),
        ("one.tag ^ two.tag == 5", "it says the same of each H"),
        (f"{ONE} ^ {TWO}", "return True or False"),
        ("small_ghash(h, one) == one.tag", "a row has parts"),
        ("small_ghash(h, one.tag) == 3", "takes the blocks of a row"),
        (f"xor({ONE}, {TWO}) == one.tag", "xor() is for bytes"),
        ("one.blocks ^ two.blocks == one.tag ^ two.tag", "blocks are several"),
        (f"[].append({FITS})", "end with return"),
    ],
    "2.8": [
        (forgery("..."), "Go on with mask"),
        (forgery(tag="..."), "mask: right. Go on with tag"),
        (forgery("stolen.tag"), "the GHASH of its ciphertext is still in it"),
        (forgery("ghash(stolen.ciphertext)"), "the other part of T"),
        (forgery("ghash(stolen.tag)"), "of a ciphertext, not of a tag"),
        (forgery("xor(stolen.tag, ghash(new))"), "the old tag with the new GHASH"),
        (forgery("xor(stolen.tag, stolen.ciphertext)"), "has the GHASH of the ciphertext in it"),
        (forgery("xor(ghash(new), ghash(stolen.ciphertext))"), "it never looks at stolen.tag"),
        (forgery(TAG, MASK), "return mask, tag in this order"),
        (forgery("xor(b'the tag, copied.', ghash(stolen.ciphertext))"), "looks at stolen.tag"),
        (forgery("xor(stolen.tag, ghash(b'the row, copied.'))"), "looks at stolen.ciphertext"),
        (forgery("xor(stolen.tag, sha256(stolen.ciphertext).digest()[:16])"), "looks at ghash"),
        (forgery("xor(stolen.tag, ghash(ghash(stolen.ciphertext)))"), "solve it for the mask"),
        (forgery(tag="stolen.tag"), "that is still the tag of the old ciphertext"),
        (forgery(tag=MASK), "the mask alone"),
        (forgery(tag="ghash(new)"), "GHASH without the mask"),
        (forgery(tag=f"xor({MASK}, new)"), "has the GHASH of the ciphertext in it"),
        (forgery(tag="xor(stolen.tag, ghash(new))"), "of the old ciphertext is still in it"),
        (forgery(tag="xor(stolen.tag, ghash(xor(stolen.ciphertext, new)))"), "take two GHASHes"),
        (forgery(tag=f"xor({MASK}, ghash(b'Kim: 9999 to Eve'))"), "it never looks at new"),
        (forgery(tag=f"xor({MASK}, ghash(ghash(new)))"), "now of the new ciphertext"),
        (forgery(tag=f"{MASK} + ghash(new)"), "+ puts bytes behind each other"),
        (forgery(tag="5"), "xor and ghash give bytes"),
        (forgery(tag="xor(..., ghash(new))"), "begin with it"),
        (forgery("stolen.tag ^ ghash(new)"), "bytes have no ^: use xor"),
        (forgery("xor(stolen.tag, ghash(stolen))"), "a row has parts"),
        (forgery("xor(stolen.tag, new[1:])"), "16 bytes each"),
        (forgery("xor(stolen.tag, new, new)"), "two at a time"),
        (TAG, "return mask, tag"),
        ("[].append(new)", "end with return"),
    ],
    "2.9": [
        (verdict("CTR", "CBC", "GCM"), "which text of yours would show that?"),
        (verdict("ECB", "CBC", "GCM"), "by lesson 01?"),
        (verdict("ECB", "CTR", "GCM"), "would spoil the padding?"),
        (verdict("ECB", "CTR", "CBC"), "until its backup comes back"),
        (verdict("GCM", "ECB", "CTR", "CBC", GCM=REPEATS), "so ask that first"),
        (verdict("CTR", "ECB", "CBC", "GCM", CTR=EQUAL_TEXTS), "which text tells them apart?"),
        (verdict("ECB", "CTR", "CBC", "GCM", GCM=WITHOUT_A_LOOK), "a backup alone is no flaw"),
        (verdict("ECB", "CTR", "CBC", CTR=AFTER_THE_BACKUP), "from before it, too"),
        (verdict("ECB", "CBC", "GCM").replace('"sound"', '"CTR"'), "a keystream of its own"),
        ('"sound"', "let the bank decide"),
        ('"ecb"', "one of these five texts"),
        ("KINDS[os.urandom(1)[0] % 5]", "equal banks, other verdicts"),
        ('xor(bank.store("a").ciphertext, b"a")', "cut both to the length of your text"),
        ('my_read(b"a", b"b", b"c")', "paste my_read"),
        ("bank.store.__closure__", "an attacker has store, pay and restore_backup"),
    ],
}
