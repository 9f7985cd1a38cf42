"""Lesson 05's checks: right answers pass, wrong ones are refused with a word that fits."""

import importlib
import json
import ssl
import urllib.request
from collections.abc import Callable, Iterator
from http.client import HTTPSConnection
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from securedata.lab import check, issue_certificate
from securedata.lab.service import LabServer
from securedata.lab.tls.certificates import Certified

# `securedata.lab.checking` is also the name of the object that lessons use.
engine = importlib.import_module("securedata.lab.checking")

Sign = Callable[[Certified], object]
Context = Callable[[Path], object]
Health = Callable[[str, Path], object]


def said(capsys: pytest.CaptureFixture[str], number: str, *answers: object) -> str:
    check(number, *answers)
    printed, complaints = capsys.readouterr()
    assert printed.count("\n") == 1
    assert len(printed) <= engine.LINE_LENGTH, "cut off"
    assert "run your own code first" not in printed, "an exception of the check's own"
    assert complaints == ""
    return printed


def said_of_code(capsys: pytest.CaptureFixture[str], number: str, *answers: object) -> str:
    """The same, where the exception is the student's: no line of a notebook's is in these tests."""
    check(number, *answers)
    return capsys.readouterr().out


def stub(*_: object) -> object: ...


def prints(*_: object) -> None:
    print(end="")


def never_ends(*_: object) -> object:
    while True:
        pass


@pytest.mark.parametrize("stands_there", [..., None])
@pytest.mark.parametrize("number", ["5.1", "5.2", "5.3", "5.4"])
def test_a_stub_is_not_attempted(
    capsys: pytest.CaptureFixture[str], number: str, stands_there: object
) -> None:
    assert said(capsys, number, stands_there) == f"{number} not attempted yet\n"


@pytest.mark.parametrize("number", ["5.2", "5.3"])
def test_an_endless_loop_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, number: str
) -> None:
    monkeypatch.setattr(engine, "SECONDS", 0.2)
    assert "endless loop" in said(capsys, number, never_ends)


# 5.1


RIGHT_CODES = {"A": 62, "B": 20, "C": 10, "D": 0, "E": 62}


@pytest.mark.parametrize(
    "right",
    [
        RIGHT_CODES,
        dict(reversed(RIGHT_CODES.items())),
        dict(zip("ABCDE", (62, 20, 10, 0, 62), strict=True)),
    ],
)
def test_5_1_the_right_codes_pass(
    capsys: pytest.CaptureFixture[str], right: dict[str, int]
) -> None:
    assert said(capsys, "5.1", right).startswith("5.1 correct: ")


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"A": 0}, "another code for A, got 0; a trusted issuer, and another host's name: 62"),
        ({"A": 20}, "another code for A, got 20; trusted issuer, wrong host: 62"),
        ({"A": 10}, "another code for A, got 10; first the issuer, then dates, then the name"),
        ({"B": 0}, "for B, got 0; the name is right, and nobody you trust has signed it: 20"),
        ({"B": 62}, "for B, got 62; the name is right; it is the issuer that nobody trusts: 20"),
        ({"B": 18}, "another code for B, got 18; first the issuer, then dates, then the name"),
        ({"C": 0}, "another code for C, got 0; it ended yesterday: 10"),
        ({"C": 62}, "another code for C, got 62; the name is right; look at the dates: 10"),
        ({"C": 9}, "another code for C, got 9; first the issuer, then dates, then the name"),
        ({"D": 62}, "names count in the SAN, and there it is: the subject may be anything"),
        ({"D": 20}, "another code for D, got 20; first the issuer, then dates, then the name"),
        ({"E": 0}, "another code for E, got 0; requests reads SANs, not the subject: 62"),
        ({"E": 20}, "the issuer is trusted; there is no name where requests looks: 62"),
        ({"A": "62"}, "a code for A, got '62'; codes are numbers: 0, 10, 20 or 62"),
        ({"A": "wrong name"}, "a code for A, got 'wrong name'; codes are numbers"),
        ({"A": [62]}, "a code for A, got [62]; codes are numbers"),
        ({"A": 62.0}, "a code for A, got 62.0; codes are numbers"),
        ({"B": None}, "a code for B, got None; codes are numbers"),
        ({"C": ...}, "a code for C, got Ellipsis; codes are numbers"),
        ({"D": False}, "a code for D, got False; codes are numbers"),
        ({"E": print}, "a code for E, got <built-in function print>; codes are numbers"),
        ({"F": 0}, "a dict with A to E, got"),
        (dict.fromkeys("ABCDE", 0), "expected another code for A, got 0"),
        (dict.fromkeys("ABCDE", 62), "expected another code for B, got 62"),
    ],
)
def test_5_1_a_wrong_code_is_explained(
    capsys: pytest.CaptureFixture[str], wrong: dict[str, object], word: str
) -> None:
    printed = said(capsys, "5.1", RIGHT_CODES | wrong)
    assert printed.startswith("5.1 not yet: expected ")
    assert word in printed


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"A": 62},
        {"a": 62, "b": 20, "c": 10, "d": 0, "e": 62},
        [62, 20, 10, 0, 62],
        (62, 20, 10, 0, 62),
        {62, 20, 10, 0},
        list(RIGHT_CODES.items()),
        str(RIGHT_CODES),
        62,
        stub,
    ],
)
def test_5_1_what_is_no_dict_of_codes_is_explained(
    capsys: pytest.CaptureFixture[str], wrong: object
) -> None:
    printed = said(capsys, "5.1", wrong)
    assert printed.startswith("5.1 not yet: expected a dict with A to E, got ")
    assert printed.endswith("; one code for each letter\n")


# 5.2


def leaf(**changed: Any) -> Sign:
    """A my_leaf_for whose certificate differs in this from the right one; by="nobody" signs."""

    def my_leaf_for(ca: Certified) -> Certified:
        arguments: dict[str, Any] = {"by": ca, "names": ["localhost"]} | changed
        return issue_certificate(arguments.pop("common_name", "localhost"), **arguments)

    return my_leaf_for


def of_another_key(ca: Certified) -> Certified:
    one, two = leaf()(ca), leaf()(ca)
    assert isinstance(one, Certified)
    assert isinstance(two, Certified)
    return Certified(one.certificate_pem, two.private_key_pem)


def with_the_key_of_the_ca(ca: Certified) -> Certified:
    one = leaf()(ca)
    assert isinstance(one, Certified)
    return Certified(one.certificate_pem, ca.private_key_pem)


def with_its_chain(ca: Certified) -> Certified:
    middle = issue_certificate("a CA between", by=ca, is_ca=True)
    last = issue_certificate("localhost", by=middle, names=["localhost"])
    return Certified(last.certificate_pem + middle.certificate_pem, last.private_key_pem)


def under_a_leaf(ca: Certified) -> Certified:
    other = issue_certificate("other.localhost", by=ca, names=["other.localhost"])
    last = issue_certificate("localhost", by=other, names=["localhost"])
    return Certified(last.certificate_pem + other.certificate_pem, last.private_key_pem)


MY_CA = issue_certificate("My own CA", is_ca=True)


@pytest.mark.parametrize(
    "right",
    [
        leaf(),
        leaf(common_name="shop.example"),
        leaf(names=("localhost",)),
        leaf(names={"localhost"}),
        leaf(names=["127.0.0.1", "::1", "localhost"]),
        leaf(names=["other.localhost", "localhost"]),
        leaf(names=["LocalHost"]),
        leaf(days=(0, 1)),
        leaf(days=(-365, 3650)),
        with_its_chain,
    ],
)
def test_5_2_a_leaf_that_a_client_accepts_passes(
    capsys: pytest.CaptureFixture[str], right: Sign
) -> None:
    assert said(capsys, "5.2", right).startswith("5.2 correct: ")


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        (leaf(names=[]), "wrong name (62); requests reads SANs: names=[…] must hold localhost"),
        (leaf(names=["other.localhost"]), "(62); the SAN names other hosts: the client asks for"),
        (leaf(names=["127.0.0.1"]), "the SAN names other hosts: the client asks for localhost"),
        (leaf(names=["::1", "127.0.0.1"]), "the SAN names other hosts"),
        (leaf(names=["*.localhost"]), "the SAN names other hosts"),
        (leaf(names=["*"]), "the SAN names other hosts"),
        (leaf(names=["https://localhost"]), "the SAN names other hosts"),
        (leaf(names=["localhost:5000"]), "the SAN names other hosts"),
        (leaf(names="localhost"), 'names is a list: ["localhost"]; yours was read letter by'),
        (leaf(by=None), "self-signed (18); nobody vouches for it: let the CA sign, by=ca"),
        (leaf(by=None, is_ca=True), "nobody vouches for it: let the CA sign, by=ca"),
        (leaf(by=MY_CA), "unknown CA (20); another CA has signed it: by=ca, the one that you"),
        (leaf(by=MY_CA, names=[]), "unknown CA (20); another CA has signed it"),
        (leaf(by=issue_certificate("exercise CA", is_ca=True)), "another CA has signed it: by=ca"),
        (leaf(is_ca=True), "a CA's certificate signs, and a server's serves: leave out is_ca"),
        (under_a_leaf, "a leaf is no CA (79); only a CA may sign: by=ca, the one that you are"),
        (leaf(days=(-90, -1)), "expired (10); its last day is over: days=(first, last), counted"),
        (leaf(days=(1, 90)), "not yet valid (9); its first day has not come: days=(first, last)"),
        (lambda ca: ca, "that is the CA's own certificate: issue one for localhost with it"),
        (lambda ca: MY_CA, "self-signed (18); nobody vouches for it: let the CA sign, by=ca"),
        (of_another_key, "KEY_VALUES_MISMATCH; the certificate and the key must be those of one"),
        (with_the_key_of_the_ca, "the certificate and the key must be those of one call of"),
        (lambda ca: Certified("a", "b"), "expected a server to take your certificate"),
        (lambda ca: leaf()(ca).certificate_pem, "return what lab.issue_certificate returns"),
        (lambda ca: (leaf()(ca), ca), "expected a certificate with its key, got (Certified("),
        (lambda ca: issue_certificate, "return what lab.issue_certificate returns"),
        (lambda ca: "localhost", "expected a certificate with its key, got 'localhost'; return"),
        (lambda ca: True, "expected a certificate with its key, got True"),
        (prints, "got None for (Certified("),
        (prints, "returned None: "),
    ],
)
def test_5_2_a_leaf_that_no_client_accepts_is_explained(
    capsys: pytest.CaptureFixture[str], wrong: Sign, word: str
) -> None:
    printed = said(capsys, "5.2", wrong)
    assert printed.startswith("5.2 not yet: expected ")
    assert word in printed


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        (leaf(days=(2, 1)), "ValueError: The not valid after date must be after"),
        (leaf(names=["bücher.localhost"]), "ValueError: DNSName values should be passed"),
        (leaf(by="ca"), "AttributeError: 'str' object has no attribute 'certificate_pem'"),
        (lambda ca: issue_certificate("localhost", ca, ["localhost"]), "TypeError"),
        (lambda: issue_certificate("localhost"), "TypeError"),
        (lambda ca: 1 // 0, "ZeroDivisionError"),
    ],
)
def test_5_2_an_exception_is_named(
    capsys: pytest.CaptureFixture[str], wrong: object, word: str
) -> None:
    printed = said_of_code(capsys, "5.2", wrong)
    assert printed.startswith("5.2 not yet: expected an answer, got ")
    assert word in printed


# 5.3


def careless(ca_file: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE


def client(
    *,
    name: bool | None = None,
    mode: ssl.VerifyMode | None = None,
    load: bool = True,
    protocol: int = ssl.PROTOCOL_TLS_CLIENT,
) -> Context:
    """A my_context that begins as the stub does, and sets what is not None."""

    def my_context(ca_file: Path) -> ssl.SSLContext:
        context = ssl.SSLContext(protocol)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        if mode is not None:
            context.verify_mode = mode
        if name is not None:
            context.check_hostname = name
        if load:
            context.load_verify_locations(ca_file)
        return context

    return my_context


def without_the_careless_lines(ca_file: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=ca_file.read_text())
    return context


def asks_for_a_certificate(ca_file: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_REQUIRED


def forgets_to_return(ca_file: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = True
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(ca_file)


def careless_in_the_end(ca_file: Path) -> ssl.SSLContext:
    context = without_the_careless_lines(ca_file)
    context.verify_mode = ssl.CERT_NONE
    return context


def of_today_alone(ca_file: Path) -> ssl.SSLContext:
    """Looks at everything but the dates: X509_V_FLAG_NO_CHECK_TIME."""
    context = without_the_careless_lines(ca_file)
    context.verify_flags |= 0x200000
    return context


REQUIRED, OPTIONAL = ssl.CERT_REQUIRED, ssl.CERT_OPTIONAL


def test_5_3_the_stub_as_the_notebook_has_it_is_not_attempted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert said(capsys, "5.3", careless) == "5.3 not attempted yet\n"


def test_5_3_the_stub_with_one_line_changed_is_attempted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for changed in (asks_for_a_certificate, forgets_to_return, stub):
        assert "got None; return context" in said(capsys, "5.3", changed)


@pytest.mark.parametrize(
    "right",
    [
        client(name=True, mode=REQUIRED),
        client(name=True),
        client(name=True, mode=OPTIONAL),
        without_the_careless_lines,
        lambda ca_file: ssl.create_default_context(cafile=ca_file),
        lambda ca_file: ssl.create_default_context(cadata=ca_file.read_text()),
    ],
)
def test_5_3_a_client_that_looks_passes(capsys: pytest.CaptureFixture[str], right: Context) -> None:
    assert said(capsys, "5.3", right).startswith("5.3 correct: ")


CHAIN_ONLY = "a valid certificate for another host got in: check_hostname"
ANYBODY = "anyone's CA will do: require a certificate that yours has signed"
TRUSTS_NOBODY = "got unknown CA; load_verify_locations(ca_file) says whom to trust"


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        (client(), ANYBODY),
        (client(load=False), ANYBODY),
        (client(name=False), ANYBODY),
        (client(mode=ssl.CERT_NONE), ANYBODY),
        (lambda ca_file: ssl._create_unverified_context(cafile=ca_file), ANYBODY),
        (client(mode=REQUIRED), CHAIN_ONLY),
        (client(mode=REQUIRED, name=False), CHAIN_ONLY),
        (client(mode=OPTIONAL), CHAIN_ONLY),
        (client(name=True, load=False), TRUSTS_NOBODY),
        (client(mode=REQUIRED, load=False), TRUSTS_NOBODY),
        (lambda ca_file: ssl.create_default_context(), TRUSTS_NOBODY),
        (lambda ca_file: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), TRUSTS_NOBODY),
        (of_today_alone, "a certificate that has ended got in"),
        (client(protocol=ssl.PROTOCOL_TLS_SERVER), "a client's context, got a server's; begin"),
        (
            lambda ca_file: ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=ca_file),
            "begin with ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)",
        ),
        (forgets_to_return, "expected an ssl.SSLContext, got None; return context"),
        (prints, "expected an ssl.SSLContext, got None; return context"),
        (lambda ca_file: ssl.SSLContext, "got <class 'ssl.SSLContext'>; return context"),
        (lambda ca_file: ca_file, "expected an ssl.SSLContext, got"),
        (lambda ca_file: "context", "expected an ssl.SSLContext, got 'context'; return context"),
        (lambda ca_file: True, "expected an ssl.SSLContext, got True; return context"),
        (lambda ca_file: [client(name=True)(ca_file)], "expected an ssl.SSLContext, got [<ssl.SS"),
    ],
)
def test_5_3_a_client_that_does_not_look_is_explained(
    capsys: pytest.CaptureFixture[str], wrong: Context, word: str
) -> None:
    printed = said(capsys, "5.3", wrong)
    assert printed.startswith("5.3 not yet: expected ")
    assert word in printed


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        (
            careless_in_the_end,
            "ValueError: Cannot set verify_mode to CERT_NONE when check_hostname is enabled.",
        ),
        (lambda ca_file: client(name=True)(Path("ca.pm")), "FileNotFoundError"),
        (lambda ca_file: client(name=True)(ca_file.parent), "IsADirectoryError"),
        (lambda: 1, "TypeError"),
    ],
)
def test_5_3_an_exception_is_named(
    capsys: pytest.CaptureFixture[str], wrong: object, word: str
) -> None:
    printed = said_of_code(capsys, "5.3", wrong)
    assert printed.startswith("5.3 not yet: expected an answer, got ")
    assert word in printed


# 5.4


@pytest.mark.parametrize(
    "right",
    [
        {"record"},
        frozenset({"record"}),
        ["record"],
        ("record",),
        "record",
        ["record", "record"],
        {word for word in ("record", "text", "answer") if word.startswith("r")},
    ],
)
def test_5_4_the_record_passes(capsys: pytest.CaptureFixture[str], right: object) -> None:
    assert said(capsys, "5.4", right).startswith("5.4 correct: ")


AFTER = "the /store text was signed *after* the edit"
UNSIGNED = "the /retrieve answer carries no signature: nothing to compare it with"


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"record", "text", "answer"}, AFTER),
        (["record", "text", "answer"], AFTER),
        (("record", "text"), AFTER),
        ({"text"}, AFTER),
        ({"text", "answer"}, AFTER),
        ("text", AFTER),
        ({"record", "answer"}, UNSIGNED),
        ({"answer"}, UNSIGNED),
        ("answer", UNSIGNED),
        (set(), "one was refused: look at the first line of the three"),
        ([], "one was refused: look at the first line of the three"),
        ({"Record"}, "expected record, text, answer, got {'Record'}; these three words only"),
        ({"record "}, "these three words only"),
        ({"sealed record"}, "these three words only"),
        ("record, text", "these three words only"),
        ("", "these three words only"),
        ({1}, "these three words only"),
        ({("record",)}, "these three words only"),
        ({...}, "these three words only"),
        ({"record": True, "text": False}, "expected a set of words, got {'record': True"),
        ({}, "expected a set of words, got {}; such as {'record', 'text'}"),
        (1, "expected a set of words, got 1"),
        (True, "expected a set of words, got True"),
        (b"record", "expected a set of words, got b'record'"),
        (iter(["record"]), "expected a set of words, got <list_iterator"),
    ],
)
def test_5_4_a_wrong_edit_is_explained(
    capsys: pytest.CaptureFixture[str], wrong: object, word: str
) -> None:
    printed = said(capsys, "5.4", wrong)
    assert printed.startswith("5.4 not yet: expected ")
    assert word in printed


# 5.5


@pytest.fixture(scope="module")
def server() -> Iterator[LabServer]:
    with LabServer() as running:
        yield running


@pytest.fixture(autouse=True)
def no_bundle_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands in a laptop's environment would overrule a session's `verify`."""
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)


def good_health(url: str, ca_file: Path) -> Any:
    return requests.get(f"{url}/health", verify=ca_file, timeout=10).json()


def by_a_session(url: str, ca_file: Path) -> object:
    with requests.Session() as session:
        session.verify = str(ca_file)
        return session.get(f"{url}/health", timeout=10).json()


def by_urllib(url: str, ca_file: Path) -> object:
    context = ssl.create_default_context(cafile=ca_file)
    with urllib.request.urlopen(f"{url}/health", context=context, timeout=10) as answer:
        return json.load(answer)


def by_http_client(url: str, ca_file: Path) -> object:
    host, port = urlsplit(url).hostname, urlsplit(url).port
    context = ssl.create_default_context(cafile=ca_file)
    connection = HTTPSConnection(str(host), port, timeout=10, context=context)
    try:
        connection.request("GET", "/health")
        return json.load(connection.getresponse())
    finally:
        connection.close()


def with_an_error_of_his_own(url: str, ca_file: Path) -> object:
    try:
        return good_health(url, ca_file)
    except requests.exceptions.SSLError:
        raise ConnectionRefusedError("somebody else") from None


def unverified(url: str, _: object = None) -> Any:
    return requests.get(f"{url}/health", verify=False, timeout=10).json()


def falls_back(url: str, ca_file: Path) -> object:
    try:
        return good_health(url, ca_file)
    except requests.exceptions.SSLError:
        return unverified(url)


def looks_afterwards(url: str, ca_file: Path) -> object:
    unverified(url)
    return good_health(url, ca_file)


def or_else(instead: object) -> Health:
    """Catches the refusal, and gives this."""

    def my_health(url: str, ca_file: Path) -> object:
        try:
            return good_health(url, ca_file)
        except requests.exceptions.SSLError as error:
            return error if instead is SimpleNamespace else instead

    return my_health


def test_5_5_a_stub_is_not_attempted(capsys: pytest.CaptureFixture[str], server: LabServer) -> None:
    for stands_there in (stub, ..., None):
        assert said(capsys, "5.5", stands_there, server) == "5.5 not attempted yet\n"


@pytest.mark.parametrize(
    "right",
    [
        good_health,
        lambda url, ca_file: good_health(url, str(ca_file)),
        lambda url, ca_file: good_health(f"{url}/.", ca_file),
        lambda url, ca_file: json.loads(
            requests.get(url + "/health", verify=ca_file, timeout=10).text
        ),
        by_a_session,
        by_urllib,
        by_http_client,
        with_an_error_of_his_own,
    ],
)
def test_5_5_a_client_that_hangs_up_passes(
    capsys: pytest.CaptureFixture[str], server: LabServer, right: Health
) -> None:
    assert said(capsys, "5.5", right, server).startswith("5.5 correct: ")


UNLIKE = "GET /health, and .json()"
HE_PASSES = "the man in the middle's certificate passes too: no verify=False"
WHICH_URL = "call the url that you are handed"
SWALLOWED = "let the error out: who called must hear that somebody else stands there"


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        (unverified, HE_PASSES),
        (falls_back, HE_PASSES),
        (
            lambda url, ca_file: requests.get(f"{url}/health", verify="", timeout=10).json(),
            HE_PASSES,
        ),
        (
            lambda url, ca_file: requests.get(f"{url}/health", timeout=10).json(),
            "expected the service's answer, got SSLError; requests asks its own list of CAs",
        ),
        (
            lambda url, ca_file: requests.get(f"{url}/health", verify=True, timeout=10).json(),
            "requests asks its own list of CAs: verify=ca_file",
        ),
        (
            lambda url, ca_file: requests.get(f"{url}/health", verify=ca_file, timeout=10),
            f"expected {{'status': 'ok'}}, got <Response [200]>; {UNLIKE}",
        ),
        (
            lambda url, ca_file: requests.get(f"{url}/health", verify=ca_file, timeout=10).text,
            UNLIKE,
        ),
        (
            lambda url, ca_file: requests.post(f"{url}/health", verify=ca_file, timeout=10).json(),
            UNLIKE,
        ),
        (
            lambda url, ca_file: requests.get(f"{url}/helth", verify=ca_file, timeout=10).json(),
            UNLIKE,
        ),
        (lambda url, ca_file: good_health(url, ca_file)["status"], f"got 'ok'; {UNLIKE}"),
        (lambda url, ca_file: str(good_health(url, ca_file)), UNLIKE),
        (lambda url, ca_file: list(good_health(url, ca_file)), UNLIKE),
        (lambda url, ca_file: True, f"got True; {UNLIKE}"),
        (lambda url, ca_file: {"status": "ok"}, WHICH_URL),
        (or_else(None), f"got None; {SWALLOWED}"),
        (or_else(False), f"got False; {SWALLOWED}"),
        (or_else({}), SWALLOWED),
        (or_else(SimpleNamespace), SWALLOWED),
        (or_else({"status": "ok"}), WHICH_URL),
        (prints, "got None for ('https://localhost:"),
        (prints, "returned None: "),
        (lambda url, ca_file: print(good_health(url, ca_file), end="\r"), "returned None: "),
    ],
)
def test_5_5_a_client_that_does_not_hang_up_is_explained(
    capsys: pytest.CaptureFixture[str], server: LabServer, wrong: Health, word: str
) -> None:
    printed = said(capsys, "5.5", wrong, server)
    assert "5.5 not yet: expected " in printed
    assert word in printed


def test_5_5_the_service_of_an_earlier_cell_is_not_the_one_handed_over(
    capsys: pytest.CaptureFixture[str], server: LabServer
) -> None:
    printed = said(capsys, "5.5", lambda url, ca_file: good_health(server.url, ca_file), server)
    assert WHICH_URL in printed


def test_5_5_who_asks_first_and_verifies_afterwards_has_been_read(
    capsys: pytest.CaptureFixture[str], server: LabServer
) -> None:
    assert HE_PASSES in said(capsys, "5.5", looks_afterwards, server)


def test_5_5_no_warning_stands_beside_the_line(
    capsys: pytest.CaptureFixture[str], server: LabServer, recwarn: pytest.WarningsRecorder
) -> None:
    assert HE_PASSES in said(capsys, "5.5", unverified, server)
    assert [str(warning.message) for warning in recwarn] == []


def test_5_5_an_address_is_no_certificate(
    capsys: pytest.CaptureFixture[str], server: LabServer
) -> None:
    """It knows the impostor by his port, and raises without having looked at him."""

    def my_health(url: str, _: Path) -> object:
        if url != server.url:
            raise ConnectionRefusedError("somebody else")
        return unverified(url)

    assert "not yet" in said_of_code(capsys, "5.5", my_health, server)


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        (lambda url, ca_file: good_health(url, Path("ca_file")), "OSError: Could not find a suit"),
        (lambda url, ca_file: good_health(url + "5", ca_file), "expected a"),
        (lambda url, ca_file: good_health(url.replace("https://", ""), ca_file), "Invalid"),
        (lambda url: url, "TypeError"),
        (lambda url, ca_file: url.get("/health"), "AttributeError"),
    ],
)
def test_5_5_an_exception_is_named(
    capsys: pytest.CaptureFixture[str], server: LabServer, wrong: object, word: str
) -> None:
    printed = said_of_code(capsys, "5.5", wrong, server)
    assert printed.startswith("5.5 not yet: expected ")
    assert word in printed


def test_5_5_a_service_that_has_stopped_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with LabServer() as stopped:
        pass
    assert "run the server cell again" in said(capsys, "5.5", good_health, stopped)
