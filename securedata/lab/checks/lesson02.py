"""Lesson 02's checks: binding a row, which lock held, counting nonces, and one nonce too many."""

import itertools
import math
import os
import secrets
import string
import sys
from collections.abc import Callable
from typing import Annotated, Any, Literal

from Crypto.Cipher import AES

from securedata.errors import SecureDataError
from securedata.lab.attacks import Sealed, ghash
from securedata.lab.attacks.gf128 import MASK, inverse, multiply, square_root
from securedata.lab.checks.engine import NotAttemptedError, exercise, returned, shown
from securedata.lab.primitives.bits import xor
from securedata.lab.servers.clients import TwinClient
from securedata.lab.student_answers.attempts import given
from securedata.lab.student_answers.declared import as_declared
from securedata.lab.student_answers.interpreter import names_in, watched
from securedata.lab.twins.flaws import RepeatedNonceGcm
from securedata.lab.twins.twin import Row, Twin, TwinServer

KNOWN_TEXT = "pay 0100 to Ada!"
AD = b"securedata/twin"


# 2.1

# Each differs from the first in one digit.
RECORD_IDS = ["0" * 32, *("0" * place + "1" + "0" * (31 - place) for place in range(32))]
A_TEXT = "associated data is bytes: how does a text become bytes?"
SALARY = b"salary of Ada: 5000"
MOVED = "expected the moved row to be refused, got its text"
MANY = 3000


@exercise("2.1", "the moved row is refused, and the honest one still opens")
def binds_a_row(MyTwin: type[Twin]) -> str | None:  # noqa: N803  # it is a class
    """MyTwin must refuse a row that was moved to another record id."""
    return _wrong_method(MyTwin) or _wrong_binding(MyTwin)


def _wrong_method(kind: type[Twin]) -> str | None:
    own = [name for name in vars(kind) if not name.startswith("__")]
    if kind is Twin or not own:
        if callable(getattr(sys.modules["__main__"], "associated_data", None)):
            why = "is your def indented, as in Loud?"
            return f"expected a class with a method, got associated_data beside it; {why}"
        raise NotAttemptedError
    if not any(
        callable(getattr(kind, name)) for name in {"associated_data", "seal", "open"} & set(own)
    ):
        why = "a step is replaced by a method (def) of exactly its name"
        return f"expected a method associated_data, got {', '.join(own)}; {why}"
    try:
        data: object = kind().associated_data(RECORD_IDS[0])
    except TypeError as error:
        why = A_TEXT if "encoding" in str(error) else "a method takes self, and then record_id"
        if "__init__" in str(error):
            why = "a twin is made without arguments; its methods are given each record_id"
        return f"expected associated data, got TypeError: {error}; {why}"
    if data is None:
        return "expected bytes, got None; the method must return the associated data"
    as_declared(given(data), Annotated[bytes, A_TEXT])
    if "hash" in names_in(kind.associated_data):
        why = "Python's hash of a text is another number after each restart"
        return f"expected the same bytes tomorrow, got {shown(data)}; {why}"
    return None


def _wrong_binding(kind: type[Twin]) -> str | None:
    twin, restarted = kind(), kind()
    restarted.key = twin.key
    rows = {record_id: twin.seal(SALARY, record_id) for record_id in RECORD_IDS}
    if len({row.nonce for row in rows.values()}) < len(rows):
        why = "two texts under one nonce: leave the method nonce as it is"
        return f"expected a new nonce for each row, got one nonce twice; {why}"
    for record_id in reversed(RECORD_IDS):
        text = _opened(restarted, rows[record_id], record_id)
        if text is None:
            why = "sealing and opening must use the same associated data, also after a restart"
            return f"expected the honest row to open, got a refusal; {why}"
        if text != SALARY:
            why = "associated data is no part of the text"
            return f"expected the text as it went in, got {shown(text)}; {why}"
    home, *others = RECORD_IDS
    for elsewhere in others:
        if _opened(twin, rows[home], elsewhere) is not None:
            return f"{MOVED}; {_why_moved(twin)}"
    if any(_opened(twin, rows[others[0]], elsewhere) is not None for elsewhere in others[1:]):
        return f"{MOVED}; these ids have the same digits in another order"
    data = {bytes(twin.associated_data(secrets.token_hex(16))) for _ in range(MANY)}
    if 1 < len(data) < MANY:  # one: a method seal may take the id itself
        why = "different ids must give different bytes"
        return f"{MOVED}; {MANY} random ids gave {len(data)} values: {why}"
    return None


def _why_moved(twin: Twin) -> str:
    is_constant = len({twin.associated_data(record_id) for record_id in RECORD_IDS}) == 1
    if is_constant and "seal" in vars(type(twin)):
        return "an id inside the text opens everywhere with its tag: who compares it?"
    if is_constant:
        return "this associated data is the same for every record"
    return "these ids differ in one digit: which part of the id did you leave out?"


def _opened(twin: Twin, row: Row, record_id: str) -> bytes | None:
    try:
        return twin.open(row, record_id)
    except SecureDataError:
        return None


# 2.2

LAST_LINE = "read the log's last line, server.log_tail(1), right after your request"
Field = Literal["nonce", "encrypted_data", "tag"]
# A text, or the log's lines.
Errors = Annotated[dict[Field, Any], "fill in the three fields of the stub"]
IN_THE_LOG: dict[Field, str] = {  # what the log's line says of each changed field
    "nonce": "RecordNotFoundError",
    "encrypted_data": "SignatureError",
    "tag": "SignatureError",
}
NOT_THIS_ERROR = {
    "invalid signature": f"that is the answer, and all refusals have the same: {LAST_LINE}",
    "tagerror": f"the log does not say so: {LAST_LINE}",
    "formaterror": "the field must stay hex of the same length: flip one bit of it",
    "keyerror": f"no line of the log says so: {LAST_LINE}",
    "signatureerror": f"was the nonce changed, and nothing else? {LAST_LINE}",
    "recordnotfounderror": f"then the nonce was changed as well, or before: {LAST_LINE}",
}


@exercise("2.2", "no record has that nonce; for the others, the signature comes before the tag")
def names_the_errors(my_errors: Errors) -> str | None:
    """What the log of the real service names when nonce, ciphertext or tag is changed alone."""
    for field, error in IN_THE_LOG.items():
        words = my_errors[field]
        line = " ".join(map(str, words)) if isinstance(words, (list, tuple)) else str(words)
        named = [name for name in NOT_THIS_ERROR if name in line.lower()]
        if named != [error.lower()]:
            why = NOT_THIS_ERROR[named[0]] if named else f"the log names an error: {LAST_LINE}"
            return f'expected what the log says of a changed "{field}", got {shown(words)}; {why}'
    return None


# 2.3

SECONDS_A_DAY = 24 * 60 * 60
TEXTS_A_DAY = 1000 * SECONDS_A_DAY
UNITS = {
    "seconds": SECONDS_A_DAY,
    "minutes": 24 * 60,
    "hours": 24,
    "weeks": 1 / 7,
    "years": 1 / 365,
}
COLLISIONS = "collisions set the limit, long before the nonces run out"
NOT_THIS_EXPONENT = {
    31: "half of the limit: SP 800-38D, 8.3 has the exponent",
    32.5: "close: the standard takes the whole power of two below it",
    33: "that is twice the standard's limit: SP 800-38D, 8.3 has the exponent",
    47: "close to one half, a collision is too likely for a limit",
    48: "there a collision is nearly as likely as not: the limit keeps it much rarer",
    49: "there a collision is likely: the limit keeps it much rarer",
    64: f"that would be the limit for a nonce of 128 bits: {COLLISIONS}",
    95: f"that is half of all nonces: {COLLISIONS}",
    96: f"that is how many nonces there are: {COLLISIONS}",
    128: "that counts tags or keys: a nonce has 96 bits",
}


@exercise("2.3", "after seven weeks this service needs a new key")
def counts_the_days(days: float) -> str | None:
    """Days until one key, with 1,000 texts a second, is at SP 800-38D's limit (8.3)."""
    days = days if isinstance(days, int) else float(days)
    limit = 2**32 / TEXTS_A_DAY
    if math.floor(limit) <= days <= math.ceil(limit):
        return None
    return f"expected the days until the limit, got {shown(days)}; {_wrong_days(days, limit)}"


def _wrong_days(days: float, limit: float) -> str:
    if not 0 < days < 1e40:
        return "how many texts may one key encrypt, and how many does it encrypt in a day?"
    if math.isclose(days, 2**32, rel_tol=0.01):
        return "that is the number of texts: how long does it take to encrypt them?"
    if any(math.isclose(days, (2 ^ n) / TEXTS_A_DAY, rel_tol=0.01) for n in (32, 48, 96)):
        return "in Python ^ is XOR: a power is written **"
    for unit, in_a_day in UNITS.items():
        if math.isclose(days, limit * in_a_day, rel_tol=0.02):
            return f"that is the answer in {unit}"
    exponent = round(math.log2(days * TEXTS_A_DAY), 1)
    if exponent in NOT_THIS_EXPONENT:
        return NOT_THIS_EXPONENT[exponent]
    return "how many texts may one key encrypt, and how many does it encrypt in a day?"


# 2.4

AN_INT = "int.from_bytes(…, 'big') makes one of 16 bytes"
CARRIES = "+ and - carry: in this field a sum is ^"
Plus = Callable[[int, int], int]
INTEGERS = "these are elements of GF(2^128), and no integers"


@exercise(
    "2.4",
    "with H and one row, any text can be given a tag under the nonce of this row",
    ready_made=["securedata.lab.attacks.gcm.recover_h"],
    errors={"bytes": AN_INT},
)
def recovers_h(my_recover: Callable[[Sealed, Sealed], Any]) -> str | None:
    """my_recover(first, second) for two one-block messages under one nonce, as an int."""
    key, nonce = os.urandom(32), os.urandom(12)
    while True:
        first, second = (_sealed(key, nonce, os.urandom(16)) for _ in range(2))
        if _sum(first.tag, second.tag) >= 2 * _sum(first.ciphertext, second.ciphertext):
            break  # else integer division gives 0 or 1, as other mistakes do
    answer = returned(my_recover, first, second)
    h = _element(AES.new(key, AES.MODE_ECB).encrypt(bytes(16)))
    if answer in (h, [h]):
        return None
    return f"expected the H of this key, got {shown(answer)}; {_wrong_h(answer, h, first, second)}"


def _sealed(key: bytes, nonce: bytes, plaintext: bytes) -> Sealed:
    return Sealed(*AES.new(key, AES.MODE_GCM, nonce=nonce).encrypt_and_digest(plaintext))


def _element(block: bytes) -> int:
    return int.from_bytes(block, "big")


def _sum(left: bytes, right: bytes) -> int:
    return _element(xor(left, right))


def _wrong_h(answer: Any, h: int, first: Sealed, second: Sealed) -> str:
    if isinstance(answer, float):
        return "a float is too short for 128 bits, and / is not the field's division"
    if not isinstance(answer, int):
        return f"H is an int: {AN_INT}"
    tags = _sum(first.tag, second.tag)
    ciphertexts = _sum(first.ciphertext, second.ciphertext)
    fractions = {
        multiply(tags, ciphertexts): "you multiplied: which function makes a division of it?",
        multiply(ciphertexts, inverse(tags)): "that is the fraction upside down",
        tags // ciphertexts: f"// divides integers: {INTEGERS}",
        **dict.fromkeys(_with_carries(first, second), CARRIES),
        _fraction(
            first, second, (int.__xor__, int.__xor__), "little"
        ): "the order of bytes is 'big'",
    }
    mistakes = {
        **fractions,
        math.isqrt(multiply(h, h)): f"isqrt is a root of integers: {INTEGERS}",
        math.isqrt(tags // ciphertexts): f"// divides integers: {INTEGERS}",
        **{square_root(fraction): why for fraction, why in fractions.items()},
        multiply(h, h): "that is H squared: one step is missing",
        tags: "that is what stands above the line: what stands below it?",
        square_root(tags): "that is what stands above the line: what stands below it?",
        ciphertexts: "that is what stands below the line",
        _element(first.tag): "that is a tag of one message, and the mask is still in it",
        _element(second.tag): "that is a tag of one message, and the mask is still in it",
    }
    return mistakes.get(answer, "which sum stands above the line, and which below?")


def _with_carries(first: Sealed, second: Sealed) -> set[int]:
    """The fraction, with + or - for one sum or for both; cut to 128 bits, or as it is."""
    signs = itertools.product((int.__xor__, int.__sub__, int.__add__), repeat=2)
    return {
        _fraction(first, second, pair, bits=bits)
        for pair in list(signs)[1:]  # the first pair is right
        for bits in (MASK, -1)
    }


def _fraction(
    first: Sealed,
    second: Sealed,
    signs: tuple[Plus, ...],
    order: Literal["big", "little"] = "big",
    bits: int = MASK,
) -> int:
    """The tags' sum over the ciphertexts', with wrong signs or a wrong order of bytes."""
    pairs = (first.tag, second.tag), (first.ciphertext, second.ciphertext)
    tags, ciphertexts = (
        plus(int.from_bytes(one, order), int.from_bytes(two, order)) & bits
        for plus, (one, two) in zip(signs, pairs, strict=True)
    )
    return multiply(tags, inverse(ciphertexts))


# 2.5

Forged = Annotated[tuple[bytes, bytes], "return both: (ciphertext, tag)"]


@exercise(
    "2.5",
    "the running twin accepted a text that nobody had sealed",
    twin=RepeatedNonceGcm.flaw,
    ready_made=["securedata.lab.attacks.gcm.forge_tag"],
)
def forges(my_forge: Callable[[int, Row, bytes, bytes], Forged], twin: TwinServer) -> str | None:
    """my_forge(h, row, known_text, new_text) -> (ciphertext, tag) of new_text at the twin."""
    client = TwinClient(twin)
    row = client.store(KNOWN_TEXT)
    stored, h = len(twin.rows), _element(AES.new(twin.twin.key, AES.MODE_ECB).encrypt(bytes(16)))
    name = "".join(secrets.choice(string.ascii_lowercase) for _ in range(3))
    new_text = f"pay 9100 to {name}!"  # nobody can have stored it before
    arguments = (h, row, KNOWN_TEXT.encode(), new_text.encode())
    forged = returned(my_forge, *arguments)
    text = client.retrieve(Row(row.nonce, *forged))
    if len(twin.rows) > stored:
        why = "you had the text stored: forge a tag for it instead"
        return f"expected a forged row, got one that the twin had sealed; {why}"
    if text == new_text:
        with watched() as called:
            my_forge(*arguments)
        if "Crypto.Cipher.AES.new" in called:
            return "expected a forgery from H, got a call of AES.new; an attacker has no key"
        return None
    why = _wrong_forgery(h, row, new_text.encode(), *forged)
    return f"expected {shown(new_text)}, got {shown(text)}; {why}"


def _wrong_forgery(h: int, row: Row, new: bytes, ciphertext: bytes, tag: bytes) -> str:
    right = xor(row.ciphertext, xor(KNOWN_TEXT.encode(), new))
    if ciphertext == row.tag or len(tag) != 16 or tag == right:
        return "the ciphertext comes first, then the tag of 16 bytes"
    mistakes = {
        row.ciphertext: "the text is still the old one",
        new: "that is the text, not a ciphertext: XOR the difference onto the old ciphertext",
        xor(row.ciphertext, new): "you XORed the new text alone: the old one is still in it",
    }
    if ciphertext != right:
        return mistakes.get(ciphertext, "what is the ciphertext of the new text, as under CTR?")
    if tag == row.tag:
        return "the text changed, and the tag is still the old one"
    old_tag = _element(row.tag)
    for data in (b"", AD):
        of_old, of_new = ghash(h, data, row.ciphertext), ghash(h, data, right)
        if _element(tag) in (of_old, of_new):
            return "that is GHASH without the mask: where can you get the mask from?"
        if _element(tag) == old_tag ^ of_new:
            return "GHASH of the old ciphertext is still in it"
        if _element(tag) == old_tag ^ of_old:
            return "that is the mask alone: GHASH of the new ciphertext is missing"
    return "a tag is mask XOR GHASH: which known tag holds this mask?"
