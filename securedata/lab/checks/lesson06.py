"""Lesson 06's checks: an offset, a version, a nonce, a number, forward secrecy, and replay."""

import os
import random
import time
from collections.abc import Callable
from typing import Any

from securedata.lab import wire
from securedata.lab.bits import xor
from securedata.lab.checking import exercise, given, returned, shown

HEADER_BYTES = 5
OPEN = {"B", "E"}


@exercise("6.1", "five bytes of record header, then the message, then the name")
def finds_the_name(answer: int) -> str | None:
    """Where the server's name begins in the recording's client stream."""
    offset = given(answer)
    if type(offset) is not int:
        return f"expected the offset of the name, got {shown(offset)}; an offset is an int"
    (hello,) = wire.handshake_messages(wire.load_recording("tls13-hybrid").client_stream)
    tree = wire.dissect(hello)
    right = tree["host_name"].offset
    if offset == right:
        return None
    why = {
        right - HEADER_BYTES: (
            "your offset starts at the handshake: 5 bytes earlier there is a record header"
        ),
        right + 1: "Python counts from 0",
        tree["server_name"].offset: (  # and, by chance, the same without two headers, of 5 and 4
            "that is where the extension begins, or a count without the headers: look for the name"
        ),
        right + tree["host_name"].length: "that is where the name ends",
        2 * right: "that counts hex digits: two make a byte",
        int(f"{right:x}"): "that is hexadecimal: in Python it begins with 0x",
        -1: 'find says -1 when there is nothing: look for b"localhost"',
    }.get(offset, 'look for b"localhost" in hybrid.client_stream')
    return f"expected the offset of the name, got {shown(offset)}; {why}"


@exercise("6.2", "the extension if there is one, the old field if there is none")
def reads_the_version(my_version: Callable[[wire.Field], str]) -> str | None:
    """my_version(hello): what client and server agreed on, from a dissected ServerHello."""
    for name in ("tls13", "tls12-ecdhe", "tls13-hybrid", "tls12-rsa", "rfc8448"):
        hello = wire.dissect(wire.handshake_messages(wire.load_recording(name).server_stream)[0])
        right = "TLS 1.2" if name.startswith("tls12") else "TLS 1.3"
        answer = returned(my_version, hello)
        if answer == right:
            continue
        if not isinstance(answer, str):
            why = 'hello["…"].value is the text'
        elif answer not in ("TLS 1.2", "TLS 1.3"):
            why = "the text is exactly TLS 1.2 or TLS 1.3"
        elif right == "TLS 1.3":
            why = "legacy field; read supported_versions"
        else:
            why = "this hello has no supported_versions: then the old field means what it says"
        return f"expected {shown(right)}, got {shown(answer)}; {why}"
    return None


@exercise("6.3", "a number of its own for every record, and never sent")
def builds_a_nonce(my_nonce: Callable[[bytes, int], bytes]) -> str | None:
    """my_nonce(iv, number): RFC 9846, 5.3."""
    iv = os.urandom(12)
    for number in (0, 1, 255, 258, 2**40 + 7):
        answer = returned(my_nonce, iv, number)
        right = wire.record_nonce(iv, number)
        if answer == right:
            continue
        if not isinstance(answer, bytes):
            why = "a nonce is bytes"
        elif answer == xor(iv, number.to_bytes(12, "little")):
            why = "big-endian: zeros on the left"
        elif answer == number.to_bytes(12, "big"):
            why = "that is the number alone: XOR it with the IV"
        elif answer == iv:
            why = "that is the IV alone: every record would have the same nonce"
        elif answer == (int.from_bytes(iv, "big") + number).to_bytes(13, "big")[1:]:
            why = "XOR, not plus"
        else:
            why = "left-pad and XOR with the IV: RFC 9846, 5.3"
        return f"expected the nonce of record {number}, got {shown(answer)}; {why}"
    return None


@exercise("6.4", "two tickets came first, under the same key")
def numbers_the_record(answer: int) -> str | None:
    """The sequence number of the record with the server's answer."""
    number = given(answer)
    if type(number) is not int or number < 0:
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
        0: "tickets came first",
        1: "there are two tickets, in two records",
        right + 1: "Python counts from 0, and so does TLS",
        before: anew,
        before + 1: anew,
        len(wire.tls_records(hybrid.server_stream)) - 2: anew,
    }.get(number, "print side, secret_name and sequence_number of wire.decrypted_records(…)")
    return f"expected its number under this key, got {shown(number)}; {why}"


@exercise("6.5", "where the key encrypts, it opens; where it only signs, it does not")
def says_what_opens(answer: set[str]) -> str | None:
    """Which of the five recordings the stolen RSA key opens."""
    letters = given(answer)
    if isinstance(letters, str):
        letters = set(letters) - set(", ")
    if not isinstance(letters, (set, frozenset, list, tuple)):
        return f"expected a set of letters, got {shown(letters)}; such as {{'A', 'B'}}"
    chosen = {str(letter) for letter in letters}
    if chosen == OPEN:
        return None
    if chosen - set("ABCDE"):
        why = "the letters are A to E"
    elif chosen & {"A", "D"}:
        why = "in ECDHE and DHE it only signs"
    elif "C" in chosen:
        why = "TLS 1.3 is always ephemeral: its suites do not even name a key exchange"
    else:
        why = "TLS_RSA_WITH: the client encrypts the secret to the server's key"
    return f"expected those with static RSA, got {shown(letters)}; {why}"


Accept = Callable[[dict[str, Any]], bool]


@exercise("6.6", "the application remembers what TLS cannot know")
def stops_the_replay(my_accept: Accept) -> str | None:
    """my_accept(request): True for what is new, False for what was sent before."""
    chance = random.Random(os.urandom(8))  # noqa: S311  # exercise data
    # Ten sessions of two requests each, all with the same text: only the ids tell them apart.
    requests = [_request(chance, "pay 10 EUR", number % 2) for number in range(20)]
    for request in requests:
        answer = returned(my_accept, dict(request))
        if answer is not True:
            return f"expected True for a new id, got {shown(answer)}; " + (
                _why_refused(my_accept, chance) if answer is False else "answer True or False"
            )
    for number, request in enumerate(requests):
        # Half of them under the old number, half under another.
        answer = my_accept(request | {"tls_number": number // 2 % 2})
        if answer is not False:
            return (
                f"expected False for a request sent again in a new session, "
                f"got {shown(answer)}; {_why_accepted(my_accept, chance, answer)}"
            )
    if my_accept(_request(chance, "pay 10 EUR", 0)) is not True:
        return "expected True for a new request, got False; after a replay, honest ones still come"
    return None


def _request(chance: random.Random, data: str, tls_number: int) -> dict[str, Any]:
    return {"id": f"{chance.getrandbits(64):016x}", "data": data, "tls_number": tls_number}


def _why_refused(my_accept: Accept, chance: random.Random) -> str:
    """A new id was refused: would another number have helped, or another text?"""
    # Numbers and texts that were never tried before, however often the check is run.
    if my_accept(_request(chance, "pay 10 EUR", time.time_ns())) is True:
        return "new session, new numbers: the same tls_number comes in every session"
    if my_accept(_request(chance, f"pay {time.time_ns()} EUR", 0)) is True:
        return "the same text may honestly come twice"
    return "a new id is a new request"


def _why_accepted(my_accept: Accept, chance: random.Random, answer: object) -> str:
    """A replay was accepted: under which number would it not have been, or how late?"""
    if answer is not True:
        return "answer True or False, and False to what was sent before"
    request = _request(chance, "pay 20 EUR", 3)
    my_accept(dict(request))
    if my_accept(dict(request)) is not False:
        return "remember the ids that you have seen, in a set outside the function"
    if my_accept(request | {"tls_number": 0}) is not False:
        return "new session, new numbers: the application must remember"
    return "it remembers the last one only: remember every id"
