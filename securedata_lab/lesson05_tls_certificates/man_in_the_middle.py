"""Someone in the middle: ends TLS with a certificate of their own, reads, edits, and passes on.

To the real server they speak verified TLS. They listen on loopback only, before a server of this
machine. The client decides whether it lets them in.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

import requests
from flask import Flask, Response, jsonify, request

from securedata.certificates.authority import Leaf
from securedata.certificates.issuing import LOCALHOST_NAMES, Certified, issue_certificate
from securedata.certificates.tls import server_context
from securedata.errors import FormatError
from securedata.serving.server import BackgroundServer
from securedata_lab.servers.clients import Served
from securedata_lab.twins.ca_file import vanishing_ca_file

MAX_BODY_BYTES = 16 * 1024 * 1024  # more than the real server takes: the refusal should be its own
TIMEOUT_SECONDS = 10

# These belong to one connection, not to the message (RFC 9110, 7.6.1), or tell of its encoding,
# which `requests` has undone. Each side has its own.
OF_ONE_CONNECTION = {
    "connection",
    "content-encoding",
    "content-length",
    "date",
    "expect",
    "host",
    "keep-alive",
    "transfer-encoding",
}

JsonObject = dict[str, Any]  # as json.loads gives it
Edit = Callable[
    [str, JsonObject], JsonObject
]  # from the path and what is said to what is passed on


@dataclass(frozen=True)
class Exchange:
    """A request and its answer, as they were sent, before any edit; None is not a JSON object.

    >>> Exchange("/health", None, {"status": "ok"}).answer
    {'status': 'ok'}
    """

    path: str
    request: JsonObject | None
    answer: JsonObject | None


class ManInTheMiddle(BackgroundServer):
    """Stands before this server, with a certificate of their own.

    Without a `certificate` they make one for the same names. `seen` is all that passed, and
    `ca_file` holds their CA, or this certificate: a client that trusts it lets them in.
    `edit_request(path, json)` and `edit_answer(path, json)` give what is passed on instead. If one
    of them raises, the client is told so with status 502.

    >>> from securedata_lab.twins.twin import Twin, TwinServer
    >>> with TwinServer(Twin()) as server, ManInTheMiddle(server) as attacker:
    ...     requests.get(f"{attacker.url}/health", verify=str(attacker.ca_file), timeout=5).json()
    ...     attacker.seen
    {'status': 'ok'}
    [Exchange(path='/health', request=None, answer={'status': 'ok'})]
    """

    def __init__(
        self,
        server: Served,
        *,
        certificate: Certified | None = None,
        edit_request: Edit | None = None,
        edit_answer: Edit | None = None,
    ) -> None:
        self.seen: list[Exchange] = []
        self._server = server
        self._edit_request = edit_request
        self._edit_answer = edit_answer
        ca = certificate or issue_certificate("man in the middle CA", is_ca=True)
        leaf = certificate or issue_certificate("localhost", by=ca, names=LOCALHOST_NAMES)
        super().__init__(
            self._create_app(),
            tls=server_context(Leaf(leaf.certificate_pem, leaf.private_key_pem)),
            host=str(urlsplit(server.url).hostname),
            ca_file=vanishing_ca_file(self, ca.certificate_pem),
        )

    def _create_app(self) -> Flask:
        app = Flask("man in the middle", static_folder=None)
        app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
        # No routes: before Flask looks for one, the request is passed on, whatever it asks for.
        app.before_request(self._pass_on)
        app.register_error_handler(Exception, self._give_up)
        return app

    def _pass_on(self) -> Response:
        path, body = request.path, request.get_data()
        answer = self._ask(path, _edited(self._edit_request, path, body))
        self.seen.append(Exchange(path, _json_object(body), _json_object(answer.content)))
        return Response(
            _edited(self._edit_answer, path, answer.content),
            status=answer.status_code,
            headers=_of_the_message(answer.raw.headers.items()),
        )

    def _ask(self, path: str, body: bytes) -> requests.Response:
        # A session for each request: no client is sent the cookies of another.
        with requests.Session() as session:
            session.trust_env = False  # no proxy, no .netrc
            return session.request(
                request.method,
                self._server.url + quote(path),
                params=request.query_string,
                data=body,
                headers=dict(_of_the_message(request.headers.items())),
                verify=str(self._server.ca_file),
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
            )

    def _give_up(self, error: Exception) -> tuple[Response, int]:
        words = f"The man in the middle gave up: {type(error).__name__}: {error}"
        return jsonify(error=words), 502


def _edited(edit: Edit | None, path: str, body: bytes) -> bytes:
    """What is passed on: the very same bytes, unless the edit changes what they say."""
    said = _json_object(body)
    if edit is None or said is None:
        return body
    edited = edit(path, said)
    if not isinstance(edited, dict):
        raise FormatError(f"an edit must return a JSON object, not {type(edited).__name__}")
    return body if edited == _json_object(body) else json.dumps(edited).encode("ascii")


def _json_object(body: bytes) -> JsonObject | None:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _of_the_message(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in headers if name.lower() not in OF_ONE_CONNECTION]
