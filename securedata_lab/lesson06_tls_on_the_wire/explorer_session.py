"""Lesson 06: one's own TLS session as a hex dump, in which a field lights its bytes."""

from collections.abc import Iterator
from typing import Any

from securedata_lab import wire
from securedata_lab.drawing.explorer import Explorer
from securedata_lab.lesson06_tls_on_the_wire.own_lines import Open, opened_by
from securedata_lab.wire.recording import Recording

# Fields of a hello that have a name here; the rest of it is shown, too.
NAMED = {
    "ClientHello": {
        "random": "random",
        "cipher_suites": "suites that the client can use",
        "host_name": "the server's name",
        "versions": "versions that the client can use",
        "key_exchange": "key share g^a",
    },
    "ServerHello": {
        "random": "random",
        "cipher_suite": "the chosen suite",
        "selected_version": "the chosen version",
        "key_exchange": "key share g^b",
    },
}
POINT = "A point of the curve X25519."  # instead of the reader's sentence, which is for all groups
POINT_BYTES = 32
SHOWN_BYTES = 48  # of a part
TAIL = 30  # letters of what was said
# What each message or content of an opened record is for.
JOBS = {
    "EncryptedExtensions": "More settings, such as the protocol that is spoken inside.",
    "Certificate": "The server's certificate, as in lesson 05.",
    "CertificateVerify": "The server's signature over all messages so far, as in lesson 05.",
    "Finished": "An HMAC over all messages so far: a changed one is noticed.",
    "NewSessionTicket": "For a shorter handshake next time (at home).",
    "application_data": "HTTP, as the application wrote it.",
    "alert": "The goodbye: nothing more will come.",
}
KEYS = {"HANDSHAKE": "handshake keys", "SECRET_0": "data keys"}

Part = dict[str, Any]


def explore_session(recording: Recording, my_open: Open) -> Explorer:
    """The bytes of both sides. A record opens if `my_open(record, key, iv, number)` opens it.

    >>> import re
    >>> hybrid = wire.load_recording("tls13-hybrid")
    >>> print(re.split("; |: ", str(explore_session(hybrid, lambda *_: None)))[0])
    client, in the clear
    """
    opened = {"client": dict[int, Part](), "server": dict[int, Part]()}
    for it, content in opened_by(my_open, recording, recording.keylog):
        opened[it.side][it.record.offset] = _record(it, content)
    streams = {"client": recording.client_stream, "server": recording.server_stream}
    sides = {side: [*_parts(stream, opened[side])] for side, stream in streams.items()}
    return Explorer(__package__, "session", sides, "\n".join(_in_words(sides)))


def _parts(stream: bytes, opened: dict[int, Part]) -> Iterator[Part]:
    """All bytes of a side, in their order."""
    for record in wire.tls_records(stream):
        header, start = stream[record.offset : record.fragment_offset], record.fragment_offset
        yield _part("clear", f"header of a record: {record.content_type}", record.offset, header)
        if record.offset in opened:
            yield opened[record.offset]
        elif record.content_type == "handshake":
            (message,) = wire.handshake_messages(record.data)
            yield from _hello(wire.dissect(message), start, record.fragment)
        else:
            yield _part(
                "clear", f"{record.content_type}, which means nothing", start, record.fragment
            )


def _hello(hello: wire.Field, start: int, data: bytes) -> Iterator[Part]:
    rest, place = f"the rest of the {hello.name}", 0
    names = NAMED[hello.name]
    fields = [hello[name] for name in names if name in hello]
    for field in sorted(fields, key=lambda it: it.offset):
        begins = field.offset - hello.offset
        if begins > place:
            yield _part("clear", rest, start + place, data[place:begins])
        value = f": {field.value}" if isinstance(field.value, str) and field.value else ""
        part = _part("named", names[field.name] + value, start + begins, field.data)
        is_point = field.name == "key_exchange" and field.length == POINT_BYTES
        yield part | {"sentence": POINT if is_point else field.sentence}
        place = begins + field.length
    yield _part("clear", rest, start + place, data[place:])


def _record(it: Any, content: bytes | str) -> Part:
    keys = next(words for part, words in KEYS.items() if part in it.secret_name)
    name = f"record {it.sequence_number}, {keys}"
    start, data = it.record.fragment_offset, it.record.fragment
    if isinstance(content, str):
        return _part("sealed", f"{name}: encrypted", start, data) | {"why": content}
    inside = [it.content_type]
    if inside == ["handshake"]:
        inside = [it.name for it in wire.decrypted_messages([it], it.side)]
    jobs = " ".join(JOBS.get(name, "") for name in inside)
    text = "".join(chr(byte) if 32 <= byte < 127 else "·" for byte in content)
    part = _part("opened", f"{name}: {', '.join(inside)}", start, data)
    return part | {"text": text, "sentence": jobs}


def _part(kind: str, name: str, start: int, data: bytes) -> Part:
    return {
        "kind": kind,
        "name": name,
        "start": start,
        "length": len(data),
        "hex": data[:SHOWN_BYTES].hex(" "),
    }


def _in_words(sides: dict[str, list[Part]]) -> Iterator[str]:
    told = set[str]()  # each reason once
    for side, parts in sides.items():
        named = [part["name"] for part in parts if part["kind"] == "named"]
        yield f"{side}, in the clear: {'; '.join(named)}"
        for part in parts:
            if part["kind"] == "sealed":
                why = "the same" if part["why"] in told else part["why"]
                told.add(part["why"])
                yield f"{side}, {part['name']} ({why})"
            if part["kind"] == "opened":
                said = f": {part['text'][-TAIL:]}" if "application_data" in part["name"] else ""
                yield f"{side}, {part['name']}, opened{said}"
