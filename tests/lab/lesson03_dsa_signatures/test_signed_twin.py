"""The twin that signs: its signature alone says what was changed, and it says so every time."""

from dataclasses import replace

import pytest
from Crypto.PublicKey import DSA
from lab.attacker import Attacker
from vocabulary import flipped

from securedata import VerifyingKey
from securedata.record import frame
from securedata_lab.basics.small_dsa import REAL
from securedata_lab.lesson03_dsa_signatures.signed_twin import SignedTwin

TEXT = "attack at dawn"
WORDS = "Invalid signature. Data may be compromised."
COMPROMISED = (400, WORDS)
LENGTHS = {"nonce": 12, "ciphertext": len(TEXT), "tag": 16, "signature": 64}


@pytest.fixture(scope="module")
def user() -> Attacker:
    """The twin without a network."""
    return Attacker(SignedTwin(seed=1))


def test_the_services_own_reader_verifies_what_the_twin_signs(user: Attacker) -> None:
    row = user.store(TEXT)
    assert isinstance(user.twin, SignedTwin)
    numbers = DSA.construct((user.twin.y, REAL.g, REAL.p, REAL.q))
    key = VerifyingKey.from_pem(numbers.export_key().decode())
    key.verify(frame("securedata/twin", row.nonce, row.ciphertext, row.tag), row.signature)


# What is refused.


@pytest.mark.thorough
@pytest.mark.parametrize("field", SignedTwin.fields)
def test_every_flipped_bit_of_every_field_is_refused(user: Attacker, field: str) -> None:
    # The tag too: nobody reads it, but the signature covers it.
    row = user.store(TEXT)
    before: bytes = getattr(row, field)
    assert len(before) == LENGTHS[field]
    for bit in range(8 * len(before)):
        assert user.retrieve(replace(row, **{field: flipped(before, bit)})) == COMPROMISED
    assert user.retrieve(row) == (200, TEXT)
