"""What a client sent: JSON, decoded strictly, and its fields by name, in the contract's forms.

Every fault is a FormatError whose sentence names the field and the reason.
"""

import json
import re
from collections.abc import Collection

from flask import request
from werkzeug.exceptions import UnsupportedMediaType

from securedata.errors import FormatError
from securedata.web.contract import NOT_JSON, Endpoint, Field, Hex, Inner, Text, Word


def checked_body(endpoint: Endpoint) -> dict[str, str]:
    """The body of the request that is being answered, every field in the form that it must have.

    Raises:
        FormatError: not UTF-8, not JSON, not an object; or a field that is unknown, missing, or
            not in its form.
        UnsupportedMediaType: the Content-Type is not JSON.

    >>> from flask import Flask
    >>> from securedata.web.contract import STORE
    >>> with Flask("example").test_request_context(json={"data": "hello"}):
    ...     checked_body(STORE)
    {'data': 'hello'}
    """
    body = json_body(allowed=endpoint.field_names)
    form = endpoint.form_of(body)
    fields = [field for field in form.fields if field.name in body or field in form.required]
    return {field.name: _checked(body, field) for field in fields}


def json_body(*, allowed: Collection[str]) -> dict[str, object]:
    """The JSON object in the body of the request that is being answered.

    Raises:
        FormatError: not UTF-8, not JSON, not an object, or a field that is not allowed.
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
        # Numbers are never wanted, and 5,000-digit integers would cost time: floats are cheap.
        body = json.loads(text, parse_int=float, object_pairs_hook=_object_without_duplicates)
    except UnicodeDecodeError as error:
        raise FormatError(f"The body is not UTF-8: byte {error.start} is wrong.") from None
    except json.JSONDecodeError as error:
        raise FormatError(f"The body is not JSON: {error.msg} at character {error.pos}.") from None
    except RecursionError:
        raise FormatError("The body is nested too deeply.") from None
    if not isinstance(body, dict):
        raise FormatError(f"The body must be a JSON object, not {_kind(body)}.")
    for name in body:
        if name not in allowed:
            raise FormatError(f"The field {json.dumps(name)[:50]} is unknown here.")
    return body


def _object_without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    # RFC 8259, 4: what a name means that stands twice is anybody's guess, and attackers guess well.
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise FormatError("The body holds one field twice.")
    return fields


def string_field(body: dict[str, object], name: str) -> str:
    """A field that must be there and be a string.

    Raises:
        FormatError: it is missing, or not a string.

    >>> string_field({"data": None}, "data")
    Traceback (most recent call last):
        ...
    securedata.errors.FormatError: The field "data" must be a string, not null.
    """
    if name not in body:
        raise FormatError(f'The field "{name}" is missing.')
    value = body[name]
    if not isinstance(value, str):
        raise FormatError(f'The field "{name}" must be a string, not {_kind(value)}.')
    return value


def hex_field(body: dict[str, object], name: str, length: int | None = None) -> bytes:
    """A field that must be lower-case hex, and if a length is given, that many bytes.

    Raises:
        FormatError: it is missing, not a string, not hex, or of another length.

    >>> hex_field({"tag": "00ff"}, "tag", length=16)
    Traceback (most recent call last):
        ...
    securedata.errors.FormatError: The field "tag" must be 32 hex digits, not 4.
    """
    text = string_field(body, name)
    # bytes.fromhex would also take spaces and capitals: one value, one spelling.
    if not re.fullmatch("(?:[0-9a-f]{2})*", text):
        raise FormatError(f'The field "{name}" must be lower-case hex, two digits a byte.')
    if length is not None and len(text) != 2 * length:
        raise FormatError(f'The field "{name}" must be {2 * length} hex digits, not {len(text)}.')
    return bytes.fromhex(text)


def _checked(body: dict[str, object], field: Field | Inner) -> str:
    text = string_field(body, field.name)
    match field:
        case Text(max_bytes=int(most)):
            _check_size(field.name, text, most)
        case Hex(length=length):
            hex_field(body, field.name, length)
        case Word(pattern=pattern, form=form):
            if not pattern.fullmatch(text):
                raise FormatError(f'The field "{field.name}" must be {form}.')
        case _:
            raise TypeError(f"no request may hold the field {field.name}")
    return text


def _check_size(name: str, text: str, most: int) -> None:
    try:
        size = len(text.encode("utf-8"))
    except UnicodeEncodeError:
        raise FormatError(f'The field "{name}" holds a lone surrogate: not Unicode text.') from None
    if size > most:
        raise FormatError(
            f'The field "{name}" is {size} bytes of UTF-8; at most {most} are stored.'
        )


def _kind(value: object) -> str:
    if value is None:
        return "null"
    kinds = {bool: "true or false", float: "a number", list: "an array", dict: "an object"}
    return kinds.get(type(value), "a string")
