"""Bytes under a passphrase: only the passphrase opens them, and guessing is made dear."""

from dataclasses import replace

import pytest
from Crypto.Protocol.KDF import scrypt
from vocabulary import flipped, whole_trace

from securedata.errors import FormatError, TagError
from securedata.keys import passphrase
from securedata.keys.passphrase import protect, unprotect

PLAINTEXT = b"the keys of the kingdom"


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passphrase, "COST", 16)


def test_a_guess_costs_what_owasp_asks_for() -> None:
    # Password Storage Cheat Sheet: scrypt with N = 2^17, r = 8, p = 1, or more.
    assert (passphrase.COST, passphrase.BLOCK_SIZE, passphrase.PARALLELISM) == (2**17, 8, 1)


def test_the_cost_is_part_of_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    protected = protect(PLAINTEXT, "correct horse")
    assert unprotect(protected, "correct horse") == PLAINTEXT
    monkeypatch.setattr(passphrase, "COST", 2**16)
    with pytest.raises(TagError):
        unprotect(protected, "correct horse")


@pytest.mark.usefixtures("cheap")
@pytest.mark.parametrize("word", ["x", "correct horse", "Grüße 🔐", "\0", " ", "long " * 1000])
def test_any_passphrase_opens_what_it_closed_and_nothing_else_does(word: str) -> None:
    protected = protect(PLAINTEXT, word)
    assert unprotect(protected, word) == PLAINTEXT
    for wrong in (word + "x", word[:-1] or "y", word.swapcase() + "!"):
        with pytest.raises(TagError, match="this passphrase does not fit"):
            unprotect(protected, wrong)


@pytest.mark.usefixtures("cheap")
def test_another_salt_and_so_another_key_is_refused() -> None:
    one, other = protect(PLAINTEXT, "correct horse"), protect(PLAINTEXT, "correct horse")
    for salt in (flipped(one.salt, 0), other.salt):
        with pytest.raises(TagError):
            unprotect(replace(one, salt=salt), "correct horse")


@pytest.mark.usefixtures("cheap")
@pytest.mark.parametrize("word", ["", "my secret \ud800"])
def test_what_is_no_passphrase_is_refused_and_not_quoted(word: str) -> None:
    for refused in (
        lambda: protect(PLAINTEXT, word),
        lambda: unprotect(protect(PLAINTEXT, "correct horse"), word),
    ):
        with pytest.raises(FormatError, match="passphrase") as refusal:
            refused()
        assert "my secret" not in whole_trace(refusal.value)


@pytest.mark.usefixtures("cheap")
def test_another_library_derives_the_same_key() -> None:
    salt = bytes(range(16))
    theirs = scrypt("correct horse", salt, key_len=32, N=16, r=8, p=1)  # type: ignore[arg-type]
    assert passphrase._key("correct horse", salt).secret == theirs
