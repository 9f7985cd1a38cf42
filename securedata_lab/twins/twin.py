"""Weak twins of the service: the same two endpoints, with one flaw that is a small class.

A twin is for being attacked, on one's own machine: it listens on loopback only, keeps its rows in
memory, and has one lock, so that an attack meets one and not five. `Twin` itself is the control:
what correct AES-256-GCM does by itself, with nothing signed. `SignedTwin` is the second base: a
signature, and no tag that anyone looks at.
"""

import random
from dataclasses import KW_ONLY, dataclass
from itertools import count

from Crypto.Cipher import AES
from flask import Flask, Response, jsonify

from securedata.errors import (
    FormatError,
    RecordNotFoundError,
    RefusedError,
    SignatureError,
    TagError,
)
from securedata.web.answers import Table, answer_in_json
from securedata.web.body import json_body, plaintext_to_store
from securedata.web.receipt import hex_field, string_field
from securedata_lab.twins.ca_file import LocalServer

ANSWERS: Table = {
    FormatError: (400, None),
    SignatureError: (400, "Invalid signature. Data may be compromised."),
    TagError: (400, "Invalid tag. Data may be compromised."),
    RecordNotFoundError: (400, None),
    RefusedError: (403, None),
}


@dataclass(frozen=True)
class Row:
    """What a twin keeps of a text: its `fields` of the first five; the others are empty.

    The record id is a bank's; the algorithm is signed by `AlgorithmFromRow`.

    >>> Row(b"nonce", b"ciphertext", b"").tag
    b''
    """

    nonce: bytes
    ciphertext: bytes
    tag: bytes
    signature: bytes = b""
    public_key: bytes = b""
    _: KW_ONLY
    record_id: str = ""
    algorithm: str = ""


# What the service calls it in JSON; all other fields have one name.
IN_JSON = {"ciphertext": "encrypted_data"}


class Twin:
    """The control: AES-256-GCM under one key, a fresh nonce for each text, nothing signed.

    A flaw is a subclass that changes one of the four steps below. Where chance matters, a seed
    makes it the same every time.

    >>> twin = Twin(seed=1)
    >>> row = twin.seal(b"text", record_id="0")
    >>> twin.open(row, record_id="0")
    b'text'
    """

    fields: tuple[str, ...] = ("nonce", "ciphertext", "tag")  # of a Row

    def __init__(self, seed: int | None = None) -> None:
        # Weak on purpose where there is a seed: the same keys every time.
        self.random = random.SystemRandom() if seed is None else random.Random(seed)  # noqa: S311
        self.key = self.random.randbytes(32)
        self.rows: dict[str, Row] = {}

    @property
    def json_names(self) -> list[str]:
        """What this twin's fields are called in JSON."""
        return [IN_JSON.get(field, field) for field in self.fields]

    def to_json(self, row: Row) -> dict[str, str]:
        """A row as /store returns it: each field in hex."""
        parts = (getattr(row, field).hex() for field in self.fields)
        return dict(zip(self.json_names, parts, strict=True))

    # The four steps.

    def nonce(self) -> bytes:
        """A fresh one for every text."""
        return self.random.randbytes(12)

    def associated_data(self, record_id: str | None) -> bytes:
        """What is authenticated besides the text: here the same for every record."""
        return b"securedata/twin"

    def encrypt(self, plaintext: bytes, nonce: bytes, associated_data: bytes) -> Row:
        """AES-256-GCM (NIST SP 800-38D, 7.1)."""
        cipher = AES.new(self.key, AES.MODE_GCM, nonce=nonce)
        cipher.update(associated_data)
        return Row(nonce, *cipher.encrypt_and_digest(plaintext))

    def decrypt(self, row: Row, associated_data: bytes) -> bytes:
        """The plaintext, or nothing of it (SP 800-38D, 7.2)."""
        cipher = AES.new(self.key, AES.MODE_GCM, nonce=row.nonce)
        cipher.update(associated_data)
        try:
            return cipher.decrypt_and_verify(row.ciphertext, row.tag)
        except ValueError:
            raise TagError("the tag is invalid") from None

    # What the endpoints do with them.

    def seal(self, plaintext: bytes, record_id: str) -> Row:
        """Encrypt a text for this record id."""
        return self.encrypt(plaintext, self.nonce(), self.associated_data(record_id))

    def open(self, row: Row, record_id: str | None) -> bytes:
        """Decrypt a row, as it is handed in or as it is stored."""
        try:
            return self.decrypt(row, self.associated_data(record_id))
        except ValueError as error:  # PyCryptodome's, for a length that cannot be
            raise FormatError(f"{str(error).rstrip('.')}.") from None

    def answer(self, plaintext: bytes) -> str:
        """The text that /retrieve gives back: strict UTF-8."""
        try:
            return plaintext.decode("utf-8")
        except UnicodeDecodeError:
            raise FormatError("The decrypted bytes are not UTF-8 text.") from None


def create_twin_app(twin: Twin) -> Flask:
    """The twin behind /store, /sign-up and /retrieve, the answers in the real service's form.

    >>> client = create_twin_app(Twin()).test_client()
    >>> stored = client.post("/store", json={"data": "text"}).json
    >>> client.post("/retrieve", json=stored["data"]).json
    {'decrypted_data': 'text'}
    """
    app = Flask(type(twin).__name__, static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]  # Flask's default provider has it
    answer_in_json(app, ANSWERS)
    numbers = count(1)  # never the same id again, even if an attacker has deleted rows

    def store(plaintext: bytes) -> Response:
        record_id = f"{next(numbers):032x}"
        row = twin.rows[record_id] = twin.seal(plaintext, record_id)
        return jsonify(
            message="Data stored by a weak twin", data=twin.to_json(row), record_id=record_id
        )

    @app.post("/store")
    def store_text() -> Response:
        return store(plaintext_to_store())

    @app.post("/sign-up")
    def sign_up() -> Response:
        name = string_field(json_body(allowed=["name"]), "name")
        if set(name) & set(";="):
            raise FormatError('The field "name" must not hold ; or =.')
        return store(f"name={name};role=user".encode("utf-8", "replace"))

    @app.post("/retrieve")
    def retrieve() -> Response:
        body = json_body(allowed=[*twin.json_names, "record_id"])
        record_id = string_field(body, "record_id") if "record_id" in body else None
        if list(body) == ["record_id"]:
            row = _stored(twin, str(record_id))
        else:
            row = Row(*(hex_field(body, name) for name in twin.json_names))
        return jsonify(decrypted_data=twin.answer(twin.open(row, record_id)))

    @app.get("/health")
    def health() -> Response:
        return jsonify(status="ok")

    return app


class TwinServer(LocalServer):
    """A twin over real TLS, in a thread, on loopback only. `rows` is its database, to be changed.

    >>> with TwinServer(Twin(seed=1)) as server:
    ...     server.rows
    {}
    """

    def __init__(self, twin: Twin) -> None:
        self.twin = twin
        self.rows = twin.rows
        super().__init__(create_twin_app(twin), "securedata twin CA")


def _stored(twin: Twin, record_id: str) -> Row:
    try:
        return twin.rows[record_id]
    except KeyError:
        raise RecordNotFoundError("There is no such record.") from None
