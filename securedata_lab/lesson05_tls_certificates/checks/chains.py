"""Exercise 5.5: a chain that others made."""

import random
from collections.abc import Callable
from itertools import product
from typing import Annotated

from cryptography import x509

from securedata.certificates.issuing import Certified, issue_certificate
from securedata_lab.judging.attempts import UnjudgedError
from securedata_lab.judging.engine import exercise, returned
from securedata_lab.lesson05_tls_certificates.website import namesake, website_chain

THEMSELVES = "return a list of the certificates themselves, not their names"
Found = Annotated[list[Annotated[x509.Certificate, THEMSELVES]], THEMSELVES]
Chain = Callable[[x509.Certificate, list[x509.Certificate]], Found]


AT_THE_ROOT = "stop at the root: its subject is its own issuer"


@exercise(
    "5.5",
    "from the leaf to the root, each signed with the key of the next",
    points=6,
    errors={"StopIteration": AT_THE_ROOT, "IndexError": AT_THE_ROOT},
)
def follows_the_chain(my_chain: Chain) -> str | None:
    """my_chain(leaf, others): the certificates from the leaf to a root, among strangers."""
    for chain, is_last in product((website_chain(), _a_chain_of_four()), (True, False)):
        leaf, *others = chain
        mixed = (
            others
            + [namesake(one) for one in others]
            + [_parsed(issue_certificate("a stranger's CA", is_ca=True))]
        )
        random.shuffle(mixed)
        # Strangers first, and then last: names alone lead astray, whichever of two one takes.
        mixed.sort(key=lambda one: (one in others) is is_last)
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
        return "got a stranger among them with the same name; a signature decides, not a name"
    if found == website_chain():
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
    return f"got {len(found)} {'others' if len(found) == len(chain) else 'certificates'}; {why}"


def _a_chain_of_four() -> list[x509.Certificate]:
    root = issue_certificate("a root CA", is_ca=True)
    upper = issue_certificate("upper CA", by=root, is_ca=True)
    lower = issue_certificate("lower CA", by=upper, is_ca=True)
    leaf = issue_certificate("localhost", by=lower, names=["localhost"])
    return [_parsed(one) for one in (leaf, lower, upper, root)]


def _parsed(certified: Certified) -> x509.Certificate:
    return x509.load_pem_x509_certificate(certified.certificate_pem.encode("ascii"))
