"""Exercises 5.1 to 5.3: answer in the shop's place, read, change, and fix the app."""

import random
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Annotated, Any

import requests
from cryptography.x509 import Certificate

from securedata.certificates.issuing import Certified, issue_certificate
from securedata.errors import CertificateError
from securedata_lab.basics.chance import code_word
from securedata_lab.judging.engine import exercise, returned, shown
from securedata_lab.lesson05_tls_certificates import cafe
from securedata_lab.lesson05_tls_certificates.cafe import Sending, log_in_text, send_through_you
from securedata_lab.lesson05_tls_certificates.checks.reading import is_ca, parsed, sans, signed_by
from securedata_lab.lesson05_tls_certificates.verdicts import verdict_on
from securedata_lab.servers.clients import ask
from securedata_lab.servers.starting import LabServer
from securedata_lab.twins.ca_file import vanishing_ca_file

draw = random.SystemRandom()
HERE = "it worked here, but the next app will ask"
FROM_THE_KIT = "take what issue_certificate returns, unchanged"
Made = Annotated[Certified, FROM_THE_KIT]


@exercise("5.1", "an app has told you its password, and its user saw nothing", points=4)
def answers_in_the_shops_place(
    my_ca: Made, my_leaf: Made, my_password: Callable[[str], str], server: LabServer
) -> str | None:
    """my_ca, my_leaf: a certificate for localhost; my_password(text): what an app gives away."""
    wrong = _why_no_leaf(
        my_ca, my_leaf, Certified(Path(str(server.ca_file)).read_text("ascii"), "")
    )
    if wrong:
        return wrong
    password = code_word(draw)
    text = log_in_text("Ada", password)
    try:
        send_through_you(cafe.the_app, text, Path(), server, my_leaf)
    except CertificateError:
        return f"expected a certificate with its own key, got another key; {FROM_THE_KIT}"
    found = returned(my_password, text)
    if found == password:
        return None
    return f"expected {shown(password)}, got {shown(found)}; {_why_no_password(found, text)}"


def _why_no_leaf(ca: Certified, leaf: Certified, shops_ca: Certified) -> str | None:
    if ca == leaf:
        return "expected two certificates, got one twice; the CA signs, and the leaf serves"
    if not is_ca(ca):
        return (
            "expected a CA in my_ca, got a certificate that may not sign others; "
            f"{HERE} whether the signer may sign"
        )
    if parsed(ca).public_key() == parsed(shops_ca).public_key():
        return "expected a CA of your own, got the shop's; no café has that key"
    if is_ca(leaf):
        return (
            "expected a leaf in my_leaf, got a CA; "
            "the CA's certificate signs, a server shows one that may not"
        )
    if not signed_by(parsed(leaf), parsed(ca)):
        return (
            f"expected a leaf that my_ca has signed, got one from another issuer; {HERE} who signed"
        )
    if "localhost" not in map(str.lower, sans(leaf)):
        return f"expected a leaf for localhost, got {_names_of(leaf)}; {HERE} for the name"
    if not _is_valid_today(parsed(leaf)):
        return f"expected a leaf for today, got other dates; {HERE} for the dates"
    return None


def _names_of(leaf: Certified) -> str:
    names = sans(leaf)
    if "".join(names) == "localhost":
        return "a name for each letter: a text is no list of names"
    return f"the names {', '.join(names)}" if names else "no name in the SAN"


def _is_valid_today(certificate: Certificate) -> bool:
    today = datetime.now(timezone.utc)
    return certificate.not_valid_before_utc <= today <= certificate.not_valid_after_utc


def _why_no_password(found: str, text: str) -> str:
    if found in text:
        return "return the password alone, and all of it"
    return "this is not in the text that the function was handed: is it from another run?"


# 5.2


@exercise("5.2", "the shop has signed a price that nobody has ordered", points=2)
def raises_the_price(
    my_price: Callable[[str], Annotated[str, "return the whole order, as a text"]],
    server: LabServer,
) -> str | None:
    """my_price(text): the order with 99 EUR instead of 10, whatever else it says."""
    for table in (4, 10):
        order = f"pay 10 EUR for cake at table {table}"
        passed_on = returned(my_price, order)
        own = issue_certificate("localhost", names=["localhost"])
        stored = send_through_you(cafe.the_app, order, Path(), server, own, passed_on).answer
        read = ask(server, "/retrieve", stored["data"])["decrypted_data"]
        wanted = f"pay 99 EUR for cake at table {table}"
        if read != wanted:
            got = f"expected the shop to read {shown(wanted)}, got {shown(read)}"
            return f"{got}; {_why_no_price(read, order, wanted)}"
    return None


def _why_no_price(read: str, order: str, wanted: str) -> str:
    if read == order:
        return "nothing was changed: a text stays as it is, return the new one"
    words, _, table = wanted.rpartition(" ")
    if read.rpartition(" ")[0] == words:
        return f"table {table} has ordered this: change the price alone"
    if len(read) < len(wanted) and read.startswith("pay 99 EUR"):
        return "the rest of the order belongs to it"
    return "99 instead of 10, and all other letters as they are, spaces, too"


# 5.3

# Who wants the password, and what the app has forgotten if they get it.
IMPOSTORS = {
    "an unknown CA's certificate": "none of the first three questions was asked, so any "
    "certificate is enough whose key you hold",
    "one for eve.localhost": "it asks who signed, and not for the name",
    "one that ended yesterday": "it does not ask for the dates",
}


class _World:
    """A shop with a CA of its own, a phone that trusts it, and impostors."""

    def __init__(self, server: LabServer) -> None:
        shops, public = (issue_certificate(name, is_ca=True) for name in ("a CA", "a public CA"))
        unknown = issue_certificate("my CA", is_ca=True)
        self.ca_file = vanishing_ca_file(self, shops.certificate_pem + public.certificate_pem)
        self.shop = issue_certificate("localhost", by=shops, names=["localhost"])
        self.impostors = (
            issue_certificate("localhost", by=unknown, names=["localhost"]),
            issue_certificate("eve.localhost", by=public, names=["eve.localhost"]),
            issue_certificate("localhost", by=public, names=["localhost"], days=(-90, -1)),
        )
        self.posts = list[object]()  # what each had as verify=
        self._server = server

    def send(self, app: cafe.App, certificate: Certified) -> tuple[str, Sending]:
        """Have the app send a password to whoever shows this certificate."""

        def counted(post: cafe.Post, url: str, body: cafe.Json, ca_file: Path) -> Any:
            def counting(*arguments: Any, **named: Any) -> Any:
                self.posts.append(named.get("verify"))
                return post(*arguments, **named)

            return app(counting, url, body, ca_file)

        text = log_in_text("Ada", code_word(draw))
        return text, send_through_you(counted, text, self.ca_file, self._server, certificate)


@exercise(
    "5.3",
    "the shop gets the password, and nobody else",
    points=4,
    errors={
        "invalid path": "verify is handed the name of a file: the function has it",
        "path should be string": "verify is handed the name of a file: the function has it",
    },
)
def fixes_the_app(
    my_send: Callable[[cafe.Post, str, cafe.Json, Path], Any], server: LabServer
) -> str | None:
    """my_send(post, url, body, ca_file): sends to the shop only."""
    world = _World(server)
    text, sending = world.send(my_send, world.shop)
    if not world.posts:
        if sending.error and not isinstance(sending.error, requests.ConnectionError):
            raise sending.error
        return "expected a call of post, got none; send with the post that the function is handed"
    if len(sending.read) > 1:
        return f"expected one message, got {len(sending.read)}; call post once"
    if sending.read != [text]:
        if sending.read:
            return f"expected the app's own words, got {shown(sending.read[0])}; send body as it is"
        return _why_out(sending, world.posts[0])
    for certificate, (who, why) in zip(world.impostors, IMPOSTORS.items(), strict=True):
        posts = len(world.posts)
        _, sending = world.send(my_send, certificate)
        if sending.read:
            if len(world.posts) > posts + 1:
                why = "it was refused, and sent the password all the same"
            return f"expected {who} to be refused, got the password; {why}"
    return None


def _why_out(sending: Sending, verify: object) -> str:
    error = sending.error
    if error is None:
        return "expected the shop to get the password, got nothing there; send json=body to url"
    verdict = verdict_on(error)
    if verdict.code is None:
        raise error
    why = (
        "that is another phone's file: take the one that the function is handed"
        if isinstance(verify, (str, Path))
        else "which file holds the CAs that this phone trusts?"
    )
    return f"expected the shop to get the password, also of another phone, got {verdict}; {why}"
