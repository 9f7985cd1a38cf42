"""A shop, the CA that all phones in town trust, and Ada: their own side of lesson 05.

It runs in the process beside the kernel, so it imports no more than it needs: cafe.py is the
notebook's side. The keys of CA and shop, and Ada's password, do not leave it.
"""

import base64
import json
import ssl
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import serialization

from securedata.certificates.authority import Leaf
from securedata.certificates.issuing import Certified, issue_certificate
from securedata.certificates.tls import server_context
from securedata_lab.basics.chance import chance, code_word, is_said
from securedata_lab.lesson05_tls_certificates.hello_server import HelloServer
from securedata_lab.servers.keeper_process import Service

__all__ = ["issue_certificate", "open_kept"]  # the first is exported by the lesson

NAME, EVES_NAME = "localhost", "eve.localhost"
LOG_IN = "/login"
TIMEOUT_SECONDS = 10
WELCOME = "Welcome, Ada. Your next cake is free."
WRONG = "Wrong name or password."


Json = dict[str, Any]


class Shop(HelloServer):
    """Where Ada logs in. It has done nothing wrong: the weak part is her app."""

    def __init__(self, tls: ssl.SSLContext, ca_pem: str, password: str) -> None:
        self._password = password
        super().__init__(tls, ca_pem=ca_pem)

    def answer(self, body: Any) -> str:
        """Welcome, to Ada's password."""
        said = body.get("password") if isinstance(body, dict) else None
        return WELCOME if body == log_in_of(said) and is_said(said, self._password) else WRONG


def log_in_of(password: Any) -> Json:
    """What an app sends first.

    >>> log_in_of("saddle-basket-18")
    {'name': 'Ada', 'password': 'saddle-basket-18'}
    """
    return {"name": "Ada", "password": password}


def the_app(url: str, password: str) -> str:
    """Ada's app logs in at any server that answers, and verifies nothing. Return what it hears.

    Breaks: RFC 9110, 4.3.4: a client must verify the server's identity.
    Happened: Georgiev and others, 2012, "The most dangerous code in the world": apps of banks and
    shops that took any certificate.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    place = urlsplit(url)
    options: Any = {"timeout": TIMEOUT_SECONDS, "context": context}
    with closing(HTTPSConnection(str(place.hostname), place.port, **options)) as connection:
        body, head = json.dumps(log_in_of(password)), {"Content-Type": "application/json"}
        connection.request("POST", LOG_IN, body, head)
        return connection.getresponse().read().decode()


def open_kept() -> Service:
    """The shop and Ada, for the keeper. What is told are Eve's own certificates, and the CA's.

    >>> service = open_kept()
    >>> sorted(service.told), sorted(service.doors)
    (['bought', 'ca_file', 'impostors'], ['log_in', 'posts', 'start', 'stop'])
    """
    password = code_word(chance("Ada at the shop"))
    root = issue_certificate("Town CA", is_ca=True, days=(-400, 3000))
    branch = issue_certificate("Town CA, branch 2", by=root, is_ca=True, days=(-300, 300))
    leaf = _leaf(branch)
    bought = issue_certificate(NAME, by=root, names=[EVES_NAME])  # a subject may say anything
    shop = Shop(server_context(_served(leaf, branch)), root.certificate_pem, password)

    def start() -> str:
        shop.start()
        return shop.url

    impostors = {it: _pems(served) for it, served in _impostors(root, branch, leaf, bought).items()}
    told = {"ca_file": str(shop.ca_file), "bought": _pems(_served(bought)), "impostors": impostors}
    doors: dict[str, Callable[..., Any]] = {
        "start": start,
        "stop": shop.stop,
        "posts": lambda: len(shop.heard),
        "log_in": lambda url: the_app(url, password),
    }
    return Service(told, doors)


def _impostors(
    root: Certified, branch: Certified, leaf: Certified, bought: Certified
) -> dict[str, Leaf]:
    """Six who want to be the shop, each with one flaw: all of their keys are Eve's."""
    namesake = issue_certificate("Town CA", is_ca=True)
    closed = issue_certificate("Town CA, branch 1", by=root, is_ca=True, days=(-300, -2))
    copy = Certified(leaf.certificate_pem, _mixed(leaf, _leaf(None)))
    return {
        "another CA, of the same name": _served(_leaf(namesake)),
        "signed by itself": _served(_leaf(None)),
        "signed by eve.localhost": _served(_leaf(bought), bought),
        "by branch 1, closed two days ago": _served(_leaf(closed), closed),
        "bought, for eve.localhost": _served(bought),
        "a copy, with a key of their own": _served(copy, branch),
    }


def _leaf(by: Certified | None) -> Certified:
    return issue_certificate(NAME, by=by, names=[NAME])


def _served(leaf: Certified, *issuers: Certified) -> Leaf:
    chain = (leaf, *issuers)
    return Leaf("".join(it.certificate_pem for it in chain), leaf.private_key_pem)


def _pems(served: Leaf) -> list[str]:
    return [served.chain_pem, served.private_key_pem]


def _mixed(owner: Certified, thief: Certified) -> str:
    """The thief's private key, which says that the owner's public key belongs to it.

    Else OpenSSL would notice, and never serve. Both numbers stand in PKCS #8 (RFC 5915, 3).
    """
    whole, secret = _key(owner)
    mixed = base64.encodebytes(whole.replace(secret, _key(thief)[1])).decode("ascii")
    return f"-----BEGIN PRIVATE KEY-----\n{mixed}-----END PRIVATE KEY-----\n"


def _key(certified: Certified) -> tuple[bytes, bytes]:
    """An ECDSA private key as DER, and the private number in it."""
    key = serialization.load_pem_private_key(certified.private_key_pem.encode(), password=None)
    coding = serialization.Encoding.DER, serialization.PrivateFormat.PKCS8
    numbers = key.private_numbers()  # type: ignore[union-attr]
    whole = key.private_bytes(*coding, serialization.NoEncryption())
    return whole, numbers.private_value.to_bytes(32, "big")  # type: ignore[union-attr]
