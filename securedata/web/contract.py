"""The HTTP contract as data: every field, and what every endpoint takes, answers and refuses.

`body.py` checks requests by the same limits. `openapi.py` prints the contract as an OpenAPI
document. Lengths and patterns come from `record.py`. No Flask here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from securedata.record import LENGTHS, PATTERNS, Header

MAX_BODY_BYTES = 1024 * 1024
MAX_TEXT_BYTES = 256 * 1024
BODY_SECONDS = 15

STORED = "Data stored securely"
VALID = "Signature is valid."
COMPROMISED = "Invalid signature. Data may be compromised."
NO_SUCH_SIGNER = "No signer has this signer_id."
NO_SUCH_ADDRESS = "No such address."
NOT_JSON = "The Content-Type must be application/json."
DATABASE_TROUBLE = "The database does not answer. Try again later."
NO_ROOM = "The disk is full. What was stored before can still be retrieved."
KEY_FILE_TROUBLE = "The key file cannot be read. Try again later."
CALLER_UNKNOWN = 'A token is needed: send the header "Authorization: Bearer TOKEN".'
BUSY = "The service is busy. Try again later."
LATE = "The body did not arrive within {seconds} seconds."
LARGE = "The body is over {bytes} bytes."
OUR_MISTAKE = "The server made a mistake; its log says more."
SIGNER_UNTIL = "Signer-Until"
RECORD_ID_FORM = "32 lower-case hex digits"

# How to prove who one is (RFC 6750, 3), and when to ask again: by status.
HEADERS = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": "5"}}

ALWAYS = {  # in every answer that has not its own
    "Cache-Control": "no-store",  # answers hold plaintext
    # A browser that shows JSON as a page must run and load nothing.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}

# The byte fields: their names in JSON, and in record.py.
HEX_FIELDS = {
    "nonce": "nonce",
    "encrypted_data": "ciphertext",
    "tag": "tag",
    "signature": "signature",
}


@dataclass(frozen=True)
class JsonField:
    """A field that holds a string, limited by a JSON Schema; or, with `inner`, an object.

    >>> JsonField("status", "How it is.", "ok", {"const": "ok"}).name
    'status'
    """

    name: str
    meaning: str = ""
    example: str = ""
    schema: Mapping[str, object] = field(default_factory=dict)
    inner: "Form | None" = None


@dataclass(frozen=True)
class Form:
    """A JSON object with these fields, and no others. The optional fields may be left out.

    >>> Form("ById", "The record with this id.", (RECORD_ID,)).required[0].name
    'record_id'
    """

    name: str
    meaning: str
    required: tuple[JsonField, ...]
    optional: tuple[JsonField, ...] = ()


@dataclass(frozen=True)
class Document:
    """An answer that is one text, or JSON whose form is described elsewhere.

    >>> Document("text/plain", "A key.", "-----BEGIN…").content_type
    'text/plain'
    """

    content_type: str
    meaning: str
    example: object
    headers: Mapping[str, str] = field(default_factory=dict)  # that it may have, and their meaning


@dataclass(frozen=True)
class Refusal:
    """An error: its status, when it is answered, and with which sentences.

    >>> Refusal(418, "Teapot", "Always.", ("No coffee.",)).status
    418
    """

    status: int
    name: str
    when: str
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Endpoint:
    """A method and a path: what it takes in a body or a query, what it answers and refuses.

    >>> Endpoint("GET", "/health", "health", "Is it there?", HEALTHY, ()).path
    '/health'
    """

    method: str
    path: str
    name: str
    summary: str
    answers: Form | Document
    refusals: tuple[Refusal, ...]
    takes: tuple[Form, ...] = ()  # then it needs a token, as soon as there are tokens
    query: tuple[JsonField, ...] = ()


def _hex(name: str, meaning: str, example: str) -> JsonField:
    """Bytes in lower-case hex: as many as record.py says, or any number."""
    digits = [2 * length for length in LENGTHS.get(HEX_FIELDS[name], ())]
    # Not as {6618} in the pattern: Go refuses to repeat more than 1,000 times. With an even length,
    # no line feed fits behind the digits, where `$` would let it pass.
    exact: list[dict[str, object]] = [{"minLength": it, "maxLength": it} for it in digits]
    limits = {"anyOf": exact} if len(exact) > 1 else exact[0] if exact else {}
    return JsonField(name, meaning, example, {"pattern": "^([0-9a-f]{2})*$", **limits})


def _fixed(name: str, meaning: str, text: str) -> JsonField:
    return JsonField(name, meaning, text, {"const": text})


# The fields. The examples are the record that docs/format.md prints in full.

# JSON Schema counts characters, and there are never more of them than bytes.
TEXT = {"maxLength": MAX_TEXT_BYTES}
DATA = JsonField(
    "data",
    "The text to store. It comes back exactly as it went in: nothing is normalised.",
    "attack at dawn",
    TEXT,
)
FOUR_FIELDS = (
    _hex("nonce", "The nonce of AES-GCM.", "404142434445464748494a4b"),
    _hex("encrypted_data", "The ciphertext, as long as the text.", "a320c9e0331de56a26123449f224"),
    _hex("tag", "The authentication tag of AES-GCM.", "fb33397ffa7255a88400c1603aa03aa1"),
    _hex(
        "signature",
        "The signature over header, nonce, ciphertext and tag: 64 bytes of DSA, r ‖ s, or 3,309 of "
        "ML-DSA-65. The header holds record_id, owner, signer_id and created.",
        "29649ffb93d1d4c7055b4267a0bd822bd09c5d965a74fe71e68f43ae4b0bb1d0"
        "16c5b033a12c7f4123f0552aadc104ecc5a5698a634976daec09f56c2da4f107",
    ),
)
WORDS = {
    "record_id": ("Names the record.", "00112233445566778899aabbccddeeff"),
    "owner": ('The name of a token, or "local" where there are no tokens.', "local"),
    "signer_id": (
        "Names the public key that verifies the signature, and so its scheme: with no prefix, DSA.",
        "22b10970e3114042",
    ),
    "created": ("When the record was sealed, in UTC.", "2026-01-02T03:04:05Z"),
}
HEADER_FIELDS = {
    it.name: JsonField(it.name, *WORDS[it.name], {"pattern": f"^{PATTERNS[it.name].pattern}$"})
    for it in fields(Header)
}
RECORD_ID, SIGNER_ID = HEADER_FIELDS["record_id"], HEADER_FIELDS["signer_id"]

# What is taken and answered.

TO_STORE = Form("ToStore", "A text to store.", (DATA,))
FOUR = Form("FourFields", "The bytes of a record, to be handed in again.", FOUR_FIELDS)
RECEIPT = Form(
    "Receipt",
    "The record is on disk. The receipt is enough for anyone to verify it.",
    (
        _fixed("message", "What happened.", STORED),
        JsonField("data", inner=FOUR),
        *HEADER_FIELDS.values(),
    ),
)
BY_RECORD_ID = Form("ByRecordId", "The record with this id, as it is stored.", (RECORD_ID,))
BY_FIELDS = Form(
    "ByFields",
    "The four fields of a receipt, as received; a record_id beside them must be that record's.",
    FOUR_FIELDS,
    (RECORD_ID,),
)
RETRIEVED = Form(
    "Retrieved",
    "The record is what was sealed: its signature was verified, then it was decrypted.",
    (
        JsonField("decrypted_data", "The text, exactly as it was stored.", DATA.example, TEXT),
        _fixed("signature_status", "What was verified.", VALID),
    ),
)
HEALTHY = Form("Healthy", "The service answers.", (_fixed("status", "How it is.", "ok"),))
ABLE = Form("Ready", "The service can store now.", (_fixed("status", "How it is.", "ready"),))
ERROR = Form(
    "Error",
    "Why not, in one sentence.",
    (
        JsonField(
            "error",
            "A sentence for people. It names a field, and never quotes what was in it.",
            COMPROMISED,
        ),
    ),
)
PUBLIC_KEY_PEM = Document(
    "text/plain; charset=utf-8",
    "The signer's public key, PEM: with it, anyone can verify a receipt.",
    "-----BEGIN PUBLIC KEY-----\nMIID…\n-----END PUBLIC KEY-----\n",
    {SIGNER_UNTIL: "This signer signed nothing after this time: refuse what was created later."},
)
DOCS_PAGE = Document("text/html; charset=utf-8", "This contract, for people.", "<!doctype html>…")
OPENAPI_DOCUMENT = Document("application/json", "This document.", {"openapi": "3.1.1"})

# Errors.

BAD_INPUT = Refusal(
    400,
    "BadInput",
    "The body is not what is taken here; the sentence names the field and the reason.",
    ('The field "data" is missing.', "The body is not UTF-8: byte 10 is wrong."),
)
BAD_INPUT_OR_COMPROMISED = Refusal(
    400,
    "BadInputOrCompromised",
    "The record was tampered with, is unknown or belongs to somebody else, which all get the "
    "same answer, byte for byte. Or the body is not what is taken here; the sentence says why.",
    (COMPROMISED, 'The field "tag" must be 32 hex digits, not 30.'),
)
WHO_ASKS = Refusal(
    401,
    "WhoAsks",
    "A token is missing, malformed, unknown or revoked. Nothing of the body was looked at.",
    (CALLER_UNKNOWN,),
)
UNKNOWN_SIGNER = Refusal(404, "UnknownSigner", "No signer has this id.", (NO_SUCH_SIGNER,))
TOO_SLOW = Refusal(
    408, "TooSlow", "The connection is closed.", (LATE.format(seconds=BODY_SECONDS),)
)
TOO_LARGE = Refusal(
    413, "TooLarge", "The connection is closed.", (LARGE.format(bytes=MAX_BODY_BYTES),)
)
WRONG_TYPE = Refusal(415, "WrongType", "The Content-Type is not JSON.", (NOT_JSON,))
SERVER_MISTAKE = Refusal(500, "ServerMistake", "The log has the details.", (OUR_MISTAKE,))
UNAVAILABLE = Refusal(
    503,
    "Unavailable",
    "The server cannot answer now: its database or its key file is not what it should be.",
    (
        DATABASE_TROUBLE,
        KEY_FILE_TROUBLE,
        "unknown key id 0123456789abcdef: the key file lacks this key; if the newest key file "
        "lacks it, too, the record may be forged",
        BUSY,
    ),
)
FULL = Refusal(507, "Full", "The database has no room left (RFC 4918, 11.5).", (NO_ROOM,))
OF_A_GET = (SERVER_MISTAKE, UNAVAILABLE)
OF_A_POST = (WHO_ASKS, TOO_SLOW, TOO_LARGE, WRONG_TYPE, *OF_A_GET)

# The endpoints.

STORE = Endpoint(
    "POST",
    "/store",
    "store",
    "Encrypt a text, sign the ciphertext, keep both",
    answers=RECEIPT,
    refusals=(BAD_INPUT, *OF_A_POST, FULL),
    takes=(TO_STORE,),
)
RETRIEVE = Endpoint(
    "POST",
    "/retrieve",
    "retrieve",
    "Verify the signature, then decrypt, and give the text back",
    answers=RETRIEVED,
    refusals=(BAD_INPUT_OR_COMPROMISED, *OF_A_POST),
    takes=(BY_RECORD_ID, BY_FIELDS),
)
HEALTH = Endpoint("GET", "/health", "health", "Say that it answers", HEALTHY, (SERVER_MISTAKE,))
READY = Endpoint("GET", "/ready", "ready", "Say whether it can store now", ABLE, OF_A_GET)
PUBLIC_KEY = Endpoint(
    "GET",
    "/public-key",
    "publicKey",
    "The key that verifies signatures: the newest signer's, or that of signer_id",
    answers=PUBLIC_KEY_PEM,
    refusals=(UNKNOWN_SIGNER, *OF_A_GET),
    query=(SIGNER_ID,),
)
OPENAPI = Endpoint(
    "GET", "/openapi.json", "openapi", "This contract, for programs", OPENAPI_DOCUMENT, OF_A_GET
)
DOCS = Endpoint("GET", "/docs", "docs", "This contract, for people", DOCS_PAGE, OF_A_GET)
ENDPOINTS = (STORE, RETRIEVE, HEALTH, READY, PUBLIC_KEY, OPENAPI, DOCS)
