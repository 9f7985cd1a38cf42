"""The contract as an OpenAPI 3.1 document, for generators, testers and Postman.

It prints `contract.py` in the words of OpenAPI (spec.openapis.org/oas/v3.1.1) and JSON Schema
2020-12. No Flask here.
"""

from importlib.metadata import version

from securedata.web.contract import (
    DOCS,
    ENDPOINTS,
    ERROR,
    HEADERS,
    PUBLIC_KEY,
    RETRIEVE,
    STORE,
    Document,
    Endpoint,
    Form,
    JsonField,
    Refusal,
)

Json = dict[str, object]

DESCRIPTION = """Store texts encrypted (AES-256-GCM) and signed (DSA, or ML-DSA-65); get them back
untampered.

Byte fields are lower-case hex, two digits a byte. Every error is `{"error": "a sentence"}`, also
404 for an unknown address and 405 for a wrong method, which names the right ones in `Allow`.
A body is decoded as UTF-8, and a repeated field is refused."""

BEARER = {
    "type": "http",
    "scheme": "bearer",
    "description": "64 hex digits, from `securedata token create NAME`. Without any tokens, the "
    "server listens on its own machine alone, and everybody there is the owner `local`.",
}

# What a client can do with a receipt.
LINKS = {
    "RetrieveByRecordId": {
        "operationId": RETRIEVE.name,
        "description": "The text of this record, as it is stored.",
        "requestBody": {"record_id": "$response.body#/record_id"},
    },
    "RetrieveByFields": {
        "operationId": RETRIEVE.name,
        "description": "The text of this record, as it was received.",
        "requestBody": "$response.body#/data",
    },
    "PublicKeyOfSigner": {
        "operationId": PUBLIC_KEY.name,
        "description": "The key that verifies this receipt.",
        "parameters": {"signer_id": "$response.body#/signer_id"},
    },
}


def openapi_document(*, token_needed: bool) -> Json:
    """The whole document, ready to become JSON. `token_needed` decides its `security`.

    >>> document = openapi_document(token_needed=False)
    >>> document["openapi"], list(document["paths"])[:2]
    ('3.1.1', ['/store', '/retrieve'])
    """
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "securedata",
            "version": version("securedata-kit"),
            "description": DESCRIPTION,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "externalDocs": {"url": DOCS.path, "description": "The same, for people."},
        "servers": [{"url": "/", "description": "The server that this document is from."}],
        "paths": {it.path: {it.method.lower(): _operation(it, token_needed)} for it in ENDPOINTS},
        "components": {
            "schemas": {name: _object(form) for name, form in _forms().items()},
            "responses": {it.name: _refusal(it) for part in ENDPOINTS for it in part.refusals},
            "securitySchemes": {"bearer": BEARER},
        },
    }


def example_of(form: Form) -> Json:
    """A JSON object of this form.

    >>> from securedata.web.contract import BY_RECORD_ID
    >>> example_of(BY_RECORD_ID)
    {'record_id': '00112233445566778899aabbccddeeff'}
    """
    return {it.name: example_of(it.inner) if it.inner else it.example for it in form.required}


def _operation(endpoint: Endpoint, token_needed: bool) -> Json:
    operation: Json = {"operationId": endpoint.name, "summary": endpoint.summary}
    if endpoint.query:
        operation["parameters"] = [
            {"name": it.name, "in": "query", "description": it.meaning, "schema": _schema(it)}
            for it in endpoint.query
        ]
    if endpoint.takes:
        operation["requestBody"] = {"required": True, "content": _json_content(*endpoint.takes)}
    success: Json = {"description": endpoint.answers.meaning, "content": _content(endpoint.answers)}
    if isinstance(endpoint.answers, Document) and endpoint.answers.headers:
        success["headers"] = {
            name: {"description": meaning, "schema": {"type": "string"}}
            for name, meaning in endpoint.answers.headers.items()
        }
    if endpoint is STORE:
        success["links"] = LINKS
    refusals = {
        str(it.status): {"$ref": f"#/components/responses/{it.name}"} for it in endpoint.refusals
    }
    operation["responses"] = {"200": success, **refusals}
    if endpoint.takes:  # a request with a body needs a token, as soon as there is one
        operation["security"] = [{"bearer": []}] if token_needed else [{}, {"bearer": []}]
    return operation


def _refusal(refusal: Refusal) -> Json:
    examples = {
        f"sentence{number}": {"value": {"error": sentence}}
        for number, sentence in enumerate(refusal.sentences, start=1)
    }
    content = {"schema": _reference(ERROR), "examples": examples}
    response: Json = {"description": refusal.when, "content": {"application/json": content}}
    if refusal.status in HEADERS:
        response["headers"] = {
            name: {"required": True, "schema": {"type": "string", "examples": [value]}}
            for name, value in HEADERS[refusal.status].items()
        }
    return response


def _content(answer: Form | Document) -> Json:
    if isinstance(answer, Form):
        return _json_content(answer)
    kind = "string" if isinstance(answer.example, str) else "object"
    return {answer.content_type: {"schema": {"type": kind}, "example": answer.example}}


def _json_content(*forms: Form) -> Json:
    """A body that has one of these forms."""
    references = [_reference(form) for form in forms]
    examples = {form.name: {"summary": form.meaning, "value": example_of(form)} for form in forms}
    schema = references[0] if len(forms) == 1 else {"oneOf": references}
    return {"application/json": {"schema": schema, "examples": examples}}


def _reference(form: Form) -> Json:
    return {"$ref": f"#/components/schemas/{form.name}"}


def _object(form: Form) -> Json:
    return {
        "type": "object",
        "description": form.meaning,
        "properties": {field.name: _schema(field) for field in form.optional + form.required},
        "required": [field.name for field in form.required],
        "additionalProperties": False,
    }


def _schema(field: JsonField) -> Json:
    if field.inner:
        return _reference(field.inner)
    described = {"type": "string", "description": field.meaning}
    return {**described, **field.schema, "examples": [field.example]}


def _forms() -> dict[str, Form]:
    """Every form that is named somewhere in the document, by its name."""
    bodies = [form for it in ENDPOINTS for form in (*it.takes, it.answers)]
    forms = [form for form in (*bodies, ERROR) if isinstance(form, Form)]
    inner = [field.inner for form in forms for field in form.required if field.inner]
    return {form.name: form for form in (*forms, *inner)}
