"""Each flaw of a twin that signs: the attack works on it, and neither on the base nor on another.

Every attack ends in a row that /retrieve accepts or refuses. The attacker knows a twin's public key
and the texts he has stored, and no secret.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Protocol

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lab.attacker import Attacker
from vocabulary import by_hand

from securedata import Client
from securedata.errors import RefusedError, SecureDataError, SignatureError, TagError
from securedata.keys.file import KeyFile
from securedata.lab import Row, SignedTwin, TwinClient, attacks
from securedata.lab.attacks import Signed
from securedata.lab.flaws import (
    BiasedK,
    CiphertextOnly,
    PublicKeyFromRequest,
    RepeatedK,
    Unframed,
)
from securedata.lab.service import LabServer
from securedata.lab.smalldsa import REAL, fits, from_bytes, hashed, sign, to_bytes
from securedata.lab.twin import FLAWS, TwinServer
from securedata.record import frame

WORDS = "Invalid signature. Data may be compromised."
COMPROMISED = (400, WORDS)
KNOWN, WANTED = "pay 0100 to Ada", "pay 9100 to Ada"
STORES = 100  # of 256 ks, one comes twice but for one time in 10^9
SIGNED = [kind for kind in FLAWS.values() if issubclass(kind, SignedTwin)]
fuzzing = settings(max_examples=20, deadline=None, derandomize=True, database=None)


class User(Protocol):
    """Whoever may call a twin's API: `Attacker` in process, `TwinClient` over TLS."""

    def store(self, text: str) -> Row: ...
    def public_number(self) -> int: ...


def framed(row: Row) -> bytes:
    return frame("securedata/twin", row.nonce, row.ciphertext, row.tag)


def seen(rows: list[Row]) -> list[Signed]:
    return [Signed.seen(framed(row), row.signature, REAL.q) for row in rows]


def rewritten_and_signed(row: Row, x: int) -> Row:
    """The row of KNOWN as one of WANTED, signed with x."""
    ciphertext = attacks.rewrite(row.ciphertext, 4, b"0100", b"9100")
    forged = replace(row, ciphertext=ciphertext)
    signature = sign(REAL, x, hashed(framed(forged), REAL.q), k=2**255 - 1)
    return replace(forged, signature=to_bytes(signature))


# The attacks: each gives a forged row and the text that it should be, or gives up.

Forged = tuple[Row, str] | None


def move_a_byte_to_the_tag(user: User) -> Forged:
    row = user.store("1000")
    last, less = row.ciphertext[-1:], row.ciphertext[:-1]
    return replace(row, ciphertext=less, tag=last + row.tag), "100"


def flip_the_iv(user: User) -> Forged:
    row = user.store("0100")
    return replace(row, nonce=attacks.flip_through_iv(row.nonce, 0, b"0", b"9")), "9100"


def bring_a_key(user: User) -> Forged:
    x = 123456789
    y = pow(REAL.g, x, REAL.p).to_bytes(256, "big")
    return replace(rewritten_and_signed(user.store(KNOWN), x), public_key=y), WANTED


def wait_for_equal_r(user: User) -> Forged:
    rows = [user.store(KNOWN) for _ in range(STORES)]
    signed = seen(rows)
    for i, j in attacks.equal_r(signed):
        k = attacks.k_from_pair(signed[i], signed[j], REAL.q)
        x = attacks.key_from_k(signed[i], k, REAL.q)
        if pow(REAL.g, x, REAL.p) == user.public_number():
            return rewritten_and_signed(rows[0], x), WANTED
    return None


def find_short_ks(user: User) -> Forged:
    rows = [user.store(KNOWN) for _ in range(6)]
    x = attacks.key_from_short_ks(REAL, user.public_number(), seen(rows), zero_bits=64)
    return None if x is None else (rewritten_and_signed(rows[0], x), WANTED)


ATTACKS: dict[type[SignedTwin], Callable[[User], Forged]] = {
    Unframed: move_a_byte_to_the_tag,
    CiphertextOnly: flip_the_iv,
    PublicKeyFromRequest: bring_a_key,
    RepeatedK: wait_for_equal_r,
    BiasedK: find_short_ks,
}


def test_there_is_an_attack_on_every_flaw_and_none_on_the_base() -> None:
    assert [SignedTwin, *ATTACKS] == SIGNED


@pytest.mark.parametrize("kind", SIGNED)
@pytest.mark.parametrize("target", ATTACKS)
def test_an_attack_forges_at_the_twin_with_its_flaw_and_at_no_other(
    target: type[SignedTwin], kind: type[SignedTwin]
) -> None:
    user = Attacker(kind())
    forged = ATTACKS[target](user)
    if kind is target:
        assert forged is not None
        row, text = forged
        assert user.retrieve(row) == (200, text)
    elif forged is not None:
        row, _ = forged
        assert user.retrieve(row) == COMPROMISED


@pytest.mark.thorough
@pytest.mark.parametrize("target", ATTACKS)
def test_an_attack_forges_over_tls_at_a_seeded_twin(target: type[SignedTwin]) -> None:
    with TwinServer(target("Ada Lovelace")) as server:
        client = TwinClient(server)
        forged = ATTACKS[target](client)
        assert forged is not None
        row, text = forged
        assert client.retrieve(row) == text
        assert server.log_tail(1) == ["POST /retrieve 200"]
        server.rows["forged"] = row
        assert client.retrieve_by_id("forged") == text


@pytest.mark.thorough
def test_the_base_refuses_every_forgery_over_tls_and_its_log_names_the_signature() -> None:
    with TwinServer(SignedTwin()) as server:
        client = TwinClient(server)
        for target, attack in ATTACKS.items():
            forged = attack(client)
            assert (forged is None) == (target in (RepeatedK, BiasedK))
            if forged is not None:
                assert client.retrieve(forged[0]) == WORDS
                assert server.log_tail(1) == [
                    "POST /retrieve 400 SignatureError: the signature does not fit"
                ]
                server.rows["forged"] = forged[0]  # a public key in the database is not asked
                assert client.retrieve_by_id("forged") == WORDS


# What is true of all of them.


@pytest.mark.parametrize("kind", SIGNED)
def test_an_honest_text_comes_back(kind: type[SignedTwin]) -> None:
    user = Attacker(kind())

    @fuzzing
    @given(st.text(max_size=60))
    def comes_back(text: str) -> None:
        assert user.retrieve(user.store(text)) == (200, text)
        assert user.retrieve_by_id(list(user.twin.rows)[-1]) == (200, text)

    comes_back()


@pytest.mark.parametrize("kind", SIGNED)
def test_a_changed_ciphertext_or_signature_is_refused_by_every_one(kind: type[SignedTwin]) -> None:
    user = Attacker(kind())
    row = user.store(KNOWN)
    ciphertext = attacks.rewrite(row.ciphertext, 4, b"0100", b"9100")
    assert user.retrieve(replace(row, ciphertext=ciphertext)) == COMPROMISED
    r, s = from_bytes(row.signature)
    for signature in (b"", bytes(64), to_bytes((r, REAL.q - s)), to_bytes((s, r))):
        assert user.retrieve(replace(row, signature=signature)) == COMPROMISED


@pytest.mark.parametrize("kind", SIGNED)
def test_whoever_has_x_forges_at_every_twin(kind: type[SignedTwin]) -> None:
    user = Attacker(kind())
    assert isinstance(user.twin, SignedTwin)
    row = user.store("0100")
    if kind is CiphertextOnly:
        forged = replace(row, nonce=attacks.flip_through_iv(row.nonce, 0, b"0", b"9"))
    else:
        forged = replace(row, ciphertext=attacks.rewrite(row.ciphertext, 0, b"0", b"9"))
    h = hashed(user.twin.signed_bytes(forged), REAL.q)
    signature = to_bytes(sign(REAL, user.twin.x, h, k=3))
    assert user.retrieve(replace(forged, signature=signature)) == (200, "9100")


# An unframed signature.


def test_a_byte_moved_back_from_the_tag_is_accepted_too() -> None:
    user = Attacker(Unframed(seed=1))
    moved = move_a_byte_to_the_tag(user)
    assert moved is not None
    row, _ = moved
    back = replace(row, ciphertext=row.ciphertext + row.tag[:1], tag=row.tag[1:])
    assert user.retrieve(back) == (200, "1000")


def test_a_byte_of_the_true_tag_lengthens_the_text_by_one_that_nobody_chose() -> None:
    for seed in range(5):
        twin = Unframed(seed)
        row = twin.seal(b"1000", record_id="1")
        longer = replace(row, ciphertext=row.ciphertext + row.tag[:1], tag=row.tag[1:])
        opened = twin.open(longer, record_id=None)
        assert (opened[:4], len(opened)) == (b"1000", 5)
        with pytest.raises(SignatureError):
            SignedTwin(seed).open(longer, record_id=None)


def test_all_of_an_unframed_text_may_be_moved_away_but_no_byte_changed() -> None:
    user = Attacker(Unframed())
    row = user.store("1000")
    whole = row.ciphertext + row.tag
    for length in range(5):
        cut = replace(row, ciphertext=whole[:length], tag=whole[length:])
        assert user.retrieve(cut) == (200, "1000"[:length])
    exchanged = replace(row, ciphertext=whole[1::-1] + whole[2:4])
    assert user.retrieve(exchanged) == COMPROMISED


def test_a_separator_does_not_repair_it_and_lengths_do() -> None:
    class Separated(SignedTwin):
        def signed_bytes(self, row: Row) -> bytes:
            return b"|".join([row.nonce, row.ciphertext, row.tag])

    twin = Separated(seed=1)
    row = twin.seal(b"1000", record_id="1")
    while b"|" not in row.ciphertext[1:3]:
        row = twin.seal(b"1000", record_id="1")
    left, _, right = row.ciphertext.partition(b"|")
    moved = replace(row, ciphertext=left, tag=right + b"|" + row.tag)
    assert twin.open(moved, record_id=None) == b"1000"[: len(left)]
    framed_signature = sign(REAL, twin.x, hashed(framed(row), REAL.q), k=5)
    with pytest.raises(SignatureError):
        SignedTwin(seed=1).open(
            replace(moved, signature=to_bytes(framed_signature)), record_id=None
        )


# A signature over the ciphertext only.


def test_every_character_of_the_first_block_is_the_attackers_and_no_later_one() -> None:
    user = Attacker(CiphertextOnly())
    row = user.store("pay 0100 to Ada!" + "pay 0100 to Bob!")
    iv = attacks.flip_through_iv(row.nonce, 0, b"pay 0100 to Ada!", b"give Eve it all!")
    assert user.retrieve(replace(row, nonce=iv)) == (200, "give Eve it all!pay 0100 to Bob!")
    block = attacks.flip_through_iv(row.ciphertext[:16], 4, b"0", b"9")
    later = replace(row, ciphertext=block + row.ciphertext[16:])
    assert user.retrieve(later) == COMPROMISED


def test_an_iv_of_another_length_under_a_good_signature_is_refused_with_a_sentence() -> None:
    user = Attacker(CiphertextOnly())
    row = user.store("0100")
    for iv in (b"", row.nonce[:15], row.nonce + b"\0"):
        status, words = user.retrieve(replace(row, nonce=iv))
        assert status == 400
        assert words != WORDS
        assert words.endswith(".")


# The public key from the request.


def test_its_rows_carry_the_twins_own_y() -> None:
    twin = PublicKeyFromRequest(seed=1)
    row = twin.seal(b"text", record_id="1")
    assert len(row.public_key) == 256
    assert int.from_bytes(row.public_key, "big") == twin.y
    h, signature = hashed(framed(row), REAL.q), from_bytes(row.signature)
    assert fits(REAL, twin.y, h, signature)


def test_another_key_without_its_signature_is_refused() -> None:
    user = Attacker(PublicKeyFromRequest())
    row = user.store(KNOWN)
    other = pow(REAL.g, 5, REAL.p).to_bytes(256, "big")
    for public_key in (other, b"", bytes(256), b"\x01", b"\xff" * 300, row.public_key[:-1]):
        assert user.retrieve(replace(row, public_key=public_key)) == COMPROMISED
    assert user.retrieve(replace(row, public_key=b"\0" + row.public_key)) == (200, KNOWN)


def test_without_the_field_nothing_is_verified() -> None:
    answer = Attacker(PublicKeyFromRequest()).client.post(
        "/retrieve", json=dict.fromkeys(SignedTwin().json_names, "")
    )
    assert answer.json == {"error": 'The field "public_key" is missing.'}


# k.


def test_a_repeated_k_gives_the_very_x_wherever_it_repeats() -> None:
    user = Attacker(RepeatedK(seed="Ada"))
    assert isinstance(user.twin, RepeatedK)
    signed = seen([user.store(KNOWN) for _ in range(STORES)])
    pairs = attacks.equal_r(signed)
    assert len(pairs) >= 5
    for i, j in pairs:
        k = attacks.k_from_pair(signed[i], signed[j], REAL.q)
        assert k in user.twin.ks
        assert attacks.key_from_k(signed[i], k, REAL.q) == user.twin.x
        assert attacks.key_from_k(signed[j], k, REAL.q) == user.twin.x


def test_there_are_256_ks_and_each_of_them_comes() -> None:
    twin = RepeatedK(seed=1)
    assert len(set(twin.ks)) == 256
    assert {twin.secret_number() for _ in range(5000)} == set(twin.ks)


def test_a_biased_k_begins_with_64_zero_bits_and_never_repeats() -> None:
    twin = BiasedK(seed=1)
    ks = [twin.secret_number() for _ in range(2000)]
    assert len(set(ks)) == 2000
    assert min(ks) > 0
    assert 190 <= max(ks).bit_length() <= 192
    assert 0.4 < sum(ks) / 2000 / 2**192 < 0.6


@pytest.mark.parametrize("seed", ["a student's name", 1, 2, 3])
def test_six_signatures_with_a_biased_k_give_x(seed: int | str) -> None:
    twin = BiasedK(seed)
    signed = seen([twin.seal(b"%d" % number, record_id="1") for number in range(6)])
    assert len({one.r for one in signed}) == 6
    assert attacks.key_from_short_ks(REAL, twin.y, signed, zero_bits=64) == twin.x


def test_a_biased_ks_owner_sees_it_by_recomputing_k() -> None:
    for twin, is_biased in [(BiasedK(seed=1), True), (SignedTwin(seed=1), False)]:
        signed = seen([twin.seal(b"%d" % number, record_id="1") for number in range(20)])
        q = REAL.q
        ks = [(one.h + twin.x * one.r) * pow(one.s, -1, q) % q for one in signed]
        assert all(k >> 192 == 0 for k in ks) is is_biased
        assert any(k >> 192 == 0 for k in ks) is is_biased


# The real service: two locks, and a k that is none of these.


@pytest.fixture(scope="module")
def real() -> Iterator[LabServer]:
    with LabServer() as running:
        yield running


def client_of(server: LabServer) -> Client:
    assert server.ca_file is not None
    return Client(server.url, ca_file=server.ca_file)


def stolen_x(server: LabServer) -> int:
    return int(KeyFile.load(server.key_file).service_keys.signer._key.x)


def assert_refused(server: LabServer, lock: type[SecureDataError], **what: Any) -> None:
    """The answer is always the same; the log says which lock held."""
    with pytest.raises(RefusedError, match=WORDS):
        client_of(server).retrieve(**what)
    (line,) = server.log_tail(1)
    assert line.startswith(f"POST /retrieve 400 {lock.__name__}: ")


def test_at_the_real_service_a_stolen_key_passes_the_signature_and_stops_at_the_tag(
    real: LabServer,
) -> None:
    receipt = client_of(real).store(KNOWN)
    thief = KeyFile.load(real.key_file).service_keys.signer
    ciphertext = attacks.rewrite(receipt.ciphertext, 4, b"0100", b"9100")
    forged = replace(receipt, ciphertext=ciphertext)
    assert_refused(real, SignatureError, submission=forged)

    h = hashed(forged.signed_bytes, REAL.q)
    by_hand_too = to_bytes(sign(REAL, stolen_x(real), h, k=2**255 - 1))
    for signature in (thief.sign(forged.signed_bytes), by_hand_too):
        signed = replace(forged, signature=signature)
        thief.verifying_key.verify(signed.signed_bytes, signed.signature)
        assert_refused(real, TagError, submission=signed)

        # The same in the database, for somebody who can change rows.
        change = "UPDATE records SET ciphertext = ?, signature = ? WHERE record_id = ?"
        by_hand(real.database, change, ciphertext, signature, receipt.record_id)
        assert_refused(real, TagError, record_id=receipt.record_id)


def test_at_the_real_service_a_stolen_key_signs_what_was_sealed_again_and_that_is_all(
    real: LabServer,
) -> None:
    receipt = client_of(real).store(KNOWN)
    h = hashed(receipt.signed_bytes, REAL.q)
    again = replace(receipt, signature=to_bytes(sign(REAL, stolen_x(real), h, k=12345)))
    assert again.signature != receipt.signature
    assert client_of(real).retrieve(submission=again) == KNOWN


def test_at_the_real_service_no_attack_on_k_finds_the_key(real: LabServer) -> None:
    receipts = [client_of(real).store(KNOWN) for _ in range(40)]
    signed = [Signed.seen(one.signed_bytes, one.signature, REAL.q) for one in receipts]
    x, q = stolen_x(real), REAL.q
    y = pow(REAL.g, x, REAL.p)
    assert attacks.equal_r(signed) == []
    assert attacks.key_from_short_ks(REAL, y, signed[:6], zero_bits=64) is None
    ks = [(one.h + x * one.r) * pow(one.s, -1, q) % q for one in signed]
    assert [attacks.key_from_k(one, k, q) for one, k in zip(signed, ks, strict=True)] == [x] * 40
    assert max(ks) >> 250 > 0  # its owner sees that they are not short
