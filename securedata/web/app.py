"""The HTTP contract as a Flask app: POST /store, POST /retrieve, GET /health, GET /public-key.

It turns JSON and hex into bytes and back, and errors into answers. It knows no keys and no SQL.
Every error is JSON, `{"error": "…"}`, and every refusal for a tampered record is the same answer.
"""

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import NotFound

from securedata.errors import (
    DamagedRecordError,
    FormatError,
    KeyFileError,
    RecordNotFoundError,
    SignatureError,
    StorageError,
    TagError,
    UnknownKeyError,
)
from securedata.record import LENGTHS, PATTERNS, SealedRecord, Submission
from securedata.vault import Vault
from securedata.web.answers import Table, answer_in_json
from securedata.web.body import hex_field, json_body, string_field

MAX_BODY_BYTES = 1024 * 1024
MAX_TEXT_BYTES = 256 * 1024

STORED = "Data stored securely"
VALID = "Signature is valid."
COMPROMISED = "Invalid signature. Data may be compromised."

# From our error to the HTTP status and the words; None stands for the error's own text.
ANSWERS: Table = {
    FormatError: (400, None),
    # One answer for all: whoever tampers must not learn which lock held.
    SignatureError: (400, COMPROMISED),
    TagError: (400, COMPROMISED),
    RecordNotFoundError: (400, COMPROMISED),
    DamagedRecordError: (400, COMPROMISED),
    # The server's trouble, not the client's.
    UnknownKeyError: (503, None),
    StorageError: (503, "The database does not answer. Try again later."),
    KeyFileError: (503, "The key ring cannot be read. Try again later."),
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

    >>> from securedata import RecordStore, Ring
    >>> client = create_app(Vault(RecordStore("sqlite://"), Ring.generate())).test_client()
    >>> client.post("/store", json={"data": "hello"}).json["message"]
    'Data stored securely'
    """
    app = Flask("securedata", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.json.sort_keys = False  # type: ignore[attr-defined]  # Flask's default provider has it

    @app.post("/store")
    def store() -> Response:
        body = json_body(allowed=["data"])
        return jsonify(_receipt(vault.store(_text(body))))

    @app.post("/retrieve")
    def retrieve() -> Response:
        body = json_body(allowed=[*HEX_FIELDS, "record_id"])
        text = vault.retrieve(_record_id(body), _submission(body))
        return jsonify(decrypted_data=text, signature_status=VALID)

    @app.get("/health")
    def health() -> Response:
        return jsonify(status="ok")

    @app.get("/public-key")
    def public_key() -> Response:
        try:
            key = vault.verifying_key(request.args.get("signer_id"))
        except UnknownKeyError:
            raise NotFound("No signer has this signer_id.") from None
        return Response(key.to_pem(), content_type="text/plain; charset=utf-8")

    answer_in_json(app, ANSWERS)
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


def _text(body: dict[str, object]) -> str:
    text = string_field(body, "data")
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
    record_id = string_field(body, "record_id")
    if not PATTERNS["record_id"].fullmatch(record_id):
        raise FormatError('The field "record_id" must be 32 lower-case hex digits.')
    return record_id


def _submission(body: dict[str, object]) -> Submission | None:
    if list(body) == ["record_id"]:
        return None
    return Submission(
        **{ours: hex_field(body, name, LENGTHS.get(ours)) for name, ours in HEX_FIELDS.items()}
    )
