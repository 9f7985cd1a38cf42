"""Lesson 05's checks: codes, a leaf, a client that looks, three edits, and a private CA."""

import socket
import ssl
import warnings
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from cryptography import x509

from securedata.errors import CertificateError
from securedata.lab.checking import NotAttemptedError, exercise, given, returned, shown
from securedata.lab.service import LabServer
from securedata.lab.tls.bad_servers import BAD_SERVERS, BadServer
from securedata.lab.tls.certificates import Certified, issue_certificate
from securedata.lab.tls.clients import CONNECTED, Verdict, ask_requests, causes
from securedata.lab.tls.hello_server import HelloServer, hello_server, serve_with
from securedata.lab.tls.man_in_the_middle import ManInTheMiddle

CODES = {"A": 62, "B": 20, "C": 10, "D": 0, "E": 62}
# Why each wrong code is wrong, by certificate and code.
WHY_NOT = {
    ("A", 0): "a trusted issuer, and another host's name: 62",
    ("A", 20): "trusted issuer, wrong host: 62",
    ("B", 0): "the name is right, and nobody you trust has signed it: 20",
    ("B", 62): "the name is right; it is the issuer that nobody trusts: 20",
    ("C", 0): "it ended yesterday: 10",
    ("C", 62): "the name is right; look at the dates: 10",
    ("D", 62): "names count in the SAN, and there it is: the subject may be anything",
    ("E", 0): "requests reads SANs, not the subject: 62",
    ("E", 20): "the issuer is trusted; there is no name where requests looks: 62",
}


@exercise("5.1", "issuer, dates, name: all three, and the name in the SAN")
def matches_codes(answer: dict[str, int]) -> str | None:
    """OpenSSL's code for each of the five certificates, 0 where requests connects."""
    codes = given(answer)
    if not isinstance(codes, dict) or set(codes) != set(CODES):
        return f"expected a dict with A to E, got {shown(codes)}; one code for each letter"
    for letter, code in CODES.items():
        if type(codes[letter]) is not int:
            got = shown(codes[letter])
            return f"expected a code for {letter}, got {got}; codes are numbers: 0, 10, 20 or 62"
        if codes[letter] != code:
            why = WHY_NOT.get(
                (letter, codes[letter]), "first the issuer, then dates, then the name"
            )
            return f"expected another code for {letter}, got {shown(codes[letter])}; {why}"
    return None


@exercise("5.2", "a live client has accepted your certificate")
def issues_a_leaf(my_leaf_for: Callable[[Certified], Certified]) -> str | None:
    """my_leaf_for(ca): a certificate for localhost, accepted by requests."""
    ca = issue_certificate("exercise CA", is_ca=True)
    leaf = returned(my_leaf_for, ca)
    if not isinstance(leaf, Certified):
        why = "return what lab.issue_certificate returns"
        return f"expected a certificate with its key, got {shown(leaf)}; {why}"
    try:
        server = serve_with(leaf.certificate_pem, leaf.private_key_pem, ca_pem=ca.certificate_pem)
    except CertificateError as error:
        why = "the certificate and the key must be those of one call of lab.issue_certificate"
        return f"expected a server to take your certificate, got {error}; {why}"
    with server:
        verdict = ask_requests(server.url, server.ca_file)
    if verdict.words == CONNECTED:
        return None
    return f"expected requests to connect, got {verdict}; {_why_refused(leaf, ca, verdict)}"


def _why_refused(leaf: Certified, ca: Certified, verdict: Verdict) -> str:
    names = _sans(leaf)
    if leaf.certificate_pem == ca.certificate_pem:
        return "that is the CA's own certificate: issue one for localhost with it"
    if verdict.words == "wrong name" and "".join(names) == "localhost":
        return 'names is a list: ["localhost"]; yours was read letter by letter'
    if verdict.words == "wrong name" and names:
        return "the SAN names other hosts: the client asks for localhost"
    return {
        "wrong name": "requests reads SANs: names=[…] must hold localhost",
        "self-signed": "nobody vouches for it: let the CA sign, by=ca",
        "unknown CA": "another CA has signed it: by=ca, the one that you are handed",
        "a leaf is no CA": "only a CA may sign: by=ca, the one that you are handed",
        "expired": "its last day is over: days=(first, last), counted from today",
        "not yet valid": "its first day has not come: days=(first, last), counted from today",
    }.get(verdict.words, "a CA's certificate signs, and a server's serves: leave out is_ca")


def _sans(leaf: Certified) -> list[str]:
    certificate = x509.load_pem_x509_certificate(leaf.certificate_pem.encode("ascii"))
    values = [extension.value for extension in certificate.extensions]
    sans = [value for value in values if isinstance(value, x509.SubjectAlternativeName)]
    return [str(name.value) for names in sans for name in names]


# Who tries to get in at the student's client, and what it means if he does.
INTRUDERS = {
    "unknown-ca": "anyone's CA will do: require a certificate that yours has signed",
    "self-signed": "nobody vouches for that one: require a certificate that your CA has signed",
    "wrong-name": "a valid certificate for another host got in: check_hostname",
    "expired": "a certificate that has ended got in",
    "leaf-as-ca": "another server's certificate was taken for a CA's",
}


@exercise("5.3", "the right server got in, and nobody else")
def looks_who_is_there(my_context: Callable[[Path], ssl.SSLContext]) -> str | None:
    """my_context(ca_file): a client's context that no impostor passes."""
    with hello_server() as honest:
        context = given(my_context)(honest.ca_file)
        if context is None and _is_unchanged(my_context):
            raise NotAttemptedError
        if not isinstance(context, ssl.SSLContext):
            return f"expected an ssl.SSLContext, got {shown(context)}; return context"
        if context.protocol == ssl.PROTOCOL_TLS_SERVER:
            why = "begin with ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)"
            return f"expected a client's context, got a server's; {why}"
        try:
            _connect(context, honest)
        except ssl.SSLError as error:
            return f"expected the honest server to get in, got {_reason(error)}"
    for name, why in INTRUDERS.items():
        with BadServer(name) as intruder:
            context = my_context(intruder.ca_file)
            try:
                _connect(context, intruder)
            except ssl.SSLError:
                continue
        return f"expected {name} to be refused, got a connection; {BAD_SERVERS[name]}: {why}"
    return None


def _is_unchanged(my_context: Callable[..., object]) -> bool:
    """Whether it says what the notebook's stub says, which does more than `...`."""

    def stub(ca_file: Path) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE

    # The names, not the bytecode: that depends on whether `import ssl` stands in the same cell.
    code = getattr(my_context, "__code__", None)
    return code is not None and code.co_names == stub.__code__.co_names


def _connect(context: ssl.SSLContext, server: HelloServer) -> None:
    port = int(server.url.rpartition(":")[2])
    with (
        closing(socket.create_connection(("localhost", port), timeout=5)) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as connection,
    ):
        connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
        connection.recv(1024)


def _reason(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError) and error.verify_code in (18, 19, 20):
        return "unknown CA; load_verify_locations(ca_file) says whom to trust"
    return f"{type(error).__name__}; it trusts its CA, and its name is localhost"


@exercise("5.4", "a signature protects from when it is made, and not before")
def says_what_is_caught(answer: set[str]) -> str | None:
    """Which edits of the man in the middle are noticed: a set of record, text, answer."""
    words = given(answer)
    if isinstance(words, str):
        words = {words}
    if not isinstance(words, (set, frozenset, list, tuple)):
        return f"expected a set of words, got {shown(words)}; such as {{'record', 'text'}}"
    caught = {str(word) for word in words}
    if caught == {"record"}:
        return None
    if caught - {"record", "text", "answer"}:
        return f"expected record, text, answer, got {shown(words)}; these three words only"
    if "text" in caught:
        why = "the /store text was signed *after* the edit"
    elif "answer" in caught:
        why = "the /retrieve answer carries no signature: nothing to compare it with"
    else:
        why = "one was refused: look at the first line of the three"
    return f"expected those that were noticed, got {shown(words)}; {why}"


Health = Callable[[str, Path], dict[str, Any]]


@exercise("5.5", "the service, and nobody in its place")
def trusts_a_private_ca(my_health: Health, server: LabServer) -> str | None:
    """my_health(url, ca_file): what GET /health answers, or an exception for an impostor."""
    with warnings.catch_warnings():  # urllib3 warns of verify=False; the check's line says it
        warnings.simplefilter("ignore")
        return _misses_the_service(my_health, server) or _talks_to_him(my_health, server)


def _misses_the_service(my_health: Health, server: LabServer) -> str | None:
    try:
        answer = returned(my_health, server.url, Path(str(server.ca_file)))
    except Exception as error:
        if not _is_refusal(error):
            raise
        why = "requests asks its own list of CAs: verify=ca_file"
        return f"expected the service's answer, got {type(error).__name__}; {why}"
    if answer != {"status": "ok"}:
        return f"expected {{'status': 'ok'}}, got {shown(answer)}; GET /health, and .json()"
    return None


def _talks_to_him(my_health: Health, server: LabServer) -> str | None:
    with ManInTheMiddle(server) as attacker:
        try:
            answer: object = my_health(attacker.url, Path(str(server.ca_file)))
        except Exception as error:
            if not _is_refusal(error):
                raise
            if not attacker.seen:
                return None
            answer = error
    if attacker.seen:
        why = "the man in the middle's certificate passes too: no verify=False"
    elif answer == {"status": "ok"}:
        why = "call the url that you are handed, and let the error out"
    else:
        why = "let the error out: who called must hear that somebody else stands there"
    return f"expected the client to hang up on him, got {shown(answer)}; {why}"


def _is_refusal(error: Exception) -> bool:
    return any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes(error))
