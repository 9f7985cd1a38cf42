"""The twin that signs: its signature alone says what was changed, and it says so every time."""

from dataclasses import replace

import pytest
from lab.attacker import Attacker
from vocabulary import flipped

from securedata import VerifyingKey
from securedata.lab.primitives.small_dsa import REAL
from securedata.lab.twins.signed_twin import SignedTwin
from securedata.lab.twins.twin import FLAWS
from securedata.record import frame

TEXT = "attack at dawn"
WORDS = "Invalid signature. Data may be compromised."
COMPROMISED = (400, WORDS)
LENGTHS = {"nonce": 12, "ciphertext": len(TEXT), "tag": 16, "signature": 64}


@pytest.fixture(scope="module")
def user() -> Attacker:
    """The twin without a network."""
    return Attacker(SignedTwin(seed=1))


# The public key.


def test_the_public_key_is_in_pem_and_fits_what_the_twin_signs(user: Attacker) -> None:
    row, y = user.store(TEXT), user.public_number()
    assert isinstance(user.twin, SignedTwin)
    assert y == user.twin.y == pow(REAL.g, user.twin.x, REAL.p)
    # The service's own reader, which checks every number.
    key = VerifyingKey.from_pem(user.client.get("/public-key").text)
    key.verify(frame("securedata/twin", row.nonce, row.ciphertext, row.tag), row.signature)


@pytest.mark.parametrize("flaw", FLAWS)
def test_only_twins_that_sign_have_a_public_key(flaw: str) -> None:
    answer = Attacker(FLAWS[flaw](seed=1)).client.get("/public-key")
    does_sign = issubclass(FLAWS[flaw], SignedTwin)
    assert answer.status_code == (200 if does_sign else 404)
    assert answer.text.startswith("-----BEGIN PUBLIC KEY-----" if does_sign else '{"error":')


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
