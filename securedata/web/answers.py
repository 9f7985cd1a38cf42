"""Every error becomes an answer in JSON, and every request becomes one line in the log.

A table says which error gets which status and words. Only the log says which check failed.
"""

import re
from collections.abc import Mapping
from urllib.parse import quote

from flask import Flask, Response, current_app, g, jsonify, request
from werkzeug.exceptions import HTTPException, NotFound

from securedata.errors import SecureDataError
from securedata.web.contract import ALWAYS, HEADERS, NO_SUCH_ADDRESS, OUR_MISTAKE

# More hex digits than any id has: a token, or a part of one.
SECRET = re.compile("[0-9A-Fa-f]{33,}")

# From an error to its HTTP status and words; None stands for the error's own text.
Table = Mapping[type[SecureDataError], tuple[int, str | None]]


def answer_in_json(app: Flask, table: Table) -> None:
    """Make the app answer errors as JSON, `{"error": "…"}`, and log a line for every request.

    >>> app = Flask("example")
    >>> answer_in_json(app, {})
    >>> answer = app.test_client().get("/nowhere")
    >>> answer.status_code, list(answer.json)
    (404, ['error'])
    """

    @app.errorhandler(SecureDataError)
    def answer_our_error(error: SecureDataError) -> tuple[Response, int]:
        g.setdefault("reason", f"{type(error).__name__}: {error}")
        status, words = table[type(error)]
        return jsonify(error=words or str(error)), status

    @app.errorhandler(HTTPException)
    def answer_http_error(error: HTTPException) -> tuple[Response, int, dict[str, str]]:
        if error.code == 415:
            g.reason = error.description
        # 405 must name the methods that are allowed (RFC 9110, 15.5.6).
        headers = {name: value for name, value in error.get_headers() if name == "Allow"}
        return jsonify(error=_words(error)), error.code or 500, headers

    @app.errorhandler(Exception)
    def answer_bug(error: Exception) -> tuple[Response, int]:
        current_app.logger.error("%s", type(error).__name__, exc_info=error)
        return jsonify(error=OUR_MISTAKE), 500

    @app.after_request
    def log(response: Response) -> Response:
        if g.get("unlogged"):
            return response
        method = request.environ["REQUEST_METHOD"]  # request.method is always in capitals
        words = [loggable(method), loggable(request.path), str(response.status_code)]
        if "reason" in g:
            words.append(SECRET.sub("TOKEN", g.reason))
        current_app.logger.info("%s", " ".join(words))
        return response

    @app.after_request
    def add_headers(response: Response) -> Response:
        for name, value in ALWAYS.items():
            response.headers.setdefault(name, value)
        response.headers.extend(HEADERS.get(response.status_code, {}))
        return response


def _words(error: HTTPException) -> str:
    if error.description != NotFound.description:
        return error.description or error.name
    has_docs = "docs" in current_app.view_functions  # not in a lesson's twin of the service
    return f"{NO_SUCH_ADDRESS} See /docs." if has_docs else NO_SUCH_ADDRESS


def loggable(sent: str) -> str:
    """A method or path, fit for the log: one line, at most 64 characters, and no token.

    >>> loggable("/retrieve/" + "0" * 64)
    '/retrieve/TOKEN'
    """
    return quote(SECRET.sub("TOKEN", sent))[:64]
