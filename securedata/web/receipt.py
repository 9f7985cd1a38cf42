"""A receipt as the JSON that /store answers, and back. Here hex becomes bytes, and bytes hex.

Every fault is a FormatError that names the field. No HTTP here.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from securedata.errors import FormatError
from securedata.record import LENGTHS, Header, Receipt, Submission
from securedata.web.contract import HEX_FIELDS, STORED

KINDS = {  # of JSON values
    type(None): "null",
    bool: "true or false",
    float: "a number",
    list: "an array",
    dict: "an object",
}


def receipt_to_json(receipt: Receipt) -> dict[str, Any]:
    """The answer of /store: the four fields to hand in again, and the header.

    The key id and wrapped key of a sealed record are left out: they stay in the server.

    >>> from securedata import RecordStore, ServiceKeys, Vault
    >>> record = Vault(RecordStore("sqlite://"), ServiceKeys.generate()).store("attack at dawn")
    >>> list(receipt_to_json(record))
    ['message', 'data', 'record_id', 'owner', 'signer_id', 'created']
    """
    return {
        "message": STORED,
        "data": {name: getattr(receipt, ours).hex() for name, ours in HEX_FIELDS.items()},
        **asdict(receipt.header),
    }


def receipt_from_json(answer: Mapping[str, Any]) -> Receipt:
    """Read the answer of /store: hex becomes bytes, and every field must have its form.

    Raises:
        FormatError: this is not such an answer.

    >>> receipt_from_json({"message": "Data stored securely"})
    Traceback (most recent call last):
        ...
    securedata.errors.FormatError: not an answer of /store
    """
    try:
        header = {field.name: answer[field.name] for field in fields(Header)}
        submission = submission_from_json(answer["data"])
    except (KeyError, TypeError):
        raise FormatError("not an answer of /store") from None
    return Receipt(header=Header(**header), **vars(submission))


def submission_from_json(data: Mapping[str, Any]) -> Submission:
    """Read the four fields that /retrieve takes; other fields beside them do not matter.

    Raises:
        FormatError: a field is missing or does not have its form; the message names it.

    >>> submission_from_json({"nonce": "00"})
    Traceback (most recent call last):
        ...
    securedata.errors.FormatError: The field "nonce" must be 24 hex digits, not 2.
    """
    return Submission(
        **{ours: hex_field(data, name, *LENGTHS.get(ours, ())) for name, ours in HEX_FIELDS.items()}
    )


def hex_field(data: Mapping[str, Any], name: str, *lengths: int) -> bytes:
    """A field that must be lower-case hex, and if lengths are given, one of them in bytes.

    Raises:
        FormatError: it is missing, not a string, not hex, or of another length.

    >>> hex_field({"tag": "00ff"}, "tag", 16)
    Traceback (most recent call last):
        ...
    securedata.errors.FormatError: The field "tag" must be 32 hex digits, not 4.
    """
    text = string_field(data, name)
    # bytes.fromhex would also take spaces and capitals: one value, one spelling.
    if not re.fullmatch("(?:[0-9a-f]{2})*", text):
        raise FormatError(f'The field "{name}" must be lower-case hex, two digits a byte.')
    if lengths and len(text) not in [2 * length for length in lengths]:
        allowed = " or ".join(str(2 * length) for length in lengths)
        raise FormatError(f'The field "{name}" must be {allowed} hex digits, not {len(text)}.')
    return bytes.fromhex(text)


def string_field(data: Mapping[str, Any], name: str) -> str:
    """A field that must be there and be a string.

    Raises:
        FormatError: it is missing, or not a string.

    >>> string_field({"data": None}, "data")
    Traceback (most recent call last):
        ...
    securedata.errors.FormatError: The field "data" must be a string, not null.
    """
    if name not in data:
        raise FormatError(f'The field "{name}" is missing.')
    value = data[name]
    if not isinstance(value, str):
        raise FormatError(f'The field "{name}" must be a string, not {kind_of(value)}.')
    return value


def kind_of(value: object) -> str:
    """What a JSON value is, in words. Bodies are read with all numbers as floats.

    >>> kind_of(1.0), kind_of(None)
    ('a number', 'null')
    """
    return KINDS.get(type(value), "a string")
