"""Exercises 5.6 and 5.8: answer in the shop's place, and one argument."""

import random
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

from requests.utils import DEFAULT_CA_BUNDLE_PATH

from securedata.certificates.authority import Leaf
from securedata.certificates.issuing import Certified, issue_certificate
from securedata.certificates.tls import server_context
from securedata.errors import CertificateError
from securedata_lab.basics.chance import code_word
from securedata_lab.judging.attempts import is_empty
from securedata_lab.judging.engine import (
    NotAttemptedError,
    exercise,
    part_by_part,
    shown,
)
from securedata_lab.lesson05_tls_certificates.cafe import (
    SHOP_TO_YOU,
    UNSAID,
    App,
    Json,
    Post,
    post,
    today,
)
from securedata_lab.lesson05_tls_certificates.card import cards_of
from securedata_lab.lesson05_tls_certificates.hello_server import HelloServer, serve_with
from securedata_lab.lesson05_tls_certificates.town import (
    EVES_NAME,
    LOG_IN,
    NAME,
    WELCOME,
    log_in_of,
)
from securedata_lab.lesson05_tls_certificates.verdicts import verdict_on
from securedata_lab.twins.ca_file import vanishing_ca_file

draw = random.SystemRandom()
ASKS = "Ada's app takes it, and the next app will ask"
FROM_THE_KIT = "take what issue_certificate returns, unchanged"
SAY_IT = "hand over what the shop answers: said = cafe.as_ada(…)"
Made = Annotated[Certified, FROM_THE_KIT]


# 5.6


@exercise(
    "5.6",
    "a leaf that Ada's app takes, and the shop's welcome",
    points=4,
    in_parts=True,
)
def answers_in_the_shops_place(
    my_ca: Made, my_leaf: Made, said: Annotated[str, SAY_IT]
) -> str | None:
    """my_ca, my_leaf: a certificate for localhost; said: what the shop answered to the password."""
    return part_by_part(
        {"my_leaf": lambda: _why_no_leaf(my_ca, my_leaf), "said": lambda: _why_not_said(said)}
    )


def _why_no_leaf(ca: Certified, leaf: Certified) -> str | None:
    if is_empty(leaf):
        raise NotAttemptedError
    if is_empty(ca):
        return "expected a CA, got ...; my_ca is still empty"
    if ca == leaf:
        return "expected two certificates, got one twice; the CA signs, and the leaf serves"
    (issuer,), (card,) = cards_of(ca.certificate_pem), cards_of(leaf.certificate_pem)
    if not issuer.is_ca:
        return (
            "expected a CA in my_ca, got a certificate that may not sign others; "
            f"{ASKS} whether the signer may sign"
        )
    if card.is_ca:
        return (
            "expected a leaf in my_leaf, got a CA; "
            "the CA's certificate signs, a server shows one that may sign no others"
        )
    if not card.signed_by(issuer) and card.issuer == issuer.subject:
        return (
            "expected a leaf that my_ca has signed, got one by another CA of its name; "
            "each run makes a new CA: run the whole cell, and mend what it says"
        )
    if not card.signed_by(issuer):
        return (
            f"expected a leaf that my_ca has signed, got one from another issuer; {ASKS} who signed"
        )
    if NAME not in map(str.lower, card.names):
        return f"expected a leaf for localhost, got {_named(card.names)}; {ASKS} for the name"
    if not card.starts <= today() <= card.ends:
        return f"expected a leaf for today, got other dates; {ASKS} for the dates"
    try:
        server_context(Leaf(leaf.certificate_pem, leaf.private_key_pem))
    except CertificateError:
        return f"expected a certificate with its own key, got another key; {FROM_THE_KIT}"
    return None


def _named(names: list[str]) -> str:
    if "".join(names) == NAME:
        return "a name for each letter: a text is no list of names"
    return f"the names {', '.join(names)}" if names else "no name in the SAN"


def _why_not_said(said: str) -> str | None:
    """A made-up answer of the shop passes. It wins nothing: the leaf must be right all the same."""
    if is_empty(said) or said.startswith(UNSAID):
        raise NotAttemptedError
    if said == f"{SHOP_TO_YOU} {WELCOME}":
        return None
    why = "what stands between the last quotes in what the app told you?"
    return f"expected the shop to take you for Ada, got {shown(said)}; " + (
        why if said.startswith(SHOP_TO_YOU) else SAY_IT
    )


# 5.8


# Who wants the password, and what the app has forgotten if they get it.
IMPOSTORS = {
    "an unknown CA's certificate": "none of the first three questions was asked, so any "
    "certificate is enough whose key you hold",
    "one for eve.localhost": "it asks who signed, and not for the name",
    "one that ended yesterday": "it does not ask for the dates",
}
NO_FILE = "verify is handed the name of a file: the function has it"


class _Sending:
    """What a student's app does at one server: its calls of post, and what the server heard."""

    def __init__(self, app: App, server: HelloServer, ca_file: Path) -> None:
        self.url, self.body = server.url + LOG_IN, log_in_of(code_word(draw))
        self.calls = list[tuple[str, Any]]()  # the url and verify= of each
        self.error: Exception | None = None
        try:
            app(self._post, self.url, self.body, ca_file)
        except NotAttemptedError:
            raise
        except Exception as error:  # a student's app may raise anything
            self.error = error
        self.heard = server.heard

    def _post(self, url: str, *arguments: Any, **named: Any) -> Json:
        self.calls.append((url, named.get("verify")))
        return post(url, *arguments, **named)

    @property
    def elsewhere(self) -> str | None:
        """An address that is not the one it was handed."""
        return next((url for url, _ in self.calls if url != self.url), None)


@exercise(
    "5.8",
    "the shop got the password, and no impostor of the check's did",
    points=4,
    errors={"invalid path": NO_FILE, "path should be string": NO_FILE},
)
def asks_with_one_argument(my_send: Callable[[Post, str, Json, Path], Any]) -> str | None:
    """my_send(post, url, body, ca_file): sends to the shop only."""
    town, unknown = (issue_certificate(name, is_ca=True) for name in ("a CA", "my CA"))
    shows = (
        _leaf(town, NAME),
        _leaf(unknown, NAME),
        _leaf(town, EVES_NAME),
        _leaf(town, NAME, days=(-90, -1)),
    )
    with ExitStack() as stopping:
        shop, *impostors = [
            stopping.enter_context(serve_with(it.certificate_pem, it.private_key_pem, ca_pem=""))
            for it in shows
        ]
        ca_file = vanishing_ca_file(shop, town.certificate_pem)
        if wrong := _why_not_at_the_shop(_Sending(my_send, shop, ca_file)):
            return wrong
        for server, (who, why) in zip(impostors, IMPOSTORS.items(), strict=True):
            sending = _Sending(my_send, server, ca_file)
            if sending.elsewhere:
                return f"expected {who} to be refused, got {_to_whom(sending.elsewhere)}"
            if sending.heard:
                if len(sending.calls) > 1:
                    why = "it was refused, and sent the password all the same"
                return f"expected {who} to be refused, got the password; {why}"
    return None


def _leaf(by: Certified, name: str, **more: Any) -> Certified:
    return issue_certificate(name, by=by, names=[name], **more)


def _why_not_at_the_shop(sending: _Sending) -> str | None:
    if not sending.calls:
        if sending.error:
            raise sending.error
        return "expected a call of post, got none; send with the post that the function is handed"
    if sending.elsewhere:
        return f"expected a message to the shop's url, got {_to_whom(sending.elsewhere)}"
    if len(sending.heard) > 1:
        return f"expected one message, got {len(sending.heard)}; call post once"
    if sending.heard == [sending.body]:
        return None
    if sending.heard:
        return f"expected the app's own words, got {shown(sending.heard[0])}; send body as it is"
    if sending.error is None:
        return "expected the shop to get the password, got nothing there; send json=body to url"
    verdict = verdict_on(sending.error)
    if verdict.code is None:
        raise sending.error
    return f"expected the shop to get the password, got {verdict.words}; {_why_out(sending)}"


def _to_whom(url: str) -> str:
    clear = "" if url.startswith("https:") else ": without https, everybody on the way reads it"
    return f"one to {shown(url)}; send to url as it is{clear}"


def _why_out(sending: _Sending) -> str:
    _, verify = sending.calls[0]
    if verify is True or verify is None or str(verify) == DEFAULT_CA_BUNDLE_PATH:
        return "that file of requests has over a hundred CAs: which CA has signed the shop's leaf?"
    return "that is another file: which one is the phone's?"
