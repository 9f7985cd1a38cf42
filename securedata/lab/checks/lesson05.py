"""Lesson 05's checks: codes, a chain of one's own, a careful client, an attack, a real chain."""

import datetime
import random
import socket
import ssl
import warnings
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any, Literal

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from securedata.certificates.issuing import Certified, issue_certificate
from securedata.errors import CertificateError
from securedata.lab.checks.engine import NotAttemptedError, exercise, returned, shown
from securedata.lab.servers.starting import LabServer
from securedata.lab.student_answers.attempts import ReturnedNoneError, UnjudgedError
from securedata.lab.student_answers.interpreter import names_in
from securedata.lab.tls.bad_servers import BAD_SERVERS, BadServer
from securedata.lab.tls.hello_server import HelloServer, hello_server, serve_with
from securedata.lab.tls.man_in_the_middle import ManInTheMiddle
from securedata.lab.tls.verdicts import CONNECTED, Verdict, ask_requests
from securedata.lab.tls.website import website_chain

Letter = Literal["A", "B", "C", "D", "E"]
Code = Annotated[int, "codes are whole numbers: 0, 10, 20 or 62"]
CODES: dict[Letter, int] = {"A": 62, "B": 20, "C": 10, "D": 0, "E": 62}
# By certificate and wrong code: which question to ask again. No code is given away.
ASK_AGAIN = {
    ("A", 0): "its issuer is trusted; what do the other questions say?",
    ("A", 20): "20 is about who signed; gallery CA is trusted. What else is wrong?",
    ("B", 0): "the name is right; but did somebody you trust sign it?",
    ("B", 62): "the name is right; ask who signed it",
    ("C", 0): "look at the dates",
    ("C", 62): "the name is right; look at the dates",
    ("D", 62): "the subject does not count; where do names count?",
    ("E", 0): "a trusted CA signed it; what do the other questions say?",
    ("E", 20): "the issuer is trusted; where does requests look for the name?",
}


@exercise("5.1", "issuer, dates, name: all three, and the name in the SAN")
def matches_codes(codes: Annotated[dict[Letter, Code], "one code for each letter"]) -> str | None:
    """OpenSSL's code for each of the five certificates, 0 where requests connects."""
    for letter, code in CODES.items():
        if codes[letter] != code:
            why = ASK_AGAIN.get(
                (letter, codes[letter]), "first the issuer, then the dates, then the name"
            )
            return f"expected another code for {letter}, got {shown(codes[letter])}; {why}"
    return None


BOTH_COME_FROM = "both come from lab.issue_certificate: return [leaf, middle]"
Both = Annotated[list[Annotated[Certified, BOTH_COME_FROM]], BOTH_COME_FROM]


@exercise("5.2", "a live client went from your leaf to the root, step by step")
def issues_a_chain(my_chain_for: Callable[[Certified], Both]) -> str | None:
    """my_chain_for(root): a leaf for localhost, and the intermediate CA that signed it."""
    root = issue_certificate("exercise root CA", is_ca=True)
    chain = returned(my_chain_for, root)
    if len(chain) != 2:
        why = "return [leaf, middle]; the client has the root already"
        return f"expected two certificates with their keys, got {len(chain)}; {why}"
    leaf, middle = chain
    chain_pem = leaf.certificate_pem + middle.certificate_pem
    try:
        server = serve_with(chain_pem, leaf.private_key_pem, ca_pem=root.certificate_pem)
    except CertificateError as error:
        why = "return what lab.issue_certificate returns, unchanged"
        return f"expected a server to take your certificates, got {error}; {why}"
    with server:
        verdict = ask_requests(server.url, server.ca_file)
    if verdict.words != CONNECTED:
        why = _why_no_client(leaf, middle, root, verdict)
        return f"expected requests to connect, got {verdict.words}; {why}"
    if _signed_by(_parsed(leaf), _parsed(root)):
        why = "the root signed the leaf itself: let the intermediate CA do it"
        return f"expected a chain of three, got a chain of two; {why}"
    return None


def _why_no_client(leaf: Certified, middle: Certified, root: Certified, verdict: Verdict) -> str:
    if _is_ca(leaf) and not _is_ca(middle):
        return "the leaf stands first: return [leaf, middle]"
    if _signed_by(_parsed(leaf), _parsed(middle)) and not _is_ca(middle):
        return "only a CA may sign others: is_ca=True for the intermediate"
    if _is_ca(leaf):
        return "a CA's certificate signs and a server's serves: no is_ca for the leaf"
    names = _sans(leaf)
    if verdict.words == "wrong name" and "".join(names) == "localhost":
        return 'names is a list: ["localhost"]; yours was read letter by letter'
    if verdict.words == "wrong name" and names:
        return "the SAN names other hosts: the client asks for localhost"
    if verdict.words == "wrong name":
        return "requests reads the SAN only: which argument fills it?"
    if not _signed_by(_parsed(leaf), _parsed(middle)):
        return "the intermediate has not signed the leaf: by=… says who signs"
    if not _signed_by(_parsed(middle), _parsed(root)):
        return "the root that you are handed has not signed the intermediate: by=… says who signs"
    return "look at the dates of both: days=(first, last), counted from today"


def _parsed(certified: Certified) -> x509.Certificate:
    return x509.load_pem_x509_certificate(certified.certificate_pem.encode("ascii"))


def _signed_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except Exception:  # another name, another key, or an algorithm that is no longer allowed
        return False
    return True


def _is_ca(certified: Certified) -> bool:
    constraints = _parsed(certified).extensions.get_extension_for_class(x509.BasicConstraints)
    return constraints.value.ca


def _sans(leaf: Certified) -> list[str]:
    values = [extension.value for extension in _parsed(leaf).extensions]
    sans = [value for value in values if isinstance(value, x509.SubjectAlternativeName)]
    return [str(name.value) for names in sans for name in names]


# Who tries to get in at the student's client, and which line is missing if they do.
INTRUDERS = {
    "unknown-ca": "this client does not check who signed",
    "self-signed": "this client does not check who signed",
    "wrong-name": "this client does not check the name",
    "expired": "a certificate that has ended got in",
    "leaf-as-ca": "another server's certificate was taken for a CA's",
}
SHORTCUTS = (
    "ssl.create_default_context",
    "ssl._create_unverified_context",
    "urllib3.util.ssl_.create_urllib3_context",
)


MakesContext = Callable[[Path], Annotated[ssl.SSLContext, "end with return context"]]


@exercise(
    "5.3",
    "the right server got in, and the five impostors did not; is name-only-in-cn refused too?",
    ready_made=SHORTCUTS,
)
def looks_who_is_there(my_context: MakesContext) -> str | None:
    """my_context(ca_file): a client's context that no impostor passes."""
    with hello_server() as honest:
        context = _made(my_context, honest.ca_file)
        if context.protocol == ssl.PROTOCOL_TLS_SERVER:
            why = "begin with ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)"
            return f"expected a client's context, got a server's; {why}"
        if context is my_context(honest.ca_file):
            why = "make it inside the function, as the stub does"
            return f"expected a new context for each call, got the same one twice; {why}"
        try:
            _connect(context, honest)
        except ssl.SSLError as error:
            got = type(error).__name__
            return f"expected the honest server to get in, got {got}; {_why_out(context)}"
    for name, why in INTRUDERS.items():
        with BadServer(name) as intruder:
            context = my_context(intruder.ca_file)
            try:
                _connect(context, intruder)
            except ssl.SSLError:
                continue
        return f"expected {name} to be refused, got a connection; {BAD_SERVERS[name]}; {why}"
    return None


def _made(my_context: MakesContext, ca_file: Path) -> ssl.SSLContext:
    names = names_in(my_context)
    try:
        return returned(my_context, ca_file)
    except ReturnedNoneError:
        if _is_unchanged(names):
            raise NotAttemptedError from None
        raise
    except ssl.SSLError as error:
        if "load_cert_chain" not in names:
            raise
        why = "load_cert_chain is for a certificate of one's own; whom does it trust?"
        raise UnjudgedError(f"expected a context, got {type(error).__name__}; {why}") from None


def _is_unchanged(names: set[str]) -> bool:
    """Whether a function says what the notebook's stub says, which does more than `...`."""

    def stub(ca_file: Path) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE

    # The names, not the bytecode: that depends on whether `import ssl` stands in the same cell.
    return names == names_in(stub)


def _why_out(context: ssl.SSLContext) -> str:
    if context.cert_store_stats()["x509_ca"]:
        return "it trusts another CA: load the ca_file that the function is handed"
    return "it trusts nobody yet: which method loads the CA that it may trust?"


def _connect(context: ssl.SSLContext, server: HelloServer) -> None:
    port = int(server.url.rpartition(":")[2])
    with (
        closing(socket.create_connection(("localhost", port), timeout=5)) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as connection,
    ):
        connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
        connection.recv(1024)


Edit = Callable[[str, dict[str, Any]], dict[str, Any]]


@exercise("5.4", "the client saw what it had sent, and the service has another text")
def robs_a_careless_client(my_request: Edit, my_answer: Edit, server: LabServer) -> str | None:
    """my_request, my_answer: turn Bob into Eve on the way in, and Eve into Bob on the way out."""
    sent = f"pay {random.randrange(10, 90)} EUR to Bob"  # noqa: S311  # exercise data
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
            why = "return the whole body, and change the text in it"
            return f"expected the service to store it, got {shown(stored)}; {why}"
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
        why = 'my_request is handed {"data": text} on the way to /store: change the text'
        return f"expected the service to hold {shown(wanted)}, got {shown(got)}; {why}"
    if got != wanted:
        why = "change the name only, whatever the amount is"
        return f"expected the service to hold {shown(wanted)}, got {shown(got)}; {why}"
    if "error" in seen:
        why = "the record was changed on its way to /retrieve: leave everything but the text"
        return f"expected the client to see its text, got {shown(seen)}; {why}"
    if seen.get("decrypted_data") == wanted:
        why = "the client sees the fraud: my_answer must undo it in decrypted_data"
        return f"expected the client to see {shown(sent)}, got {shown(wanted)}; {why}"
    if seen != truth | {"decrypted_data": sent}:
        why = "everything but the text in decrypted_data must stay"
        return f"expected the client to see {shown(sent)}, got {shown(seen)}; {why}"
    return None


THEMSELVES = "return a list of the certificates themselves, not their names"
Found = Annotated[list[Annotated[x509.Certificate, THEMSELVES]], THEMSELVES]
Chain = Callable[[x509.Certificate, list[x509.Certificate]], Found]


AT_THE_ROOT = "stop at the root: its subject is its own issuer"


@exercise(
    "5.5",
    "from the leaf to the root, each signed with the key of the next",
    errors={"StopIteration": AT_THE_ROOT, "IndexError": AT_THE_ROOT},
)
def follows_the_chain(my_chain: Chain) -> str | None:
    """my_chain(leaf, others): the certificates from the leaf to a root, among strangers."""
    for chain in (website_chain(), _a_chain_of_four()):
        leaf, *others = chain
        mixed = others + [_namesake(one) for one in others] + [_parsed(_stranger())]
        random.shuffle(mixed)
        mixed.sort(key=lambda one: one in others)  # strangers first: names alone lead astray
        try:
            answer = returned(my_chain, leaf, mixed)
        except UnjudgedError as error:
            if "object of Name" not in str(error):
                raise
            return f"expected the chain of {len(chain)}, got names; {THEMSELVES}"
        wrong = _why_no_chain(answer, chain)
        if wrong:
            return f"expected the chain of {len(chain)}, {wrong}"
    return None


def _why_no_chain(found: list[x509.Certificate], chain: list[x509.Certificate]) -> str | None:
    if found == chain:
        return None
    names = [one.subject for one in found]
    if names == [one.subject for one in chain]:
        why = "one of them is a stranger's with the same name: a signature decides, not a name"
    elif found == website_chain():
        why = "the check tries other chains too: follow the one that the function is handed"
    elif found == chain[::-1]:
        why = "begin with the leaf"
    elif found == chain[1:]:
        why = "the leaf itself belongs to it, in front"
    elif found == chain[:-1]:
        why = "who signed the last one? the others stand in no order: go through them again"
    elif found == chain[:2] and len(chain) > 3:
        why = "it goes one step up only: go on from there"
    elif set(found) == set(chain):
        why = "the order: each is signed with the key of the next"
    else:
        why = "each must be signed with the key of the next, and nothing else belongs to it"
    return f"got {len(found)} certificates; {why}"


def _a_chain_of_four() -> list[x509.Certificate]:
    root = issue_certificate("a root CA", is_ca=True)
    upper = issue_certificate("upper CA", by=root, is_ca=True)
    lower = issue_certificate("lower CA", by=upper, is_ca=True)
    leaf = issue_certificate("localhost", by=lower, names=["localhost"])
    return [_parsed(one) for one in (leaf, lower, upper, root)]


def _stranger() -> Certified:
    return issue_certificate("a stranger's CA", is_ca=True)


def _namesake(original: x509.Certificate) -> x509.Certificate:
    """A stranger's certificate with the same subject and issuer, and another key."""
    key = ec.generate_private_key(ec.SECP256R1())
    today = datetime.datetime.now(datetime.timezone.utc)
    return (
        x509.CertificateBuilder()
        .subject_name(original.subject)
        .issuer_name(original.issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today)
        .not_valid_after(today + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
