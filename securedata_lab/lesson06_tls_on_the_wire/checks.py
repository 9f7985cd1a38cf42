"""Lesson 06's checks: a search, a record, a stolen key; old recordings, and keys."""

import hashlib
import hmac
import os
import random
import secrets
from collections.abc import Callable
from typing import Annotated, Any, Literal

from Crypto.Cipher import AES
from cryptography.exceptions import InvalidSignature

from securedata.certificates.authority import CertificateAuthority
from securedata.errors import FormatError
from securedata_lab import wire
from securedata_lab.basics.bits import xor
from securedata_lab.judging.attempts import NotAttemptedError, ReturnedNoneError
from securedata_lab.judging.engine import exercise, part_by_part, returned, shown
from securedata_lab.judging.interpreter import names_in
from securedata_lab.lesson06_tls_on_the_wire import own_keys
from securedata_lab.lesson06_tls_on_the_wire.days import (
    ECDSA,
    NUMBER_BYTES,
    SLIPS,
    Common,
    Sign,
    StolenKey,
    common_of,
    key_of,
    signature_of,
)
from securedata_lab.lesson06_tls_on_the_wire.old_shop import (
    NO_A,
    NO_RETURN,
    QUESTION,
    Seen,
    Shop,
)
from securedata_lab.lesson06_tls_on_the_wire.own_lines import MEANT
from securedata_lab.lesson06_tls_on_the_wire.stranger import HOST, Customer, certificate_of
from securedata_lab.lesson06_tls_on_the_wire.tls_server import flight, share_in
from securedata_lab.lesson06_tls_on_the_wire.x25519 import power, share_of

TAG_BYTES = 16
OPEN = {"B", "E"}
OURS = [
    f"securedata_lab.wire.{name}" for name in ("keyschedule.record_nonce", "protection.open_record")
]


Search = Callable[[int, int, int], Annotated[int, "one number, the a"]]


@exercise(
    "6.1",
    "your line found the secrets of three other customers, and their shops took the vouchers",
    points=4,
    errors={"StopIteration": NO_A},
)
def finds_the_secret(my_search: Search) -> str | None:
    """my_search(p, g, share): the customer's a, at shops with small primes that nobody has seen."""
    for _ in range(3):
        shop, seen = _shop()
        p, g, share = seen.p, seen.g, seen.from_customer
        try:
            a = returned(my_search, p, g, share)
        except ReturnedNoneError:
            return f"expected an a, got None; {NO_RETURN}"
        read = seen.read_with(lambda *_, a=a: a)
        if not read.startswith(QUESTION) or "yours" not in shop.redeem(read.split()[3]):
            return (
                f"expected an a that opens the question, got {a}; {_why_not_a(a, p, int(g), share)}"
            )
    return None


def _shop() -> tuple[Shop, Seen]:
    """A shop where no mistake is right, or looks like another one. p has only 16 bits."""
    while True:
        shop = Shop(random.SystemRandom())
        seen = shop.listen()
        p, g, share = seen.p, int(seen.g), seen.from_customer
        mistakes = {share, g, pow(g, share, p)}
        powers = {pow(g, it + step, p) for it in mistakes for step in (-1, 0, 1)}
        if len(mistakes) == 3 and share not in powers | {pow(it, g, p) for it in mistakes}:
            return shop, seen


def _why_not_a(a: int, p: int, g: int, share: int) -> str:
    whys = {
        share: "that is g^a, which everybody sees: which a makes it?",
        g: "that is g, the base",
        pow(
            g, share, p
        ): "that is g to the power of the share: look for the exponent that makes it",
        a if pow(a, g, p) == share else -1: "g is the base, and a the exponent",
        a if a > 0 and pow(g, a - 1, p) == share else -1: "one too much: exponents count from 0",
        a if a >= 0 and pow(g, a + 1, p) == share else -1: "one too little: exponents count from 0",
    }
    return whys.get(a, "pow(g, a, p) is not the share for this a: try all a below p")


Open = Callable[[wire.Record, bytes, bytes, int], bytes]


@exercise(
    "6.3",
    "with key, IV and number, every record opens, and its tag is right",
    points=6,
    ready_made=OURS,
    errors=MEANT,
)
def opens_a_record(my_open: Open) -> str | None:
    """my_open(record, key, iv, number): what is inside a record of TLS 1.3 with AES-GCM."""
    for name in sorted(names_in(my_open) & {"record_nonce", "open_record"}):
        return f"expected lines of your own, got wire.{name}; the exercise is to write it"
    key, iv = os.urandom(32), os.urandom(11) + b"\xff"  # so that plus carries, and XOR does not
    if half := _half_done(my_open, _sealed(b"\x17", key, iv), key, iv):
        return f"expected both lines, got ...; {half}"
    for number in (0, 1, 258):
        inside = os.urandom(10).hex().encode("ascii") + b"\x17"  # as the POST is text
        record = _sealed(inside, key, wire.record_nonce(iv, number))
        try:
            answer = returned(my_open, record, key, iv, number)
        except ValueError as error:
            if "MAC check failed" not in str(error):
                raise
            why = _why_no_tag(my_open, inside, key, iv, number)
            return f"expected record {number} to open, got a wrong tag; {why}"
        if answer != inside:
            return _why_not_inside(answer, inside, record, number)
    record = _sealed(b"forged\x17", key, wire.record_nonce(iv, 5))
    forged = wire.Record(23, 0x0303, 0, bytes([record.fragment[0] ^ 1]) + record.fragment[1:])
    try:
        answer = my_open(forged, key, iv, 5)
    except Exception:
        return None
    why = "let the ValueError through: it says that the record was changed"
    if isinstance(answer, bytes) and b"orged" in answer:
        why = "nothing has compared the tag: which call of lesson 02 does that, too?"
    return f"expected a changed record to be refused, got {shown(answer)}; {why}"


def _half_done(my_open: Open, record: wire.Record, key: bytes, iv: bytes) -> str | None:
    """Which line is next, if one of the two is still `...`: a cipher takes no nonce that is `...`.

    Raises:
        NotAttemptedError: both are.
    """
    try:
        answer: object = my_open(record, key, iv, 0)
    except TypeError as error:
        if "ellipsis" not in str(error):
            return None
        if "decrypt_and_verify" not in names_in(my_open):
            raise NotAttemptedError from None
        return "the last line is filled in. Go on with the nonce"
    except Exception:  # the check will meet it again
        return None
    return "the nonce is filled in. Go on with the last line" if answer is ... else None


def _sealed(inside: bytes, key: bytes, nonce: bytes, header: bytes | None = None) -> wire.Record:
    record = wire.Record(23, 0x0303, 0, bytes(len(inside) + TAG_BYTES))
    cipher = AES.new(key, AES.MODE_GCM, nonce=nonce)
    cipher.update(record.header if header is None else header)
    ciphertext, tag = cipher.encrypt_and_digest(inside)
    return wire.Record(23, 0x0303, 0, ciphertext + tag)


def _why_no_tag(my_open: Open, inside: bytes, key: bytes, iv: bytes, number: int) -> str:
    """Which record would have opened? It is sealed with one mistake after the other."""
    padded, plus = number.to_bytes(12, "big"), int.from_bytes(iv, "big") + number
    others = {
        "big-endian: the zeros stand on the left": (xor(iv, number.to_bytes(12, "little")), None),
        "one too much: records count from 0": (wire.record_nonce(iv, number + 1), None),
        "the IV alone opens record 0, and no other: where does the number come in?": (iv, None),
        "that nonce is the number alone: XOR it with the IV": (padded, None),
        "XOR, not plus": (plus.to_bytes(13, "big")[1:], None),
        "the nonce has the number behind the IV: pad the number, then XOR": (iv + padded, None),
        "the nonce is right; the associated data is missing: update(record.header)": (
            wire.record_nonce(iv, number),
            b"",
        ),
    }
    records = {why: _sealed(inside, key, *it) for why, it in others.items()}
    whole = _sealed(inside[:TAG_BYTES], key, wire.record_nonce(iv, number)).fragment
    swapped = whole[TAG_BYTES:] + whole[:TAG_BYTES]
    records["the ciphertext comes first, then the tag"] = wire.Record(23, 0x0303, 0, swapped)
    for why, record in records.items():
        try:
            my_open(record, key, iv, number)
        except Exception:  # noqa: S112  # not this mistake
            continue
        return why
    return "look again: nonce, associated data, tag, and the ciphertext without the tag"


def _why_not_inside(answer: bytes, inside: bytes, record: wire.Record, number: int) -> str:
    if not answer:
        why = "let the ValueError through: it says that the tag is wrong"
    elif answer in (record.fragment, record.data, record.fragment[:-TAG_BYTES]):
        why = "that is still encrypted"
    elif answer == inside[:-1]:
        why = "the last byte is the record's true type: leave it in, zeros may follow it"
    elif answer.startswith(inside):
        why = "the last 16 bytes of the fragment are the tag, not ciphertext"
    elif len(answer) in (len(inside), len(inside) - 1) and not answer.isascii():
        why = "the text was decrypted with another nonce: which part of it changes with the number?"
    else:
        why = "that is another text: open the record that the function is handed"
    return f"expected what is inside record {number}, got {shown(answer)}; {why}"


@exercise("6.4", "where the key encrypts, it opens; where it only signs, it does not", points=2)
def says_what_opens(chosen: set[Literal["A", "B", "C", "D", "E"]]) -> str | None:
    """Which of the five recordings the stolen RSA key opens."""
    if chosen == OPEN:
        return None
    if signed := chosen & {"A", "D"}:
        why = f"{' and '.join(sorted(signed))}: for what is the RSA key used there?"
    elif "C" in chosen:
        why = "C: how do the two agree on a secret in TLS 1.3?"
    else:
        why = "each of yours opens; another one does too" if chosen else "at least one opens"
    got = ", ".join(sorted(chosen)) or "no letter"
    return f"expected the ones that open, got {got}; {why}"


@exercise(
    "6.6",
    "a new customer took your server for the real one, and your number opened what they said",
    points=6,
    in_parts=True,
    errors=SLIPS,
)
def is_the_server(my_signature: Sign, my_common: Common) -> str | None:
    """my_signature(text, stolen) and my_common(number, share), with keys that nobody has seen."""
    return part_by_part(
        {
            "my_signature": lambda: _why_no_signature(my_signature),
            "my_common": lambda: _why_not_common(my_common),
        }
    ) or _why_no_customer(my_signature, my_common)


def _why_no_signature(my_signature: Sign) -> str | None:
    key, text = StolenKey(b"\x01" + os.urandom(NUMBER_BYTES - 1)), os.urandom(64)

    def fits(signature: bytes, *texts: bytes) -> bool:
        for it in texts:
            try:
                key.public_key.verify(signature, it, ECDSA)
            except InvalidSignature:
                continue
            return True
        return False

    try:
        answer = signature_of(lambda *it: returned(my_signature, *it), text, key)
    except FormatError as error:
        return f"expected a signature, got none; {error}"
    if fits(answer, text):
        return None
    hashed = [hashlib.new(it, text).digest() for it in ("sha256", "sha384", "sha512", "sha1")]
    why = "it does not fit this text and this key: sign the text that the function is handed"
    if answer == text:
        why = "that is the text, which everybody can send: what proves that you have the key?"
    elif answer == key.number:
        why = "that is the private key itself: never send it"
    elif fits(answer, *hashed):
        why = "sign hashes by itself: hand it the text as it is"
    return f"expected a signature of this text, got {shown(answer)}; {why}"


def _why_not_common(my_common: Common) -> str | None:
    number, theirs = os.urandom(NUMBER_BYTES), os.urandom(NUMBER_BYTES)
    share = share_of(theirs)
    try:
        answer = common_of(lambda *it: returned(my_common, *it), number, share)
    except FormatError as error:
        return f"expected g^ab, got no such number; {error}"
    if answer == power(number, share):
        return None
    whys = {
        share: "that is g^a, which everybody sees",
        number: "that is b alone: a secret number is no key yet",
        share_of(number): "that is g^b, which everybody sees",
        power(share, number): "which of the two is the exponent? power takes the number first",
        xor(number, share): "XOR, and no power: power(number, share)",
    }
    why = whys.get(answer, "the customer computes another one: their share to the power of b")
    return f"expected g^ab, got {shown(answer)}; {why}"


def _why_no_customer(my_signature: Sign, my_common: Common) -> str | None:
    """Be the server of a new stranger, by both lines. OpenSSL is the customer."""
    ca = CertificateAuthority.create("The CA of another service")
    leaf, b = ca.issue(HOST), os.urandom(NUMBER_BYTES)
    key = key_of(leaf.private_key_pem)
    customer = Customer(ca.certificate_pem, text := secrets.token_hex(8))
    said = flight(
        customer.hello, b, certificate_of(leaf), lambda it: signature_of(my_signature, it, key)
    )
    verdict = customer.hears(said)
    if not verdict.endswith("talks to you"):
        return f"expected a customer who talks to you, got none; {verdict}"
    shared = common_of(my_common, b, share_in(customer.hello))
    keylog = wire.keylog_from_shared_secret(customer.sent, said, shared)
    if text.encode() not in wire.decrypt(customer.sent, said, keylog)[0]:
        return "expected to read what the customer said, got another text; look again at my_common"
    return None


@exercise(
    "6.7",
    "your line makes a key and an IV of a secret",
    points=2,
    errors=own_keys.SLIPS,
    ready_made=["securedata_lab.wire.keyschedule.hkdf_expand_label"],
)
def expands_a_secret(my_expand: own_keys.Expand) -> str | None:
    """my_expand(secret, info, length): RFC 5869, 2.3, for lengths of one hash at most."""
    for length in (32, 12):
        secret, info = os.urandom(48), os.urandom(20)
        answer = returned(my_expand, secret, info, length)
        whole = hmac.digest(secret, info + b"\x01", "sha384")
        if answer != whole[:length]:
            why = _why_not_expanded(answer, secret, info, length)
            return f"expected {length} bytes for this secret and info, got {shown(answer)}; {why}"
    return None


def _why_not_expanded(answer: Any, secret: bytes, info: bytes, length: int) -> str:
    def mac(key: bytes, text: bytes, name: str = "sha384") -> bytes:
        return hmac.digest(key, text, name)

    right = mac(secret, info + b"\x01")
    if not isinstance(answer, (bytes, bytearray)):
        return "that is no bytes yet: hmac.digest(key, text, name) gives bytes"
    if right.startswith(answer):
        return f"{length} bytes were asked for, and it gives {len(answer)}: cut it to length"
    if right.endswith(answer):
        return "these are the last bytes: take the first ones"
    mistakes = {
        "the byte 01 is missing behind the info": mac(secret, info),
        "the byte 01 stands behind the info": mac(secret, b"\x01" + info),
        "'1' is the byte 31: the byte 01 is b\"\\x01\"": mac(secret, info + b"1"),
        "the first byte is 01, and not 00": mac(secret, info + b"\0"),
        "the secret is HMAC's key, and the info its text": mac(info + b"\x01", secret),
        "this session's hash is SHA-384": mac(secret, info + b"\x01", "sha256"),
        "this session's hash is SHA-384, and not SHA-512": mac(secret, info + b"\x01", "sha512"),
        "a hash alone has no key: HMAC": hashlib.sha384(secret + info + b"\x01").digest(),
    }
    at = answer[: own_keys.IV_BYTES]
    found = [why for why, it in mistakes.items() if len(at) > 3 and it.startswith(at)]
    return (found or ["HMAC of the info and 01, keyed with the secret; then the first bytes"])[0]
