"""Exercise 5.4: two edits in the middle."""

import random
import warnings
from collections.abc import Callable
from typing import Any

import requests

from securedata_lab.judging.attempts import UnjudgedError
from securedata_lab.judging.engine import exercise, returned, shown
from securedata_lab.lesson05_tls_certificates.man_in_the_middle import ManInTheMiddle
from securedata_lab.servers.starting import LabServer

Edit = Callable[[str, dict[str, Any]], dict[str, Any]]


@exercise("5.4", "the client saw what it had sent, and the service has another text", points=4)
def robs_a_careless_client(my_request: Edit, my_answer: Edit, server: LabServer) -> str | None:
    """my_request, my_answer: turn Bob into Eve on the way in, and Eve into Bob on the way out."""
    sent = f"pay {random.randrange(11, 90)} EUR to Bob"  # noqa: S311  # exercise data
    wanted = sent.replace("Bob", "Eve")
    attack = ManInTheMiddle(
        server,
        edit_request=_returning("my_request", my_request),
        edit_answer=_returning("my_answer", my_answer),
    )
    with attack as attacker:
        stored = _careless(attacker.url, "/store", {"data": sent})
        if attacker.errors:
            raise attacker.errors[0]
        if "data" not in stored:
            return (
                f"expected the service to store it, got {shown(stored)}; "
                "return the whole body, and change the text in it"
            )
        seen = _careless(attacker.url, "/retrieve", stored["data"])
        if attacker.errors:
            raise attacker.errors[0]
    truth = _careless(server.url, "/retrieve", stored["data"])
    return _why_no_robbery(sent, wanted, truth, seen)


def _returning(name: str, edit: Edit) -> Edit:
    def checked(path: str, body: dict[str, Any]) -> dict[str, Any]:
        edited: dict[str, Any] = returned(edit, path, body)
        if not isinstance(edited, dict):
            why = "return the whole body, with another text in it"
            raise UnjudgedError(f"expected a dict from {name}, got {shown(edited)}; {why}")
        return edited

    return checked


def _careless(url: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    with warnings.catch_warnings():  # urllib3 rightly warns
        warnings.simplefilter("ignore")
        answer = requests.post(url + path, json=body, verify=False, timeout=10)  # noqa: S501
    return dict(answer.json())


def _why_no_robbery(
    sent: str, wanted: str, truth: dict[str, Any], seen: dict[str, Any]
) -> str | None:
    got = truth.get("decrypted_data")
    if got == sent:
        return (
            f"expected the service to hold {shown(wanted)}, got {shown(got)}; "
            'my_request is handed {"data": text} on the way to /store: change the text'
        )
    if got != wanted:
        return (
            f"expected the service to hold {shown(wanted)}, got {shown(got)}; "
            "change the name only, whatever the amount is"
        )
    if "error" in seen:
        return (
            f"expected the client to see its text, got {shown(seen)}; "
            "the record was changed on its way to /retrieve: leave everything but the text"
        )
    if seen.get("decrypted_data") == wanted:
        return (
            f"expected the client to see {shown(sent)}, got {shown(wanted)}; "
            "the client sees the fraud: my_answer must undo it in decrypted_data"
        )
    if seen != truth | {"decrypted_data": sent}:
        return (
            f"expected the client to see {shown(sent)}, got {shown(seen)}; "
            "everything but the text in decrypted_data must stay"
        )
    return None
