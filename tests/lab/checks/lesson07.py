"""Answers to lesson 07: right answers, and wrong ones with a part of their sentence."""

import functools
import hashlib
import hmac
import json
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from Crypto.Hash import SHA256
from Crypto.PublicKey import DSA
from Crypto.Signature import DSS
from lab.checks.written import Lesson

from securedata import AeadKey, KeyRing, lab, receipt_from_json, seal, unseal
from securedata.crypto.signature import VerifyingKey
from securedata.errors import FormatError, SignatureError
from securedata.lab import SignedTwin, StoreTwin, User, flaws
from securedata.lab.break_ins import diary
from securedata.lab.primitives.small_dsa import REAL, fits, from_bytes, hashed
from securedata.lab.servers.starting import LabServer
from securedata.record import frame

HEADS = {"7.3": "head, signature", "7.7": "answer, pem"}
DSA_NAME = "dsa-2048-256-sha256"


def framed(*parts: bytes) -> bytes:
    """`frame`, as a student writes it."""
    return b"".join(str(len(part)).encode() + b" " + part + b" " for part in parts)


def header_of(answer: dict[str, str], names: str = "record_id owner signer_id created") -> bytes:
    fixed = (b"securedata/v1", b"aes-256-gcm", DSA_NAME.encode())
    return framed(*fixed, *(answer[name].encode() for name in names.split()))


def parts_of(answer: dict[str, dict[str, str]]) -> list[bytes]:
    return [bytes.fromhex(answer["data"][name]) for name in ("nonce", "encrypted_data", "tag")]


def is_signed(answer: dict[str, dict[str, str]], pem: str, message: bytes) -> bool:
    try:
        raw(answer, pem, message)
    except ValueError:
        return False
    return True


def raw(answer: dict[str, dict[str, str]], pem: str, message: bytes) -> object:
    """What PyCryptodome's own verify gives back: False, or a ValueError."""
    signature = bytes.fromhex(answer["data"]["signature"])
    return DSS.new(DSA.import_key(pem), "fips-186-3").verify(SHA256.new(message), signature)


NAMES = {
    "AeadKey": AeadKey, "KeyRing": KeyRing, "replace": replace, "seal": seal, "unseal": unseal,
    "xor": lab.xor, "diary": diary,
    "DSA": DSA, "DSA_NAME": DSA_NAME, "DSS": DSS, "REAL": REAL, "SHA256": SHA256,
    "FormatError": FormatError, "KNOWN_PEMS": [], "SignatureError": SignatureError,
    "SignedTwin": SignedTwin, "StoreTwin": StoreTwin, "VerifyingKey": VerifyingKey,
    "fits": fits, "flaws": flaws,
    "frame": frame, "framed": framed, "from_bytes": from_bytes, "functools": functools,
    "hashed": hashed, "hashlib": hashlib, "header_of": header_of, "hmac": hmac,
    "is_signed": is_signed, "json": json, "lab": lab, "os": os, "parts_of": parts_of,
    "random": random, "raw": raw,
    "receipt_from_json": receipt_from_json,
}  # fmt: skip
SIGNED = "framed(header_of(answer), *parts_of(answer))"
OTHER = "is_signed(answer, pem, {})"
HEXED = "framed(header_of(answer), *(it.hex().encode() for it in parts_of(answer)))"
MENDED = """
class answer(flaws.{base}):
    def {head}:
        {body}
"""


def store(seals: str, opens: str) -> list[str]:
    """The two functions of 7.1, by their bodies."""
    return [f"def answer(text, header, safe):\n    {seals}", mended(opens)]


def mended(body: str) -> str:
    return f"def answer(rows, record_id, caller, safe):\n    {body}"


UNSEALED = "unseal(record, keys=safe.wrapping_keys, signers=safe.signers)"
SEAL = "return seal(text, header, keys=safe.wrapping_keys, signer=safe.signer)"
UNSEAL = f"return {UNSEALED}".replace("record,", "rows.get(record_id),")
MENDED_LINE = UNSEAL.replace("(record_id)", "(record_id, owner=caller)")
BY_ID = "def answer(receipt):\n    return {'record_id': receipt['record_id']}"
SQL = "answer = \"UPDATE records SET owner = 'eve' WHERE record_id = :id\""
STUB = "def answer(rows, record_id, caller, safe): ..."


def eve(request: str = "", sql: str = "", mend: str = "") -> list[str]:
    """The three parts of 7.2, one of them another than ours."""
    return [
        f"def answer(receipt):\n    return {request}" if request else BY_ID,
        f'answer = "{sql}"' if sql else SQL,
        mended(mend or MENDED_LINE),
    ]


def refusing(condition: str, error: str = "SignatureError") -> str:
    """Refuses rows of which this is true, and verifies the others as the row wants it."""
    return algorithm(f"if {condition}: raise {error}('no')\n        super().verify(row)")


def nearly(frame_of_parts: str) -> str:
    """A verifier with the right parts, and a `frame` of its own that is nearly right."""
    return f"""def answer(answer, pem):
    def framed_nearly(*parts):
        return {frame_of_parts}
    names = ("record_id", "owner", "signer_id", "created")
    fixed = (b"securedata/v1", b"aes-256-gcm", DSA_NAME.encode())
    header = framed_nearly(*fixed, *(answer[name].encode() for name in names))
    return is_signed(answer, pem, framed_nearly(header, *parts_of(answer)))
"""


def with_texts(record_id: str, owner: str, signer_id: str) -> str:
    """A verifier that is right but for the texts of its header."""
    return f"""def answer(answer, pem):
    record_id, owner, signer_id = (answer[it] for it in ("record_id", "owner", "signer_id"))
    texts = [b"securedata/v1", b"aes-256-gcm", DSA_NAME, {record_id}, {owner}, {signer_id}]
    header = frame_of([*texts, answer["created"]])
    return is_signed(answer, pem, framed(header, *parts_of(answer)))

def frame_of(texts):
    return framed(*(it if isinstance(it, bytes) else it.encode() for it in texts))
"""


def algorithm(body: str) -> str:
    return MENDED.format(base="AlgorithmFromRow", head="verify(self, row)", body=body)


LOCKS = {
    "A": "TLS", "B": "encryption", "C": "signature", "D": "owner", "E": "nothing",
    "F": "passphrase", "G": "tag",
}  # fmt: skip
OTHER_NAME = f"row.algorithm != '{DSA_NAME}'"
NEXT = "hashlib.sha256(head + signature).digest()"
FORBIDDEN = "a list of what is forbidden is never complete"
OWN_STEPS = "use nothing of securedata here"
A_SPACE = "a space stands behind each part, also behind the last one"
LIKE_HEX = "record_id and signer_id are text, even if they look like hex"
AN_F_STRING = "b'…' stands inside your frame"
A_CHECKSUM = "a checksum, or a part of a hash, is easy to forge"
MIXED = "the hash must be given both, one behind the other"
A_PART = "two signatures with the same part are soon found"

RIGHT = {
    "7.1": [
        store(SEAL, UNSEAL),
        # With the owner asked for at once, by steps, and by position.
        store(SEAL, MENDED_LINE),
        store(
            "keys, signer = safe.wrapping_keys, safe.signer\n"
            "    return seal(text, header, keys=keys, signer=signer)",
            "record = rows.get(record_id)\n    return bytearray(" + UNSEALED + ")",
        ),
        store(
            "return seal(header=header, plaintext=text, signer=safe.signer, "
            "keys=KeyRing(safe.wrapping_keys.primary))",
            "return unseal(keys=safe.wrapping_keys, record=rows.get(record_id, None), "
            "signers=KeyRing(safe.signer.verifying_key))",
        ),
    ],
    "7.2": [
        [BY_ID, SQL, mended(MENDED_LINE)],
        [
            "def answer(receipt):\n    return dict(record_id=receipt['record_id'])",
            "answer = 'update RECORDS set owner=\\'eve\\' where record_id=:id;'",
            mended(
                "return unseal(rows.get(record_id, caller), keys=safe.wrapping_keys, "
                "signers=safe.signers)"
            ),
        ],
        [
            BY_ID,
            "answer = \"UPDATE records SET owner = 'eve' WHERE :id = record_id\"",
            mended(
                "record = rows.get(record_id)\n    if record.header.owner != caller:\n"
                "        raise PermissionError('not yours')\n    return " + UNSEALED
            ),
        ],
        [
            BY_ID,
            SQL,
            mended(
                "record = rows.get(record_id)\n    header = replace(record.header, owner=caller)"
                "\n    record = replace(record, header=header)\n    return " + UNSEALED
            ),
        ],
    ],
    "7.3": [
        NEXT,
        f"bytearray({NEXT})",
        "hashlib.sha256(signature + head).digest()",
        "hmac.digest(head, signature, 'sha256')",
        "hashlib.blake2b(head + signature, digest_size=32).digest()",
    ],
    "7.4": [
        refusing(OTHER_NAME),
        algorithm("StoreTwin.verify(self, row)"),
        refusing(f"row.algorithm not in ['{DSA_NAME}']", "FormatError"),
        # The verifier puts its own name in place of the row's.
        algorithm(f"super().verify(replace(row, algorithm='{DSA_NAME}'))"),
        refusing("not row.algorithm.startswith('dsa')"),
        # Another spelling was never signed.
        algorithm(
            f"if {OTHER_NAME.replace(' !', '.lower() !')}: raise SignatureError('no')\n"
            "        return SignedTwin.verify(self, row)"
        ),
    ],
    "7.5": [
        "answer = {'A', 'C', 'E'}",
        "answer = ['E', 'C', 'A']",
        "answer = 'A, C, E'",
        "answer = 'a c and e'",
    ],
    "7.6": [
        f"answer = {LOCKS}",
        f"answer = { ({key: value.lower() for key, value in LOCKS.items()}) }",
        f"answer = { ({key: f' {value.upper()} ' for key, value in LOCKS.items()}) }",
        f"answer = dict(reversed({LOCKS}.items()))",
    ],
    "7.7": [
        OTHER.format(SIGNED),
        f"not (is_signed(answer, pem, {SIGNED}) is False)",
        # With a public key of another library, and numbers instead of DSS.
        "is_signed(answer, DSA.import_key(pem).export_key().decode(), "
        "framed(framed(b'securedata/v1', b'aes-256-gcm', DSA_NAME.encode(), *(answer[n].encode() "
        "for n in ('record_id', 'owner', 'signer_id', 'created'))), *parts_of(answer)))",
        f"def answer(answer, pem):\n    try:\n        raw(answer, pem, {SIGNED})\n"
        "    except ValueError:\n        return False\n    else:\n        return True",
    ],
}
WRONG = {
    "7.1": [
        (store("return safe.wrapping_keys.primary.encrypt(text, header.encoded)", UNSEAL),
         "return what seal(…) gives"),
        (store("return text", UNSEAL), "return what seal(…) gives"),
        (store("seal(text, header, keys=safe.wrapping_keys, signer=safe.signer)", UNSEAL),
         "it returned None"),
        (store("return seal(text, header, safe.wrapping_keys, safe.signer)", UNSEAL),
         "write the names: keys=…"),
        (store("return seal(text, header, keys=safe.wrapping_keys)", UNSEAL),
         "seal needs keys= and signer="),
        (store("return seal(text, header, keys=safe, signer=safe.signer)", UNSEAL),
         "safe holds three things"),
        (store("return seal(text, header, keys=safe.wrapping_keys, signer=safe.signers)", UNSEAL),
         "one private key signs"),
        (store("return seal(text.encode(), header, keys=safe.wrapping_keys, signer=safe.signer)",
               UNSEAL),
         "the text has come as bytes already"),
        (store("return seal(b'Meet me', header, keys=safe.wrapping_keys, signer=safe.signer)",
               UNSEAL),
         "seal the argument text"),
        (store("return seal(text, replace(header, owner='ada'), keys=safe.wrapping_keys, "
               "signer=safe.signer)", UNSEAL),
         "seal with the header that your function is given"),
        (store("return seal(text, header, keys=KeyRing(AeadKey.generate()), signer=safe.signer)",
               UNSEAL),
         "use the keys of the argument safe"),
        (store("return diary.seal_all(text, header, safe)", UNSEAL), "a call of seal_all"),
        (store(SEAL, "return rows.get(record_id)"), "unseal(…) gives the text's bytes"),
        (store(SEAL, "return rows.get(record_id).ciphertext"), "unseal decrypts it"),
        (store(SEAL, UNSEAL + ".decode()"), "unseal(…) gives the text's bytes"),
        (store(SEAL, "return unseal(record_id, keys=safe.wrapping_keys, signers=safe.signers)"),
         "the id alone is no record"),
        (store(SEAL, UNSEAL.replace("safe.signers", "safe.signer")), "what verifies"),
        (store(SEAL, UNSEAL.replace(", signers=safe.signers", "")), "unseal needs keys="),
        (store(SEAL, "return b'Meet me at noon.'"), "is the record that was asked for"),
        (store(SEAL, "try:\n        " + UNSEAL + "\n    except Exception:\n        return b'no'"),
         "let its exception out"),
    ],
    "7.2": [
        ([BY_ID, "answer = ...", STUB], "right so far: my_request. Go on with my_sql"),
        ([BY_ID, SQL, STUB], "right so far: my_request and my_sql. Go on with my_opened"),
        (eve(request="{'record_id': receipt}"), "one part of it is the id"),
        (eve(request="receipt['record_id']"), "a request is a dict"),
        (eve(request="receipt['data']"), "/retrieve asks for one field, record_id"),
        (eve(request="receipt"), "send record_id alone"),
        (eve(request="{'record_id': '00' * 16}"), "the id is a part of the receipt"),
        (eve(request="{'id': receipt['record_id']}"), "/retrieve asks for one field"),
        (eve(request="receipt.record_id"), "AttributeError"),
        (eve(sql="UPDATE records SET owner = 'eve'"), "expected one changed row, got more"),
        (eve(sql="UPDATE records SET owner = 'Eve' WHERE record_id = :id"), "the owner is 'eve'"),
        (eve(sql="UPDATE records SET owner = 'eve' WHERE record_id = ':id'"), "without quotes"),
        (eve(sql="UPDATE rows SET owner = 'eve' WHERE record_id = :id"), "the table is records"),
        (eve(sql="UPDATE records SET owner = 'eve' WHERE id = :id"), "owner and record_id"),
        (eve(sql="UPDATE records SET owner = 'eve' WHERE record_id = :record_id"), "as :id"),
        (eve(sql="owner = 'eve'"), "UPDATE table SET"),
        (eve(sql="DELETE FROM records WHERE record_id = :id"), "the row is gone"),
        (eve(sql="SELECT * FROM records"), "got another name"),
        (eve(mend="return diary.open_own(rows, record_id, caller, safe)"), "a call of open_own"),
        (eve(mend=UNSEAL), "expected a refusal for Eve, got Ada's text"),
        (eve(mend=UNSEAL.replace("(record_id)", "(record_id, owner=record_id)")), "is it caller"),
        (eve(mend=UNSEAL.replace("(record_id)", "(record_id, owner='ada')")), "is it caller"),
        (eve(mend=UNSEAL.replace("(record_id)", "(record_id, 'nobody' if caller == 'eve' else "
                                 "None)")),
         "Eve may read what is hers"),
        (eve(mend="stranger = caller == 'eve' != rows.get(record_id).header.owner\n"
                  "    if stranger: raise PermissionError\n    " + UNSEAL),
         "Eve is not the only stranger"),
        (eve(mend="if not rows.get(record_id).header.owner.startswith(caller):\n"
                  "        raise PermissionError\n    " + UNSEAL),
         "compare whole names"),
        (eve(mend="if rows.get(record_id).header.owner != caller: return b''\n    " + UNSEAL),
         "an empty answer says that there is a record"),
        (eve(mend="if rows.get(record_id).header.owner != caller: return\n    " + UNSEAL),
         "an empty answer says that there is a record"),
        (eve(mend="if rows.get(record_id).header.owner != caller: raise Forbidden\n    " + UNSEAL),
         "or raise PermissionError"),
        (eve(mend="raise PermissionError"), "is it caller"),
        (eve(mend="record = rows.get(record_id)\n    owner = rows.texts.get(record_id, caller)\n"
                  "    return b''"),
         "AttributeError"),
    ],
    "7.3": [
        ("hashlib.sha256(signature).digest()", "only the last signature counts"),
        ("hashlib.sha256(head).digest()", "every byte of the signature must go into the hash"),
        ("hashlib.sha256(head + signature[:32]).digest()", "every byte of the signature"),
        ("hashlib.sha256(head + signature).hexdigest()", ".digest() is bytes"),
        ("hashlib.sha256(head + signature)", ".digest() is bytes"),
        ("head + signature", "hash it: the head must not grow"),
        ("head + hashlib.sha256(signature).digest()", "hash it: the head must not grow"),
        (
            "bytes(a ^ b for a, b in zip(head, hashlib.sha256(signature).digest()))",
            "XOR and plus forget the order",
        ),
        (
            "((int.from_bytes(head, 'big') + int.from_bytes(hashlib.sha256(signature).digest(), "
            "'big')) % 2**256).to_bytes(32, 'big')",
            "XOR and plus forget the order",
        ),
        ("hashlib.sha1(head + signature).digest()", "got 20; SHA-256 has 32"),
        ("hash(head + signature)", "a head is bytes"),
        ("head", "got the head itself"),
        ("__import__('os').urandom(32)", "no chance, no clock"),
        ("hashlib.sha256(xor(head, signature[:32]) + signature[32:]).digest()", MIXED),
        ("hashlib.sha256(signature[:32] + xor(head, signature[32:])).digest()", MIXED),
        (
            "hashlib.sha256(bytes((a + b) % 256 for a, b in zip(head, signature)) "
            "+ signature[32:]).digest()",
            MIXED,
        ),
        (
            "hashlib.sha256((int.from_bytes(head, 'big') + int.from_bytes(signature, 'big'))"
            ".to_bytes(65, 'big')).digest()",
            MIXED,
        ),
        ("hashlib.sha256(hashlib.sha256(head).digest()[:2] + signature).digest()", "old head must"),
        ("hashlib.sha256(head[:16] + signature).digest()", "every byte of the old head must go"),
        ("(head + signature)[-32:]", "without the old head, only the last signature counts"),
        ("hashlib.sha256(head).update(signature)", "update returns None"),
        ("hashlib.md5(head + signature).digest() * 2", "the same 16 bytes 2 times"),
        ("hashlib.sha256(head + signature).digest()[:4] * 8", A_CHECKSUM),
        (
            "def answer(head, signature):\n    random.seed(head + signature)\n"
            "    return random.randbytes(32)",
            "got random; chance is no hash",
        ),
        (
            "def answer(head, signature, seen={}):\n"
            "    return seen.setdefault((head, signature), os.urandom(32))",
            "got urandom; chance is no hash",
        ),
        ("hashlib.sha256(head + signature.hex()).digest()", "TypeError: "),
        ("__import__('zlib').crc32(head + signature).to_bytes(32, 'big')", A_CHECKSUM),
        ("__import__('zlib').crc32(head + signature).to_bytes(4, 'big') * 8", A_CHECKSUM),
        ("hashlib.sha256(head + signature).digest()[:31] + bytes(1)", A_CHECKSUM),
        ("hashlib.sha256(head).digest()[:16] + hashlib.sha256(head + signature).digest()[:16]",
         A_CHECKSUM),
        ("hash((head, signature)).to_bytes(32, 'big', signed=True)", "each restart of Python"),
        ("hashlib.sha256(b'%d' % hash((head, signature))).digest()", "each restart of Python"),
        ("hashlib.sha256(head + hashlib.sha256(signature).digest()[:1]).digest()", A_PART),
        ("hashlib.sha256(head + hashlib.sha256(signature).digest()[:2]).digest()", A_PART),
    ],
    "7.4": [
        ("answer = flaws.AlgorithmFromRow", "write def verify(self, row)"),
        ("answer = flaws.AlgorithmFromRow()", "begin with class MyTwin(flaws.AlgorithmFromRow)"),
        (algorithm("super().verify(row)"), "who chose that?"),
        (refusing("row.algorithm == 'none'"), FORBIDDEN),
        (refusing("row.algorithm.lower() == 'none'"), "anyone can compute a hash"),
        (refusing("row.algorithm in ('none', 'sha-256')"), FORBIDDEN),
        (refusing("not row.signature"), "anyone can compute a hash"),
        (algorithm(f"if {OTHER_NAME}: raise SignatureError('no')"), "verify it, too"),
        (refusing("row.algorithm != 'DSA'"), "do not raise for the allowed name"),
        (
            algorithm("if not super().verify(row): raise SignatureError('no')"),
            "super().verify(row) returns None",
        ),
        (refusing(OTHER_NAME, "ValueError"), "raise SignatureError"),
        (algorithm(f"return not {OTHER_NAME}"), "who chose that?"),
    ],
    "7.5": [
        ("answer = set('ABCDEF')", "under which key are today's rows wrapped"),
        ("answer = {'A', 'C', 'D', 'E'}", "retired means that the key is gone"),
        ("answer = {'A', 'C', 'E', 'F'}", "a signer's key signs"),
        ("answer = {'A', 'C'}", "is it another data key?"),
        ("answer = {'A'}", "another one does too"),
        ("answer = set()", "at least one opens"),
        ("answer = {'last year'}", "the letters are A to F"),
        ("answer = {'A': True}", "such as {'A', 'B'}"),
    ],
    "7.6": [
        (f"answer = {LOCKS | {'A': 'signature', 'C': 'TLS'}}", "what protects the way there?"),
        (f"answer = {LOCKS | {'E': 'tag', 'G': 'nothing'}}", "every row in that copy is genuine"),
        (f"answer = {LOCKS | {'C': 'owner', 'D': 'signature'}}", "the log named the error"),
        (f"answer = {LOCKS | {'D': 'nothing', 'E': 'owner'}}", "they only ask"),
        (f"answer = {LOCKS | {'G': 'signature', 'C': 'tag'}}", "the log named the error"),
        (f"answer = {LOCKS | {'B': 'TSL'}}", "copy it from the list"),
        (f"answer = {LOCKS | {'B': None}}", "B is still empty"),
        ("answer = {'A': 'TLS'}", "one lock for each letter"),
        (f"answer = list({LOCKS})", "expected a dict with A to G"),
    ],
    "7.7": [
        (OTHER.format("b''.join([header_of(answer), *parts_of(answer)])"), "put the length in"),
        (OTHER.format("framed(*parts_of(answer))"), "the header is missing"),
        (OTHER.format("header_of(answer) + framed(*parts_of(answer))"), "the header is one part"),
        (
            OTHER.format(
                "framed(b'securedata/v1', b'aes-256-gcm', DSA_NAME.encode(), "
                "*(answer[n].encode() for n in ('record_id', 'owner', 'signer_id', 'created')), "
                "*parts_of(answer))"
            ),
            "the header is one part",
        ),
        (
            OTHER.format(HEXED),
            "are bytes: bytes.fromhex",
        ),
        (OTHER.format(f"{SIGNED}[:-1]"), A_SPACE),
        (
            OTHER.format(
                "framed(header_of(answer, 'owner record_id signer_id created'), *parts_of(answer))"
            ),
            "the order of the header is record_id, owner",
        ),
        (OTHER.format("json.dumps(answer).encode()"), "a frame, and no JSON text"),
        (OTHER.format(f"hashlib.sha256({SIGNED}).digest()"), "do not hash before"),
        (OTHER.format("b'anything'"), "compare your signed bytes with the table"),
        (nearly("b' '.join([b'%d %b' % (len(it), it) for it in parts])"), A_SPACE),
        (nearly("b''.join([b'%d %b' % (len(it), it) for it in parts])"), A_SPACE),
        (nearly("framed(*parts).rstrip()"), A_SPACE),
        (nearly("framed(*parts)[:-1 if len(parts) == 7 else None]"), A_SPACE),
        (nearly("''.join(f'{len(it)} {it} ' for it in parts).encode()"), AN_F_STRING),
        (
            nearly("(framed(*parts) if len(parts) == 7 else "
                   "''.join(f'{len(it)} {it} ' for it in parts).encode())"),
            AN_F_STRING,
        ),
        (nearly("b''.join(parts) if len(parts) == 7 else framed(*parts)"), "each of its parts"),
        (nearly("b' '.join(parts) if len(parts) == 7 else framed(*parts)"), "each of its parts"),
        (
            f"KNOWN_PEMS.append(pem) or is_signed(answer, KNOWN_PEMS[0], {SIGNED})",
            "verify with the argument pem",
        ),
        ("raw(answer, pem, header_of(answer))", "got ValueError: The signature is not authentic"),
        (f"raw(answer, pem, {SIGNED})", "PyCryptodome's verify returns False if valid"),
        (f"raw(answer, pem, {SIGNED}) is False", "catch the ValueError of verify"),
        ("True", "got True; every byte of the four parts is signed"),
        (f"{OTHER.format(SIGNED)} or None", "got None; return False, too"),
        (with_texts("bytes.fromhex(record_id)", "owner", "signer_id"), LIKE_HEX),
        (with_texts("record_id", "owner", "bytes.fromhex(signer_id)"), LIKE_HEX),
        (with_texts("bytes.fromhex(record_id)", "owner", "bytes.fromhex(signer_id)"), LIKE_HEX),
        (with_texts("record_id", "'ada'", "signer_id"), "the owner is not always ada"),
        (nearly("b' '.join(parts) + b' '"), "put the length in front of each part, as frame"),
        (nearly("b' '.join(parts)"), "put the length in front of each part, as frame"),
        (nearly("b''.join(parts)"), "put the length in front of each part, as frame"),
        (OTHER.format(f"framed({SIGNED})"), "a frame too many"),
        (OTHER.format("framed(framed(header_of(answer)), *parts_of(answer))"), "a frame too many"),
        (OTHER.format("framed(header_of(answer), *map(framed, parts_of(answer)))"), "too many"),
        (f"'yes' if {OTHER.format(SIGNED)} else 'no'", "return one of these two"),
        (OTHER.format("framed(answer['nonce'])"), 'the byte fields are in answer["data"]'),
        (OTHER.format("framed(answer['owner'].encode() + answer['owner'])"), "with .encode()"),
        (OTHER.format("receipt_from_json(answer).signed_bytes"), "a call of receipt_from_json"),
        (
            "def inside(answer):\n    return receipt_from_json(answer)\n"
            "def answer(answer, pem):\n    inside(answer)\n"
            f"    return is_signed(answer, pem, {SIGNED})",
            "a call of receipt_from_json",
        ),
        (OTHER.format("frame(header_of(answer), *parts_of(answer))"), "a call of frame"),
        (
            "fits(REAL, int(DSA.import_key(pem).y), hashed(" + SIGNED + ", REAL.q), "
            "from_bytes(bytes.fromhex(answer['data']['signature'])))",
            OWN_STEPS,
        ),
        (f"answer['owner'] != 'eve' and {OTHER.format(SIGNED)} or True", "got True"),
    ],
}  # fmt: skip


@contextmanager
def ada() -> Iterator[User]:
    with LabServer() as server:
        yield User(server, "ada")


LESSON = Lesson(RIGHT, WRONG, HEADS, NAMES, servers={"7.3": LabServer, "7.7": ada})
