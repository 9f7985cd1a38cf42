"""Answers to lesson 05: right answers, and wrong ones with a part of their sentence."""

import random
import ssl
from pathlib import Path

from lab.checks.written import Lesson

from securedata import lab
from securedata.certificates.issuing import Certified
from securedata.lab.servers.starting import LabServer
from securedata.lab.tls.website import website_chain

HEADS = {"5.2": "root", "5.3": "ca_file", "5.4": "path, body", "5.5": "leaf, others"}
CODES = {"A": 62, "B": 20, "C": 10, "D": 0, "E": 62}


def chain(root: Certified, **changed: object) -> list[Certified]:
    """What 5.2 asks for, but for one thing; `middle` changes the intermediate CA."""
    above = {"by": root, "is_ca": True} | dict(changed.pop("middle", {}))  # type: ignore[call-overload]
    middle = lab.issue_certificate("my intermediate", **above)
    below = {"by": middle, "names": ["localhost"]} | changed
    return [lab.issue_certificate("localhost", **below), middle]  # type: ignore[arg-type]


def context(ca_file: Path, name: bool = True, mode: int = ssl.CERT_REQUIRED) -> ssl.SSLContext:
    """What 5.3 asks for, with other values of the two lines, and trusting nobody yet."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname, made.verify_mode = False, ssl.VerifyMode(mode)
    made.check_hostname = name
    if ca_file:
        made.load_verify_locations(ca_file)
    return made


def climb(leaf: object, others: list[object]) -> list[object]:
    """What 5.5 asks for."""
    found = [leaf]
    while found[-1].subject != found[-1].issuer:  # type: ignore[attr-defined]
        found += [it for it in others if signed_by(found[-1], it)]
    return found


def signed_by(certificate: object, issuer: object) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)  # type: ignore[attr-defined]
    except Exception:
        return False
    return True


NAMES = {
    "CODES": CODES, "Path": Path, "chain": chain, "climb": climb, "context": context, "lab": lab,
    "made_before": ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), "random": random,
    "signed_by": signed_by, "ssl": ssl, "website_chain": website_chain,
}  # fmt: skip
CARELESS_STUB = """
def answer(ca_file):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
"""
BY_NAMES = """
def answer(leaf, others):
    found = [leaf]
    while found[-1].subject != found[-1].issuer:
        found.append(next(it for it in others if it.subject == found[-1].issuer))
    return found
"""
FOLLOWS_THE_ROOT = """
def answer(leaf, others):
    found = [leaf]
    while not signed_by(found[-1], found[-1]):
        found.append(next(it for it in others if signed_by(found[-1], it)))
    return found
"""
ONE_STEP = "[leaf] + [it for it in others if signed_by(leaf, it)]"

RETURN_BODY = "def answer(path, body):\n    return body"
REQUEST = 'body | {"data": body["data"].replace("Bob", "Eve")} if "data" in body else body'
ANSWER = (
    'body | {"decrypted_data": body["decrypted_data"].replace("Eve", "Bob")} '
    'if "decrypted_data" in body else body'
)
IN_PLACE = """
def answer(path, body):
    if "data" in body:
        body["data"] = body["data"].replace("Bob", "Eve")
    return body
"""
LOST = ANSWER.replace("body | ", "")
EMPTY = "answer = ..."

RIGHT = {
    "5.1": [
        "answer = CODES",
        "answer = dict(reversed(CODES.items()))",
        "answer = dict(zip('ABCDE', (62, 20, 10, 0, 62)))",
    ],
    "5.2": [
        "chain(root)",
        "tuple(chain(root))",
        "chain(root, names=('127.0.0.1', 'LocalHost'), days=(0, 1))",
        "chain(root, middle={'days': (-1, 1)})",
    ],
    "5.3": [
        "context(ca_file)",
        "context(ca_file, mode=ssl.CERT_OPTIONAL)",  # the same for a client
        CARELESS_STUB.replace("= False", "= True").replace("NONE", "REQUIRED")
        + "    context.load_verify_locations(cadata=ca_file.read_text())\n    return context",
    ],
    "5.4": [
        [REQUEST, ANSWER],
        [REQUEST.replace('"data" in body', 'path == "/store"'), ANSWER],
        [IN_PLACE, ANSWER],
    ],
    "5.5": [
        "climb(leaf, others)",
        "tuple(climb(leaf, others))",
        "iter(climb(leaf, others[::-1]))",
    ],
}
WRONG = {
    "5.1": [
        ("answer = CODES | {'A': 0}", "for A, got 0; its issuer is trusted; what do the other"),
        ("answer = CODES | {'A': 20}", "20 is about who signed"),
        ("answer = CODES | {'B': 62}", "for B, got 62; the name is right; ask who signed it"),
        ("answer = CODES | {'B': 18}", "first the issuer, then the dates, then the name"),
        ("answer = CODES | {'C': 0}", "look at the dates"),
        ("answer = CODES | {'D': 62}", "the subject does not count; where do names count?"),
        ("answer = CODES | {'E': 0}", "for E, got 0; a trusted CA signed it"),
        ("answer = CODES | {'A': '62'}", "an int for A, got '62'; codes are whole numbers"),
        ("answer = CODES | {'D': False}", "an int for D, got False; codes are whole numbers"),
        ("answer = [62, 20, 10, 0, 62]", "expected a dict with A to E, got [62, 20, 10, 0, 62]"),
        ("answer = {'A': 62}", "one code for each letter"),
    ],
    "5.2": [
        ("chain(root)[0]", "both come from lab.issue_certificate: return [leaf, middle]"),
        ("chain(root)[::-1]", "the leaf stands first"),
        ("[*chain(root), root]", "got 3; return [leaf, middle]; the client has the root already"),
        ("[it.certificate_pem for it in chain(root)]", "both come from lab.issue_certificate"),
        ("chain(root, names=[])", "wrong name; requests reads the SAN only"),
        ("chain(root, names='localhost')", 'names is a list: ["localhost"]'),
        ("chain(root, names=['127.0.0.1'])", "the SAN names other hosts"),
        ("chain(root, middle={'is_ca': False})", "is_ca=True for the intermediate"),
        ("chain(root, is_ca=True)", "no is_ca for the leaf"),
        ("chain(root, by=None)", "the intermediate has not signed the leaf"),
        ("chain(root, middle={'by': None})", "the root that you are handed has not signed"),
        ("chain(root, by=root)", "expected a chain of three, got a chain of two"),
        ("chain(root, days=(-90, -1))", "expired; look at the dates of both"),
        (
            "def answer(root):\n    leaf, middle = chain(root)\n"
            "    return [type(leaf)(leaf.certificate_pem, middle.private_key_pem), middle]",
            "return what lab.issue_certificate returns, unchanged",
        ),
        ("root.sign('localhost')", "AttributeError"),
    ],
    "5.3": [
        ("context(ca_file, False, ssl.CERT_NONE)", "unknown-ca to be refused, got a connection"),
        ("context(ca_file, False)", "this client does not check the name"),
        ("context('')", "it trusts nobody yet"),
        ("context(lab.hello_server().ca_file)", "load the ca_file that the function is handed"),
        ("ssl.create_default_context(cafile=ca_file)", "got a call of create_default_context"),
        ("made_before", "the same one twice"),
        (
            "def answer(ca_file):\n    made = context('')\n"
            "    made.load_cert_chain(ca_file)\n    return made",
            "load_cert_chain is for a certificate of one's own",
        ),
        (
            "def answer(ca_file):\n    made = context(ca_file)\n"
            "    made.verify_flags |= 0x200000\n    return made",  # X509_V_FLAG_NO_CHECK_TIME
            "a certificate that has ended got in",
        ),
        ("ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)", "a client's context, got a server's"),
        (CARELESS_STUB.replace("NONE", "REQUIRED"), "it returned None: end with return"),
        ("ssl.SSLContext", "an object of type SSLContext, got <class"),
        ("context(Path('ca.pm'))", "FileNotFoundError"),
    ],
    "5.4": [
        ([REQUEST, EMPTY], "my_answer is still empty"),
        ([REQUEST, RETURN_BODY], "the client sees the fraud: my_answer must undo it"),
        ([RETURN_BODY, ANSWER], "change the text"),
        ([REQUEST, REQUEST], "'dict' object has no attribute 'replace'; look at line 2"),
        (['{"data": "pay 10 EUR to Eve"}', ANSWER], "change the name only, whatever the amount is"),
        ([REQUEST.replace(" else body", " else {}"), ANSWER], "record was changed on its way"),
        ([REQUEST, '{"decrypted_data": "pay 10 EUR to Bob"}'], "to store it, got"),
        ([REQUEST, LOST], "everything but the text in decrypted_data must stay"),
        (['body["data"].replace("Bob", "Eve")', ANSWER], "expected a dict from my_request, got"),
        (['{"text": "pay"}', ANSWER], "return the whole body"),
        (["def answer(path, body):\n    body.update()", ANSWER], "end with return"),
        (['body["text"]', ANSWER], "KeyError: 'text'"),
    ],
    "5.5": [
        (BY_NAMES, "a signature decides, not a name"),
        (ONE_STEP, "got 2 certificates; who signed the last one?"),
        (FOLLOWS_THE_ROOT, "got StopIteration; stop at the root"),
        ("website_chain()", "the check tries other chains too"),
        (
            f"[leaf] if len(others) > 5 else {ONE_STEP}",
            "got 2 certificates; who signed the last one?",
        ),
        (f"climb(leaf, others) if len(others) < 6 else {ONE_STEP}", "it goes one step up only"),
        ("climb(leaf, others)[::-1]", "begin with the leaf"),
        ("climb(leaf, others)[1:]", "the leaf itself belongs to it"),
        ("climb(leaf, others)[:1] + climb(leaf, others)[:0:-1]", "the order: each is signed"),
        ("[leaf, *others]", "nothing else belongs to it"),
        ("[it.subject.rfc4514_string() for it in climb(leaf, others)]", "the certificates them"),
        ("[it.subject for it in climb(leaf, others)]", "themselves, not their names"),
        ("leaf", "return a list of the certificates themselves"),
    ],
}
LESSON = Lesson(RIGHT, WRONG, HEADS, NAMES, servers={"5.4": LabServer})
