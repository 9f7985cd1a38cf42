"""The flaw of a twin that signs: the attack works on it, and not on the base.

The attacker knows a twin's public key and the texts that they have stored, and no secret.
"""

from dataclasses import replace

import pytest
from lab.attacker import Attacker

from securedata.record import frame
from securedata_lab import xor
from securedata_lab.basics.small_dsa import REAL, hashed, sign, to_bytes
from securedata_lab.lesson03_dsa_signatures.flaws import PublicKeyFromRequest
from securedata_lab.lesson03_dsa_signatures.signed_twin import SignedTwin

COMPROMISED = (400, "Invalid signature. Data may be compromised.")


@pytest.mark.parametrize(
    ("kind", "answer"),
    [(PublicKeyFromRequest, (200, "pay 9100 to Ada")), (SignedTwin, COMPROMISED)],
)
def test_a_key_that_is_brought_along_forges_at_the_twin_with_the_flaw_alone(
    kind: type[SignedTwin], answer: tuple[int, str]
) -> None:
    user, x = Attacker(kind()), 123456789
    row = user.store("pay 0100 to Ada")
    change = xor(b"pay 0100 to Ada", b"pay 9100 to Ada")
    changed = replace(row, ciphertext=xor(row.ciphertext, change))
    assert user.retrieve(changed) == COMPROMISED
    signed = frame("securedata/twin", row.nonce, changed.ciphertext, row.tag)
    signature = to_bytes(sign(REAL, x, hashed(signed, REAL.q), k=2))
    y = pow(REAL.g, x, REAL.p).to_bytes(256, "big")
    assert user.retrieve(replace(changed, signature=signature, public_key=y)) == answer
    assert user.retrieve(replace(row, signature=bytes(64))) == COMPROMISED
