"""Each flaw of a twin that signs: the attack works on it, and neither on the base nor on another.

Every attack ends in a row that /retrieve accepts or refuses. The attacker knows a twin's public key
and the texts that they have stored, and no secret.
"""

from collections.abc import Callable
from dataclasses import replace

import pytest
from lab.attacker import Attacker, rewrite

from securedata.record import frame
from securedata_lab import Row
from securedata_lab.basics.small_dsa import REAL, from_bytes, hashed, sign, to_bytes
from securedata_lab.lesson03_dsa_signatures.flaws import PublicKeyFromRequest
from securedata_lab.lesson03_dsa_signatures.signed_twin import SignedTwin

WORDS = "Invalid signature. Data may be compromised."
COMPROMISED = (400, WORDS)
KNOWN, WANTED = "pay 0100 to Ada", "pay 9100 to Ada"
SIGNED = [SignedTwin, PublicKeyFromRequest]


def framed(row: Row) -> bytes:
    return frame("securedata/twin", row.nonce, row.ciphertext, row.tag)


def rewritten_and_signed(row: Row, x: int) -> Row:
    """The row of KNOWN as one of WANTED, signed with x."""
    ciphertext = rewrite(row.ciphertext, 4, b"0100", b"9100")
    changed = replace(row, ciphertext=ciphertext)
    signature = sign(REAL, x, hashed(framed(changed), REAL.q), k=2)
    return replace(changed, signature=to_bytes(signature))


# The attacks: each gives a forged row and the text that it should be, or gives up.

Forged = tuple[Row, str] | None


def bring_a_key(user: Attacker) -> Forged:
    x = 123456789
    y = pow(REAL.g, x, REAL.p).to_bytes(256, "big")
    return replace(rewritten_and_signed(user.store(KNOWN), x), public_key=y), WANTED


ATTACKS: dict[type[SignedTwin], Callable[[Attacker], Forged]] = {
    PublicKeyFromRequest: bring_a_key,
}


@pytest.mark.parametrize("kind", SIGNED)
@pytest.mark.parametrize("target", ATTACKS)
def test_an_attack_forges_at_the_twin_with_its_flaw_and_at_no_other(
    target: type[SignedTwin], kind: type[SignedTwin]
) -> None:
    assert [SignedTwin, *ATTACKS] == SIGNED  # every flaw has its attack
    user = Attacker(kind())
    forged = ATTACKS[target](user)
    if kind is target:
        assert forged is not None
        row, text = forged
        assert user.retrieve(row) == (200, text)
    elif forged is not None:
        row, _ = forged
        assert user.retrieve(row) == COMPROMISED


@pytest.mark.parametrize("kind", SIGNED)
def test_a_changed_ciphertext_or_signature_is_refused_by_every_one(kind: type[SignedTwin]) -> None:
    user = Attacker(kind())
    row = user.store(KNOWN)
    ciphertext = rewrite(row.ciphertext, 4, b"0100", b"9100")
    assert user.retrieve(replace(row, ciphertext=ciphertext)) == COMPROMISED
    r, s = from_bytes(row.signature)
    for signature in (b"", bytes(64), to_bytes((r, REAL.q - s)), to_bytes((s, r))):
        assert user.retrieve(replace(row, signature=signature)) == COMPROMISED
