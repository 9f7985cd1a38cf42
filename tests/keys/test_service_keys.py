"""Service keys: they never change, a rotation makes new ones, and nothing old is lost."""

from dataclasses import FrozenInstanceError

import pytest
from Crypto.PublicKey import DSA
from hypothesis import given, settings
from hypothesis import strategies as st
from vocabulary import a_record

from securedata import KeyRing, ServiceKeys, SigningKey, unseal, verify
from securedata.errors import FormatError, SignatureError, TokenError, UnknownKeyError
from securedata.keys.service_keys import new_token

STEPS = [
    ServiceKeys.prepare_key,
    ServiceKeys.promote_key,
    ServiceKeys.prepare_signer,
    ServiceKeys.promote_signer,
]
TOKEN, OTHER_TOKEN = new_token(), new_token()


@pytest.fixture(scope="module")
def keys() -> ServiceKeys:
    return ServiceKeys.generate()


# Keys and signers.


def test_two_services_share_no_key(keys: ServiceKeys) -> None:
    other = ServiceKeys.generate()
    assert other.wrapping_keys.primary.secret != keys.wrapping_keys.primary.secret
    assert other.signer.key_id != keys.signer.key_id


def test_service_keys_never_changes(keys: ServiceKeys) -> None:
    with pytest.raises(FrozenInstanceError):
        keys.next_key = None  # type: ignore[misc]
    keys.promote_key().promote_signer().add_token("alice", TOKEN)
    assert (keys.next_key, keys.next_signer, keys.tokens) == (
        None,
        None,
        None,
    )
    assert len(list(keys.wrapping_keys)) == len(list(keys.signers)) == 1


def test_a_prepared_key_is_known_and_not_used(keys: ServiceKeys) -> None:
    prepared = keys.prepare_key().prepare_signer()
    record = a_record(keys=prepared.wrapping_keys, signer=prepared.signer)
    assert (record.key_id, record.header.signer_id) == (
        keys.wrapping_keys.primary.key_id,
        keys.signer.key_id,
    )
    promoted = prepared.promote_key().promote_signer()
    theirs = a_record(keys=promoted.wrapping_keys, signer=promoted.signer)
    # A server that has not heard of the promotion reads what another sealed after it.
    assert (
        unseal(theirs, keys=prepared.wrapping_keys, signers=prepared.signers) == b"attack at dawn"
    )


def test_the_key_that_was_prepared_is_the_one_that_is_promoted(keys: ServiceKeys) -> None:
    prepared = keys.prepare_key().prepare_signer()
    promoted = prepared.promote_key().promote_signer()
    assert promoted.wrapping_keys.primary is prepared.next_key
    assert promoted.signer is prepared.next_signer
    assert (promoted.next_key, promoted.next_signer) == (None, None)


def test_preparing_twice_prepares_one(keys: ServiceKeys) -> None:
    prepared = keys.prepare_key().prepare_signer()
    assert prepared.prepare_key().prepare_signer() is prepared


def test_of_an_earlier_signer_only_the_public_half_is_kept(keys: ServiceKeys) -> None:
    rotated = keys.promote_signer()
    assert rotated.signer.key_id != keys.signer.key_id
    assert keys.signer.key_id in rotated.signers
    assert keys.signer not in vars(rotated).values()


def test_states_are_told_apart(keys: ServiceKeys) -> None:
    rotated = keys.promote_key().promote_signer().prepare_key().prepare_signer()
    assert [rotated.state(key.key_id) for key in rotated.wrapping_keys] == [
        "primary",
        "next",
        "earlier",
    ]
    assert [rotated.state(key.key_id) for key in rotated.signers] == ["primary", "next", "earlier"]


@settings(deadline=None, derandomize=True, max_examples=15)
@given(st.lists(st.sampled_from(STEPS), max_size=6))
def test_whatever_is_rotated_every_record_stays_readable_and_every_key_keeps_its_age(
    steps: list[object],
) -> None:
    keys = ServiceKeys.generate()
    records, ages = [], dict(keys.created)
    for step in steps:
        keys = step(keys)  # type: ignore[operator]
        records.append(a_record(keys=keys.wrapping_keys, signer=keys.signer))
        assert keys.created == {**keys.created, **ages}
        ages = dict(keys.created)
    for record in records:
        verify(record, signers=keys.signers)
        assert unseal(record, keys=keys.wrapping_keys, signers=keys.signers) == b"attack at dawn"
    known = {key.key_id for key in (*keys.wrapping_keys, *keys.signers)}
    assert known == set(keys.created)


def test_a_signer_without_its_verifying_key_is_refused(
    keys: ServiceKeys,
) -> None:
    other = SigningKey.generate()
    with pytest.raises(UnknownKeyError, match=other.key_id):
        ServiceKeys(keys.wrapping_keys, other, keys.signers)
    with pytest.raises(UnknownKeyError, match=other.key_id):
        ServiceKeys(keys.wrapping_keys, keys.signer, keys.signers, next_signer=other)


def test_a_signer_that_signs_wrongly_is_refused(keys: ServiceKeys) -> None:
    key = DSA.import_key(keys.signer.to_pem())
    halves = tuple(int(it) for it in (key.y, key.g, key.p, key.q, key.x + 1))
    damaged = SigningKey(DSA.construct(halves, consistency_check=False))
    assert damaged.key_id == keys.signer.key_id
    with pytest.raises(SignatureError):
        ServiceKeys(keys.wrapping_keys, damaged, KeyRing(damaged.verifying_key))


# Tokens.


def test_a_token_is_32_random_bytes() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert {len(bytes.fromhex(token)) for token in tokens} == {32}


def test_a_token_tells_its_owner(keys: ServiceKeys) -> None:
    both = keys.add_token("alice", TOKEN).add_token("bob", OTHER_TOKEN)
    assert (both.owner_of(TOKEN), both.owner_of(OTHER_TOKEN)) == ("alice", "bob")


def test_unknown_and_revoked_tokens_are_refused_in_the_same_words(
    keys: ServiceKeys,
) -> None:
    refusals = []
    revoked = keys.add_token("alice", TOKEN).revoke_token("alice")
    for asked, token in (
        (keys, TOKEN),
        (revoked, TOKEN),
        (revoked, OTHER_TOKEN),
        (revoked, ""),
    ):
        with pytest.raises(TokenError) as refusal:
            asked.owner_of(token)
        assert refusal.value.__suppress_context__
        refusals.append(str(refusal.value))
    assert len(set(refusals)) == 1
    assert TOKEN[:8] not in refusals[0]


def test_neither_a_hash_nor_anything_but_the_whole_token_will_do(keys: ServiceKeys) -> None:
    held = keys.add_token("alice", TOKEN)
    assert held.tokens is not None
    for token in (held.tokens["alice"].sha256, TOKEN[:-1], TOKEN + " ", TOKEN.upper(), "\ud800"):
        with pytest.raises(TokenError):
            held.owner_of(token)


def test_only_the_hash_of_a_token_is_kept(keys: ServiceKeys) -> None:
    assert TOKEN not in repr(keys.add_token("alice", TOKEN))


def test_revoking_the_last_token_still_asks_for_one(keys: ServiceKeys) -> None:
    assert keys.tokens is None
    assert keys.add_token("alice", TOKEN).revoke_token("alice").tokens == {}


def test_a_name_that_was_revoked_may_be_given_again_and_the_old_token_stays_dead(
    keys: ServiceKeys,
) -> None:
    again = keys.add_token("alice", TOKEN).revoke_token("alice").add_token("alice", OTHER_TOKEN)
    assert again.owner_of(OTHER_TOKEN) == "alice"
    with pytest.raises(TokenError):
        again.owner_of(TOKEN)


def test_one_owner_has_one_token(keys: ServiceKeys) -> None:
    with pytest.raises(FormatError, match="alice has a token already: revoke it first"):
        keys.add_token("alice", TOKEN).add_token("alice", OTHER_TOKEN)


@pytest.mark.parametrize("owner", ["", "Alice", "a b", "a" * 65, "ä", "-a", "a\n", "../a"])
def test_a_name_that_no_record_could_bear_is_refused(keys: ServiceKeys, owner: str) -> None:
    with pytest.raises(FormatError, match="a name is 1 to 64 small letters"):
        keys.add_token(owner, TOKEN)


@pytest.mark.parametrize("owner", ["alice", "", "\ud800"])
def test_a_token_that_nobody_has_cannot_be_revoked(keys: ServiceKeys, owner: str) -> None:
    with pytest.raises(FormatError, match="has no token"):
        keys.revoke_token(owner)


def test_rotating_keys_touches_no_token(keys: ServiceKeys) -> None:
    held = keys.add_token("alice", TOKEN).promote_key().promote_signer()
    assert held.owner_of(TOKEN) == "alice"
