"""Bytes under a passphrase: only the passphrase opens them, and each guess is expensive."""

from dataclasses import replace

import pytest
from Crypto.Protocol.KDF import scrypt
from vocabulary import flipped, whole_trace

from securedata.errors import FormatError, TagError
from securedata.keys import passphrase
from securedata.keys.passphrase import Cost, protect, unprotect

PLAINTEXT = b"the keys of the kingdom"


def test_a_guess_costs_what_owasp_asks_for() -> None:
    # Password Storage Cheat Sheet: scrypt with N = 2^17, r = 8, p = 1, or more.
    protected = protect(PLAINTEXT, "correct horse")
    assert protected.cost == Cost(n=2**17, r=8, p=1)
    assert unprotect(protected, "correct horse") == PLAINTEXT


@pytest.mark.usefixtures("cheap_passphrases")
def test_the_cost_comes_from_the_protected_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    protected = protect(PLAINTEXT, "correct horse")
    monkeypatch.setattr(passphrase, "COST", Cost(n=32, r=4, p=2))  # of a later version
    assert unprotect(protected, "correct horse") == PLAINTEXT


@pytest.mark.whole
@pytest.mark.parametrize(
    "numbers",
    [
        *[(2, 2**20, 4), (2, 33, 1), (2, 1, 17)],
        *[(2**21, 8, 1), (2**20, 8, 2), (2**20, 9, 1), (3, 8, 1), (1, 8, 1), (0, 8, 1)],
        *[(5, 8, 1), (6, 8, 1), (-2, -8, 1), (16, -8, 1), (16, 0, 1), (16, 8, 0), (2**16, 1, 1)],
        *[(16.0, 8, 1), (True, 8, 1), ("16", 8, 1)],
    ],
)
def test_a_cost_above_the_ceiling_or_without_meaning_is_refused(numbers: tuple[int, ...]) -> None:
    assert Cost(2**20, 8, 1)  # the most that is allowed
    assert Cost(2, 32, 16)  # the smallest n, the largest r and p
    with pytest.raises(FormatError, match="scrypt"):
        Cost(*numbers)


@pytest.mark.usefixtures("cheap_passphrases")
def test_each_protection_has_its_own_salt_of_16_bytes() -> None:
    one, other = protect(PLAINTEXT, "correct horse"), protect(PLAINTEXT, "correct horse")
    assert len(one.salt) == 16
    for salt in (flipped(one.salt, 0), other.salt):
        with pytest.raises(TagError):
            unprotect(replace(one, salt=salt), "correct horse")


@pytest.mark.usefixtures("cheap_passphrases")
@pytest.mark.parametrize("word", ["", "my secret \ud800"])
def test_an_unusable_passphrase_is_refused_and_not_quoted(word: str) -> None:
    with pytest.raises(FormatError, match="passphrase") as refusal:
        protect(PLAINTEXT, word)
    assert "my secret" not in whole_trace(refusal.value)
    with pytest.raises(TagError):
        unprotect(protect(PLAINTEXT, "correct horse"), word)


def test_another_library_derives_the_same_key() -> None:
    salt = bytes(range(16))
    theirs = scrypt("correct horse", salt, key_len=32, N=16, r=4, p=2)  # type: ignore[arg-type]
    assert passphrase._key("correct horse", salt, Cost(n=16, r=4, p=2)).secret == theirs
