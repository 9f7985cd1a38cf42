"""Answers to lesson 05: right answers, and wrong ones with a part of their sentence."""

import re
import ssl

import requests

from securedata.certificates.issuing import Certified, issue_certificate
from securedata_lab.lesson05_tls_certificates.website import website_chain
from securedata_lab.servers.starting import LabServer

HEADS = {
    "5.3": "post, url, body, ca_file",
    "5.4": "path, body",
    "5.5": "leaf, others",
}
CA = issue_certificate("my CA", is_ca=True)
OTHER_CA = issue_certificate("my CA", is_ca=True)
LEAF = issue_certificate("localhost", by=CA, names=["localhost"])


def a_leaf(**changed: object) -> Certified:
    """What 5.1 asks for, but for one thing."""
    return issue_certificate("localhost", **{"by": CA, "names": ["localhost"], **changed})  # type: ignore[arg-type]


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
    "CA": CA, "Certified": Certified, "LEAF": LEAF, "OTHER_CA": OTHER_CA, "a_leaf": a_leaf,
    "climb": climb, "re": re, "requests": requests, "settings": ssl.create_default_context(),
    "signed_by": signed_by, "website_chain": website_chain,
}  # fmt: skip
BY_NAMES = """
def answer(leaf, others):
    found = [leaf]
    while found[-1].subject != found[-1].issuer:
        found.append(next(it for it in others if it.subject == found[-1].issuer))
    return found
"""
BY_LAST_NAMES = """
def answer(leaf, others):
    by_name, found = {it.subject: it for it in others}, [leaf]
    while found[-1].subject != found[-1].issuer:
        found.append(by_name[found[-1].issuer])
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

PASSWORD = "def answer(text):\n    return text.split()[-1]"
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
        ["CA", "LEAF", PASSWORD],
        ["CA", "a_leaf(names=('127.0.0.1', 'LocalHost'), days=(0, 1))", f"{PASSWORD[:-12]}[-16:]"],
        ["CA", "LEAF", "def answer(text):\n    return re.search(r'is (\\S+)$', text)[1]"],
        ["CA", "LEAF", "def answer(text):\n    return text.rpartition(' ')[2]"],
        [
            "CA",
            "LEAF",
            "def answer(text):\n    return text.removeprefix('I am Ada, my password is ')",
        ],
        ["CA", "LEAF", f"{PASSWORD[:-12]}[25:]"],
    ],
    "5.2": [
        "def answer(text):\n    return text.replace('10 EUR', '99 EUR')",
        "def answer(text):\n    return 'pay 99' + text[6:]",
        "def answer(text):\n    return text.replace('10', '99', 1)",
        "def answer(text):\n    return re.sub(r'\\d+ EUR', '99 EUR', text)",
    ],
    "5.3": [
        "post(url, json=body, verify=ca_file, timeout=10)",
        "post(url, json=body, verify=str(ca_file), timeout=10)",
        "post(url, None, body, verify=ca_file)",
        "def answer(post, url, body, ca_file):\n    try:\n"
        "        post(url, json=body, verify=ca_file, timeout=5)\n"
        "    except requests.exceptions.SSLError:\n        pass",
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
        (["answer = ...", "LEAF", PASSWORD], "my_ca is still empty"),
        (["CA", "LEAF", "answer = ..."], "my_password is still empty"),
        (["CA", "CA", PASSWORD], "got one twice; the CA signs, and the leaf serves"),
        (["LEAF", "CA", PASSWORD], "it worked here, but the next app will ask whether the"),
        (
            ["STOLEN", "a_leaf(by=STOLEN)", PASSWORD],
            "expected a CA of your own, got the shop's",
        ),
        (["a_leaf(by=None)", "LEAF", PASSWORD], "a CA in my_ca, got a certificate that may not"),
        (["CA", "a_leaf(is_ca=True)", PASSWORD], "a server shows one that may not"),
        (["OTHER_CA", "LEAF", PASSWORD], "it worked here, but the next app will ask who signed"),
        (["CA", "a_leaf(by=None)", PASSWORD], "but the next app will ask who signed"),
        (["CA", "a_leaf(names=[])", PASSWORD], "got no name in the SAN; it worked here, but"),
        (
            ["CA", "a_leaf(names=['shop'])", PASSWORD],
            "the names shop; it worked here",
        ),
        (
            ["CA", "a_leaf(names='localhost')", PASSWORD],
            "a name for each letter: a text is no list of names",
        ),
        (["CA", "a_leaf(days=(-9, -1))", PASSWORD], "but the next app will ask for the dates"),
        (["CA.certificate_pem", "LEAF", PASSWORD], "take what issue_certificate returns"),
        (
            ["CA", "Certified(LEAF.certificate_pem, CA.private_key_pem)", PASSWORD],
            "a certificate with its own key, got another key",
        ),
        (
            ["CA", "LEAF", "def answer(text):\n    return text"],
            "return the password alone, and all of it",
        ),
        (["CA", "LEAF", f"{PASSWORD[:-12]}[-17:]"], "return the password alone, and all of it"),
        (["CA", "LEAF", PASSWORD[:-4]], "take the right item out of the list"),
        (["CA", "LEAF", f"{PASSWORD[:-12]}[24:]"], "return the password alone, and all of it"),
        (["CA", "LEAF", "lambda text: 'saddle-basket-18'"], "handed: is it from another run?"),
        (
            ["CA", "LEAF", "def answer(text):\n    text.split()[-1]"],
            "it returned None: end with return",
        ),
    ],
    "5.2": [
        ("def answer(text):\n    return text", "return the new one"),
        (
            "def answer(text):\n    return text.replace('10', '99')",
            "table 10 has ordered this",
        ),
        ("def answer(text):\n    return re.sub(r'\\d+', '99', text)", "table 4 has ordered this"),
        ("def answer(text):\n    return 'pay 99 EUR'", "the rest of the order belongs to it"),
        (
            "def answer(text):\n    return 'pay 99 EUR for cake at table 4'",
            "table 10 has ordered this: change the price alone",
        ),
        ("def answer(text):\n    return text.replace('10 EUR', '9 EUR')", "99 instead of 10"),
        ("def answer(text):\n    return text.replace('10', ' 99', 1)", "99 instead of 10"),
        (
            "def answer(text):\n    return 'pay 99 EUR' + text[10:] + ' '",
            "as they are, spaces, too",
        ),
        ("def answer(text):\n    return {'data': text}", "return the whole order, as a text"),
        ("def answer(text):\n    return 99", "got 99; return the whole order, as a text"),
        ("def answer(text):\n    text.replace('10 EUR', '99 EUR')", "end with return"),
        ("def answer(text):\n    return ''", "got ''; 99 instead of 10"),
        ("answer = 'pay 99 EUR'", "hand it over without brackets"),
    ],
    "5.3": [
        ("post(url, json=body, verify=False, timeout=10)", "none of the first three questions was"),
        ("post(url, json=body, verify=True, timeout=10)", "which file holds the CAs that this"),
        (
            "post(url, json=body, verify=server.ca_file, timeout=10)",
            "also of another phone, got unknown CA (20); that is another phone's file: take",
        ),
        ("post(url, json=body, verify=str(server.ca_file))", "that is another phone's file"),
        (
            "[post(url, json=body, verify=it) for it in (False, ca_file)]",
            "expected one message, got 2; call post once",
        ),
        ("post(url, json=body, timeout=10)", "got unknown CA (20); which file holds"),
        ("post(url, json=body, verify='ca_file')", "verify is handed the name of a file"),
        ("post(url, json=body, verify=LEAF)", "verify is handed the name of a file"),
        ("post(url, json=body, verify=settings)", "verify is handed the name of a file"),
        ("post(url, json=body, verify=ca_file, any_name=True)", "and not for the name"),
        ("post(url, verify=ca_file)", "send json=body to url"),
        ("post(url, json={'data': 'x'}, verify=ca_file)", "got 'x'; send body as it is"),
        ("requests.get(url, verify=False, timeout=5)", "got none; send with the post that"),
        ("requests.post(url, json=body, verify=ca_file, timeout=5)", "send with the post that"),
        (
            "requests.post('https://localhost:1', verify=ca_file, timeout=5)",
            "send with the post that",
        ),
        ("None if 'localhost' in url else post(url)", "got none; send with the post that"),
        (
            "def answer(post, url, body, ca_file):\n    try:\n"
            "        return post(url, json=body, verify=ca_file)\n"
            "    except Exception:\n        return post(url, json=body, verify=False)",
            "it was refused, and sent the password all the same",
        ),
        ("post(url, json=body, verify=cafile)", "NameError"),
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
        (BY_LAST_NAMES, "a signature decides, not a name"),
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


def at_the_shop(server: LabServer | None) -> dict[str, object]:
    """The shop, and its CA: the key lies beside the certificate."""
    if server is None or server.ca_file is None:
        return {}
    folder = server.ca_file.parent
    pems = [(folder / name).read_text("ascii") for name in ("ca.pem", "ca-key.pem")]
    return {"server": server, "STOLEN": Certified(*pems)}


SERVERS = dict.fromkeys(("5.1", "5.2", "5.3", "5.4"), LabServer)
AT_THE_SERVER = at_the_shop
