"""The HTTP contract as a Flask app: POST /store, POST /retrieve, GET /health, GET /public-key.

It turns JSON and hex into bytes and back, and errors into answers. It knows no keys and no SQL.
Every error is JSON, `{"error": "…"}`, and every refusal for a tampered record is the same answer.
"""

import json
import re
from collections.abc import Collection
from urllib.parse import quote

from flask import Flask, Response, current_app, g, jsonify, request
from werkzeug.exceptions import HTTPException, NotFound, UnsupportedMediaType

from securedata.errors import (
    DamagedRecordError,
    FormatError,
    RecordNotFoundError,
    SecureDataError,
    SignatureError,
    StorageError,
    TagError,
    UnknownKeyError,
)
from securedata.record import LENGTHS, PATTERNS, SealedRecord, Submission
from securedata.vault import Vault

MAX_BODY_BYTES = 1024 * 1024
MAX_TEXT_BYTES = 256 * 1024

STORED = "Data stored securely"
VALID = "Signature is valid."
COMPROMISED = "Invalid signature. Data may be compromised."

# From our error to the HTTP status and the words; None stands for the error's own text.
ANSWERS: dict[type[SecureDataError], tuple[int, str | None]] = {
    FormatError: (400, None),
    # One answer for all: whoever tampers must not learn which lock held.
    SignatureError: (400, COMPROMISED),
    TagError: (400, COMPROMISED),
    RecordNotFoundError: (400, COMPROMISED),
    DamagedRecordError: (400, COMPROMISED),
    # The server's trouble, not the client's.
    UnknownKeyError: (503, None),
    StorageError: (503, "The database does not answer. Try again later."),
}

# The names that travel, and those of record.py.
HEX_FIELDS = {
    "nonce": "nonce",
    "encrypted_data": "ciphertext",
    "tag": "tag",
    "signature": "signature",
}


def create_app(vault: Vault) -> Flask:
    """Make the Flask app that serves this vault.

    >>> from securedata import AeadKey, KeyRing, RecordStore, SigningKey
    >>> signer = SigningKey.generate()
    >>> vault = Vault(RecordStore("sqlite://"), keys=KeyRing(AeadKey.generate()), signer=signer,
    ...     signers=KeyRing(signer.verifying_key))
    >>> client = create_app(vault).test_client()
    >>> client.post("/store", json={"data": "hello"}).json["message"]
    'Data stored securely'
    """
    app = Flask("securedata", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.json.sort_keys = False  # type: ignore[attr-defined]  # Flask's default provider has it
    app.url_map.merge_slashes = False  # a redirect would be an HTML page

    @app.post("/store")
    def store() -> Response:
        body = _json_body(allowed=["data"])
        return jsonify(_receipt(vault.store(_text(body))))

    @app.post("/retrieve")
    def retrieve() -> Response:
        body = _json_body(allowed=[*HEX_FIELDS, "record_id"])
        text = vault.retrieve(_record_id(body), _submission(body))
        return jsonify(decrypted_data=text, signature_status=VALID)

    @app.get("/health")
    def health() -> Response:
        return jsonify(status="ok")

    @app.get("/public-key")
    def public_key() -> Response:
        signer_id = request.args.get("signer_id", vault.signers.primary.key_id)
        if signer_id not in vault.signers:
            raise NotFound("No signer has this signer_id.")
        return Response(vault.signers[signer_id].to_pem(), content_type="text/plain; charset=utf-8")

    app.register_error_handler(SecureDataError, _answer_our_error)
    app.register_error_handler(HTTPException, _answer_http_error)
    app.register_error_handler(Exception, _answer_bug)

    @app.after_request
    def log(response: Response) -> Response:
        # Quoted, so that no path can write a line of its own into the log.
        line = f"{request.method} {quote(request.path)[:80]} {response.status_code}"
        app.logger.info("%s%s", line, g.get("reason", ""))
        return response

    @app.after_request
    def forbid_keeping(response: Response) -> Response:
        response.headers["Cache-Control"] = "no-store"  # answers hold plaintext
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    return app


def _receipt(record: SealedRecord) -> dict[str, object]:
    """The answer of /store: the four fields to hand in again, and what is needed to verify them."""
    return {
        "message": STORED,
        "data": {name: getattr(record, ours).hex() for name, ours in HEX_FIELDS.items()},
        "record_id": record.record_id,
        "owner": record.owner,
        "signer_id": record.signer_id,
        "created": record.created,
    }


def _json_body(*, allowed: Collection[str]) -> dict[str, object]:
    if not request.is_json:
        raise UnsupportedMediaType("The Content-Type must be application/json.")
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


def _text(body: dict[str, object]) -> str:
    text = _string(body, "data")
    try:
        size = len(text.encode("utf-8"))
    except UnicodeEncodeError:
        raise FormatError('The field "data" holds a lone surrogate: not Unicode text.') from None
    if size > MAX_TEXT_BYTES:
        raise FormatError(
            f'The field "data" is {size} bytes of UTF-8; at most {MAX_TEXT_BYTES} are stored.'
        )
    return text


def _record_id(body: dict[str, object]) -> str | None:
    if "record_id" not in body:
        return None
    record_id = _string(body, "record_id")
    if not PATTERNS["record_id"].fullmatch(record_id):
        raise FormatError('The field "record_id" must be 32 lower-case hex digits.')
    return record_id


def _submission(body: dict[str, object]) -> Submission | None:
    if list(body) == ["record_id"]:
        return None
    return Submission(**{ours: _bytes(body, name) for name, ours in HEX_FIELDS.items()})


def _bytes(body: dict[str, object], name: str) -> bytes:
    text = _string(body, name)
    # bytes.fromhex would also take spaces and capitals: one value, one spelling.
    if not re.fullmatch("(?:[0-9a-f]{2})*", text):
        raise FormatError(f'The field "{name}" must be lower-case hex, two digits a byte.')
    length = LENGTHS.get(name)
    if length is not None and len(text) != 2 * length:
        raise FormatError(f'The field "{name}" must be {2 * length} hex digits, not {len(text)}.')
    return bytes.fromhex(text)


def _string(body: dict[str, object], name: str) -> str:
    if name not in body:
        raise FormatError(f'The field "{name}" is missing.')
    value = body[name]
    if not isinstance(value, str):
        raise FormatError(f'The field "{name}" must be a string, not {_kind(value)}.')
    return value


def _kind(value: object) -> str:
    if value is None:
        return "null"
    kinds = {bool: "true or false", float: "a number", list: "an array", dict: "an object"}
    return kinds.get(type(value), "a string")


def _answer_our_error(error: SecureDataError) -> tuple[Response, int]:
    # The log says which lock held; the answer does not.
    g.reason = f" {type(error).__name__}: {error}"
    status, words = ANSWERS[type(error)]
    return _error(words or str(error)), status


def _answer_http_error(error: HTTPException) -> tuple[Response, int, dict[str, str]]:
    # The error's own headers stay: 405 must name the methods that are allowed (RFC 9110, 15.5.6).
    headers = {name: value for name, value in error.get_headers() if name == "Allow"}
    return _error(error.description or error.name), error.code or 500, headers


def _answer_bug(error: Exception) -> tuple[Response, int]:
    current_app.logger.error("%s", type(error).__name__, exc_info=error)
    return _error("The server made a mistake; its log says more."), 500


def _error(words: str) -> Response:
    return jsonify(error=words)
