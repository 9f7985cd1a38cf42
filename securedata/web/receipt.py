"""A receipt as the JSON that /store answers, and back, whole or its four fields alone.

It knows names and hex, and no HTTP.
"""

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from securedata.errors import FormatError
from securedata.record import Header, Receipt, Submission
from securedata.web.contract import HEX_FIELDS, STORED


def receipt_to_json(receipt: Receipt) -> dict[str, Any]:
    """The answer of /store: the four fields to hand in again, and what is needed to verify them.

    Of a sealed record, key id and wrapped key are left out: they are the server's.

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
        header = Header(**{field.name: answer[field.name] for field in fields(Header)})
        return Receipt(header=header, **_bytes(answer["data"]))
    except (KeyError, TypeError, ValueError):
        raise FormatError("not an answer of /store") from None


def submission_from_json(data: Mapping[str, Any]) -> Submission:
    """Read the four fields that /retrieve takes.

    Raises:
        FormatError: these are not the four fields; others beside them do not matter.

    >>> submission_from_json({"nonce": "00"})
    Traceback (most recent call last):
        ...
    securedata.errors.FormatError: not the four fields of a receipt
    """
    try:
        return Submission(**_bytes(data))
    except (KeyError, TypeError, ValueError):
        raise FormatError("not the four fields of a receipt") from None


def _bytes(data: Mapping[str, Any]) -> dict[str, bytes]:
    return {ours: bytes.fromhex(data[name]) for name, ours in HEX_FIELDS.items()}
