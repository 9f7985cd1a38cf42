"""A café with Wi-Fi: what Ada's app sends passes through your machine, and you may answer.

This is the notebook's side. The shop, the CA and Ada are beside the kernel: town.py.
"""

import datetime
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from urllib3.exceptions import InsecureRequestWarning

from securedata.certificates.authority import Leaf
from securedata.certificates.issuing import Certified
from securedata_lab.basics.chance import chance, code_word
from securedata_lab.drawing.pictures import show_table
from securedata_lab.judging.attempts import NotAttemptedError
from securedata_lab.lesson05_tls_certificates.card import Card, Proof, cards_of
from securedata_lab.lesson05_tls_certificates.hello_server import serve_with
from securedata_lab.lesson05_tls_certificates.man_in_the_middle import ManInTheMiddle
from securedata_lab.lesson05_tls_certificates.scoreboard import (
    QUESTIONS,
    Row,
    Scoreboard,
    why_no_answers,
)
from securedata_lab.lesson05_tls_certificates.town import LOG_IN, NAME, log_in_of, open_kept
from securedata_lab.lesson05_tls_certificates.verdicts import verdict_on
from securedata_lab.lesson05_tls_certificates.visit import Visit
from securedata_lab.servers.clients import HAS_STOPPED, Address, NoAnswerError, ask
from securedata_lab.servers.keeper import keep

UNSAID = "Nothing was sent:"
SHOP_TO_YOU = "The shop to you:"
SENT = "sent"
RECORDED = "a copy, with an old signature"

Json = dict[str, Any]
Client = Callable[[list[Card], Card, str, datetime.date, Proof], Any]
Post = Callable[..., Json]
# What an app does with a message: a phone's `requests.post`, the url, the message, and a file with
# the CAs that the phone trusts.
App = Callable[[Post, str, Json, Path], Any]
Visitor = tuple[str, list[Card], Proof]


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
        answer: Json = session.post(url, data=data, json=json, **options).json()
        return answer


class Cafe:
    """Your café, and the shop on the other side of its Wi-Fi.

    `ca_file` holds the one CA that Ada's phone trusts, `ca` is its card. `bought` is a certificate
    of that CA, for a host of yours.
    """

    def __init__(self) -> None:
        self._kept = keep(open_kept)
        told = self._kept.told
        self.ca_file = Path(told["ca_file"])
        (self.ca,) = cards_of(self.ca_file.read_text("ascii"))
        self.bought = Certified(*told["bought"])
        self._impostors = {title: Leaf(*pems) for title, pems in told["impostors"].items()}
        self._leaf: Certified | None = None
        self._url = ""

    @property
    def runs(self) -> bool:
        """Whether the process of the shop has not ended."""
        return self._kept.runs

    @property
    def shop(self) -> Address:
        """Where the shop is.

        Raises:
            NoAnswerError: it has stopped.
        """
        if not self._url or not self.runs:
            raise NoAnswerError(HAS_STOPPED)
        return Address(self._url, self.ca_file)

    def start(self) -> None:
        """Open the shop. Calling it twice is harmless."""
        self._url = self._kept.ask("start")

    def stop(self) -> None:
        """Close the shop. `start` opens it again, with the same keys."""
        if self.runs:
            self._kept.ask("stop")
        self._url = ""

    def look(self) -> tuple[list[Card], Proof]:
        """What the shop shows in a handshake: its certificates, the leaf first, and its proof."""
        with Visit(self.shop.url) as visit:
            return visit.chain, visit.proof

    def log_in(self, leaf: Certified) -> str:
        """Ada logs in at the shop, and you answer with this certificate: what you read.

        Raises:
            CertificateError: OpenSSL refuses the certificate or its key.
        """
        if not isinstance(leaf, Certified):
            still = "is still `...`" if leaf is ... else "must come from issue_certificate"
            return f"{UNSAID} your certificate {still}."
        with ManInTheMiddle(self.shop, certificate=leaf) as you:
            self._kept.ask("log_in", url=you.url)
            (read,) = you.seen
        self._leaf = leaf
        return f"The app to you: {read.request}\n{SHOP_TO_YOU} {(read.answer or {})['said']}"

    def as_ada(self, password: object) -> str:
        """Log in at the shop, with what you have read."""
        if password is ... or password is None:
            return f"{UNSAID} the password is still `...`."
        if not isinstance(password, str):
            return f"{UNSAID} a password stands in quotes."
        return f"{SHOP_TO_YOU} {ask(self.shop, LOG_IN, log_in_of(password))['said']}"

    def visitors(self) -> Iterator[Visitor]:
        """The shop, and seven who want to be it. Each makes a real handshake.

        In the last, the signature is another one: that of the handshake before.
        """
        chain, proof = self.look()
        yield "the shop", chain, proof
        for title, leaf in self._impostors.items():
            with (
                serve_with(leaf.chain_pem, leaf.private_key_pem, ca_pem="") as server,
                Visit(server.url) as visit,
            ):
                yield title, visit.chain, visit.proof
        chain, new = self.look()
        yield RECORDED, chain, Proof(new.text, proof.signature)

    def try_client(self, my_client: Client) -> Scoreboard:
        """Whom this client lets in."""
        rows = list[Row]()
        for title, chain, proof in self.visitors():
            said = my_client([*chain], self.ca, NAME, today(), proof)
            if why := why_no_answers(said, some=True):
                return Scoreboard([], why)
            rows.append(Row(title, [*said], chain, is_the_shop=not rows))
        return Scoreboard(rows)

    def compare(self, my_client: Client, my_send: App) -> None:
        """Print whom three apps send a password to: the app, and two with lines of a student's."""
        if self._leaf is None:
            print("Run your cell of 5.6 first: you need your leaf.")
            return
        servers = {"your leaf": self._leaf, "eve.localhost": self.bought, "the shop": None}
        apps: dict[str, Callable[[str], str]] = {
            "the app": lambda url: str(self._kept.ask("log_in", url=url)),
            "an app with your client": lambda url: self._by_client(my_client, url),
            "an app with your line": lambda url: self._by_line(my_send, url),
        }
        rows = {
            name: [self._field(app, leaf) for leaf in servers.values()]
            for name, app in apps.items()
        }
        show_table([*servers], rows)

    def _field(self, app: Callable[[str], str], leaf: Certified | None) -> str:
        """Whether the server has heard anything; else what the app says."""
        with self._heard_by(leaf) as (url, heard):
            said = app(url)
            return SENT if heard() else said

    @contextmanager
    def _heard_by(self, leaf: Certified | None) -> Iterator[tuple[str, Callable[[], int]]]:
        """Somebody with this certificate, or the shop: where, and how much they have heard."""
        if leaf is None:
            before = self._kept.ask("posts")
            yield self.shop.url, lambda: self._kept.ask("posts") - before
        else:
            with serve_with(leaf.certificate_pem, leaf.private_key_pem, ca_pem="") as you:
                yield you.url, lambda: len(you.heard)

    def _by_client(self, my_client: Client, url: str) -> str:
        with Visit(url) as visit:
            try:
                said = my_client([*visit.chain], self.ca, NAME, today(), visit.proof)
            except Exception as error:  # a student's client may raise anything
                return type(error).__name__
            if why_no_answers(said):
                return "run your cell of 5.7"
            if all(said):
                visit.post(LOG_IN, _of_a_student())
        no = (it for it, yes in zip(QUESTIONS, said, strict=True) if not yes)
        return f"hangs up: {', '.join(no)}"

    def _by_line(self, my_send: App, url: str) -> str:
        try:
            my_send(post, url + LOG_IN, _of_a_student(), self.ca_file)
        except NotAttemptedError:
            return "verify is still `...`"
        except Exception as error:  # a student's app may raise anything
            verdict = verdict_on(error)
            return f"hangs up: {verdict.words}" if verdict.code else type(error).__name__
        return "nothing sent"


def today() -> datetime.date:
    """The day, as certificates count it."""
    return datetime.datetime.now(datetime.timezone.utc).date()


def _of_a_student() -> Json:
    """What an app of a student's sends: its password is not Ada's."""
    return log_in_of(code_word(chance("Ada, a student's app")))


def open_cafe() -> Cafe:
    """Open the café and the shop; or give back the one that is open: a cell may be run twice.

    >>> cafe = open_cafe()
    >>> open_cafe() is cafe
    True
    >>> cafe.stop()
    """
    global _cafe
    if _cafe is None or not _cafe.runs:
        _cafe = Cafe()
    _cafe.start()
    return _cafe


_cafe: Cafe | None = None
