"""GET /docs: the contract as a page for people. Each endpoint has a form that tries it.

It prints `contract.py`, as `openapi.py` does for programs.
"""

import json
from importlib.metadata import metadata
from importlib.resources import files

from flask import Flask

from securedata.web.contract import ENDPOINTS, ERROR, HEADERS, Document, Endpoint, Form, JsonField
from securedata.web.openapi import BEARER, example_of


def docs_page(app: Flask) -> str:
    """The whole page, in HTML. It is the same for everyone.

    >>> docs_page(Flask("example")).partition("\\n")[0]
    '<!doctype html>'
    """
    source = (files(__package__) / "docs.html").read_text(encoding="utf-8")
    # Whatever is printed is escaped: a template from a string is one of HTML.
    return app.jinja_env.from_string(source).render(
        endpoints=ENDPOINTS,
        error=ERROR,
        headers=HEADERS,
        token=BEARER["description"],
        rows=rows,
        limit=limit,
        example=example,
        names=names,
        trials=trials,
        repository=_repository(),
        version=metadata("securedata-kit")["Version"],
    )


def rows(form: Form, prefix: str = "") -> list[tuple[str, str, str, str]]:
    """Each field of a form: its name, whether it may be left out, what it means, its limit.

    >>> from securedata.web.contract import HEALTHY
    >>> rows(HEALTHY)
    [('status', '', 'How it is.', 'always "ok"')]
    """
    found = []
    for field in form.required + form.optional:
        optional = "optional" if field in form.optional else ""
        meaning = field.inner.meaning if field.inner else field.meaning
        found.append((prefix + field.name, optional, meaning, limit(field)))
        if field.inner:
            found += rows(field.inner, f"{prefix}{field.name}.")
    return found


def limit(field: JsonField) -> str:
    """What a field may hold, in words.

    >>> from securedata.web.contract import DATA, FOUR_FIELDS
    >>> limit(DATA), limit(FOUR_FIELDS[0])
    ('at most 262,144 bytes of UTF-8', '24 lower-case hex digits')
    >>> limit(FOUR_FIELDS[3])
    '128 or 6618 lower-case hex digits'
    """
    schema = field.schema
    if field.inner:
        return ""
    if "const" in schema:
        return f'always "{schema["const"]}"'
    exact = [schema] if "minLength" in schema else schema.get("anyOf")
    if isinstance(exact, list):
        return f"{' or '.join(str(it['minLength']) for it in exact)} lower-case hex digits"
    if "maxLength" in schema:
        return f"at most {schema['maxLength']:,} bytes of UTF-8"
    return f"has the form {schema['pattern']}"


def example(answer: Form | Document) -> str:
    """An answer, as it may look.

    >>> from securedata.web.contract import HEALTHY
    >>> print(example(HEALTHY))
    {
      "status": "ok"
    }
    """
    if isinstance(answer, Document) and isinstance(answer.example, str):
        return answer.example
    value = example_of(answer) if isinstance(answer, Form) else answer.example
    return json.dumps(value, indent=2, ensure_ascii=False)


def trials(endpoint: Endpoint) -> list[tuple[str, str | None]]:
    """What a form of this endpoint is called, and the body that it starts with.

    >>> from securedata.web.contract import HEALTH
    >>> trials(HEALTH)
    [('GET /health', None)]
    """
    called = f"{endpoint.method} {endpoint.path}"
    if not endpoint.takes:
        return [(called, None)]
    return [(f"{called} with {names(form)}", example(form)) for form in endpoint.takes]


def names(form: Form) -> str:
    """The fields that a form must have, by name.

    >>> from securedata.web.contract import BY_RECORD_ID
    >>> names(BY_RECORD_ID)
    'record_id'
    """
    return ", ".join(field.name for field in form.required)


def _repository() -> str:
    """The address of the repository, if `make address` wrote one; else nothing."""
    urls = metadata("securedata-kit").get_all("Project-URL") or []
    named = dict(url.split(", ", maxsplit=1) for url in urls)
    return str(named.get("Repository", ""))
