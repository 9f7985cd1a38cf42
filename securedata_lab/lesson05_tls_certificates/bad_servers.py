"""A gallery of bad servers: each has exactly one flaw, which a client should notice.

Everything else about each is right, and it serves a client that does not look. Loopback only.
"""

import ssl
import warnings
from collections.abc import Callable
from functools import cache
from importlib.resources import files

from securedata.certificates.authority import Leaf
from securedata.certificates.issuing import LOCALHOST_NAMES as NAMES
from securedata.certificates.issuing import Certified, issue_certificate
from securedata.certificates.tls import server_context
from securedata.errors import FormatError
from securedata_lab.lesson05_tls_certificates.hello_server import HelloServer

# What is wrong with each, by name. Each registers itself where it is made, below.
BAD_SERVERS: dict[str, str] = {}

# How each is made: a context for the server, and the CA certificate that a client should trust.
Recipe = Callable[[], tuple[ssl.SSLContext, str]]
_RECIPES: dict[str, Recipe] = {}


def bad_server(name: str) -> HelloServer:
    """Start a bad server, or give back the one that runs: a cell may be run twice.

    Its `ca_file` is whom a client should trust.

    Raises:
        FormatError: there is no such server; the message lists them.

    >>> with bad_server("expired") as server:
    ...     bad_server("expired") is server
    True
    """
    if name not in BAD_SERVERS:
        raise FormatError(f"no server is bad as {name}; there are {', '.join(BAD_SERVERS)}")
    server = _bad_server(name)
    server.start()
    return server


@cache  # one of each for the whole kernel
def _bad_server(name: str) -> HelloServer:
    tls, ca_pem = _RECIPES[name]()
    return HelloServer(tls, ca_pem=ca_pem)


def _bad(name: str, flaw: str) -> Callable[[Recipe], Recipe]:
    def register(recipe: Recipe) -> Recipe:
        BAD_SERVERS[name], _RECIPES[name] = flaw, recipe
        return recipe

    return register


def _a_root(name: str = "gallery CA") -> Certified:
    return issue_certificate(name, is_ca=True)


def _serving(leaf: Certified, *issuers: Certified) -> ssl.SSLContext:
    chain = [leaf, *issuers]
    chain_pem = "".join(certified.certificate_pem for certified in chain)
    return server_context(Leaf(chain_pem, leaf.private_key_pem))


@_bad("wrong-name", "its certificate is for other.localhost, not for localhost")
def _wrong_name() -> tuple[ssl.SSLContext, str]:
    root = _a_root()
    leaf = issue_certificate("other.localhost", by=root, names=["other.localhost"])
    return _serving(leaf), root.certificate_pem


@_bad("expired", "its certificate ended yesterday")
def _expired() -> tuple[ssl.SSLContext, str]:
    root = issue_certificate("gallery CA", is_ca=True, days=(-365, 365))
    leaf = issue_certificate("localhost", by=root, names=NAMES, days=(-91, -1))
    return _serving(leaf), root.certificate_pem


@_bad("name-only-in-cn", "its name stands in the subject's common name, and in no SAN")
def _name_only_in_cn() -> tuple[ssl.SSLContext, str]:
    root = _a_root()
    return _serving(issue_certificate("localhost", by=root)), root.certificate_pem


@_bad("tls-1.1-only", "it speaks TLS 1.1 at most, which RFC 8996 put an end to")
def _tls_1_1_only() -> tuple[ssl.SSLContext, str]:
    root = _a_root()
    context = _serving(issue_certificate("localhost", by=root, names=NAMES))
    with warnings.catch_warnings():  # Python rightly warns of TLS 1.1
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    # OpenSSL 3 refuses TLS 1.1 by default: its signatures hash with MD5 and SHA-1.
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    return context, root.certificate_pem


@_bad("self-signed", "its certificate is signed with its own key: no CA signed it")
def _self_signed() -> tuple[ssl.SSLContext, str]:
    return _serving(issue_certificate("localhost", names=NAMES)), _a_root().certificate_pem


@_bad("dsa-certificate", "its key is a DSA key, and TLS 1.3 has no DSA signatures")
def _dsa_certificate() -> tuple[ssl.SSLContext, str]:
    # Made by tools/dsa_certificate.sh, since `cryptography` is giving DSA up.
    folder = files("securedata_lab.lesson05_tls_certificates") / "dsa_certificate"
    leaf, key, ca = (
        (folder / name).read_text("ascii") for name in ("leaf.pem", "key.pem", "ca.pem")
    )
    return _serving(Certified(leaf, key)), ca
