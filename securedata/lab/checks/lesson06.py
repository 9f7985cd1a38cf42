"""Lesson 06's checks: an offset, a version, a nonce, a number, forward secrecy, and replay."""

import os
import random
from collections.abc import Callable
from typing import Any

from securedata.lab import wire
from securedata.lab.bits import xor
from securedata.lab.check import exercise, given, shown

HEADER_BYTES = 5
OPEN = {"B", "E"}


@exercise("6.1", "five bytes of record header, then the message, then the name")
def finds_the_name(answer: int) -> str | None:
    """Where the server's name begins in the recording's client stream."""
    offset = given(answer)
    (hello,) = wire.handshake_messages(wire.load_recording("tls13-hybrid").client_stream)
    tree = wire.dissect(hello)
    right = tree["host_name"].offset
    if offset == right:
        return None
    why = {
        right - HEADER_BYTES: (
            "your offset starts at the handshake: 5 bytes earlier there is a record header"
        ),
        right - 2 * HEADER_BYTES + 1: "that leaves out the record's header and the message's",
        right + 1: "Python counts from 0",
        tree["server_name"].offset: "that is where the extension begins; the name comes later",
        right + tree["host_name"].length: "that is where the name ends",
        2 * right: "that counts hex digits: two make a byte",
        -1: 'find says -1 when there is nothing: look for b"localhost"',
    }.get(offset if isinstance(offset, int) else -2, 'the name is b"localhost": look for it')
    return f"expected the offset of the name, got {shown(offset)}; {why}"


@exercise("6.2", "the extension if there is one, the old field if there is none")
def reads_the_version(my_version: Callable[[wire.Field], str]) -> str | None:
    """my_version(hello): what client and server agreed on, from a dissected ServerHello."""
    for name in ("tls13", "tls12-ecdhe", "tls13-hybrid", "tls12-rsa"):
        hello = wire.dissect(wire.handshake_messages(wire.load_recording(name).server_stream)[0])
        right = "TLS 1.3" if name.startswith("tls13") else "TLS 1.2"
        answer = given(my_version(hello))
        if answer == right:
            continue
        if not isinstance(answer, str):
            why = 'hello["…"].value is the text'
        elif right == "TLS 1.3":
            why = "legacy field; read supported_versions"
        else:
            why = "this hello has no supported_versions: then the old field means what it says"
        return f"expected {shown(right)}, got {shown(answer)}; {why}"
    return None


@exercise("6.3", "a number of its own for every record, and never sent")
def builds_a_nonce(my_nonce: Callable[[bytes, int], bytes]) -> str | None:
    """my_nonce(iv, number): RFC 8446, 5.3."""
    iv = os.urandom(12)
    for number in (0, 1, 255, 256, 2**40 + 7):
        answer = given(my_nonce(iv, number))
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
        elif answer.startswith(iv[:4]) or len(answer) != len(iv):
            why = "left-pad and XOR with the IV: RFC 8446, 5.3"
        elif answer == (int.from_bytes(iv, "big") + number).to_bytes(13, "big")[1:]:
            why = "XOR, not plus"
        else:
            why = "left-pad to 12 bytes and XOR with the IV: RFC 8446, 5.3"
        return f"expected the nonce of record {number}, got {shown(answer)}; {why}"
    return None


@exercise("6.4", "two tickets came first, under the same key")
def numbers_the_record(answer: int) -> str | None:
    """The sequence number of the record with the server's answer."""
    number = given(answer)
    if not isinstance(number, int) or number < 0:
        return f"expected an int from 0, got {shown(number)}; both sides count from 0"
    hybrid = wire.load_recording("tls13-hybrid")
    streams = hybrid.client_stream, hybrid.server_stream
    opened = [it for it in wire.decrypted_records(*streams, hybrid.keylog) if it.side == "server"]
    before = next(i for i, it in enumerate(opened) if it.content_type == "application_data")
    right = opened[before].sequence_number
    if number == right:
        return None
    why = {
        0: "tickets came first",
        1: "there are two tickets, in two records",
        right + 1: "Python counts from 0, and so does TLS",
        before: "that counts the handshake's records too: the key changed, and counting began anew",
        before + 1: "that counts the handshake's records too: the key changed, and counting began "
        "anew",
    }.get(number, "print side, secret_name and sequence_number of wire.decrypted_records(…)")
    return f"expected its number under this key, got {shown(number)}; {why}"


@exercise("6.5", "where the key encrypts, it opens; where it only signs, it does not")
def says_what_opens(answer: set[str]) -> str | None:
    """Which of the five recordings the stolen RSA key opens."""
    letters = given(answer)
    if isinstance(letters, str):
        letters = set(letters)
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


@exercise("6.6", "the application remembers what TLS cannot know")
def stops_the_replay(my_accept: Callable[[dict[str, Any]], bool]) -> str | None:
    """my_accept(request): True for what is new, False for what was sent before."""
    chance = random.Random(os.urandom(8))  # noqa: S311  # exercise data
    requests = [_request(chance, "pay 10 EUR", number) for number in range(6)]
    for request in requests:
        answer = given(my_accept(dict(request)))
        if answer is not True:
            return _why_refused(answer)
    for number, request in enumerate(requests):
        replayed = request | {"tls_number": number * 7 % 5}
        if my_accept(dict(replayed)) is not False:
            return (
                f"expected False for a request sent again in a new session, got True; "
                f"{_why_accepted(my_accept, chance)}"
            )
    late = _request(chance, "pay 10 EUR", 0)
    if my_accept(dict(late)) is not True:
        return "expected True for a new request, got False; after a replay, honest ones still come"
    return None


def _request(chance: random.Random, data: str, tls_number: int) -> dict[str, Any]:
    return {"id": f"{chance.getrandbits(64):016x}", "data": data, "tls_number": tls_number}


def _why_refused(answer: object) -> str:
    if not isinstance(answer, bool):
        return f"expected True, got {shown(answer)}; answer True or False"
    return (
        "expected True for a new request with a new id, got False; "
        "the same text may honestly come twice"
    )


def _why_accepted(my_accept: Callable[[dict[str, Any]], bool], chance: random.Random) -> str:
    request = _request(chance, "pay 20 EUR", 3)
    my_accept(dict(request))
    if my_accept(dict(request)) is False and my_accept(request | {"tls_number": 0}) is not False:
        return "new session, new numbers: the application must remember"
    if my_accept(dict(request)) is False:
        return "it remembers the last one only: remember every id"
    return "remember the ids that you have seen"
