"""Service keys: they never change, a rotation makes new ones, and nothing old is lost."""

from dataclasses import FrozenInstanceError
from unittest.mock import patch

import pytest
from Crypto.PublicKey import DSA
from hypothesis import given, settings
from hypothesis import strategies as st
from vocabulary import a_record

from securedata import KeyRing, ServiceKeys, SigningKey, unseal, verify
from securedata.errors import (
    FormatError,
    RetiredKeyError,
    SignatureError,
    TokenError,
    UnknownKeyError,
)
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


def test_service_keys_never_change_and_no_two_services_share_a_key(keys: ServiceKeys) -> None:
    with pytest.raises(FrozenInstanceError):
        keys.next_key = None  # type: ignore[misc]
    keys.promote_key().promote_signer().add_token("alice", TOKEN)
    assert [keys.next_key, keys.next_signer, keys.tokens] == [None] * 3
    assert len(list(keys.wrapping_keys)) == len(list(keys.signers)) == 1
    other = ServiceKeys.generate()
    assert other.wrapping_keys.primary.secret != keys.wrapping_keys.primary.secret
    assert other.signer.key_id != keys.signer.key_id


def test_a_prepared_key_is_known_and_is_the_one_that_is_promoted(keys: ServiceKeys) -> None:
    prepared = keys.prepare_key().prepare_signer()
    again = prepared.prepare_key().prepare_signer()
    assert (again.next_key, again.next_signer) == (prepared.next_key, prepared.next_signer)
    assert list(again.wrapping_keys) == list(prepared.wrapping_keys)
    assert prepared.wrapping_keys.primary is keys.wrapping_keys.primary
    assert prepared.signer is keys.signer
    promoted = prepared.promote_key().promote_signer()
    assert promoted.wrapping_keys.primary is prepared.next_key
    assert promoted.signer is prepared.next_signer
    assert (promoted.next_key, promoted.next_signer) == (None, None)
    assert prepared.signer not in vars(promoted).values()  # only the public half stays
    # A server that has not heard of the promotion reads what another sealed after it.
    theirs = a_record(keys=promoted.wrapping_keys, signer=promoted.signer)
    unseal(theirs, keys=prepared.wrapping_keys, signers=prepared.signers)


@settings(deadline=None, derandomize=True, max_examples=15)
@given(st.lists(st.sampled_from(STEPS), max_size=6))
def test_after_any_rotations_every_record_stays_readable_and_every_key_keeps_its_age(
    steps: list[object],
) -> None:
    keys = ServiceKeys.generate()
    records, ages = [], dict(keys.created)
    for number, step in enumerate(steps):
        with patch("securedata.keys.service_keys.now", return_value=f"2030-01-01T00:00:0{number}Z"):
            keys = step(keys)  # type: ignore[operator]
        records.append(a_record(keys=keys.wrapping_keys, signer=keys.signer))
        assert keys.created == {**keys.created, **ages}
        ages = dict(keys.created)
    for record in records:
        verify(record, signers=keys.signers)
        assert unseal(record, keys=keys.wrapping_keys, signers=keys.signers) == b"attack at dawn"
    assert {key.key_id for key in (*keys.wrapping_keys, *keys.signers)} == set(keys.created)


def test_only_earlier_keys_are_retired_and_stay_retired(keys: ServiceKeys) -> None:
    rotated = keys.promote_key().promote_key().prepare_key()
    primary, following, *earlier = [key.key_id for key in rotated.wrapping_keys]
    for key_id in (primary, following, rotated.signer.key_id, "0" * 16):
        with pytest.raises(FormatError, match=f"{key_id} is not an earlier key"):
            rotated.retire_keys([earlier[0], key_id])
    retired = rotated.retire_keys(earlier[:1]).promote_key().prepare_key()
    left = [key.key_id for key in retired.wrapping_keys]
    assert (left[0], left[2:]) == (following, [primary, earlier[1]])
    with pytest.raises(RetiredKeyError, match=earlier[0]):
        retired.wrapping_keys[earlier[0]]
    assert retired.retire_keys(earlier[1:]).wrapping_keys.retired == set(earlier)


def test_a_rotation_is_complete_only_for_the_key_that_is_primary(keys: ServiceKeys) -> None:
    primary = keys.wrapping_keys.primary.key_id
    complete = keys.complete_rotation(primary)
    assert complete.prepare_key().promote_signer().all_under_primary is not None
    rotated = complete.promote_key()
    assert rotated.all_under_primary is None
    assert rotated.complete_rotation(primary).all_under_primary is None


def test_a_signer_without_its_verifying_key_is_refused(keys: ServiceKeys) -> None:
    other = SigningKey.generate()
    for signer, following in ((other, None), (keys.signer, other)):
        with pytest.raises(UnknownKeyError, match=other.key_id):
            ServiceKeys(keys.wrapping_keys, signer, keys.signers, next_signer=following)


def test_a_signer_that_signs_wrongly_is_refused(keys: ServiceKeys) -> None:
    key = DSA.import_key(keys.signer.to_pem())
    halves = tuple(int(it) for it in (key.y, key.g, key.p, key.q, key.x + 1))
    damaged = SigningKey(DSA.construct(halves, consistency_check=False))
    assert damaged.key_id == keys.signer.key_id
    with pytest.raises(SignatureError):
        ServiceKeys(keys.wrapping_keys, damaged, KeyRing(damaged.verifying_key))


# Tokens.


def test_a_token_tells_its_owner_even_after_a_rotation(keys: ServiceKeys) -> None:
    both = keys.add_token("alice", TOKEN).add_token("bob", OTHER_TOKEN)
    for held in (both, both.promote_key().promote_signer()):
        assert (held.owner_of(TOKEN), held.owner_of(OTHER_TOKEN)) == ("alice", "bob")
    assert TOKEN not in repr(both)


def test_a_token_that_is_unknown_revoked_or_incomplete_is_refused_in_the_same_words(
    keys: ServiceKeys,
) -> None:
    held = keys.add_token("alice", TOKEN)
    kept = (held.tokens or {})["alice"].sha256
    wrong = (kept, TOKEN[:-1], TOKEN + " ", TOKEN.upper(), OTHER_TOKEN, "", "\ud800")
    cases = [(keys, TOKEN), (held.revoke_token("alice"), TOKEN), *((held, it) for it in wrong)]
    for asked, token in cases:
        with pytest.raises(
            TokenError, match=r"^This token is unknown or was revoked\.$"
        ) as refusal:
            asked.owner_of(token)
        assert refusal.value.__suppress_context__
