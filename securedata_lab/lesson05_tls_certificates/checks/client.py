"""Exercise 5.7: a client of one's own, and the four answers that it gives."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from typing import Annotated, Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from securedata.certificates.issuing import Certified, issue_certificate
from securedata_lab.judging.attempts import UnjudgedError
from securedata_lab.judging.engine import (
    NotAttemptedError,
    exercise,
    part_by_part,
    returned,
    shown,
)
from securedata_lab.lesson05_tls_certificates.cafe import today
from securedata_lab.lesson05_tls_certificates.card import ECDSA, Card, Proof, cards_of
from securedata_lab.lesson05_tls_certificates.scoreboard import QUESTIONS
from securedata_lab.lesson05_tls_certificates.town import EVES_NAME, NAME

ALL_FOUR = "return all four answers, in a list"
Answers = Annotated[list[Any], ALL_FOUR]
Client = Callable[[list[Card], Card, str, date, Proof], Answers]
OTHER_NAME, LONGER = "shop.example", "my-localhost.example"
ONE_OF_TWO = "the answer is one of these two"
ONE_QUESTION = "another answer of this card is no, and this one is not: ask one question a line"
ALWAYS_TRUE = "it is True whatever the server shows: what do the cards say?"
ANY_PROOF = "it is True whoever signed the handshake: ask about the proof"
NAMES_IS_A_LIST = "names is a list: is the name in it?"
THE_SHOP = {
    "issuer": "it keeps out the shop: a branch signed its leaf, and the CA signed the branch",
    "dates": "it keeps out the shop, and today is between its dates: which way do < and > point?",
    "names": "it keeps out the shop, and its leaf has the name: in which field?",
    "key": "it keeps out the shop: with whose key does a server sign the handshake?",
}
LEAF_AS_CA = "a leaf of eve.localhost has signed one for localhost: may each signer sign others?"
EACH_LINK = "the CA signed the last card: who signed the first? Ask for each link"
NO_CA = "no CA that the phone trusts has signed the last card: where is ca?"
REVERSED = "a card is signed by the next one: which of the two has signed_by?"
A_CAS_LEAF = "a server's leaf may be a CA's, too: ask who signed it, and may sign"
ANYBODY = "anybody can write a name: what can only the CA do?"
CLOSED = "the leaf's dates are right, and its branch was closed: ask each card of the chain"
FIRST_DAY = "a certificate is valid on its first day, too"
NOT_YET = "this certificate is valid from the day after tomorrow"
ENDED = "this certificate ended two days ago"
SUBJECT = "a subject is only a title, whatever it says: is the name among the names?"
WORD_IN_IT = "another name may contain the word localhost: compare whole names"
SEVERAL = "a leaf may have several names, in any order"
ON_EACH = "only the leaf needs the name: a CA's card has none"
ON_THE_CAS = "the name stands on the CA's card, and not on the leaf's"
BOUGHT = "it lets in a leaf for another name, which anybody could buy"
ANOTHER_CARD = "another card's key has signed this proof, and not the leaf's: whose key counts?"
THIEF = "it lets in a copy of the shop's certificate: whose key fits the proof?"
RECORDED = "it lets in a recorded signature: does it fit the text of this handshake?"


@dataclass(frozen=True)
class Case:
    """What a server shows. At most one answer is `no`; `why` has what another answer means."""

    chain: list[Card]
    ca: Card
    proof: Proof
    no: str = ""
    why: dict[str, str] = field(default_factory=dict)

    @property
    def leaf(self) -> Card:
        """The server's own card."""
        return self.chain[0]

    @property
    def links(self) -> list[tuple[Card, Card]]:
        """Each card, and the one that should have signed it."""
        return [*zip(self.chain, [*self.chain[1:], self.ca], strict=True)]


Way = Callable[[Case], bool]
# Sentences, and the ways of answering that each fits: said of who answers so in every case.
MISTAKES: dict[str, dict[str, list[Way]]] = {
    "issuer": {
        LEAF_AS_CA: [lambda it: all(card.signed_by(by) for card, by in it.links)],
        "a leaf is no CA, and need not be one: which of the two must be?": [
            lambda it: all(card.signed_by(by) and card.is_ca for card, by in it.links),
        ],
        "it asks who may sign, and not who has signed": [
            lambda it: all(by.is_ca for _, by in it.links),
        ],
        THE_SHOP["issuer"]: [lambda it: it.leaf.signed_by(it.ca)],
        EACH_LINK: [lambda it: it.chain[-1].signed_by(it.ca)],
        NO_CA: [
            lambda it: all(card.signed_by(by) for card, by in it.links[:-1]),
            lambda it: all(card.signed_by(by) and by.is_ca for card, by in it.links[:-1]),
        ],
        REVERSED: [
            lambda it: all(by.signed_by(card) for card, by in it.links),
            lambda it: all(by.signed_by(card) and by.is_ca for card, by in it.links),
        ],
        ANYBODY: [
            lambda it: all(card.issuer == by.subject for card, by in it.links),
            lambda it: all(card.issuer == by.subject and by.is_ca for card, by in it.links),
        ],
        "one good link is not enough": [
            lambda it: any(card.signed_by(by) for card, by in it.links),
            lambda it: any(card.signed_by(by) and by.is_ca for card, by in it.links),
        ],
    },
    "dates": {
        CLOSED: [lambda it: it.leaf.starts <= today() <= it.leaf.ends],
        FIRST_DAY: [lambda it: all(card.starts < today() < card.ends for card in it.chain)],
        NOT_YET: [lambda it: all(today() <= card.ends for card in it.chain)],
        ENDED: [lambda it: all(card.starts <= today() for card in it.chain)],
        "one card with good dates is not enough": [
            lambda it: any(card.starts <= today() <= card.ends for card in it.chain),
        ],
    },
    "names": {
        SUBJECT: [
            lambda it: it.leaf.subject == NAME,
            lambda it: it.leaf.subject == NAME or NAME in it.leaf.names,
        ],
        WORD_IN_IT: [
            lambda it: NAME in str(it.leaf.names),
            lambda it: NAME in it.leaf.names[0],
            lambda it: any(NAME in name for name in it.leaf.names),
        ],
        SEVERAL: [lambda it: it.leaf.names == [NAME], lambda it: it.leaf.names[0] == NAME],
        ON_THE_CAS: [lambda it: any(NAME in card.names for card in it.chain)],
        ON_EACH: [lambda it: all(NAME in card.names for card in it.chain)],
        NAMES_IS_A_LIST: [lambda it: False],
    },
    "key": {
        ANOTHER_CARD: [lambda it: any(card.has_signed(it.proof) for card in it.chain)],
        "a branch signs leaves, and no handshake: with whose key does a server sign it?": [
            lambda it: it.chain[-1].has_signed(it.proof),
            lambda it: all(card.has_signed(it.proof) for card in it.chain),
        ],
    },
}


@exercise(
    "5.7",
    "your client lets in the shop, and none of the check's impostors",
    points=6,
    errors={
        "signed_by takes another card": "a proof is for has_signed",
        "has_signed takes the proof": "hand over proof itself; a card is for signed_by",
        "IndexError": "a chain may have one card alone: then the CA itself has signed the leaf",
    },
)
def decides_whom_to_trust(my_client: Client) -> str | None:
    """my_client(chain, ca, name, today, proof): the answers to four questions."""
    cases = _cases()
    said = [_said(my_client, it, NAME, today()) for it in cases]
    if all(answer is ... for answer in said[0]):
        raise NotAttemptedError
    other = _said(my_client, cases[0], OTHER_NAME, today() + timedelta(days=9999))
    parts = zip(QUESTIONS, zip(*said, strict=True), other, strict=True)
    return part_by_part(
        {name: partial(_wrong, name, cases, answers, later) for name, answers, later in parts}
    )


def _said(my_client: Client, case: Case, name: str, day: date) -> list[Any]:
    answers = returned(my_client, [*case.chain], case.ca, name, day, case.proof)
    if len(answers) != len(QUESTIONS):
        raise UnjudgedError(f"expected four answers, got {shown(answers)}; {ALL_FOUR}")
    return answers


def _wrong(question: str, cases: list[Case], said: tuple[Any, ...], later: Any) -> str | None:
    """What is wrong with one answer. `later`: what it was for another name, in 9,999 days."""
    if said[0] is ...:
        raise NotAttemptedError
    for answer in said:
        if not isinstance(answer, bool):
            of_many = NAMES_IS_A_LIST if question == "names" else "all(…) makes one answer of many"
            why = of_many if isinstance(answer, list) else ONE_OF_TWO
            return f"expected True or False for {question}, got {shown(answer)}; {why}"
    for place, case in enumerate(cases):
        right = case.no != question
        if said[place] != right:
            why = _why(question, cases, said) or case.why.get(question, ONE_QUESTION)
            return f"expected {right} for {question}, got {said[place]}; {why}"
    if later and question in ("dates", "names"):
        words = "use the arguments name and today, and not the words of this day and place"
        return f"expected False for {OTHER_NAME}, in 9,999 days, got True; {words}"
    return None


def _why(question: str, cases: list[Case], said: tuple[bool, ...]) -> str | None:
    """The mistake that explains all its answers."""
    if all(said):
        return ANY_PROOF if question == "key" else ALWAYS_TRUE
    for why, ways in MISTAKES[question].items():
        if any(list(said) == [way(it) for it in cases] for way in ways):
            return why
    return None


def _cases() -> list[Case]:
    """The shop first. All keys are new."""
    root = issue_certificate("Town CA", is_ca=True, days=(-400, 3000))
    branch = issue_certificate("branch", by=root, is_ca=True, days=(-300, 300))
    closed = issue_certificate("branch", by=root, is_ca=True, days=(-300, -2))
    named = issue_certificate("branch", by=root, is_ca=True, names=[NAME])
    child = issue_certificate("child", by=named, is_ca=True)
    namesake = issue_certificate("Town CA", is_ca=True)
    twin = issue_certificate("branch", by=namesake, is_ca=True)
    good, eves = _leaf(branch), _leaf(root, EVES_NAME)

    def case(*shows: Certified, no: str = "", why: str = "", **other: Certified) -> Case:
        chain, ca = (_cards(*shows), *_cards(other.get("ca", root)))
        text = os.urandom(40)
        proof = Proof(text, _signature(other.get("signer", shows[0]), text))
        return Case(chain, ca, proof, no, {no: why})

    shop = case(good, branch)
    return [
        replace(shop, why=THE_SHOP),
        replace(case(_leaf(root)), why={"issuer": "the CA itself may have signed the leaf"}),
        replace(case(named), why={"issuer": A_CAS_LEAF}),
        replace(case(_leaf(root, days=(0, 9))), why={"dates": FIRST_DAY}),
        replace(case(_leaf(root, OTHER_NAME, NAME)), why={"names": SEVERAL}),
        replace(case(_leaf(root, NAME, OTHER_NAME)), why={"names": SEVERAL}),
        case(_leaf(None), no="issuer", why=NO_CA),
        case(_leaf(namesake), no="issuer", why=ANYBODY),
        case(_leaf(twin), branch, no="issuer", why=EACH_LINK),
        case(_leaf(twin), twin, no="issuer", why=NO_CA),
        case(_leaf(eves), eves, no="issuer", why=LEAF_AS_CA),
        case(named, ca=child, no="issuer", why=REVERSED),
        case(_leaf(closed), closed, no="dates", why=CLOSED),
        case(_leaf(branch, days=(2, 9)), branch, no="dates", why=NOT_YET),
        case(_leaf(root, days=(-9, -2)), no="dates", why=ENDED),
        case(_leaf(root, OTHER_NAME, subject=OTHER_NAME), no="names", why=BOUGHT),
        case(eves, no="names", why=SUBJECT),
        case(_leaf(root, LONGER, subject=LONGER), no="names", why=WORD_IN_IT),
        case(_leaf(named, EVES_NAME), named, no="names", why=ON_THE_CAS),
        case(good, branch, signer=_leaf(None), no="key", why=THIEF),
        case(good, branch, signer=branch, no="key", why=ANOTHER_CARD),
        replace(
            shop, proof=Proof(os.urandom(40), shop.proof.signature), no="key", why={"key": RECORDED}
        ),
    ]


def _cards(*shows: Certified) -> list[Card]:
    return [card for it in shows for card in cards_of(it.certificate_pem)]


def _leaf(by: Certified | None, *names: str, subject: str = NAME, **more: Any) -> Certified:
    return issue_certificate(subject, by=by, names=names or [NAME], **more)


def _signature(signer: Certified, text: bytes) -> bytes:
    key = load_pem_private_key(signer.private_key_pem.encode("ascii"), password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)  # noqa: S101  # issue_certificate's
    return key.sign(text, ECDSA)
