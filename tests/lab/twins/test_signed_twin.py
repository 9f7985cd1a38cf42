"""The twin that signs: its signature alone says what was changed, and it says so every time."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest
from lab.attacker import Attacker
from vocabulary import ask, flipped

from securedata import VerifyingKey
from securedata.lab import Row, SignedTwin, Twin, TwinClient
from securedata.lab.attacks import Signed, key_from_k
from securedata.lab.primitives.small_dsa import REAL, fits, from_bytes, hashed, sign, to_bytes
from securedata.lab.twins.twin import FLAWS, TwinServer
from securedata.record import frame

TEXT = "attack at dawn"
WORDS = "Invalid signature. Data may be compromised."
COMPROMISED = (400, WORDS)
LENGTHS = {"nonce": 12, "ciphertext": len(TEXT), "tag": 16, "signature": 64}


@pytest.fixture(scope="module")
def server() -> Iterator[TwinServer]:
    """The twin over real TLS."""
    with TwinServer(SignedTwin()) as running:
        yield running


@pytest.fixture(scope="module")
def user() -> Attacker:
    """The twin without a network."""
    return Attacker(SignedTwin(seed=1))


def changed(row: Row, field: str, value: bytes) -> Row:
    return replace(row, **{field: value})


def twins_bytes(row: Row) -> bytes:
    """What the signature covers, as anybody can put it together."""
    return frame("securedata/twin", row.nonce, row.ciphertext, row.tag)


# The public key.


def test_the_public_key_is_in_pem_and_fits_what_the_twin_signs(server: TwinServer) -> None:
    answer = ask(server, "GET", "/public-key")
    assert (answer.status_code, answer.headers["Content-Type"]) == (
        200,
        "text/plain; charset=utf-8",
    )
    row, y = TwinClient(server).store(TEXT), TwinClient(server).public_number()
    assert isinstance(server.twin, SignedTwin)
    assert y == server.twin.y == pow(REAL.g, server.twin.x, REAL.p)
    assert fits(REAL, y, hashed(twins_bytes(row), REAL.q), from_bytes(row.signature))
    key = VerifyingKey.from_pem(answer.text)  # the service's own reader, which checks every number
    key.verify(twins_bytes(row), row.signature)


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
        assert user.retrieve(changed(row, field, flipped(before, bit))) == COMPROMISED
    assert user.retrieve(row) == (200, TEXT)


def test_parts_of_other_lengths_moved_bytes_and_exchanged_fields_are_refused(
    user: Attacker,
) -> None:
    row, other = user.store(TEXT), user.store("attack at nine")
    wrong = list[Row]()
    for field in SignedTwin.fields:
        old: bytes = getattr(row, field)
        for new in (b"", old[:-1], old[1:], old + b"\0", b"\0" + old, getattr(other, field)):
            wrong.append(changed(row, field, new))
    for one, two in pairwise(SignedTwin.fields):
        left, right = getattr(row, one), getattr(row, two)
        wrong.append(changed(changed(row, one, left[:-1]), two, left[-1:] + right))
        wrong.append(changed(changed(row, one, left + right[:1]), two, right[1:]))
    r, s = from_bytes(row.signature)
    for pair in ((s, r), (r, REAL.q - s), (0, s), (r, 0), (0, 0), (REAL.q, s), (r, REAL.q)):
        wrong.append(replace(row, signature=to_bytes(pair)))
    assert [user.retrieve(row) for row in wrong] == [COMPROMISED] * len(wrong)


# What it is, and what its tag is not.


def test_the_tag_is_made_as_in_gcm_and_nobody_checks_it() -> None:
    twin = SignedTwin(seed=1)
    row = twin.seal(b"attack at dawn", record_id="1")
    assert Twin.decrypt(twin, row, twin.associated_data("1")) == b"attack at dawn"
    other = replace(row, tag=b"any tag")
    signature = sign(REAL, twin.x, hashed(twins_bytes(other), REAL.q), k=12345)
    assert twin.open(replace(other, signature=to_bytes(signature)), None) == b"attack at dawn"


def test_a_signed_row_that_cannot_be_decrypted_is_refused_with_a_sentence() -> None:
    user = Attacker(SignedTwin(seed=1))
    assert isinstance(user.twin, SignedTwin)
    row = Row(b"", b"text", b"")
    signature = sign(REAL, user.twin.x, hashed(twins_bytes(row), REAL.q), k=12345)
    words = user.retrieve(replace(row, signature=to_bytes(signature)))
    assert words == (400, "Nonce cannot be empty.")


def test_ks_are_evenly_drawn_and_each_is_new() -> None:
    twin = SignedTwin(seed=1)
    ks = []
    for number in range(200):
        row = twin.seal(b"%d" % number, record_id="1")
        seen = Signed.seen(twins_bytes(row), row.signature, REAL.q)
        k = (seen.h + twin.x * seen.r) * pow(seen.s, -1, REAL.q) % REAL.q
        assert key_from_k(seen, k, REAL.q) == twin.x
        ks.append(k)
    assert len(set(ks)) == 200
    assert 0.4 * REAL.q < sum(ks) / 200 < 0.6 * REAL.q
    assert sum(k % 2 for k in ks) in range(70, 131)
