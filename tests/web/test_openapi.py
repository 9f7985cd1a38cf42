"""The document at /openapi.json: it is OpenAPI, and it says what the server does."""

import json
from collections.abc import Iterator
from contextlib import suppress
from importlib.metadata import version
from typing import Any

import requests
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from vocabulary import ask
from web.hostile import CASES, JSON

from securedata import BackgroundServer
from securedata.web.contract import SIGNER_UNTIL
from securedata.web.openapi import openapi_document

DOCUMENT: dict[str, Any] = openapi_document(token_needed=False)  # type: ignore[assignment]
OPERATIONS = [
    (method, path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]
# What JSON Schema cannot say: it sees values, not how they were written, and counts characters.
BEYOND_SCHEMAS = ("twice", "surrogate", "bytes of UTF-8")


def resolved(part: Any) -> Any:
    """What a reference means."""
    while "$ref" in part:
        target = DOCUMENT
        for step in part["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        part = target
    return part


def fits(schema: dict[str, Any], value: object) -> bool:
    whole = json.dumps({**schema, "components": DOCUMENT["components"]})
    # In JSON Schema $ is the very end (ECMA 262); in Python a line feed may follow it.
    return Draft202012Validator(json.loads(whole.replace('$"', '\\\\Z"'))).is_valid(value)


def media(part: Any) -> tuple[str, dict[str, Any]]:
    """The one content type of a body, and what is said of it."""
    ((content_type, said),) = resolved(part)["content"].items()
    return content_type, said


def bodies() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every body of every operation, in and out, with a name for it."""
    for method, path, operation in OPERATIONS:
        if "requestBody" in operation:
            yield f"{method} {path}", media(operation["requestBody"])[1]
        for status, response in operation["responses"].items():
            yield f"{status} of {method} {path}", media(response)[1]


def test_it_is_openapi_3_1() -> None:
    assert DOCUMENT["openapi"].startswith("3.1.")
    assert DOCUMENT["info"]["version"] == version("securedata-kit")
    assert list(OpenAPIV31SpecValidator(DOCUMENT).iter_errors()) == []


def test_every_example_is_valid_by_its_schema() -> None:
    for name, said in bodies():
        examples = [it["value"] for it in said.get("examples", {}).values()]
        examples += [said["example"]] if "example" in said else []
        assert examples, f"{name} has no example"
        for example in examples:
            assert fits(said["schema"], example), name


def test_a_retrieval_may_name_the_id_beside_the_four_fields() -> None:
    _, said = media(DOCUMENT["paths"]["/retrieve"]["post"]["requestBody"])
    by_id, by_fields = (it["value"] for it in said["examples"].values())
    assert fits(said["schema"], by_fields | by_id)


def test_it_says_whether_a_token_is_needed() -> None:
    for document, security in [
        (DOCUMENT, [{}, {"bearer": []}]),
        (openapi_document(token_needed=True), [{"bearer": []}]),
    ]:
        paths: Any = document["paths"]
        for path in ("/store", "/retrieve"):
            assert paths[path]["post"]["security"] == security
            assert "401" in paths[path]["post"]["responses"]
        assert "security" not in paths["/public-key"]["get"]


# What it says, and what the server does.


def assert_documented(answer: requests.Response, operation: dict[str, Any]) -> None:
    """The status is in the document, the content type too, and the body fits."""
    response = resolved(operation["responses"][str(answer.status_code)])
    content_type, said = media(response)
    # No signer of this server has an end.
    assert set(response.get("headers", {})) - {SIGNER_UNTIL} <= set(answer.headers)
    assert answer.headers["Content-Type"] == content_type
    value = answer.json() if content_type == "application/json" else answer.text
    assert fits(said["schema"], value)


def test_every_operation_answers_as_the_document_says(server: BackgroundServer) -> None:
    for method, path, operation in OPERATIONS:
        questions: list[dict[str, Any]] = [{}]
        if "requestBody" in operation:
            said = media(operation["requestBody"])[1]
            questions = [{"json": it["value"]} for it in said["examples"].values()]
        for question in questions:
            assert_documented(ask(server, method, path, **question), operation)
    assert ask(server, "GET", "/openapi.json").json() == DOCUMENT


def test_what_the_server_refuses_is_invalid_by_the_document(server: BackgroundServer) -> None:
    for case in CASES:
        if case.status != 400 or case.headers != JSON or len(case.body) > 500_000:
            continue
        operation = DOCUMENT["paths"][case.path]["post"]
        answer = ask(server, "POST", case.path, data=case.body, headers=case.headers)
        assert_documented(answer, operation)
        with suppress(ValueError, RecursionError):  # no JSON: nothing for a schema to judge
            body = json.loads(case.body.decode(), parse_int=float)
            beyond = any(words in answer.json()["error"] for words in BEYOND_SCHEMAS)
            assert beyond or not fits(media(operation["requestBody"])[1]["schema"], body)
