"""The body of a request: JSON, read strictly, as values that need no more checks.

Every fault is a FormatError whose sentence names the field and the reason.
"""

import json
from collections.abc import Collection

from flask import g, request
from werkzeug.exceptions import UnsupportedMediaType

from securedata.errors import FormatError
from securedata.record import PATTERNS, Submission, plaintext_of
from securedata.web.contract import HEX_FIELDS, MAX_TEXT_BYTES, NOT_JSON, RECORD_ID_FORM
from securedata.web.receipt import kind_of, string_field, submission_from_json

MOST_PARTS = 100  # pieces between quotes, or marks outside of strings; a good body has 21


def plaintext_to_store() -> bytes:
    """The text in the body of the request, as UTF-8: at most 256 KiB.

    Raises:
        FormatError, UnsupportedMediaType: see `json_body`; or the text is missing or too long.

    >>> from flask import Flask
    >>> with Flask("example").test_request_context(json={"data": "hello"}):
    ...     plaintext_to_store()
    b'hello'
    """
    text = string_field(json_body(allowed=["data"]), "data")
    plaintext = plaintext_of(text, 'The field "data"')
    if len(plaintext) > MAX_TEXT_BYTES:
        words = f"{len(plaintext)} bytes of UTF-8; at most {MAX_TEXT_BYTES} are stored."
        raise FormatError(f'The field "data" is {words}')
    return plaintext


def wanted_record() -> tuple[str | None, Submission | None]:
    """Which record the request asks for: by its id, by four fields, or by both.

    Raises:
        FormatError, UnsupportedMediaType: see `json_body`; or a field is missing or malformed.

    >>> from flask import Flask
    >>> with Flask("example").test_request_context(json={"record_id": "00" * 16}):
    ...     wanted_record()
    ('00000000000000000000000000000000', None)
    """
    body = json_body(allowed=["record_id", *HEX_FIELDS])
    if not body:
        raise FormatError("Send record_id, or nonce, encrypted_data, tag and signature.")
    record_id = None
    if "record_id" in body:
        record_id = string_field(body, "record_id")
        if not PATTERNS["record_id"].fullmatch(record_id):
            raise FormatError(f'The field "record_id" must be {RECORD_ID_FORM}.')
    by_id_alone = list(body) == ["record_id"]
    return record_id, None if by_id_alone else submission_from_json(body)


def json_body(*, allowed: Collection[str]) -> dict[str, object]:
    """The JSON object in the body of the request.

    Raises:
        FormatError: not UTF-8, not JSON, not an object, too many parts, or a field that
            is not allowed.
        UnsupportedMediaType: the Content-Type is not JSON.

    >>> from flask import Flask
    >>> with Flask("example").test_request_context(json={"data": "hello"}):
    ...     json_body(allowed=["data"])
    {'data': 'hello'}
    """
    if not request.is_json:
        raise UnsupportedMediaType(NOT_JSON)
    try:
        # Decoded first: json.loads would also take UTF-16, and bytes that start with a BOM.
        text = request.get_data().decode("utf-8")
        _refuse_many_parts(text)
        # All numbers as floats: a 5,000-digit integer would cost time, and no field is a number.
        body = json.loads(text, parse_int=float, object_pairs_hook=_object_without_duplicates)
    except UnicodeDecodeError as error:
        raise FormatError(f"The body is not UTF-8: byte {error.start} is wrong.") from None
    except json.JSONDecodeError as error:
        fault = error.msg.removesuffix(" at")  # a position, which follows
        raise FormatError(f"The body is not JSON: {fault} at character {error.pos}.") from None
    if not isinstance(body, dict):
        raise FormatError(f"The body must be a JSON object, not {kind_of(body)}.")
    for name in body:
        if name not in allowed:
            g.reason = "FormatError: a field is unknown"  # its name could be a text or a token
            raise FormatError(f"The field {json.dumps(name[:62])[:64]} is unknown here.")
    return body


def _refuse_many_parts(text: str) -> None:
    # json.loads would hold Python's lock: 0.4 s for 1 MiB of nested lists.
    pieces = text.replace("\\\\", "").replace('\\"', "").split('"', MOST_PARTS)
    outside = "".join(pieces[::2])  # of strings
    if len(pieces) > MOST_PARTS or sum(map(outside.count, "[{,")) > MOST_PARTS:
        raise FormatError("The body has too many parts, or is nested too deeply.")


def _object_without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    # RFC 8259, 4: programs disagree about a repeated name, and attackers use that.
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise FormatError("The body holds one field twice.")
    return fields
