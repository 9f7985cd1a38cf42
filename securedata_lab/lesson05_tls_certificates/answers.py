"""Answers to lesson 05: right answers, and wrong ones with a part of their sentence."""

import ssl

import requests

from securedata.certificates.issuing import Certified, issue_certificate
from securedata_lab.lesson05_tls_certificates.website import website_chain
from securedata_lab.twins.ca_file import vanishing_ca_file

HEADS = {
    "5.5": "leaf, others",
    "5.8": "post, url, body, ca_file",
}
CA = issue_certificate("my CA", is_ca=True)
OTHER_CA = issue_certificate("my CA", is_ca=True)
LEAF = issue_certificate("localhost", by=CA, names=["localhost"])
OTHER_FILE = vanishing_ca_file(LEAF, OTHER_CA.certificate_pem)


def a_leaf(**changed: object) -> Certified:
    """What 5.6 asks for, but for one thing."""
    return issue_certificate("localhost", **{"by": CA, "names": ["localhost"], **changed})  # type: ignore[arg-type]


def client(**changed: str) -> str:
    """What 5.7 asks for, but for some of the four answers."""
    answers = {
        "issuer": "all(card.signed_by(by) and by.is_ca for card, by in links)",
        "dates": "all(card.starts <= today <= card.ends for card in chain)",
        "names": "name in leaf.names",
        "key": "leaf.has_signed(proof)",
    } | changed
    lines = "".join(f"    {it} = {code}\n" for it, code in answers.items())
    return (
        "def answer(chain, ca, name, today, proof):\n    leaf = chain[0]\n"
        f"    links = [*zip(chain, [*chain[1:], ca])]\n{lines}"
        "    return [issuer, dates, names, key]"
    )


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
    "climb": climb, "other_file": OTHER_FILE, "requests": requests,
    "settings": ssl.create_default_context(), "signed_by": signed_by,
    "website_chain": website_chain,
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

SAID = "answer = 'The shop to you: Welcome, Ada. Your next cake is free.'"
NOT_SAID = "answer = 'Nothing was sent: the password is still `...`.'"

LOOP = """
def answer(chain, ca, name, today, proof):
    issuer = dates = True
    for place, card in enumerate(chain):
        above = chain[place + 1] if place + 1 < len(chain) else ca
        if not card.signed_by(above) or not above.is_ca:
            issuer = False
        if not card.starts <= today <= card.ends:
            dates = False
    return issuer, dates, chain[0].names.count(name) > 0, chain[0].has_signed(proof)
"""
SECOND_TRY = """
def answer(post, url, body, ca_file):
    try:
        return post(url, json=body, verify=ca_file)
    except Exception:
        return post({0}, json=body, verify=False)
"""

RIGHT = {
    "5.6": [
        ["CA", "LEAF", SAID],
        ["CA", "a_leaf(names=('127.0.0.1', 'LocalHost'), days=(0, 1))", SAID],
    ],
    "5.7": [
        client(),
        LOOP,
        client(dates="all(it.starts <= today <= it.ends for it in [*chain, ca])"),
        client(names="any(it == name for it in leaf.names)"),
    ],
    "5.8": [
        "post(url, json=body, verify=ca_file, timeout=10)",
        "post(url, json=body, verify=str(ca_file), timeout=10)",
        "post(url, None, body, verify=ca_file)",
        "def answer(post, url, body, ca_file):\n    try:\n"
        "        post(url, json=body, verify=ca_file, timeout=5)\n"
        "    except requests.exceptions.SSLError:\n        pass",
    ],
    "5.5": [
        "climb(leaf, others)",
        "tuple(climb(leaf, others))",
        "iter(climb(leaf, others[::-1]))",
    ],
}
WRONG = {
    "5.6": [
        (["answer = ...", "LEAF", SAID], "my_ca is still empty"),
        (["CA", "answer = ...", SAID], "said: right. Go on with my_leaf"),
        (["CA", "LEAF", NOT_SAID], "my_leaf: right. Go on with said"),
        (["CA", "CA", SAID], "got one twice; my_leaf: the CA signs, and the leaf serves"),
        (["LEAF", "CA", SAID], "Ada's app takes it, and the next app will ask whether the signer"),
        (["a_leaf(by=None)", "LEAF", SAID], "a CA in my_ca, got a certificate that may not"),
        (["CA", "a_leaf(is_ca=True)", SAID], "a server shows one that may sign no others"),
        (["OTHER_CA", "LEAF", SAID], "run the whole cell, and mend what it says"),
        (["CA", "a_leaf(by=None)", SAID], "the next app will ask who signed"),
        (["CA", "a_leaf(names=[])", SAID], "got no name in the SAN; my_leaf: Ada's app takes it"),
        (["CA", "a_leaf(names=['shop'])", SAID], "the names shop; my_leaf: Ada's app takes it"),
        (["CA", "a_leaf(names='localhost')", SAID], "a text is no list of names"),
        (["CA", "a_leaf(days=(-9, -1))", SAID], "the next app will ask for the dates"),
        (["CA.certificate_pem", "LEAF", SAID], "take what issue_certificate returns"),
        (
            ["CA", "Certified(LEAF.certificate_pem, CA.private_key_pem)", SAID],
            "a certificate with its own key, got another key",
        ),
        (
            ["CA", "LEAF", "answer = 'The shop to you: Wrong name or password.'"],
            "what stands between the last quotes in what the app told you?",
        ),
        (["CA", "LEAF", "answer = 'saddle-basket-18'"], "hand over what the shop answers"),
        (["CA", "LEAF", "answer = 18"], "hand over what the shop answers"),
    ],
    "5.7": [
        (client(issuer="..."), "dates and names and key: right. Go on with issuer"),
        (client(dates="...", key="..."), "issuer and names: right. Go on with dates"),
        (client(issuer="True"), "it is True whatever the server shows: what do the cards say?"),
        (client(issuer="False"), "a branch signed its leaf, and the CA signed the branch"),
        (
            client(issuer="all(card.signed_by(by) for card, by in links)"),
            "may each signer sign others?",
        ),
        (
            client(issuer="all(card.signed_by(by) and card.is_ca for card, by in links)"),
            "a leaf is no CA, and need not be one: which of the two must be?",
        ),
        (
            client(issuer="all(card.signed_by(ca) for card in links)"),
            "'tuple' object has no attribute 'signed_by'; look at line 4 of answer",
        ),
        (client(issuer="all(by.is_ca for card, by in links)"), "who may sign, and not who has"),
        (client(issuer="leaf.signed_by(ca)"), "it keeps out the shop: a branch signed its leaf"),
        (client(issuer="leaf.signed_by(ca) and ca.is_ca"), "it keeps out the shop: a branch"),
        (client(issuer="chain[-1].signed_by(ca)"), "who signed the first? Ask for each link"),
        (client(issuer="leaf.signed_by(chain[1])"), "a chain may have one card alone"),
        (
            client(issuer="all(card.signed_by(by) for card, by in zip(chain, chain[1:]))"),
            "no CA that the phone trusts has signed the last card: where is ca?",
        ),
        (
            client(issuer="all(a.signed_by(b) and b.is_ca for a, b in zip(chain, chain[1:]))"),
            "where is ca?",
        ),
        (
            client(issuer="all(by.signed_by(card) and by.is_ca for card, by in links)"),
            "a card is signed by the next one: which of the two has signed_by?",
        ),
        (client(issuer="all(by.signed_by(card) for card, by in links)"), "which of the two has"),
        (
            client(issuer="all(card.issuer == by.subject for card, by in links)"),
            "anybody can write a name: what can only the CA do?",
        ),
        (
            client(issuer="all(card.issuer == by.subject and by.is_ca for card, by in links)"),
            "anybody can write a name",
        ),
        (
            client(issuer="any(card.signed_by(by) and by.is_ca for card, by in links)"),
            "one good link is not enough",
        ),
        (
            client(issuer="[card.signed_by(by) for card, by in links]"),
            "all(…) makes one answer of many",
        ),
        (client(dates="leaf.starts <= today <= leaf.ends"), "and its branch was closed: ask each"),
        (
            client(dates="all(card.starts < today < card.ends for card in chain)"),
            "valid on its first day, too",
        ),
        (
            client(dates="all(card.starts >= today >= card.ends for card in chain)"),
            "which way do < and > point?",
        ),
        (client(dates="all(today <= card.ends for card in chain)"), "from the day after tomorrow"),
        (client(dates="all(card.starts <= today for card in chain)"), "ended two days ago"),
        (
            client(dates="any(card.starts <= today <= card.ends for card in chain)"),
            "one card with good dates is not enough",
        ),
        (client(dates="True"), "expected False for dates, got True; issuer: right. dates: it is"),
        (client(names="name == leaf.subject"), "a subject is only a title"),
        (client(names="leaf.names == name"), "names is a list: is the name in it?"),
        (
            client(names="all(name in card.names for card in chain)"),
            "only the leaf needs the name: a CA's card has none",
        ),
        (client(names="leaf.names == [name]"), "a leaf may have several names"),
        (client(names="leaf.names[0] == name"), "a leaf may have several names, in any order"),
        (client(names="name in str(leaf.names)"), "compare whole names"),
        (client(names="name in leaf.names[0]"), "compare whole names"),
        (client(names="any(name in it.names for it in chain)"), "on the CA's card, and not on"),
        (client(names="'localhost' in leaf.names"), "use the arguments name and today"),
        (
            client(names="leaf.names"),
            "got ['localhost']; issuer and dates: right. names: names is a list",
        ),
        (client(key="any(card.has_signed(proof) for card in chain)"), "whose key counts?"),
        (client(key="all(card.has_signed(proof) for card in chain)"), "signs leaves, and no hand"),
        (client(key="chain[-1].has_signed(proof)"), "a branch signs leaves, and no handshake"),
        (client(key="ca.has_signed(proof)"), "with whose key does a server sign the handshake?"),
        (
            client(key="proof.signature is not None"),
            "it is True whoever signed the handshake: ask about",
        ),
        (client(key="leaf.signed_by(proof)"), "a proof is for has_signed"),
        (client(key="leaf.has_signed(proof.signature)"), "hand over proof itself"),
        (client(key="leaf.key"), "the answer is one of these two"),
        ("def answer(*five):\n    return True", "expected a list, got True; return all four"),
        ("def answer(*five):\n    return [True, True]", "expected four answers, got [True, True]"),
        ("def answer(leaf):\n    return [True] * 4", "expected a function that takes 5 arguments"),
    ],
    "5.8": [
        ("post(url, json=body, verify=False, timeout=10)", "none of the first three questions was"),
        ("post(url, json=body, verify=True, timeout=10)", "which CA has signed the shop's leaf?"),
        ("post(url, json=body, timeout=10)", "has over a hundred CAs"),
        ("post(url, json=body, verify=requests.certs.where())", "that file of requests has over"),
        ("post(url, json=body, verify=other_file)", "that is another file: which one is the ph"),
        (
            "[post(url, json=body, verify=it) for it in (False, ca_file)]",
            "expected one message, got 2; call post once",
        ),
        ("post(url, json=body, verify='ca_file')", "verify is handed the name of a file"),
        ("post(url, json=body, verify=LEAF)", "verify is handed the name of a file"),
        ("post(url, json=body, verify=settings)", "verify is handed the name of a file"),
        ("post(url, verify=ca_file)", "got None; send body as it is"),
        ("post(url, json={'data': 'x'}, verify=ca_file)", "got {'data': 'x'}; send body as it is"),
        (
            "post(url.replace('https', 'http'), json=body, verify=ca_file)",
            "send to url as it is: without https, everybody on the way reads it",
        ),
        ("post(url + '/x', json=body, verify=ca_file)", "got one to 'https://localhost:"),
        ("requests.get(url, verify=False, timeout=5)", "got none; send with the post that"),
        ("requests.post(url, json=body, verify=ca_file, timeout=5)", "send with the post that"),
        ("requests.Session().post(url, json=body, verify=ca_file)", "send with the post that"),
        ("None if 'localhost' in url else post(url)", "got none; send with the post that"),
        (SECOND_TRY.format("url"), "it was refused, and sent the password all the same"),
        (SECOND_TRY.format("'http' + url[5:]"), "to be refused, got one to 'http://localhost:"),
        ("post(url, json=body, verify=cafile)", "NameError"),
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
