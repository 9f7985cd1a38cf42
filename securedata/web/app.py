"""The HTTP contract as a Flask app: POST /store, POST /retrieve, and addresses to read.

It connects requests to the vault, and errors to answers. No key and no SQL is used here. Every
error is JSON, `{"error": "…"}`, and every refusal of a tampered record is the same answer.
"""

from contextlib import suppress
from functools import partial

from flask import Flask, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect

from securedata.errors import (
    DamagedRecordError,
    DiskFullError,
    FormatError,
    KeyFileError,
    RecordNotFoundError,
    RetiredKeyError,
    SignatureError,
    StorageError,
    TagError,
    TokenError,
    UnknownKeyError,
)
from securedata.vault import Vault
from securedata.web.answers import Table, answer_in_json
from securedata.web.body import plaintext_to_store, wanted_record
from securedata.web.contract import (
    COMPROMISED,
    DATABASE_TROUBLE,
    ENDPOINTS,
    HEALTH,
    KEY_FILE_TROUBLE,
    MAX_BODY_BYTES,
    NO_ROOM,
    NO_SUCH_SIGNER,
    OPENAPI,
    PUBLIC_KEY,
    PUBLIC_KEY_PEM,
    RETRIEVE,
    SIGNER_ID,
    SIGNER_UNTIL,
    STORE,
    VALID,
)
from securedata.web.openapi import openapi_document
from securedata.web.page import add_page
from securedata.web.ready import add_ready
from securedata.web.receipt import receipt_to_json
from securedata.web.tokens import Authenticator, Environ

BODYLESS = ("GET", "HEAD", "OPTIONS")
TAKE_A_BODY = {(it.method, it.path) for it in ENDPOINTS if it.takes}

# From our error to the HTTP status and the words; None stands for the error's own text.
ANSWERS: Table = {
    FormatError: (400, None),
    # One answer for all: an attacker must not learn which check failed.
    SignatureError: (400, COMPROMISED),
    TagError: (400, COMPROMISED),
    RecordNotFoundError: (400, COMPROMISED),
    DamagedRecordError: (400, COMPROMISED),
    TokenError: (401, None),
    # The server's trouble, not the client's.
    UnknownKeyError: (503, None),
    RetiredKeyError: (503, None),
    StorageError: (503, DATABASE_TROUBLE),
    DiskFullError: (507, NO_ROOM),
    KeyFileError: (503, KEY_FILE_TROUBLE),
}


def create_app(vault: Vault) -> Flask:
    """Make the Flask app that serves this vault. Routes that are added to it may wait.

    >>> from securedata import RecordStore, ServiceKeys
    >>> client = create_app(Vault(RecordStore("sqlite://"), ServiceKeys.generate())).test_client()
    >>> client.post("/store", json={"data": "hello"}).json["message"]
    'Data stored securely'
    """
    app = Flask("securedata", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.json.sort_keys = False  # type: ignore[attr-defined]  # Flask's default provider has it
    authenticator = Authenticator(vault)

    @app.before_request
    def gate() -> None:
        """Refuse a request by its head, or find its caller. No part of the body is needed."""
        method, path = request.environ["REQUEST_METHOD"], request.environ["PATH_INFO"]
        rule = request.url_rule
        # Werkzeug would serve //health as /health, and redirect `GET ?x` to any Host.
        is_odd = not path.startswith("/") or path.startswith("//")
        if is_odd or isinstance(request.routing_exception, RequestRedirect):
            raise NotFound
        if rule is None:
            return  # Flask answers 404 or 405
        # Werkzeug takes `post` for POST. A method is case-sensitive (RFC 9110, 9.1).
        if method != request.method:
            raise MethodNotAllowed(rule.methods)
        if (method, rule.rule) in TAKE_A_BODY:
            g.caller = authenticator.caller(request.environ)

    @app.post(STORE.path)
    def store() -> Response:
        # The database may have let it wait, and the token may be revoked by now.
        is_still_allowed = partial(authenticator.caller, request.environ)
        record = vault.store_plaintext(
            plaintext_to_store(), owner=g.caller.owner, confirm=is_still_allowed
        )
        return jsonify(receipt_to_json(record))

    @app.post(RETRIEVE.path)
    def retrieve() -> Response:
        record_id, submission = wanted_record()
        text = vault.retrieve(record_id, submission, owner=g.caller.owner, keys=g.caller.keys)
        authenticator.caller(request.environ)  # as in `store`
        return jsonify(decrypted_data=text, signature_status=VALID)

    @app.get(HEALTH.path)
    def health() -> Response:
        return jsonify(status="ok")

    @app.get(PUBLIC_KEY.path)
    def public_key() -> Response:
        try:
            key = vault.verifying_key(request.args.get(SIGNER_ID.name))
        except UnknownKeyError:
            raise NotFound(NO_SUCH_SIGNER) from None
        answer = Response(key.to_pem(), content_type=PUBLIC_KEY_PEM.content_type)
        if until := vault.service_keys.ended.get(key.key_id):
            answer.headers[SIGNER_UNTIL] = until
        return answer

    @app.get(OPENAPI.path)
    def openapi() -> Response:
        return jsonify(openapi_document(token_needed=authenticator.asks))

    def admits(environ: Environ) -> bool:
        with app.request_context(environ), suppress(HTTPException, TokenError, KeyFileError):
            gate()
            return request.url_rule is not None and request.method not in BODYLESS
        return False

    # A server that has the head of a request alone asks this: whether to read the body, too.
    app.extensions["admits"] = admits
    add_page(app, needs_token=lambda: authenticator.asks)
    add_ready(app, vault.check_ready)
    answer_in_json(app, ANSWERS)
    return app
