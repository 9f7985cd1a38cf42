"""Bodies that attackers send: what /store and /retrieve must refuse, and in which words."""

import gzip
import json
from collections.abc import Iterator
from typing import NamedTuple

from securedata import record
from securedata.web.contract import HEX_FIELDS

STORE, RETRIEVE = "/store", "/retrieve"
JSON = {"Content-Type": "application/json"}
CHUNKED = {**JSON, "Transfer-Encoding": "chunked"}

LENGTHS = {"nonce": 24, "encrypted_data": 28, "tag": 32, "signature": 128}
FIELDS = {name: "0" * length for name, length in LENGTHS.items()}
RECORD_ID = "00112233445566778899aabbccddeeff"
MIB = 1024 * 1024
DEPTH = 100_000


class Case(NamedTuple):
    """One request, and how it must be answered: the word must occur in the error."""

    path: str
    body: bytes
    word: str
    status: int = 400
    headers: dict[str, str] = JSON


def refused(path: str, body: bytes | str | dict[str, str], word: str) -> Case:
    text = json.dumps(body) if isinstance(body, dict) else body
    return Case(path, text.encode() if isinstance(text, str) else text, word)


GOOD = '{"data": "hello"}'
NO_OBJECTS: list[tuple[bytes | str, str]] = [  # the same words at both addresses
    (b'{"data": "\xff"}', "UTF-8"),
    (GOOD.encode("utf-16"), "UTF-8"),  # with a BOM
    (GOOD.encode("utf-16-le"), "JSON"),
    (GOOD.encode("utf-8-sig"), "BOM"),
    ("", "JSON"),
    ('{"data": "hello"', "JSON"),
    ('{"data": "hello', "Unterminated string starting at character 9."),
    (f"{GOOD} {GOOD}", "JSON"),
    ('{"data": "\0"}', "JSON"),
    ("[]", "object, not an array"),
    *((body, "object, not a number") for body in ("1e999", "NaN")),
    ('"hello"', "object, not a string"),
    ("null", "object, not null"),
    ("true", "object, not true or false"),
    ("[" * DEPTH + "]" * DEPTH, "nested"),
    ('{"a":' * DEPTH + "1" + "}" * DEPTH, "nested"),
    ("9" * 5000, "a number"),
    (f'{{"{"k" * 500_000}": 1}}', f'"{"k" * 62}" is unknown'),
    (f"{{{','.join(f'{json.dumps(str(number))}:1' for number in range(60))}}}", "too many parts"),
    *((f'{{"data": [{part * 101}1]}}', "too many parts") for part in ("[],", '"[",', "1,")),
]

TWICE_OR_UNKNOWN = [
    (STORE, '{"data": "a", "data": "b"}', "twice"),
    (STORE, '{"data": "a", "d\\u0061ta": "b"}', "twice"),
    (STORE, '{"data": [[{"a": 1, "a": 2}]]}', "twice"),
    (RETRIEVE, '{"record_id": "a", "record_id": "b"}', "twice"),
    (STORE, '{"data": "a", "owner": "eve"}', "owner"),
    (STORE, '{"Data": "a"}', "Data"),
    (STORE, '{"data": "a", "\\ud800": 1}', "ud800"),
    (RETRIEVE, '{"data": "a"}', '"data"'),
    (RETRIEVE, json.dumps({"message": "Data stored securely", "data": FIELDS}), "message"),
    *((RETRIEVE, json.dumps({**FIELDS, it: "local"}), it) for it in ("owner", "signer_id")),
]


NOT_STRINGS = {
    "null": "null",
    "1e999": "a number",
    "9" * 5000: "a number",
    "true": "true or false",
    "[]": "an array",
    '{"$ne": null}': "an object",
}


def not_a_string() -> Iterator[Case]:
    for value, kind in NOT_STRINGS.items():
        for path, field in (
            (STORE, "data"),
            (RETRIEVE, "record_id"),
            *((RETRIEVE, it) for it in FIELDS),
        ):
            beside = {} if field not in FIELDS else FIELDS
            whole = {name: f'"{text}"' for name, text in beside.items()} | {field: value}
            body = "{" + ",".join(f'"{name}": {text}' for name, text in whole.items()) + "}"
            yield refused(path, body, f'"{field}" must be a string, not {kind}')


def missing() -> Iterator[Case]:
    yield refused(STORE, "{}", '"data" is missing')
    yield refused(RETRIEVE, "{}", "Send record_id, or nonce, encrypted_data, tag and signature.")
    for field in FIELDS:
        without = {name: text for name, text in FIELDS.items() if name != field}
        for body in (without, {**without, "record_id": RECORD_ID}):
            yield refused(RETRIEVE, body, f'"{field}" is missing')
        yield refused(RETRIEVE, {field: FIELDS[field]}, "missing")


def lone_surrogates() -> Iterator[Case]:
    for text in ("\\ud83d", "\\ude00", "\\ude00\\ud83d", "a\\ud800b"):
        yield refused(STORE, f'{{"data": "{text}"}}', '"data"')
    yield refused(RETRIEVE, {**FIELDS, "tag": "\ud800" * 32}, '"tag"')


def not_hex(digits: int) -> list[str]:
    """Texts that some parsers take for hex; all but one have that many characters."""
    zeros = "0" * digits
    odd = ["AB" * (digits // 2), "0x" + zeros[2:], "00 0" * (digits // 4), "-" + zeros[1:]]
    return [*odd, zeros[1:] + "\n", zeros + "\n", "\uff11" * digits]


def bad_hex() -> Iterator[Case]:
    for field, digits in LENGTHS.items():
        for text in not_hex(digits):
            yield refused(RETRIEVE, {**FIELDS, field: text}, f'"{field}" must be lower-case hex')
        yield refused(RETRIEVE, {**FIELDS, field: "0" * (digits - 1)}, f'"{field}"')
    for field in ("nonce", "tag", "signature"):
        for digits in (0, LENGTHS[field] - 2, LENGTHS[field] + 2):
            ours = record.LENGTHS[HEX_FIELDS[field]]
            allowed = " or ".join(str(2 * length) for length in ours)
            word = f'"{field}" must be {allowed} hex digits, not {digits}'
            yield refused(RETRIEVE, {**FIELDS, field: "0" * digits}, word)
    others = ["", "0" * 31, "0" * 34, "00112233-4455-6677-8899-aabbccddeeff"]
    for text in (*not_hex(32), *others):
        for beside in ({}, FIELDS):
            yield refused(RETRIEVE, {**beside, "record_id": text}, '"record_id" must be 32')


def wrong_type() -> Iterator[Case]:
    kinds = ["text/plain", "", "application/jsonp", "text/plain; x=application/json"]
    kinds += ["text/plain, application/json"]
    for path in (STORE, RETRIEVE):
        for headers in ({}, *({"Content-Type": kind} for kind in kinds)):
            yield Case(path, GOOD.encode(), "application/json", 415, headers)


def wrong_encoding() -> Iterator[Case]:
    gzipped = gzip.compress(GOOD.encode())
    yield Case(STORE, gzipped, "UTF-8", headers={**JSON, "Content-Encoding": "gzip"})
    utf16 = {"Content-Type": "application/json; charset=utf-16"}
    yield Case(STORE, GOOD.encode("utf-16"), "UTF-8", headers=utf16)
    yield Case(STORE, b'{"data": 1}', '"data"', headers=CHUNKED)


def too_large() -> Iterator[Case]:
    long = b" " * (MIB + 1)
    for path in (STORE, RETRIEVE):
        yield Case(path, long, str(MIB), 413)
    yield Case(STORE, long, str(MIB), 413, {})
    yield Case(STORE, b"a" * (5 * MIB), str(MIB), 413, CHUNKED)
    yield Case("/nowhere", long, "No such address", 404)  # from the head alone
    yield Case("/health", long, "not allowed", 405)
    yield refused(STORE, {"data": "a" * (256 * 1024 + 1)}, '"data"')
    yield refused(STORE, {"data": "€" * (256 * 1024 // 3 + 1)}, '"data"')  # three bytes each


CASES: list[Case] = [
    *(refused(path, body, word) for body, word in NO_OBJECTS for path in (STORE, RETRIEVE)),
    *(refused(*case) for case in TWICE_OR_UNKNOWN),
    *not_a_string(),
    *missing(),
    *lone_surrogates(),
    *bad_hex(),
    *wrong_type(),
    *wrong_encoding(),
    *too_large(),
]

# Odd bodies that are good JSON all the same, and the texts that must come back.
NOT_NORMAL = "\0 \u202eمرحبا e\u0301 é \ufeff\r\n"
ODD_BUT_GOOD: list[tuple[bytes, dict[str, str], str]] = [
    (GOOD.encode(), CHUNKED, "hello"),
    (b' \r\n\t{ "data" :\n"hello" } \n', JSON, "hello"),
    (GOOD.encode(), {"Content-Type": "Application/JSON; charset=utf-8"}, "hello"),
    (GOOD.encode(), {"Content-Type": "application/json; charset=utf-16"}, "hello"),
    (b'{"d\\u0061ta": "hello"}', JSON, "hello"),
    (b'{"data": "\\u0000"}', JSON, "\0"),
    (json.dumps({"data": NOT_NORMAL}).encode(), JSON, NOT_NORMAL),
    (b'{"data": "\\ud83d\\ude00"}', JSON, "😀"),
    (json.dumps({"data": '["{,\\' * 1000}).encode(), JSON, '["{,\\' * 1000),
    (GOOD.replace("hello", "é" * 131_072).encode(), JSON, "é" * 131_072),  # 256 KiB, as stored
    (GOOD.encode() + b" " * (MIB - 17), JSON, "hello"),
    (GOOD.encode() + b" " * (MIB - 17), CHUNKED, "hello"),
]
