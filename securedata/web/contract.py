"""The HTTP contract as one table: every field, and what every endpoint takes and answers.

`body.py` validates requests by it, and `openapi.py` prints it as an OpenAPI document: what is
changed here changes in both. It knows neither Flask nor OpenAPI, only names, forms and limits.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from securedata.record import LENGTHS, PATTERNS

MAX_BODY_BYTES = 1024 * 1024
MAX_TEXT_BYTES = 256 * 1024

STORED = "Data stored securely"
VALID = "Signature is valid."
COMPROMISED = "Invalid signature. Data may be compromised."
NO_SUCH_SIGNER = "No signer has this signer_id."
NOT_JSON = "The Content-Type must be application/json."
DATABASE_TROUBLE = "The database does not answer. Try again later."
NO_ROOM = "The disk is full. What was stored before can still be retrieved."
KEY_RING_TROUBLE = "The key ring cannot be read. Try again later."
CALLER_UNKNOWN = 'A token is needed: send the header "Authorization: Bearer TOKEN".'
OUR_MISTAKE = "The server made a mistake; its log says more."


# The kinds of fields.


@dataclass(frozen=True, kw_only=True)
class Field:
    """A field of a JSON object that holds a string. Its class says which strings.

    >>> [type(field).__name__ for field in (DATA, NONCE, RECORD_ID)]
    ['Text', 'Hex', 'Word']
    """

    name: str
    meaning: str
    example: str


@dataclass(frozen=True, kw_only=True)
class Text(Field):
    """Any Unicode text, of at most so many bytes of UTF-8 if there is a limit.

    >>> isinstance(DATA, Text), DATA.max_bytes
    (True, 262144)
    """

    max_bytes: int | None


@dataclass(frozen=True, kw_only=True)
class Hex(Field):
    """Bytes in lower-case hex, two digits a byte: so many bytes, or any number of them.

    >>> isinstance(NONCE, Hex), NONCE.length, ENCRYPTED_DATA.length
    (True, 12, None)
    """

    length: int | None


@dataclass(frozen=True, kw_only=True)
class Word(Field):
    """Text of one form, said in words and as a regular expression.

    >>> isinstance(RECORD_ID, Word), RECORD_ID.form
    (True, '32 lower-case hex digits')
    """

    form: str
    pattern: re.Pattern[str]


@dataclass(frozen=True, kw_only=True)
class Fixed(Field):
    """Always the very text of its example.

    >>> [field.example for field in HEALTHY.required if isinstance(field, Fixed)]
    ['ok']
    """


@dataclass(frozen=True, kw_only=True)
class Inner:
    """A field that holds an object.

    >>> [field.form.name for field in RECEIPT.required if isinstance(field, Inner)]
    ['FourFields']
    """

    name: str
    form: "Form"


# What travels.


@dataclass(frozen=True, kw_only=True)
class Form:
    """A JSON object with these fields, of which some may be left out, and with no others.

    >>> [optional.name for optional in BY_FIELDS.optional]
    ['record_id']
    """

    name: str
    meaning: str
    required: tuple[Field | Inner, ...]
    optional: tuple[Field, ...] = ()

    @property
    def fields(self) -> tuple[Field | Inner, ...]:
        """All fields that may be there."""
        return self.optional + self.required


@dataclass(frozen=True, kw_only=True)
class Document:
    """What is answered as a whole: a text, or JSON whose form is described elsewhere.

    >>> isinstance(PUBLIC_KEY.answers, Document), PUBLIC_KEY_PEM.content_type
    (True, 'text/plain; charset=utf-8')
    """

    content_type: str
    meaning: str
    example: object


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """An error: its status, when it is answered, in which sentences, and under which headers.

    >>> isinstance(UNKNOWN_SIGNER, Refusal), UNKNOWN_SIGNER.status, UNKNOWN_SIGNER.sentences
    (True, 404, ('No signer has this signer_id.',))
    """

    status: int
    name: str
    when: str
    sentences: tuple[str, ...]
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """A method at a path: what it takes in a body or a query, what it answers, how it refuses.

    >>> RETRIEVE.path, [form.name for form in RETRIEVE.takes]
    ('/retrieve', ['ByRecordId', 'ByFields'])
    """

    method: str
    path: str
    name: str
    summary: str
    answers: Form | Document
    takes: tuple[Form, ...] = ()
    query: tuple[Word, ...] = ()
    refusals: tuple[Refusal, ...] = ()

    @property
    def field_names(self) -> list[str]:
        """The names of all fields that a body may hold, in one form or another."""
        return [field.name for form in self.takes for field in form.fields]

    def form_of(self, names: Collection[str]) -> Form:
        """The form that a body with these fields has: the one it fits exactly, or else the last.

        >>> RETRIEVE.form_of(["record_id"]).name, RETRIEVE.form_of(["record_id", "tag"]).name
        ('ByRecordId', 'ByFields')
        """
        fitting = (form for form in self.takes if {it.name for it in form.required} == set(names))
        return next(fitting, self.takes[-1])


# The fields. The examples are the record that docs/format.md prints in full.

DATA = Text(
    name="data",
    meaning="The text to store. It comes back exactly as it went in: nothing is normalised.",
    max_bytes=MAX_TEXT_BYTES,
    example="attack at dawn",
)
NONCE = Hex(
    name="nonce",
    meaning="The nonce of AES-GCM.",
    length=LENGTHS["nonce"],
    example="404142434445464748494a4b",
)
ENCRYPTED_DATA = Hex(
    name="encrypted_data",
    meaning="The ciphertext, as long as the text is in UTF-8.",
    length=None,
    example="a320c9e0331de56a26123449f224",
)
TAG = Hex(
    name="tag",
    meaning="The authentication tag of AES-GCM.",
    length=LENGTHS["tag"],
    example="fb33397ffa7255a88400c1603aa03aa1",
)
SIGNATURE = Hex(
    name="signature",
    meaning="The DSA signature over header, nonce, ciphertext and tag: r ‖ s.",
    length=LENGTHS["signature"],
    example="29649ffb93d1d4c7055b4267a0bd822bd09c5d965a74fe71e68f43ae4b0bb1d0"
    "16c5b033a12c7f4123f0552aadc104ecc5a5698a634976daec09f56c2da4f107",
)
RECORD_ID = Word(
    name="record_id",
    meaning="Names the record.",
    form="32 lower-case hex digits",
    pattern=PATTERNS["record_id"],
    example="00112233445566778899aabbccddeeff",
)
OWNER = Word(
    name="owner",
    meaning='Whose record it is: the name of a token, or "local" where there are no tokens.',
    form="1 to 64 of a-z, 0-9, dot, underscore and hyphen",
    pattern=PATTERNS["owner"],
    example="local",
)
SIGNER_ID = Word(
    name="signer_id",
    meaning="Names the public key that verifies the signature.",
    form="16 lower-case hex digits",
    pattern=PATTERNS["signer_id"],
    example="22b10970e3114042",
)
CREATED = Word(
    name="created",
    meaning="When the record was sealed, in UTC.",
    form="YYYY-MM-DDTHH:MM:SSZ",
    pattern=PATTERNS["created"],
    example="2026-01-02T03:04:05Z",
)

# The names that travel, and those of record.py.
HEX_FIELDS = {
    NONCE.name: "nonce",
    ENCRYPTED_DATA.name: "ciphertext",
    TAG.name: "tag",
    SIGNATURE.name: "signature",
}


# What is taken and answered.

TO_STORE = Form(name="ToStore", meaning="A text to store.", required=(DATA,))
FOUR_FIELDS = Form(
    name="FourFields",
    meaning="The bytes of a record, to be handed in again.",
    required=(NONCE, ENCRYPTED_DATA, TAG, SIGNATURE),
)
RECEIPT = Form(
    name="Receipt",
    meaning="The record is on disk. The receipt is enough for anyone to verify it.",
    required=(
        Fixed(name="message", meaning="What happened.", example=STORED),
        Inner(name="data", form=FOUR_FIELDS),
        RECORD_ID,
        OWNER,
        SIGNER_ID,
        CREATED,
    ),
)
BY_RECORD_ID = Form(
    name="ByRecordId", meaning="The record with this id, as it is stored.", required=(RECORD_ID,)
)
BY_FIELDS = Form(
    name="ByFields",
    meaning="The four fields of a receipt, as received; a record_id beside them must fit.",
    required=FOUR_FIELDS.required,
    optional=(RECORD_ID,),
)
RETRIEVED = Form(
    name="Retrieved",
    meaning="The record is what was sealed: its signature was verified, then it was decrypted.",
    required=(
        Text(
            name="decrypted_data",
            meaning="The text, exactly as it was stored.",
            max_bytes=MAX_TEXT_BYTES,
            example=DATA.example,
        ),
        Fixed(name="signature_status", meaning="What was verified.", example=VALID),
    ),
)
HEALTHY = Form(
    name="Healthy",
    meaning="The service answers.",
    required=(Fixed(name="status", meaning="How it is.", example="ok"),),
)
ERROR = Form(
    name="Error",
    meaning="Why not, in one sentence.",
    required=(
        Text(
            name="error",
            meaning="A sentence for people. It names a field, and never quotes what was in it.",
            max_bytes=None,
            example=COMPROMISED,
        ),
    ),
)
PUBLIC_KEY_PEM = Document(
    content_type="text/plain; charset=utf-8",
    meaning="The signer's public key, PEM: with it, anyone can verify a receipt.",
    example="-----BEGIN PUBLIC KEY-----\nMIID…\n-----END PUBLIC KEY-----\n",
)
OPENAPI_DOCUMENT = Document(
    content_type="application/json",
    meaning="This document.",
    example={"openapi": "3.1.1"},
)


# Errors.

BAD_INPUT = Refusal(
    status=400,
    name="BadInput",
    when="The body is not what is taken here; the sentence names the field and the reason.",
    sentences=('The field "data" is missing.', "The body is not UTF-8: byte 10 is wrong."),
)
BAD_INPUT_OR_COMPROMISED = Refusal(
    status=400,
    name="BadInputOrCompromised",
    when="The record was tampered with, is unknown or belongs to somebody else, which all get the "
    "same answer, byte for byte. Or the body is not what is taken here; the sentence says why.",
    sentences=(COMPROMISED, 'The field "tag" must be 32 hex digits, not 30.'),
)
WHO_ASKS = Refusal(
    status=401,
    name="WhoAsks",
    when="A token is missing, malformed, unknown or revoked. Nothing of the body was looked at.",
    sentences=(CALLER_UNKNOWN,),
    headers={"WWW-Authenticate": "What is needed: Bearer."},
)
UNKNOWN_SIGNER = Refusal(
    status=404,
    name="UnknownSigner",
    when="This server has no signer with this id.",
    sentences=(NO_SUCH_SIGNER,),
)
TOO_SLOW = Refusal(
    status=408,
    name="TooSlow",
    when="The body had not arrived 15 s after the head. The connection is closed.",
    sentences=("The body did not arrive within 15 seconds.",),
)
TOO_LARGE = Refusal(
    status=413,
    name="TooLarge",
    when="The body is not read to its end, and the connection is closed.",
    sentences=(f"The body is over {MAX_BODY_BYTES} bytes.",),
)
WRONG_TYPE = Refusal(
    status=415,
    name="WrongType",
    when="The Content-Type is not JSON.",
    sentences=(NOT_JSON,),
)
SERVER_MISTAKE = Refusal(
    status=500,
    name="ServerMistake",
    when="A mistake of ours. The log has the details.",
    sentences=(OUR_MISTAKE,),
)
UNAVAILABLE = Refusal(
    status=503,
    name="Unavailable",
    when="The server cannot answer now: its database, or its key ring, is not what it should be.",
    sentences=(
        DATABASE_TROUBLE,
        KEY_RING_TROUBLE,
        "unknown key id 0123456789abcdef: reload the key ring",
    ),
    headers={"Retry-After": "In how many seconds to ask again."},
)
FULL = Refusal(
    status=507,
    name="Full",
    when="The database has no room left (RFC 4918, 11.5). Nothing was stored; what was stored "
    "before can be retrieved.",
    sentences=(NO_ROOM,),
)

# The endpoints.

STORE = Endpoint(
    method="POST",
    path="/store",
    name="store",
    summary="Encrypt a text, sign the ciphertext, keep both",
    takes=(TO_STORE,),
    answers=RECEIPT,
    refusals=(
        BAD_INPUT,
        WHO_ASKS,
        TOO_SLOW,
        TOO_LARGE,
        WRONG_TYPE,
        SERVER_MISTAKE,
        UNAVAILABLE,
        FULL,
    ),
)
RETRIEVE = Endpoint(
    method="POST",
    path="/retrieve",
    name="retrieve",
    summary="Verify the signature, then decrypt, and give the text back",
    takes=(BY_RECORD_ID, BY_FIELDS),
    answers=RETRIEVED,
    refusals=(
        BAD_INPUT_OR_COMPROMISED,
        WHO_ASKS,
        TOO_SLOW,
        TOO_LARGE,
        WRONG_TYPE,
        SERVER_MISTAKE,
        UNAVAILABLE,
    ),
)
HEALTH = Endpoint(
    method="GET",
    path="/health",
    name="health",
    summary="Is anybody there?",
    answers=HEALTHY,
    refusals=(SERVER_MISTAKE,),
)
PUBLIC_KEY = Endpoint(
    method="GET",
    path="/public-key",
    name="publicKey",
    summary="The key that verifies signatures: the newest signer's, or that of signer_id",
    query=(SIGNER_ID,),
    answers=PUBLIC_KEY_PEM,
    refusals=(UNKNOWN_SIGNER, SERVER_MISTAKE, UNAVAILABLE),
)
OPENAPI = Endpoint(
    method="GET",
    path="/openapi.json",
    name="openapi",
    summary="This contract, for programs",
    answers=OPENAPI_DOCUMENT,
    refusals=(SERVER_MISTAKE, UNAVAILABLE),
)
ENDPOINTS = (STORE, RETRIEVE, HEALTH, PUBLIC_KEY, OPENAPI)
