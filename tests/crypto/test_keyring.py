"""A key ring: found by id, one primary, never two of one id."""

import pytest

from securedata import AeadKey, KeyRing
from securedata.errors import FormatError, RetiredKeyError, UnknownKeyError

NEW, OLD, OLDER = (AeadKey(bytes([number] * 32)) for number in range(3))


def test_every_key_is_found_by_its_id_and_the_first_is_primary() -> None:
    ring = KeyRing(NEW, OLD)
    assert ring.primary is NEW
    assert list(ring) == [NEW, OLD] == [ring[key.key_id] for key in (NEW, OLD)]
    assert OLD.key_id in ring
    assert OLDER.key_id not in ring
    assert OLD not in ring
    many = [AeadKey(number.to_bytes(32, "big")) for number in range(300)]
    assert list(KeyRing(*many)) == many


def test_an_unknown_or_retired_id_is_an_error_that_names_it_and_says_what_to_do() -> None:
    ring = KeyRing(NEW, retired=[OLDER.key_id])
    for unknown in (OLD.key_id, NEW.key_id[:-1], NEW.key_id.upper(), ""):
        assert unknown not in ring
        with pytest.raises(UnknownKeyError, match=f"{unknown}: the key file lacks") as refusal:
            ring[unknown]
        assert refusal.value.__suppress_context__
    with pytest.raises(RetiredKeyError, match=f"{OLDER.key_id} was retired"):
        ring[OLDER.key_id]


def test_two_keys_with_one_id_are_refused() -> None:
    for keys in ((NEW, OLD, NEW), (NEW, NEW), (NEW, OLD, OLD)):
        with pytest.raises(FormatError, match="two keys with one id"):
            KeyRing(*keys)


def test_its_printed_form_shows_ids_only() -> None:
    assert repr(KeyRing(NEW, OLD)) == f"KeyRing({NEW.key_id}, {OLD.key_id})"
