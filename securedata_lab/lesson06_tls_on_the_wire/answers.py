"""Answers to lesson 06: right answers, wrong ones with a part of their sentence."""

import hashlib
import hmac
import math
import struct

from Crypto.Cipher import AES

from securedata_lab import wire
from securedata_lab.basics.bits import xor
from securedata_lab.lesson06_tls_on_the_wire.x25519 import power, share_of

HEADS = {
    "6.1": "p, g, share",
    "6.3": "record, key, iv, number",
    "6.7": "secret, info, length",
}


def opened(record: wire.Record, key: bytes, nonce: bytes, header: bytes | None = None) -> bytes:
    """A record opened with this nonce, and its header or something else as associated data."""
    cipher = AES.new(key, AES.MODE_GCM, nonce=nonce)
    cipher.update(record.header if header is None else header)
    return cipher.decrypt_and_verify(record.fragment[:-16], record.fragment[-16:])


NAMES = {
    "AES": AES, "hashlib": hashlib, "hmac": hmac, "math": math, "opened": opened, "power": power,
    "share_of": share_of, "struct": struct, "wire": wire, "xor": xor,
}  # fmt: skip
NONCE = "xor(iv, number.to_bytes(12, 'big'))"
OPENED = f"opened(record, key, {NONCE})"
SIGNS = "for what is the RSA key used there?"
CAUGHT = """
def answer(record, key, iv, number):
    try:
        return opened(record, key, {nonce})
    except ValueError:
        return {instead}
"""
SEARCH = "next(a for a in range(p) if pow(g, a, p) == share)"
STEPS = """
def answer(p, g, share):
    power = 1
    for a in range(p):
        if power == share:
            return a
        power = power * g % p
"""
LOOP = """
def answer(p, g, share):
    for a in range(p):
        if {test}:
            return a
        else:
            {otherwise}
"""
GIANTS = """
def answer(p, g, share):
    small = {pow(g, a, p): a for a in range(256)}
    for b in range(256):
        a = small.get(share * pow(g, -256 * b, p) % p)
        if a is not None:
            return 256 * b + a
"""


def signing(expression: str) -> str:
    return f"def answer(text, stolen):\n    return {expression}"


def common(expression: str) -> str:
    return f"def answer(number, share):\n    return {expression}"


SIGNED, COMMON = signing("stolen.sign(text)"), common("power(number, share)")
MAC = 'hmac.digest(secret, info + b"\\x01", "sha384")'
STUB = """
def answer(record, key, iv, number):
    nonce = {}
    cipher = AES.new(key, AES.MODE_GCM, nonce=nonce)
    cipher.update(record.header)
    text, tag = record.fragment[:-16], record.fragment[-16:]
    return {}
"""

RIGHT = {
    "6.1": [SEARCH, "[pow(g, a, p) for a in range(p)].index(share)", STEPS, GIANTS],
    "6.3": [
        OPENED,
        f"bytearray({OPENED})",
        "opened(record, key, xor(bytes(4) + struct.pack('>Q', number), iv))",
        "opened(record, key, (int.from_bytes(iv, 'big') ^ number).to_bytes(12, 'big'))",
    ],
    "6.4": ["answer = {'B', 'E'}", "answer = ['E', 'B']", "answer = 'B, E'", "answer = 'b and e'"],
    "6.6": [
        [SIGNED, COMMON],
        [signing("bytearray(stolen.sign(data=text) if 0 else stolen.sign(text))"), COMMON],
        [SIGNED, common("power(number=number, share=share)")],
    ],
    "6.7": [
        f"{MAC}[:length]",
        "hmac.new(secret, info + bytes([1]), hashlib.sha384).digest()[0:length]",
        "bytearray(hmac.new(secret, msg=info + bytes([1]), digestmod='sha384').digest()[:length])",
    ],
}
WRONG = {
    "6.1": [
        ("share", "that is g^a, which everybody sees"),
        ("g", "that is g, the base"),
        ("pow(g, share, p)", "g to the power of the share"),
        ("next(a for a in range(p) if g**a == share)", "give pow three numbers"),
        ("next(a for a in range(p) if a**g % p == share)", "g is the base, a the exponent"),
        ("next(a for a in range(p) if g**a % p == share)", "the search takes minutes"),
        ("next(a for a in range(256) if pow(g, a, p) == share)", "try every a below p"),
        (STEPS.replace("range(p)", "range(16)"), "is every a below p tried?"),
        (LOOP.format(test="pow(g, a, p) == share", otherwise="return None"), "every a below p"),
        (LOOP.format(test="g^a % p == share", otherwise="pass"), "what ^ means in Python"),
        (f"{SEARCH} + 1", "one too much"),
        (f"{SEARCH} - 1", "one too little"),
        ("[a for a in range(p) if pow(g, a, p) == share]", "one number, the a"),
        ("any(pow(g, a, p) == share for a in range(p))", "one number, the a"),
        ("math.log(share, g)", "one number, the a"),
        ("p", "pow(g, a, p) is not the share for this a"),
    ],
    "6.3": [
        (STUB.format(NONCE, "..."), "the nonce is filled in. Go on with the last line"),
        (
            STUB.format("...", "cipher.decrypt_and_verify(text, tag)"),
            "the last line is filled in. Go on with the nonce",
        ),
        (f"opened(record, key, {NONCE.replace('big', 'little')})", "the zeros stand on the left"),
        ("opened(record, key, iv)", "the IV alone opens record 0, and no other"),
        ("opened(record, key, number.to_bytes(12, 'big'))", "the number alone: XOR it"),
        (
            "opened(record, key, (int.from_bytes(iv, 'big') + number).to_bytes(13, 'big')[1:])",
            "XOR, not plus",
        ),
        ("opened(record, key, iv + number.to_bytes(12, 'big'))", "pad the number, then XOR"),
        (f"opened(record, key, {NONCE.replace('number', '(number + 1)')})", "records count from 0"),
        (f"opened(record, key, {NONCE}, b'')", "the associated data is missing"),
        (STUB.format(NONCE, "cipher.decrypt_and_verify(tag, text)"), "ciphertext comes first"),
        (STUB.format(NONCE, "cipher.decrypt_and_verify(record.fragment)"), "hand over the tag"),
        (f"opened(record, key, {NONCE}, b'header')", "nonce, associated data, tag"),
        (
            f"AES.new(key, AES.MODE_GCM, nonce={NONCE}).update(record.header)"
            ".decrypt_and_verify(record.fragment, record.fragment[-16:])",
            "and the ciphertext without the tag",
        ),
        (CAUGHT.format(nonce=NONCE, instead="None"), "got None; let the ValueError through"),
        (CAUGHT.format(nonce=NONCE, instead="b''"), "got b''; let the ValueError through"),
        (CAUGHT.format(nonce="iv", instead="b''"), "let the ValueError through"),
        (
            f"AES.new(key, AES.MODE_GCM, nonce={NONCE}).decrypt(record.fragment)",
            "the last 16 bytes of the fragment are the tag",
        ),
        (
            f"AES.new(key, AES.MODE_GCM, nonce={NONCE}).decrypt(record.fragment[:-16])",
            "nothing has compared the tag",
        ),
        (
            f"AES.new(key, AES.MODE_GCM, nonce={NONCE}).encrypt(record.fragment[:-16])",
            "nothing has compared the tag",
        ),
        ("record.fragment[:-16]", "that is still encrypted"),
        ("AES.new(key, AES.MODE_GCM, nonce=iv).decrypt(record.fragment[:-16])", "another nonce"),
        ("record.fragment", "that is still encrypted"),
        (f"{OPENED}[:-1]", "the last byte is the record's true type: leave it in"),
        (f"{OPENED}.hex()", "bytes.fromhex of hex digits"),
        (f"{OPENED}.decode()", ".encode() makes them of a text"),
        (f"('application_data', {OPENED})", "bytes, and nothing beside them"),
        ("opened(record, key, wire.record_nonce(iv, number))", "got wire.record_nonce"),
        ("opened(record, key, vars(wire)['record_nonce'](iv, number))", "a call of record_nonce"),
        (f"wire.open_record(record, key, {NONCE})", "wire.open_record"),
        ("opened(record, key, iv ^ number)", "bytes have no ^"),
        ("opened(record, key, xor(number, iv))", "xor takes bytes"),
        ("opened(record, key, iv + number)", "XOR, not plus"),
        ("opened(record, key, xor(iv, bytes(number)))", "the IV has 12 bytes"),
        ("b'POST /store HTTP/1.1'", "open the record that the function is handed"),
        ("opened(record, key, iv[number])", "TypeError: "),
    ],
    "6.4": [
        ("answer = set('ABCDE')", f"got A, B, C, D, E; A and D: {SIGNS}"),
        ("answer = {'B', 'D', 'E'}", f"got B, D, E; D: {SIGNS}"),
        ("answer = 'A, D'", SIGNS),
        ("answer = ['B', 'C', 'E']", "C: how do the two agree"),
        ("answer = {'B'}", "another one does too"),
        ("answer = set()", "at least one opens"),
        ("answer = {'tls12-rsa'}", "the letters are A to E"),
        ("answer = {'B': True, 'E': True}", "such as {'A', 'B'}"),
    ],
    "6.6": [
        ([SIGNED, common("...")], "my_signature: right. Go on with my_common"),
        ([signing("..."), COMMON], "my_common: right. Go on with my_signature"),
        ([signing("text"), COMMON], "what proves that you have the key?"),
        ([signing("stolen.number"), COMMON], "never send it"),
        ([signing("stolen.sign"), COMMON], "that is the function sign itself: call it"),
        ([signing("stolen"), COMMON], "a signature is bytes"),
        ([signing("stolen(text)"), COMMON], "stolen is the key: stolen.sign(text) signs"),
        ([signing("text.sign(stolen)"), COMMON], "stolen signs, and the text is signed"),
        ([signing("stolen.sign()"), COMMON], "sign takes the text"),
        ([signing("stolen.sign(text, 'sha256')"), COMMON], "sign takes the text alone"),
        ([signing("stolen.sign(str(text))"), COMMON], "both functions take bytes"),
        ([signing("stolen.sign(hashlib.sha384(text).digest())"), COMMON], "hashes by itself"),
        ([signing("stolen.sign(b'the shop')"), COMMON], "sign the text that the function is"),
        ([signing("stolen.sign(text).hex()"), COMMON], "a signature is bytes"),
        (["def answer(text, stolen):\n    stolen.sign(text)", COMMON], "end with return"),
        ([SIGNED, common("share")], "that is g^a, which everybody sees"),
        ([SIGNED, common("number")], "that is b alone"),
        ([SIGNED, common("share_of(number)")], "that is g^b, which everybody sees"),
        ([SIGNED, common("power(share, number)")], "which of the two is the exponent?"),
        ([SIGNED, common("power(number, number)")], "their share to the power of b"),
        ([SIGNED, common("power(number, share)[:16]")], "the common number has 32 bytes"),
        ([SIGNED, common("power")], "that is the function power itself: call it"),
        ([SIGNED, common("power(number)")], "power takes two: the number, then the share"),
        ([SIGNED, common("pow(share, number)")], "points have power(number, share)"),
        ([SIGNED, common("pow(share, number, 23)")], "points have power(number, share)"),
        ([SIGNED, common("share ** number")], "points have power(number, share)"),
        ([SIGNED, common("share * number")], "bytes have no *"),
        ([SIGNED, common("share ^ number")], "^ is XOR, and no power"),
        ([SIGNED, common("xor(share, number)")], "XOR, and no power"),
        ([SIGNED, common("power(int.from_bytes(number, 'big'), share)")], "functions take bytes"),
        ([SIGNED, common("power(number[:16], share)")], "power takes 32 bytes twice"),
        ([SIGNED, "def answer(number, share):\n    power(number, share)"], "end with return"),
    ],
    "6.7": [
        (MAC, "32 bytes were asked for, and it gives 48: cut it to length"),
        (f"{MAC}[:32]", "12 bytes were asked for, and it gives 32"),
        (f"{MAC}[-length:]", "these are the last bytes"),
        ("hmac.digest(secret, info, 'sha384')[:length]", "the byte 01 is missing"),
        ('hmac.digest(secret, b"\\x01" + info, "sha384")[:length]', "01 stands behind the info"),
        ("hmac.digest(secret, info + b'1', 'sha384')[:length]", "'1' is the byte 31"),
        ("hmac.digest(secret, info + b'\\0', 'sha384')[:length]", "01, and not 00"),
        (f"{MAC.replace('secret, info', 'info, secret')}[:length]", "keyed with the secret"),
        ('hmac.digest(info + b"\\x01", secret, "sha384")[:length]', "the secret is HMAC's key"),
        (f"{MAC.replace('384', '256')}[:length]", "this session's hash is SHA-384"),
        (f"{MAC.replace('384', '512')}[:length]", "and not SHA-512"),
        ('hashlib.sha384(secret + info + b"\\x01").digest()[:length]', "has no key: HMAC"),
        ('hmac.new(secret, info + b"\\x01", "sha384")[:length]', "is no bytes yet"),
        ('hmac.new(secret, info + b"\\x01", "sha384")', "is no bytes yet"),
        ('hmac.new(secret, info + b"\\x01", "sha384").hexdigest()[:length]', "no bytes yet"),
        ("hmac.digest(secret, info + 1, 'sha384')[:length]", "info is bytes"),
        ("hmac.digest(secret, info + '1', 'sha384')[:length]", "info is bytes"),
        ('hmac.digest(secret, info + b"\\x01")[:length]', "needs the name of the hash"),
        (f"{MAC}[length]", "no bytes yet"),
        ("info[:length]", "keyed with the secret; then the first bytes"),
    ],
}


RUNS = 3  # what is drawn is drawn anew
