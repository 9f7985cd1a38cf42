"""A key ring: found by id, one primary, never two of one id."""

from dataclasses import dataclass

import pytest

from securedata import AeadKey, KeyRing
from securedata.errors import FormatError, UnknownKeyError

NEW, OLD, OLDER = (AeadKey(bytes([number] * 32)) for number in range(3))


@dataclass
class NamedOnly:
    key_id: str


def test_every_key_is_found_by_its_id_and_the_first_is_primary() -> None:
    ring = KeyRing(NEW, OLD)
    assert ring.primary is NEW
    assert list(ring) == [NEW, OLD] == [ring[key.key_id] for key in (NEW, OLD)]
    assert OLD.key_id in ring
    assert OLDER.key_id not in ring
    assert OLD not in ring
    many = [NamedOnly(str(number)) for number in range(300)]
    assert list(KeyRing(*many)) == many


def test_an_unknown_id_is_an_error_that_names_it_and_says_what_to_do() -> None:
    with pytest.raises(
        UnknownKeyError, match=f"{OLD.key_id}: the key file lacks this key"
    ) as refusal:
        KeyRing(NEW)[OLD.key_id]
    assert refusal.value.__suppress_context__


def test_an_id_must_be_whole_and_in_lower_case() -> None:
    ring = KeyRing(NEW)
    for nearly in (NEW.key_id[:-1], NEW.key_id.upper(), f"{NEW.key_id} ", ""):
        assert nearly not in ring
        with pytest.raises(UnknownKeyError):
            ring[nearly]


def test_two_keys_with_one_id_are_refused() -> None:
    with pytest.raises(FormatError, match="two keys with one id"):
        KeyRing(NEW, OLD, NEW)
    with pytest.raises(FormatError, match="two keys with one id"):
        KeyRing(NamedOnly("same"), NamedOnly("same"))


def test_its_printed_form_shows_ids_only() -> None:
    assert repr(KeyRing(NEW, OLD)) == f"KeyRing({NEW.key_id}, {OLD.key_id})"
