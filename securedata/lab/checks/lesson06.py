"""Lesson 06's checks: an offset, a record, a version, a number, forward secrecy, and replay."""

import os
import random
import time
from collections.abc import Callable
from typing import Annotated, Any, Literal

from Crypto.Cipher import AES

from securedata.lab import wire
from securedata.lab.checks.engine import exercise, returned, shown
from securedata.lab.primitives.bits import xor
from securedata.lab.student_answers.interpreter import names_in
from securedata.lab.wire.handshake import HandshakeMessage, split_messages

HEADER_BYTES = 5
TAG_BYTES = 16
OPEN = {"B", "E"}
OURS = [
    f"securedata.lab.wire.{name}" for name in ("keyschedule.record_nonce", "protection.open_record")
]


@exercise("6.1", "five bytes of record header, then the message, then the name")
def finds_the_name(offset: Annotated[int, "an offset is an int"]) -> str | None:
    """Where the server's name begins in the recording's client stream."""
    (hello,) = wire.handshake_messages(wire.load_recording("tls13-hybrid").client_stream)
    tree = wire.dissect(hello)
    right = tree["host_name"].offset
    if offset == right:
        return None
    why = {
        right - HEADER_BYTES: (
            "that counts from the message: the record's header stands before it"
        ),
        right + 1: "Python counts from 0",
        tree["server_name"].offset: (  # and, by chance, the same without two headers, of 5 and 4
            "that is where the extension begins, or a count without the headers: look for the name"
        ),
        right + tree["host_name"].length: "that is where the name ends",
        2 * right: "that counts hex digits: two make a byte",
        int(f"{right:x}"): "that is hexadecimal: in Python it begins with 0x",
        -1: "-1 means that nothing was found: is it the client's stream, and are both bytes?",
    }.get(offset, "count in hybrid.client_stream, from its first byte")
    return f"expected the offset of the name, got {shown(offset)}; {why}"


Open = Callable[[wire.Record, bytes, bytes, int], bytes]


@exercise(
    "6.2",
    "with key, IV and number, the record opens, and its tag is right",
    ready_made=OURS,
    errors={"for ^": "bytes have no ^: make 12 bytes of the number, then lab.xor"},
)
def opens_a_record(my_open: Open) -> str | None:
    """my_open(record, key, iv, number): what is inside a record of TLS 1.3 with AES-GCM."""
    for name in sorted(names_in(my_open) & {"record_nonce", "open_record"}):
        return f"expected lines of your own, got wire.{name}; the exercise is to write it"
    key, iv = os.urandom(32), os.urandom(11) + b"\xff"  # so that plus carries, and XOR does not
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
        if answer not in (inside, inside[:-1]):
            return _why_not_inside(answer, inside, record, number)
    record = _sealed(b"forged\x17", key, wire.record_nonce(iv, 5))
    forged = wire.Record(23, 0x0303, 0, bytes([record.fragment[0] ^ 1]) + record.fragment[1:])
    try:
        answer = my_open(forged, key, iv, 5)
    except Exception:
        return None
    why = "let the ValueError through: it says that the record was changed"
    if isinstance(answer, bytes) and b"orged" in answer:
        why = "decrypt_and_verify compares the tag, decrypt alone does not"
    return f"expected a changed record to be refused, got {shown(answer)}; {why}"


def _sealed(inside: bytes, key: bytes, nonce: bytes, header: bytes | None = None) -> wire.Record:
    record = wire.Record(23, 0x0303, 0, bytes(len(inside) + TAG_BYTES))
    cipher = AES.new(key, AES.MODE_GCM, nonce=nonce)
    cipher.update(record.header if header is None else header)
    ciphertext, tag = cipher.encrypt_and_digest(inside)
    return wire.Record(23, 0x0303, 0, ciphertext + tag)


def _why_no_tag(my_open: Open, inside: bytes, key: bytes, iv: bytes, number: int) -> str:
    """Which record would have opened? It is sealed with one mistake after the other."""
    whole = int.from_bytes(iv, "big")
    padded = number.to_bytes(12, "big")
    others = {
        "big-endian: the zeros stand on the left": (xor(iv, number.to_bytes(12, "little")), None),
        "that nonce is the IV alone: every record would have the same": (iv, None),
        "that nonce is the number alone: XOR it with the IV": (padded, None),
        "XOR, not plus": ((whole + number).to_bytes(13, "big")[1:], None),
        "the nonce has the number behind the IV: pad the number, then XOR": (iv + padded, None),
        "the nonce is right; the associated data is missing: update(record.header)": (
            wire.record_nonce(iv, number),
            b"",
        ),
    }
    for why, (nonce, header) in others.items():
        try:
            my_open(_sealed(inside, key, nonce, header), key, iv, number)
        except Exception:  # noqa: S112  # not this mistake
            continue
        return why
    return "look again: nonce, associated data, tag, and the ciphertext without the tag"


def _why_not_inside(answer: bytes, inside: bytes, record: wire.Record, number: int) -> str:
    if not answer:
        why = "let the ValueError through: it says that the tag is wrong"
    elif answer in (record.fragment, record.data):
        why = "that is still encrypted"
    elif answer.startswith(inside):
        why = "the last 16 bytes of the fragment are the tag, not ciphertext"
    elif len(answer) in (len(inside), len(inside) - 1) and not answer.isascii():
        why = "the text was decrypted with another nonce: which part of it changes with the number?"
    else:
        why = "that is another text: open the record that the function is handed"
    return f"expected what is inside record {number}, got {shown(answer)}; {why}"


Version = Annotated[str, 'hello["…"].value is the text']


@exercise("6.3", "the extension if there is one, the old field if there is none")
def reads_the_version(my_version: Callable[[wire.Field], Version]) -> str | None:
    """my_version(hello): what client and server agreed on, from a dissected ServerHello."""
    for name in ("tls13", "tls12-ecdhe", "tls13-hybrid", "tls12-rsa", "rfc8448", "resumed"):
        hello = wire.dissect(_server_hello(name))
        right = "TLS 1.2" if name.startswith("tls12") else "TLS 1.3"
        try:
            answer = returned(my_version, hello)
        except wire.NoSuchFieldError:
            if "selected_version" in hello:
                raise
            return (
                "expected 'TLS 1.2', got NoSuchFieldError; "
                "a TLS 1.2 hello has no selected_version: ask with `in` first"
            )
        if answer == right:
            continue
        if answer not in ("TLS 1.2", "TLS 1.3"):
            why = "the text is exactly TLS 1.2 or TLS 1.3"
        elif name == "tls13":
            why = "the old field says TLS 1.2 in TLS 1.3 too: look for a newer one"
        elif right == "TLS 1.3":
            why = "suites differ, and a resumed session may have no key share: read a version"
        else:
            why = "this hello has no selected_version: then the old field means what it says"
        return f"expected {shown(right)}, got {shown(answer)}; {why}"
    return None


def _server_hello(name: str) -> HandshakeMessage:
    """A recording's ServerHello, or one of TLS 1.3 that has no key share and another suite."""
    if name != "resumed":
        return wire.handshake_messages(wire.load_recording(name).server_stream)[0]
    extensions = bytes.fromhex("002b00020304002900020000")  # selected_version, pre_shared_key
    body = b"\x03\x03" + bytes(32) + b"\0" + b"\x13\x03" + b"\0" + b"\0\x0c" + extensions
    return split_messages(b"\x02" + len(body).to_bytes(3, "big") + body)[0]


@exercise("6.4", "tickets came first, under the same key")
def numbers_the_record(number: Annotated[int, "write the number alone, as in 7"]) -> str | None:
    """The sequence number of the record with the server's answer."""
    if number < 0:
        return f"expected an int from 0, got {shown(number)}; both sides count from 0"
    hybrid = wire.load_recording("tls13-hybrid")
    streams = hybrid.client_stream, hybrid.server_stream
    opened = [it for it in wire.decrypted_records(*streams, hybrid.keylog) if it.side == "server"]
    before = next(i for i, it in enumerate(opened) if it.content_type == "application_data")
    right = opened[before].sequence_number
    if number == right:
        return None
    anew = "that counts the handshake's records too: the key changed, and counting began anew"
    why = {
        0: "something of the server's came first under this key",
        1: "count again what came first, under the same secret_name",
        right + 1: "Python counts from 0, and so does TLS",
        before: anew,
        before + 1: anew,
        len(wire.tls_records(hybrid.server_stream)) - 2: anew,
    }.get(number, "in the stub's list, count the lines above the answer's with its secret_name")
    return f"expected its number under this key, got {shown(number)}; {why}"


@exercise("6.5", "where the key encrypts, it opens; where it only signs, it does not")
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


Accept = Callable[[dict[str, Any]], Any]  # 1 and 0 will do


@exercise("6.6", "the application remembers what TLS cannot know")
def stops_the_replay(my_accept: Accept) -> str | None:
    """my_accept(request): True for what is new, False for what was sent before."""
    chance = random.Random(os.urandom(8))  # noqa: S311  # exercise data
    # Ten sessions of two requests each, all with the same text: only the ids tell them apart.
    requests = [_request(chance, "pay 10 EUR", number % 2) for number in range(20)]
    requests.append(requests[0] | {"id": str(requests[0]["id"]).swapcase()})
    for request in requests:
        answer = returned(my_accept, dict(request))
        if _said(answer) is False and request is requests[-1]:
            why = "capital letters make another id: compare whole ids"
            return f"expected True for a new id, got {shown(answer)}; {why}"
        if _said(answer) is not True:
            return f"expected True for a new id, got {shown(answer)}; " + (
                _why_refused(my_accept, chance) if _said(answer) is False else "say True or False"
            )
    for number, request in enumerate(requests):
        # Half of them under the old number, half under another.
        answer = my_accept(request | {"tls_number": number // 2 % 2})
        if _said(answer) is not False:
            return (
                f"expected False for a request sent again in a new session, "
                f"got {shown(answer)}; {_why_accepted(my_accept, chance, answer)}"
            )
    answer = my_accept(requests[0] | {"data": "pay 1000 EUR"})
    if _said(answer) is not False:
        why = "an id counts once, whatever else changes"
        return f"expected False for an old id with another text, got {shown(answer)}; {why}"
    if not _said(my_accept(_request(chance, "pay 10 EUR", 0))):
        return "expected True for a new request, got False; after a replay, honest ones still come"
    return None


def _said(answer: object) -> bool | None:
    """What an answer means: True and False, also as 1 and 0; None if it is neither."""
    return bool(answer) if type(answer) in (bool, int) and answer in (0, 1) else None


def _request(chance: random.Random, data: str, tls_number: int) -> dict[str, Any]:
    drawn = f"a{chance.getrandbits(64):016x}"
    return {"id": f"request {drawn}", "data": data, "tls_number": tls_number}


def _why_refused(my_accept: Accept, chance: random.Random) -> str:
    """A new id was refused: would another number have helped, or another text?"""
    request = _request(chance, "pay 30 EUR", 0)
    if _said(my_accept(dict(request))) is False and _said(my_accept(dict(request))):
        return "are True and False swapped?"
    # Numbers and texts that were never tried before, however often the check is run.
    if _said(my_accept(_request(chance, "pay 10 EUR", time.time_ns()))):
        return "new session, new numbers: the same tls_number comes in every session"
    if _said(my_accept(_request(chance, f"pay {time.time_ns()} EUR", 0))):
        return "the same text may honestly come twice"
    return "a new id is a new request: compare whole ids"


def _why_accepted(my_accept: Accept, chance: random.Random, answer: object) -> str:
    """A replay was accepted: under which number would it not have been, or how late?"""
    if not _said(answer):
        return "say True or False, and False to what was sent before"
    request = _request(chance, "pay 20 EUR", 3)
    my_accept(dict(request))
    if _said(my_accept(dict(request))) is not False:
        return "remember the ids that you have seen, in a set outside the function"
    if _said(my_accept(request | {"tls_number": 0})) is not False:
        return "a new session has a new tls_number: is it part of what you remember?"
    return "it remembers the last ones only: remember every id"
