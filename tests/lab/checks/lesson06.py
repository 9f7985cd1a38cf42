"""Answers to lesson 06: right answers, wrong ones with a part of their sentence."""

import struct
from collections import deque
from collections.abc import Callable

from Crypto.Cipher import AES
from lab.checks.written import Lesson

from securedata.lab import wire, xor

HYBRID = wire.load_recording("tls13-hybrid")
HEADS = {"6.2": "record, key, iv, number", "6.3": "hello", "6.6": "request"}
Accept = Callable[[dict[str, object]], object]


def opened(record: wire.Record, key: bytes, nonce: bytes, header: bytes | None = None) -> bytes:
    """A record opened with this nonce, and its header or something else as associated data."""
    cipher = AES.new(key, AES.MODE_GCM, nonce=nonce)
    cipher.update(record.header if header is None else header)
    return cipher.decrypt_and_verify(record.fragment[:-16], record.fragment[-16:])


def good_version(hello: wire.Field) -> object:
    return (hello.get("selected_version") or hello["legacy_version"]).value


def refusing(seen_before: Callable[[dict[str, object]], object]) -> Accept:
    """Refuses whatever gives this function something that it gave before."""
    seen: list[object] = []

    def my_accept(request: dict[str, object]) -> bool:
        what = seen_before(request)
        if what in seen:
            return False
        seen.append(what)
        return True

    return my_accept


def remembering(how_many: int) -> Accept:
    seen: deque[object] = deque(maxlen=how_many)

    def my_accept(request: dict[str, object]) -> bool:
        accepted = request["id"] not in seen
        seen.append(request["id"])
        return accepted

    return my_accept


def instead(new: object, old: object) -> Accept:
    """The right decision, said otherwise."""
    accept = refusing(lambda request: request["id"])
    return lambda request: new if accept(request) else old


def trusting_nobody_again() -> Accept:
    """Refuses everybody once something was sent twice."""
    accept, attacked = refusing(lambda request: request["id"]), list[bool]()

    def my_accept(request: dict[str, object]) -> bool:
        if attacked or not accept(request):
            attacked.append(True)
            return False
        return True

    return my_accept


NAMES = {
    "AES": AES, "HYBRID": HYBRID, "good_version": good_version, "instead": instead,
    "opened": opened, "refusing": refusing, "remembering": remembering, "struct": struct,
    "trusting_nobody_again": trusting_nobody_again, "wire": wire, "xor": xor,
}  # fmt: skip
NONCE = "xor(iv, number.to_bytes(12, 'big'))"
OPENED = f"opened(record, key, {NONCE})"
FIND = "HYBRID.client_stream.find(b'localhost')"
LEGACY = "the old field says TLS 1.2 in TLS 1.3 too"
GUESSED = "a resumed session may have no key share: read a version"
OLD = "this hello has no selected_version: then the old field means what it says"
SIGNS = "for what is the RSA key used there?"
CAUGHT = """
def answer(record, key, iv, number):
    try:
        return opened(record, key, {nonce})
    except ValueError:
        return {instead}
"""
IN_A_TRY = """
def answer(hello):
    try:
        return hello["selected_version"].value
    except KeyError:
        return hello["legacy_version"].value
"""

RIGHT = {
    "6.1": [f"answer = {FIND}", "answer = 0x61", f"answer = {FIND.replace('find', 'index')}"],
    "6.2": [
        OPENED,
        f"bytearray({OPENED})",
        f"{OPENED}[:-1]",  # without the content type
        "opened(record, key, xor(bytes(4) + struct.pack('>Q', number), iv))",
        "opened(record, key, (int.from_bytes(iv, 'big') ^ number).to_bytes(12, 'big'))",
    ],
    "6.3": [
        "good_version(hello)",
        IN_A_TRY,
        "'TLS 1.3' if 'supported_versions' in hello else 'TLS 1.2'",
        "'TLS 1.3' if 'TLS 1.3' in str(hello) else 'TLS 1.2'",
    ],
    "6.4": [
        "answer = 2",
        "answer = [it.sequence_number for it in wire.decrypted_records(HYBRID.client_stream, "
        "HYBRID.server_stream, HYBRID.keylog) if it.side == 'server'][-2]",
        "answer = int('2')",
    ],
    "6.5": ["answer = {'B', 'E'}", "answer = ['E', 'B']", "answer = 'B, E'", "answer = 'b and e'"],
    "6.6": [
        "answer = refusing(lambda it: it['id'])",
        "answer = refusing(lambda it: it.pop('id'))",
        "answer = remembering(10_000)",
        "answer = instead(1, 0)",
    ],
}
WRONG = {
    "6.1": [
        (f"answer = {FIND} - 5", "that counts from the message"),
        (f"answer = {FIND} + 1", "got 98; Python counts from 0"),
        ("answer = 88", "that is where the extension begins"),
        ("answer = 106", "that is where the name ends"),
        (f"answer = 2 * {FIND}", "that counts hex digits: two make a byte"),
        ("answer = 61", "that is hexadecimal"),
        ("answer = HYBRID.server_stream.find(b'localhost')", "nothing was found"),
        ("answer = 130", "count in hybrid.client_stream"),
        ("answer = 97.0", "an offset is an int"),
        ("answer = b'localhost'", "an offset is an int"),
    ],
    "6.2": [
        (f"opened(record, key, {NONCE.replace('big', 'little')})", "the zeros stand on the left"),
        ("opened(record, key, iv)", "the IV alone: every record would have the same"),
        ("opened(record, key, number.to_bytes(12, 'big'))", "the number alone: XOR it"),
        (
            "opened(record, key, (int.from_bytes(iv, 'big') + number).to_bytes(13, 'big')[1:])",
            "XOR, not plus",
        ),
        ("opened(record, key, iv + number.to_bytes(12, 'big'))", "pad the number, then XOR"),
        (f"opened(record, key, {NONCE}, b'')", "the associated data is missing"),
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
            "decrypt_and_verify compares the tag, decrypt alone does not",
        ),
        ("AES.new(key, AES.MODE_GCM, nonce=iv).decrypt(record.fragment[:-16])", "another nonce"),
        ("record.fragment", "that is still encrypted"),
        (f"{OPENED}.hex()", "bytes.fromhex of hex digits"),
        (f"{OPENED}.decode()", ".encode() makes them of a text"),
        (f"('application_data', {OPENED})", "bytes, and nothing beside them"),
        ("opened(record, key, wire.record_nonce(iv, number))", "got wire.record_nonce"),
        ("opened(record, key, vars(wire)['record_nonce'](iv, number))", "a call of record_nonce"),
        (f"wire.open_record(record, 'TLS_AES_256_GCM_SHA384', key, {NONCE})", "wire.open_record"),
        ("opened(record, key, iv ^ number)", "bytes have no ^"),
        ("b'POST /store HTTP/1.1'", "open the record that the function is handed"),
        ("opened(record, key, iv[number])", "TypeError: "),
    ],
    "6.3": [
        ("hello['legacy_version'].value", LEGACY),
        ("'TLS 1.2' if 'legacy_version' in hello else 'TLS 1.3'", LEGACY),
        ("'TLS 1.3'", OLD),
        ("'TLS 1.3' if 'key_share' in hello else 'TLS 1.2'", GUESSED),
        ("'TLS 1.3' if 'TLS_AES_' in str(hello) else 'TLS 1.2'", GUESSED),
        ("hello['selected_version'].value", "ask with `in` first"),
        ("good_version(hello).removeprefix('TLS ')", "the text is exactly TLS 1.2 or TLS 1.3"),
        ("'TLSv1.3'", "the text is exactly TLS 1.2 or TLS 1.3"),
        ("hello.get('selected_version') or hello['legacy_version']", '…"].value is the text'),
        ("1.3 if 'supported_versions' in hello else 1.2", '…"].value is the text'),
        ("good_version(hello) if 'selected_version' in hello else None", "end with return"),
        ("hello['version'].value", "NoSuchFieldError: ServerHello has no field version"),
    ],
    "6.4": [
        ("answer = 0", "something of the server's came first under this key"),
        ("answer = 1", "count again what came first"),
        ("answer = 3", "Python counts from 0, and so does TLS"),
        ("answer = 6", "the key changed, and counting began anew"),
        ("answer = 8", "the key changed, and counting began anew"),
        ("answer = 4", "count the lines above the answer's with its secret_name"),
        ("answer = 142", "count the lines above the answer's"),
        ("answer = '2'", "write the number alone"),
        ("answer = True", "write the number alone"),
        ("answer = -1", "both sides count from 0"),
    ],
    "6.5": [
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
        ("answer = refusing(lambda it: it['tls_number'])", "comes in every session"),
        ("answer = refusing(lambda it: (it['id'], it['tls_number']))", "a new tls_number"),
        ("answer = refusing(str)", "a new session has a new tls_number: is it part of what"),
        ("answer = instead(False, True)", "are True and False swapped?"),
        ("answer = refusing(lambda it: (it['id'], it['data']))", "an id counts once"),
        ("answer = refusing(lambda it: it['id'][:4])", "compare whole ids"),
        ("answer = refusing(lambda it: it['id'].lower())", "compare whole ids"),
        ("answer = refusing(lambda it: it['data'])", "the same text may honestly come twice"),
        ("answer = remembering(5)", "it remembers the last ones only: remember every id"),
        ("request['id'] not in set()", "in a set outside the function"),
        ("False", "a new id is a new request"),
        ("answer = instead('True', 'False')", "got 'True'; say True or False"),
        ("answer = instead(True, None)", "got None; say True or False, and False to what"),
        ("answer = trusting_nobody_again()", "after a replay, honest ones still come"),
        ("answer = refusing(hash)", "TypeError: "),
    ],
}


LESSON = Lesson(RIGHT, WRONG, HEADS, NAMES, runs=3)  # what is drawn is drawn anew
