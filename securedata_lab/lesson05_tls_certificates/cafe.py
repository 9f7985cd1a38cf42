"""A café with Wi-Fi: what a guest's app sends passes through your machine, and you may answer.

The shop is the real service, and it has done nothing wrong: the weak part is an app. Passwords are
private to this module: no public name of a notebook leads to one. Attack only what is yours.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import InsecureRequestWarning

from securedata.certificates.issuing import Certified, issue_certificate
from securedata.errors import RefusedError, UnavailableError
from securedata.serving.server import BackgroundServer
from securedata.web.client import Client
from securedata_lab.basics.chance import chance, code_word
from securedata_lab.basics.one_sentence import OneSentence
from securedata_lab.judging.attempts import NotAttemptedError
from securedata_lab.lesson05_tls_certificates.man_in_the_middle import ManInTheMiddle
from securedata_lab.lesson05_tls_certificates.verdicts import verdict_on
from securedata_lab.servers.clients import HAS_STOPPED, NoAnswerError, ask
from securedata_lab.twins.ca_file import vanishing_ca_file

GUEST = "Ada"
YOUR_HOST = "eve.localhost"
ORDER = "pay 10 EUR for cake at table 4"
SENT = "password sent"

Json = dict[str, Any]
Post = Callable[..., Json]
# What an app does with a message: a phone's `requests.post`, the url, the message, and a file with
# the CAs that the phone trusts.
App = Callable[[Post, str, Json, Path], Any]


def log_in_text(name: str, password: str) -> str:
    """What an app sends first.

    >>> log_in_text("Ada", "saddle-basket-18")
    'I am Ada, my password is saddle-basket-18'
    """
    return f"I am {name}, my password is {password}"


# Apps.


def the_app(post: Post, url: str, body: Json, ca_file: Path) -> Json:
    """The app as it is: it verifies nothing.

    Breaks: RFC 9110, 4.3.4: a client must verify the server's identity.
    Happened: Georgiev and others, 2012, "The most dangerous code in the world": apps of banks and
    shops that took any certificate.
    """
    return post(url, json=body, verify=False, timeout=10)


def version_2(post: Post, url: str, body: Json, ca_file: Path) -> Json:
    """Half-fixed: it wants a CA that the phone trusts, and does not look at the name."""
    return post(url, json=body, verify=ca_file, timeout=10, any_name=True)


def the_kits_client(post: Post, url: str, body: Json, ca_file: Path) -> object:
    """The client that comes with the real service."""
    return Client(url.removesuffix("/store"), ca_file=ca_file).store(body["data"])


class _AnyName(HTTPAdapter):
    def init_poolmanager(self, *arguments: Any, **named: Any) -> None:
        super().init_poolmanager(*arguments, assert_hostname=False, **named)


def post(url: str, data: Any = None, json: Any = None, **options: Any) -> Json:
    """As `requests.post` on a phone: no variable of this machine says whom it trusts.

    Raises:
        NotAttemptedError: the student's `verify=...` is still there.
    """
    if options.get("verify") is ...:
        raise NotAttemptedError
    with requests.Session() as session, warnings.catch_warnings():
        warnings.simplefilter("ignore", InsecureRequestWarning)
        session.trust_env = False  # REQUESTS_CA_BUNDLE would count instead of verify=True
        if options.pop("any_name", False):
            session.mount("https://", _AnyName())
        answer: Json = session.post(url, data=data, json=json, **options).json()
        return answer


# A message on its way.


@dataclass(frozen=True)
class Sending:
    """What came of a message: what you have read of it, and the answer, or the error of the app.

    >>> print(Sending([]), Sending([], error=KeyError()), sep=", ")
    password sent, KeyError
    """

    read: list[str]
    answer: Any = None
    error: Exception | None = None

    def __str__(self) -> str:
        if self.read or self.error is None:
            return SENT
        if isinstance(self.error, UnavailableError):
            return "hangs up"  # the kit's client gives no number
        verdict = verdict_on(self.error)
        return str(verdict) if verdict.code else type(self.error).__name__


def send(app: App, text: str, ca_file: Path, shop: BackgroundServer) -> Sending:
    """Have an app send a text, and nobody in between."""
    try:
        return Sending([], app(post, f"{shop.url}/store", {"data": text}, ca_file))
    except NotAttemptedError:
        raise
    except Exception as error:  # a student's app may raise anything
        return Sending([], error=error)


def send_through_you(
    app: App,
    text: str,
    ca_file: Path,
    shop: BackgroundServer,
    certificate: Certified,
    passed_on: str | None = None,
) -> Sending:
    """Have an app send a text, where you answer in the shop's place, and pass on this or another.

    Raises:
        CertificateError: OpenSSL refuses the certificate or its key.
        NoAnswerError: the shop has stopped. You would answer for it, with an error of your own.
    """
    if not shop.is_running:
        raise NoAnswerError(HAS_STOPPED)

    def edit(path: str, body: Json) -> Json:
        return body if passed_on is None else body | {"data": passed_on}

    with ManInTheMiddle(shop, certificate=certificate, edit_request=edit) as you:
        sending = send(app, text, ca_file, you)
        read = [it.request["data"] for it in you.seen if it.request and "data" in it.request]
    return Sending(read, sending.answer, sending.error)


# The café.


class NotYoursError(OneSentence, RefusedError):
    """The CA refuses. A notebook shows this sentence alone, without a traceback."""


@dataclass
class _Backstage:
    """What no notebook may read, and what it need not hand over twice."""

    shop: BackgroundServer
    public_ca: Certified
    passwords: dict[App, str]
    stand_in: Certified  # answers while there is no leaf of yours
    leaf: Certified | None = None
    app: App | None = None


def _of_a_student() -> str:
    return code_word(chance("Ada, a student's app"))


_backstage: WeakKeyDictionary["Cafe", _Backstage] = WeakKeyDictionary()


class Cafe:
    """Your café, where Ada uses an app. `ca_file` holds the CAs that her phone trusts.

    There are two of them: the shop's, and a public one that sells certificates.
    """

    def __init__(self, shop: BackgroundServer) -> None:
        public_ca = issue_certificate("a public CA", is_ca=True)
        shops = Path(str(shop.ca_file)).read_text("ascii")
        self.ca_file = vanishing_ca_file(self, shops + public_ca.certificate_pem)
        kits: tuple[App, ...] = (the_app, version_2, the_kits_client)
        passwords = {app: code_word(chance(f"Ada, {app.__name__}")) for app in kits}
        unknown_ca = issue_certificate("a CA of your own", is_ca=True)
        stand_in = issue_certificate("localhost", by=unknown_ca, names=["localhost"])
        _backstage[self] = _Backstage(shop, public_ca, passwords, stand_in)

    def log_in(self, leaf: Certified, read: Callable[[str], object]) -> str:
        """Ada logs in at the shop, and you answer. `read` finds her password in what passes."""
        if not isinstance(leaf, Certified):
            still = "is still `...`" if leaf is ... else "must come from issue_certificate"
            return f"Nothing was sent: your certificate {still}."
        behind = _backstage[self]
        behind.leaf = leaf
        password = behind.passwords[the_app]
        (text,) = self._through_you(the_app, log_in_text(GUEST, password)).read
        found = read(text)
        said = f"{found!r} is not {GUEST}'s password."
        if found is None or found is ...:
            said = "nobody has told it a password yet."
        elif found == password:
            said = f"Welcome, {GUEST}. Your next cake is free."
        return f"The app to you: {text}\nThe shop to you: {said}"

    def order(self, edit: Callable[[str], object]) -> str:
        """Ada orders at the shop, and you answer. What the shop gets is what `edit` makes of it."""
        passed_on = edit(ORDER)  # here, and in no server's thread: its errors are short then
        if not isinstance(passed_on, str):
            return f"Nothing was passed on: your function returned {passed_on!r}, not a text."
        stored = self._through_you(the_app, ORDER, passed_on).answer
        if "error" in stored:
            return f"The shop refuses: {stored['error']}"
        read = ask(_backstage[self].shop, "/retrieve", stored["data"])
        return (
            f"Ada has sent:   {ORDER}\n"
            f"The shop reads: {read['decrypted_data']}. {read['signature_status']}"
        )

    def install(self, app: App) -> str:
        """Ada's phone gets your version of the app: whom does it send its password to?"""
        behind = _backstage[self]
        text = log_in_text(GUEST, _of_a_student())
        try:
            shops, yours = send(app, text, self.ca_file, behind.shop), self._through_you(app, text)
        except NotAttemptedError:
            return "Nothing was sent: verify is still `...`."
        behind.app = app
        return f"The app to the shop: {shops}\nThe app to you:      {yours}"

    def buy_certificate(self, name: str) -> Certified:
        """Buy a certificate from the public CA, for a name that is yours.

        Raises:
            NotYoursError: it is not.
        """
        if name != YOUR_HOST:
            raise NotYoursError(f"The CA refuses: you have not shown that {name} is yours.")
        return issue_certificate(name, by=_backstage[self].public_ca, names=[name])

    def compare(self, bought: Certified) -> str:
        """A table: to whom does each app send its password?"""
        apps = {"the app": the_app, "version 2": version_2, "your app": _backstage[self].app}
        rows = [f"{'':17} {'your leaf':17} {'bought':17} the shop itself"]
        for name, app in {**apps, "the kit’s client": the_kits_client}.items():
            rows.append(f"{name:17} {self._row(app, bought) if app else 'run your cell of 5.3'}")
        return "\n".join(rows)

    def _row(self, app: App, bought: Certified) -> str:
        behind = _backstage[self]
        text = log_in_text(GUEST, behind.passwords.get(app) or _of_a_student())
        sent = [
            send_through_you(app, text, self.ca_file, behind.shop, it) if it else "run 5.1 first"
            for it in (behind.leaf, bought)
        ]
        return f"{sent[0]!s:17} {sent[1]!s:17} {send(app, text, self.ca_file, behind.shop)}"

    def _through_you(self, app: App, text: str, passed_on: str | None = None) -> Sending:
        behind = _backstage[self]
        leaf = behind.leaf or behind.stand_in
        return send_through_you(app, text, self.ca_file, behind.shop, leaf, passed_on)


def open_cafe(shop: BackgroundServer) -> Cafe:
    """Open the café; or give back the one whose guests use this shop: a cell may be run twice.

    >>> from securedata_lab.servers.starting import LabServer
    >>> with LabServer() as shop:
    ...     cafe = open_cafe(shop)
    ...     open_cafe(shop) is cafe
    True
    """
    global _cafe
    if _cafe is None or _backstage[_cafe].shop is not shop:
        _cafe = Cafe(shop)
    return _cafe


_cafe: Cafe | None = None
