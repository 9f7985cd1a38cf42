"""GET /: one page on which a person stores a text, flips a bit, and sees it refused. GET /docs.

Its files lie beside this one and are sent as they are: nothing is built, nothing comes from another
host. In the browser it is a client like any other; here, it knows no vault.
"""

import json
from collections.abc import Callable
from functools import cache, partial
from importlib.resources import files

from flask import Flask, Response, current_app, g
from werkzeug.exceptions import Forbidden

from securedata.web.contract import DOCS, DOCS_PAGE
from securedata.web.page.docs import docs_page

LOG_LINES = 50

SCRIPTS = ("page.js", "docs.js", "asking.js", "bytes.js", "elements.js", "records.js", "way.js")

# From the address to the file and its type.
FILES = {
    "/": ("index.html", "text/html; charset=utf-8"),
    **{f"/{name}": (name, "text/javascript; charset=utf-8") for name in SCRIPTS},
    "/page.css": ("page.css", "text/css; charset=utf-8"),
    "/icon.svg": ("icon.svg", "image/svg+xml"),
}

# What the page may do: load its own files, and ask its own server. Nothing inline, so that a
# text which looks like HTML stays a text even if page.js should ever forget that it is one.
POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",  # innerHTML takes no string any more
    ]
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}


def add_page(app: Flask, *, needs_token: Callable[[], bool]) -> None:
    """Add the page, its files, /docs, and /log, which is open only while nobody needs a token.

    >>> app = Flask("example", static_folder=None)
    >>> add_page(app, needs_token=lambda: False)
    >>> app.test_client().get("/").content_type
    'text/html; charset=utf-8'
    """
    for address, (name, content_type) in FILES.items():
        app.add_url_rule(address, address, partial(_send, name, content_type))

    page_of_docs = cache(docs_page)  # at the first visit: most services never have one

    @app.get(DOCS.path)
    def docs() -> Response:
        return Response(page_of_docs(app), content_type=DOCS_PAGE.content_type, headers=HEADERS)

    @app.get("/log")
    def log() -> Response:
        if needs_token():
            raise Forbidden(
                "The log is shown only where nobody needs a token: it says which check failed, "
                "and it names all owners. It is in the terminal or the journal of the service."
            )
        tail = current_app.extensions.get("log_tail")
        if tail is None:
            raise Forbidden(
                "There is no one log to show: several processes answer here. Each of them writes "
                "to the terminal or the journal of the service."
            )
        g.unlogged = True  # else the page, which asks every second, would fill the log
        lines = [{"number": number, "line": line} for number, line in tail.last(LOG_LINES)]
        content = "".join(f"{json.dumps(line)}\n" for line in lines)
        return Response(content, content_type="application/x-ndjson", headers=HEADERS)


def _send(name: str, content_type: str) -> Response:
    g.unlogged = name != "index.html"  # one line for each visit
    content = (files(__package__) / name).read_bytes()
    return Response(content, content_type=content_type, headers=HEADERS)
