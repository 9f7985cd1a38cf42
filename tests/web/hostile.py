"""Bodies that nobody means well with: what /store and /retrieve must refuse, and in which words."""

import gzip
import json
from collections.abc import Iterator
from typing import NamedTuple

STORE, RETRIEVE = "/store", "/retrieve"
JSON = {"Content-Type": "application/json"}
CHUNKED = {**JSON, "Transfer-Encoding": "chunked"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
MULTIPART = {"Content-Type": "multipart/form-data; boundary=x"}

LENGTHS = {"nonce": 24, "encrypted_data": 28, "tag": 32, "signature": 128}
FIELDS = {name: "0" * length for name, length in LENGTHS.items()}
RECORD_ID = "00112233445566778899aabbccddeeff"
MIB = 1024 * 1024
DEPTH = 100_000


class Case(NamedTuple):
    """One request, and how it must be answered: the word must occur in the error."""

    name: str
    path: str
    body: bytes
    headers: dict[str, str]
    status: int
    word: str

    def __str__(self) -> str:
        return self.name


def refused(name: str, path: str, body: bytes | str, word: str) -> Case:
    return Case(name, path, body.encode() if isinstance(body, str) else body, JSON, 400, word)


def everywhere(name: str, body: bytes | str, word: str) -> Iterator[Case]:
    """What is no JSON object is refused at both addresses, with the same word."""
    for path in (STORE, RETRIEVE):
        yield refused(f"{name} at {path}", path, body, word)


def not_text() -> Iterator[Case]:
    good = '{"data": "hello"}'
    yield from everywhere("bytes that are not UTF-8", b'{"data": "\xff"}', "UTF-8")
    yield from everywhere("a character cut in two", b'{"data": "\xe2\x82"}', "UTF-8")
    yield from everywhere("an overlong slash", b'{"data": "\xc0\xaf"}', "UTF-8")
    yield from everywhere("Latin-1", '{"data": "é"}'.encode("latin-1"), "UTF-8")
    yield from everywhere("UTF-16 with a BOM", good.encode("utf-16"), "UTF-8")
    yield from everywhere("UTF-16 without a BOM", good.encode("utf-16-le"), "JSON")
    yield from everywhere("UTF-8 with a BOM", good.encode("utf-8-sig"), "BOM")
    yield from everywhere("a gzip file", gzip.compress(good.encode()), "UTF-8")


def not_json() -> Iterator[Case]:
    yield from everywhere("nothing", "", "JSON")
    yield from everywhere("a word", "hello", "JSON")
    yield from everywhere("half an object", '{"data": "hello"', "JSON")
    yield from everywhere("two objects", '{"data": "hello"} {"data": "hello"}', "JSON")
    yield from everywhere("single quotes", "{'data': 'hello'}", "JSON")
    yield from everywhere("a no-break space before it", '\u00a0{"data": "hello"}', "JSON")
    yield from everywhere("a name without quotes", '{data: "hello"}', "JSON")
    yield from everywhere("a raw NUL in a string", '{"data": "\0"}', "JSON")
    yield from everywhere("half a unicode escape", '{"data": "\\u00"}', "JSON")


def not_an_object() -> Iterator[Case]:
    tops = {"[]": "an array", "1": "a number", '"hello"': "a string", "null": "null"}
    tops |= {"true": "true or false", "[1]": "an array", "1e999": "a number", "-0": "a number"}
    tops |= {"NaN": "a number", "Infinity": "a number", "-Infinity": "a number"}
    for body, kind in tops.items():
        yield from everywhere(f"{body} at the top", body, f"object, not {kind}")


def too_much() -> Iterator[Case]:
    arrays = "[" * DEPTH + "]" * DEPTH
    objects = '{"a":' * DEPTH + "1" + "}" * DEPTH
    yield from everywhere("arrays in arrays", arrays, "nested")
    yield from everywhere("objects in objects", objects, "nested")
    yield from everywhere("arrays in a field", f'{{"data": {arrays}}}', "nested")
    yield from everywhere("objects in a field", f'{{"data": {objects}}}', "nested")
    yield from everywhere("arrays in a key's place", f"{{{arrays}: 1}}", "JSON")
    yield from everywhere("5,000 digits", "9" * 5000, "a number")
    yield from everywhere("a huge key", f'{{"{"k" * 500_000}": 1}}', "kkk")
    many = ",".join(f'"{number}":1' for number in range(70_000))
    yield from everywhere("70,000 keys", f"{{{many}}}", '"0"')


def twice_or_unknown() -> Iterator[Case]:
    yield refused("data twice", STORE, '{"data": "a", "data": "b"}', "twice")
    yield refused("data twice, once escaped", STORE, '{"data": "a", "d\\u0061ta": "b"}', "twice")
    yield refused("twice, deep inside", STORE, '{"data": [[{"a": 1, "a": 2}]]}', "twice")
    yield refused("record_id twice", RETRIEVE, '{"record_id": "a", "record_id": "b"}', "twice")
    yield refused("owner at /store", STORE, '{"data": "a", "owner": "eve"}', "owner")
    yield refused("record_id at /store", STORE, '{"data": "a", "record_id": "b"}', "record_id")
    yield refused("Data with a capital", STORE, '{"Data": "a"}', "Data")
    yield refused("a lone surrogate in a name", STORE, '{"data": "a", "\\ud800": 1}', "ud800")
    yield refused("a fullwidth name", STORE, '{"ｄａｔａ": "a"}', "unknown")
    yield refused("data at /retrieve", RETRIEVE, '{"data": "a"}', '"data"')
    answer = {"message": "Data stored securely", "data": FIELDS, "record_id": RECORD_ID}
    whole = {**answer, "owner": "local", "signer_id": "0" * 16, "created": "2026-01-02T03:04:05Z"}
    yield refused("the whole answer of /store", RETRIEVE, json.dumps(whole), "message")
    for extra in ("owner", "signer_id", "created", "wrapped_key", "key_id", "ciphertext"):
        body = json.dumps({**FIELDS, extra: "local"})
        yield refused(f"{extra} beside the four fields", RETRIEVE, body, extra)


NOT_STRINGS = {
    "null": "null",
    "1": "a number",
    "1e999": "a number",
    "NaN": "a number",
    "9" * 5000: "a number",
    "true": "true or false",
    "[]": "an array",
    "{}": "an object",
    '{"$ne": null}': "an object",
}


def not_a_string() -> Iterator[Case]:
    for value, kind in NOT_STRINGS.items():
        shown = value if len(value) < 20 else f"{len(value)} digits"
        word = f'"data" must be a string, not {kind}'
        yield refused(f"data is {shown}", STORE, f'{{"data": {value}}}', word)
        word = f'"record_id" must be a string, not {kind}'
        yield refused(f"record_id is {shown}", RETRIEVE, f'{{"record_id": {value}}}', word)
        for field in FIELDS:
            whole = {name: f'"{text}"' for name, text in FIELDS.items()} | {field: value}
            body = "{" + ",".join(f'"{name}": {text}' for name, text in whole.items()) + "}"
            word = f'"{field}" must be a string, not {kind}'
            yield refused(f"{field} is {shown}", RETRIEVE, body, word)


def missing() -> Iterator[Case]:
    yield refused("no data", STORE, "{}", '"data" is missing')
    yield refused("nothing to look for", RETRIEVE, "{}", "missing")
    for field in FIELDS:
        without = {name: text for name, text in FIELDS.items() if name != field}
        word = f'"{field}" is missing'
        yield refused(f"all but {field}", RETRIEVE, json.dumps(without), word)
        with_id = json.dumps({**without, "record_id": RECORD_ID})
        yield refused(f"a record_id, and all but {field}", RETRIEVE, with_id, word)
        yield refused(f"only {field}", RETRIEVE, json.dumps({field: FIELDS[field]}), "missing")


def lone_surrogates() -> Iterator[Case]:
    for name, text in {
        "high": "\\ud83d",
        "low": "\\ude00",
        "swapped": "\\ude00\\ud83d",
        "in text": "a\\ud800b",
    }.items():
        yield refused(f"a lone surrogate, {name}", STORE, f'{{"data": "{text}"}}', '"data"')
    body = json.dumps({**FIELDS, "tag": "\ud800" * 32})
    yield refused("lone surrogates for hex", RETRIEVE, body, '"tag"')


def not_hex(digits: int) -> dict[str, str]:
    """Texts of that many characters that some parsers take for hex."""
    return {
        "capitals": "AB" * (digits // 2),
        "0x": "0x" + "0" * (digits - 2),
        "spaces between": "00 0" * (digits // 4),
        "a line feed at the end": "0" * (digits - 1) + "\n",
        "a line feed after the end": "0" * digits + "\n",
        "a NUL": "0" * (digits - 1) + "\0",
        "a sign": "-" + "0" * (digits - 1),
        "fullwidth digits": "\uff11" * digits,
        "Arabic-Indic digits": "\u0661" * digits,
    }


def bad_hex() -> Iterator[Case]:
    for field, digits in LENGTHS.items():
        for name, text in not_hex(digits).items():
            body = json.dumps({**FIELDS, field: text})
            yield refused(
                f"{field} with {name}", RETRIEVE, body, f'"{field}" must be lower-case hex'
            )
        body = json.dumps({**FIELDS, field: "0" * (digits - 1)})
        yield refused(f"{field} with an odd digit", RETRIEVE, body, f'"{field}"')
    for field in ("nonce", "tag", "signature"):
        for digits in (0, 2, LENGTHS[field] - 2, LENGTHS[field] + 2, 100_000):
            body = json.dumps({**FIELDS, field: "0" * digits})
            word = f'"{field}" must be {LENGTHS[field]} hex digits, not {digits}'
            yield refused(f"{field} of {digits} digits", RETRIEVE, body, word)


def bad_record_ids() -> Iterator[Case]:
    forms = {
        **not_hex(32),
        "nothing": "",
        "31 digits": "0" * 31,
        "34 digits": "0" * 34,
        "a UUID's hyphens": "00112233-4455-6677-8899-aabbccddeeff",
        "a percent sign": "%" * 32,
        "a path": "../" * 10 + "ab",
        "SQL": "' OR '1'='1",
    }
    for name, text in forms.items():
        body = json.dumps({"record_id": text})
        yield refused(f"record_id with {name}", RETRIEVE, body, '"record_id" must be 32')
    beside = json.dumps({**FIELDS, "record_id": "0" * 31})
    yield refused("a bad record_id beside good fields", RETRIEVE, beside, '"record_id"')


def wrong_type() -> Iterator[Case]:
    good = b'{"data": "hello"}'
    word = "application/json"
    for name, headers in {
        "text/plain": {"Content-Type": "text/plain"},
        "no Content-Type": {},
        "an empty Content-Type": {"Content-Type": ""},
        "application/jsonp": {"Content-Type": "application/jsonp"},
        "JSON as a parameter": {"Content-Type": "text/plain; x=application/json"},
        "octet-stream": {"Content-Type": "application/octet-stream"},
        "two types": {"Content-Type": "text/plain, application/json"},
    }.items():
        for path in (STORE, RETRIEVE):
            yield Case(f"{name} at {path}", path, good, headers, 415, word)
    yield Case("a form", STORE, b"data=hello", FORM, 415, word)
    part = b'--x\r\nContent-Disposition: form-data; name="data"\r\n\r\nhello\r\n--x--\r\n'
    yield Case("a multipart form", STORE, part, MULTIPART, 415, word)
    yield Case("a form with nothing in it", STORE, b"", FORM, 415, word)


def wrong_encoding() -> Iterator[Case]:
    gzipped = gzip.compress(b'{"data": "hello"}')
    headers = {**JSON, "Content-Encoding": "gzip"}
    yield Case("a gzipped body", STORE, gzipped, headers, 400, "UTF-8")
    utf16 = {"Content-Type": "application/json; charset=utf-16"}
    body = '{"data": "hello"}'.encode("utf-16")
    yield Case("UTF-16, and the header says so", STORE, body, utf16, 400, "UTF-8")
    yield Case("a bad body in chunks", STORE, b'{"data": 1}', CHUNKED, 400, '"data"')


def too_large() -> Iterator[Case]:
    limit = str(MIB)
    for path, status, word in (
        (STORE, 413, limit),
        (RETRIEVE, 413, limit),
        ("/nowhere", 404, "not found"),  # from the head alone
        ("/health", 405, "not allowed"),
    ):
        yield Case(f"1 MiB and a byte at {path}", path, b" " * (MIB + 1), JSON, status, word)
    yield Case("5 MiB", STORE, b"a" * (5 * MIB), JSON, 413, limit)
    yield Case("1 MiB and a byte in chunks", STORE, b" " * (MIB + 1), CHUNKED, 413, limit)
    yield Case("5 MiB in chunks", STORE, b"a" * (5 * MIB), CHUNKED, 413, limit)
    yield Case("1 MiB and a byte of no type", STORE, b" " * (MIB + 1), {}, 413, limit)
    text = "a" * (256 * 1024 + 1)
    yield refused("256 KiB and a byte of text", STORE, json.dumps({"data": text}), '"data"')
    euros = "€" * (256 * 1024 // 3 + 1)  # three bytes each
    yield refused("256 KiB and two bytes of euros", STORE, json.dumps({"data": euros}), '"data"')


CASES: list[Case] = [
    *not_text(),
    *not_json(),
    *not_an_object(),
    *too_much(),
    *twice_or_unknown(),
    *not_a_string(),
    *missing(),
    *lone_surrogates(),
    *bad_hex(),
    *bad_record_ids(),
    *wrong_type(),
    *wrong_encoding(),
    *too_large(),
]

# What looks odd, and is good JSON all the same: the texts that must come back.
ODD_BUT_GOOD: list[tuple[str, bytes, dict[str, str], str]] = [
    ("in chunks", b'{"data": "hello"}', CHUNKED, "hello"),
    ("with white space around it", b' \r\n\t{ "data" :\n"hello" } \n', JSON, "hello"),
    (
        "with a charset",
        b'{"data": "hello"}',
        {"Content-Type": "Application/JSON; charset=utf-8"},
        "hello",
    ),
    (
        "with a charset that is not true",
        b'{"data": "hello"}',
        {"Content-Type": "application/json; charset=utf-16"},
        "hello",
    ),
    ("with an escaped name", b'{"d\\u0061ta": "hello"}', JSON, "hello"),
    ("with an escaped NUL", b'{"data": "\\u0000"}', JSON, "\0"),
    ("with an escaped emoji", b'{"data": "\\ud83d\\ude00"}', JSON, "😀"),
    ("with exactly 1 MiB of body", b'{"data": "hello"}' + b" " * (MIB - 17), JSON, "hello"),
    ("with exactly 1 MiB in chunks", b'{"data": "hello"}' + b" " * (MIB - 17), CHUNKED, "hello"),
]
