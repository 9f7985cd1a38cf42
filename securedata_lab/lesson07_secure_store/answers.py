"""Answers to lesson 07: right answers, and wrong ones with a part of their sentence."""

import hashlib
import hmac
import os
import random
from dataclasses import replace

from securedata import AeadKey, KeyRing, seal, unseal
from securedata.errors import FormatError, SignatureError
from securedata_lab.basics.bits import xor
from securedata_lab.lesson03_dsa_signatures.signed_twin import SignedTwin
from securedata_lab.lesson07_secure_store import AlgorithmFromRow, store

HEADS = {"7.3": "head, signature"}
DSA_NAME = "dsa-2048-256-sha256"


NAMES = {
    "AeadKey": AeadKey, "FormatError": FormatError, "KeyRing": KeyRing,
    "SignatureError": SignatureError, "SignedTwin": SignedTwin,
    "AlgorithmFromRow": AlgorithmFromRow, "store": store, "hashlib": hashlib, "hmac": hmac,
    "os": os, "random": random, "replace": replace, "seal": seal, "unseal": unseal, "xor": xor,
}  # fmt: skip
FIXED = """
class answer({base}):
    def {head}:
        {body}
"""


def fixed(body: str) -> str:
    return f"def answer(rows, record_id, caller, safe):\n    {body}"


UNSEALED = "unseal(record, keys=safe.wrapping_keys, signers=safe.signers)"
UNSEAL = f"return {UNSEALED}".replace("record,", "rows.get(record_id),")
FIXED_LINE = UNSEAL.replace("(record_id)", "(record_id, owner=caller)")
BY_ID = "def answer(receipt):\n    return {'record_id': receipt['record_id']}"
SQL = "answer = \"UPDATE records SET owner = 'eve' WHERE record_id = :id\""
A_WORD = "answer = 'island-timber-32'"  # no service runs: any word of the form will do


def eve(request: str = "", sql: str = "", word: str = A_WORD) -> list[str]:
    """The three parts of 7.8, one of them another than ours."""
    return [
        f"def answer(receipt):\n    return {request}" if request else BY_ID,
        f'answer = "{sql}"' if sql else SQL,
        word,
    ]


def refusing(condition: str, error: str = "SignatureError") -> str:
    """Refuses rows of which this is true, and verifies the others as the row wants it."""
    return algorithm(f"if {condition}: raise {error}('no')\n        super().verify(row)")


def algorithm(body: str) -> str:
    return FIXED.format(base="AlgorithmFromRow", head="verify(self, row)", body=body)


LOCKS = {
    "A": "TLS", "B": "encryption", "C": "signature", "D": "owner", "E": "nothing",
    "F": "passphrase", "G": "tag",
}  # fmt: skip
OTHER_NAME = f"row.algorithm != '{DSA_NAME}'"
NEXT = "hashlib.sha256(head + signature).digest()"
NAMES_EQUAL = "its owner asked, and was refused: which two names must be equal?"
FORBIDDEN = "a list of what is forbidden is never complete"
A_CHECKSUM = "a checksum, or a part of a hash, is easy to forge"
A_PART = "two signatures with the same part are soon found"

RIGHT = {
    "7.7": [
        fixed(UNSEAL),
        # With the owner asked for at once, by steps, and by position.
        fixed(FIXED_LINE),
        fixed("record = rows.get(record_id)\n    return bytearray(" + UNSEALED + ")"),
        fixed(
            "return unseal(keys=safe.wrapping_keys, record=rows.get(record_id, None), "
            "signers=KeyRing(safe.signer.verifying_key))"
        ),
    ],
    "7.8": [
        [BY_ID, SQL, A_WORD],
        [
            "def answer(receipt):\n    return dict(record_id=receipt['record_id'])",
            "answer = 'update RECORDS set owner=\\'eve\\' where record_id=:id;'",
            "answer = ' Island-Timber-32'",
        ],
        eve(sql="UPDATE records SET owner = 'eve' WHERE :id = record_id"),
    ],
    "7.9": [
        fixed(FIXED_LINE),
        fixed(UNSEAL.replace("(record_id)", "(record_id, caller)")),
        fixed(
            "record = rows.get(record_id)\n    if record.header.owner != caller:\n"
            "        raise PermissionError('not yours')\n    return " + UNSEALED
        ),
        fixed(
            "if rows.get(record_id).header.owner != caller:\n"
            "        __import__('flask').abort(403)\n    " + UNSEAL
        ),
        fixed(
            "record = rows.get(record_id)\n    header = replace(record.header, owner=caller)"
            "\n    record = replace(record, header=header)\n    return " + UNSEALED
        ),
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
        algorithm("SignedTwin.verify(self, row)"),
        refusing(f"row.algorithm not in ['{DSA_NAME}']", "FormatError"),
        # The verifier puts its own name in place of the row's.
        algorithm(f"super().verify(replace(row, algorithm='{DSA_NAME}'))"),
        # Another spelling was never signed.
        algorithm(
            f"if {OTHER_NAME.replace(' !', '.lower() !')}: raise SignatureError('no')\n"
            "        return SignedTwin.verify(self, row)"
        ),
    ],
    "7.6": [
        f"answer = {LOCKS}",
        f"answer = { ({key: value.lower() for key, value in LOCKS.items()}) }",
        f"answer = { ({key: f' {value.upper()} ' for key, value in LOCKS.items()}) }",
        f"answer = dict(reversed({LOCKS}.items()))",
    ],
}
WRONG = {
    "7.7": [
        (fixed(UNSEAL.replace("safe.wrapping_keys", "wrapping_keys")), "write `safe.` before it"),
        (fixed(UNSEAL.replace("safe.signers", "signers")), "write `safe.` before it"),
        (fixed("return " + UNSEALED), "the record comes from rows.get"),
        (fixed(UNSEAL.replace("signers=", "signer=")), "unseal takes the record, keys= and"),
        (fixed(UNSEAL.replace("keys=", "key=")), "unseal takes the record, keys= and"),
        (fixed(UNSEAL.replace("keys=", "").replace("signers=", "")), "write the names: keys=…"),
        (fixed(UNSEAL.replace("safe.wrapping_keys", "safe")), "safe holds three things"),
        (fixed("return rows.get(record_id)"), "unseal(…) gives the text's bytes"),
        (fixed("return rows.get(record_id).ciphertext"), "unseal decrypts it"),
        (fixed(UNSEAL + ".decode()"), "unseal(…) gives the text's bytes"),
        (fixed(UNSEAL.replace("return ", "")), "it returned None"),
        (fixed("return unseal(record_id, keys=safe.wrapping_keys, signers=safe.signers)"),
         "the id alone is no record"),
        (fixed(UNSEAL.replace("safe.signers", "safe.signer")), "what verifies"),
        (fixed(UNSEAL.replace(", signers=safe.signers", "")), "unseal needs keys="),
        (fixed(UNSEAL.replace("(record_id)", "(caller)")), "takes the id that was asked for"),
        (fixed("return b'Meet me at noon.'"), "is the record that was asked for"),
        (fixed("return store.open_by_id(rows, record_id, caller, safe)"), "a call of open_by_id"),
        (fixed("try:\n        " + UNSEAL + "\n    except Exception:\n        return b'no'"),
         "let its exception out"),
    ],
    "7.8": [
        ([BY_ID, "answer = ...", "answer = ..."], "my_request: right. Go on with my_sql"),
        (eve(word="answer = ..."), "my_request and my_sql: right. Go on with my_word"),
        (eve(word="answer = 'Dear diary, my code word is island-timber-32'"), "behind `is `"),
        (eve(word="answer = 'island'"), "behind `is `"),
        (eve(word="answer = 32"), "the code word alone, in quotes"),
        (eve(request="{'record_id': receipt}"), "one part of it is the id"),
        (eve(request="receipt['record_id']"), "a request is a dict"),
        (eve(request="receipt['data']"), "/retrieve asks for one field, record_id"),
        (eve(request="receipt"), "your store reads the id alone"),
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
        (eve(sql="UPDATE records SET … WHERE record_id = :id"), "UPDATE table SET"),
    ],
    "7.9": [
        (fixed("return store.open_by_id(rows, record_id, caller, safe)"), "a refusal for Eve"),
        (fixed(UNSEAL), "nothing in your lines compares who asks with whose record it is"),
        *(
            (
                fixed(
                    f"if {of}(rows.get(record_id).header.owner) != {of}(caller):\n"
                    f"        raise PermissionError\n    {UNSEAL}"
                ),
                "compare whole names",
            )
            for of in ("len", "sorted", "(lambda it: it[-1])")
        ),
        (fixed(UNSEAL.replace("signers=", "owner=caller, signers=")), "never asks who"),
        (fixed(UNSEAL.replace("signers=", "caller=caller, signers=")), "never asks who"),
        (fixed(UNSEAL.replace("(record_id)", "(record_id, caller=caller)")),
         "rows.get takes record_id and owner="),
        (fixed(UNSEAL.replace("(record_id)", "(record_id, owner=record_id)")), NAMES_EQUAL),
        (fixed(UNSEAL.replace("(record_id)", "(record_id, owner='ada')")), NAMES_EQUAL),
        (fixed("if caller != 'ada': raise PermissionError\n    " + UNSEAL), NAMES_EQUAL),
        (fixed("if rows.get(record_id).header.owner == caller: raise PermissionError\n    "
                  + UNSEAL),
         NAMES_EQUAL),
        (fixed("if rows.get(record_id).header.owner == caller: raise ValueError('no')\n    "
                  + UNSEAL),
         NAMES_EQUAL),
        (fixed("if caller == 'eve': raise Exception('no')\n    " + UNSEAL),
         "Eve may read what is hers"),
        (fixed("if rows.get(record_id).header.owner != caller: raise Exception('no')\n    "
                  + UNSEAL),
         "so the store answers 500"),
        (fixed("if rows.get(record_id).header.owner != caller: raise ValueError('no')\n    "
                  + UNSEAL),
         "or raise PermissionError"),
        (fixed(FIXED_LINE.replace("=caller", "=owner")), "which argument of your function"),
        (fixed(UNSEAL.replace("(record_id)", "(rows.get(record_id))")), "rows.get takes the id"),
        (fixed("assert rows.get(record_id).header.owner == caller\n    " + UNSEAL),
         "python -O skips every assert"),
        (fixed(UNSEAL.replace("(record_id)", "(record_id, 'nobody' if caller == 'eve' else "
                                 "None)")),
         "Eve may read what is hers"),
        (fixed("stranger = caller == 'eve' != rows.get(record_id).header.owner\n"
                  "    if stranger: raise PermissionError\n    " + UNSEAL),
         "Eve is not the only stranger"),
        (fixed("if not rows.get(record_id).header.owner.startswith(caller):\n"
                  "        raise PermissionError\n    " + UNSEAL),
         "compare whole names"),
        (fixed("if rows.get(record_id).header.owner != caller: return b''\n    " + UNSEAL),
         "what is returned is an answer, even an empty one"),
        (fixed("if rows.get(record_id).header.owner != caller: return 'no', 403\n    "
                  + UNSEAL),
         "what is returned is an answer"),
        (fixed("if rows.get(record_id).header.owner != caller: return\n    " + UNSEAL),
         "what is returned is an answer"),
        (fixed("if rows.get(record_id).header.owner != caller: raise Forbidden\n    " + UNSEAL),
         "or raise PermissionError"),
        (fixed("raise PermissionError"), NAMES_EQUAL),
        (fixed("record = rows.get(record_id)\n    owner = rows.texts.get(record_id, caller)\n"
                  "    return b''"),
         "AttributeError"),
    ],
    "7.3": [
        ("hashlib.sha256(signature).digest()", "only the last signature counts"),
        ("hashlib.sha256(head).digest()", "every byte of the signature must go into the hash"),
        ("hashlib.sha256(bytes(sorted(head + signature))).digest()", "sorted forgets the order"),
        ("hashlib.sha256(head + bytes(sorted(signature))).digest()", "sorted forgets the order"),
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
        ("hashlib.sha256(hashlib.sha256(head).digest()[:2] + signature).digest()", "old head must"),
        ("hashlib.sha256(head[:16] + signature).digest()", "every byte of the old head must go"),
        ("(head + signature)[-32:]", "without the old head, only the last signature counts"),
        ("hashlib.sha256(head).update(signature)", "update returns None"),
        ("hashlib.sha256(head).update(signature).digest()", "give sha256 the bytes at once"),
        ("hashlib.sha256(head, signature).digest()", "join the two"),
        ("hashlib.sha256(head + signature.encode()).digest()", "are bytes already"),
        ("hashlib.sha256(b'head + signature').digest()", "without quotes?"),
        ("hashlib.sha256('head + signature').digest()", "write their names, no quotes"),
        ("bytes(32)", "are not in it"),
        ("sha256(head + signature).digest()", "write hashlib. before it"),
        ("hashlib.md5(head + signature).digest() * 2", "the same 16 bytes 2 times"),
        ("hashlib.md5(head + signature).digest() + hashlib.md5(signature + head).digest()",
         "got md5; MD5 and SHA-1 collide"),
        ("(hashlib.sha1(head + signature).digest() * 2)[:32]", "got sha1; MD5 and SHA-1 collide"),
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
        ("__import__('zlib').crc32(head + signature).to_bytes(32, 'big')",
         A_CHECKSUM),
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
        ("answer = AlgorithmFromRow", "write def verify(self, row)"),
        ("answer = AlgorithmFromRow()", "begin with class …(AlgorithmFromRow)"),
        (algorithm("super().verify(row)"), "who chose that?"),
        (refusing("row.algorithm == 'none'"), FORBIDDEN),
        (refusing("row.algorithm.lower() == 'none'"), "anyone can compute a hash"),
        (refusing("row.algorithm in ('none', 'sha-256')"), FORBIDDEN),
        (refusing("not row.signature"), "anyone can compute a hash"),
        # Three that only a name which nobody can know tells apart.
        (refusing("row.algorithm.lower() in ('none', 'sha-256', 'rot13', '')"), 'refusal of "md5-'),
        (refusing("not row.algorithm.startswith('dsa')"), "a weak DSA begins so, too"),
        (refusing("not row.algorithm.startswith('dsa-2048')"), "compare the whole name"),
        (refusing(OTHER_NAME.replace(" !", ".lower() !")), "compare the whole name"),
        (algorithm(f"if {OTHER_NAME}: raise SignatureError('no')"), "verify it, too"),
        (refusing("row.algorithm != 'DSA'"), "do not raise for the allowed name"),
        (
            algorithm("if not super().verify(row): raise SignatureError('no')"),
            "super().verify(row) returns None",
        ),
        (refusing(OTHER_NAME, "ValueError"), "raise SignatureError"),
        (algorithm(f"return not {OTHER_NAME}"), "who chose that?"),
        (
            algorithm(
                f"if {OTHER_NAME}: raise SignatureError('no')\n"
                "        return row.signature and super().verify(row)"
            ),
            "verify it, too",
        ),
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
}  # fmt: skip
