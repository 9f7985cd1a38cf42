"""Lesson 02's five banks: no length, no name and no answer tells which is which."""

import random
from dataclasses import replace

import pytest

from securedata_lab import Row
from securedata_lab.basics import chance
from securedata_lab.lesson02_aes_gcm import open_five
from securedata_lab.lesson02_aes_gcm.unknown_banks import (
    KINDS,
    UnknownBank,
    open_kept,
    unknown_bank,
)

ORDER = "pay 0001 EUR to Kim"


def shape(row: Row) -> tuple[int, ...]:
    return len(row.nonce), len(row.ciphertext), len(row.tag)


def answers(bank: UnknownBank) -> list[str]:
    """To an honest row, to wrong tags and nonces, and to lengths that cannot be."""
    row = bank.store(ORDER)
    sent = [
        row,
        replace(row, tag=bytes(16)),
        replace(row, nonce=bytes(16)),
        replace(row, nonce=bytes(12)),
        replace(row, tag=b""),
        replace(row, ciphertext=b""),
        replace(row, ciphertext=row.ciphertext + b"1"),
    ]
    return [bank.pay(it) for it in sent]


def test_no_length_and_no_answer_tells_the_kind() -> None:
    banks = [unknown_bank(kind, random.SystemRandom()) for kind in KINDS]
    for text in ("", ORDER, "x" * 32):
        assert len({shape(bank.store(text)) for bank in banks}) == 1
    assert len({shape(bank.stolen) for bank in banks}) == 1
    without_cbc = [bank for kind, bank in zip(KINDS, banks, strict=True) if kind != "CBC"]
    assert len({tuple(answers(bank)) for bank in without_cbc}) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_no_nonce_comes_twice_before_the_backup(kind: str) -> None:
    bank = unknown_bank(kind, random.SystemRandom())
    nonces = [bank.stolen.nonce, *(bank.store(ORDER).nonce for _ in range(20))]
    assert len({*nonces}) == len(nonces)
    bank.restore_backup()
    assert (bank.store(ORDER).nonce in nonces) == (kind == "GCM")


def test_one_of_five_is_sound_and_the_others_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chance, "fixed", "")
    drawn = [[*open_kept().doors["kinds"]().values()] for _ in range(100)]
    assert all("sound" in kinds for kinds in drawn)
    assert {kind for kinds in drawn for kind in kinds} == {*KINDS}
    assert any(len({*kinds}) == 2 for kinds in drawn)  # a flaw may come twice


def test_nothing_in_the_notebook_tells_the_kinds_but_the_last_call() -> None:
    banks = open_five()
    seen = repr(dict(banks)) + repr(vars(banks))
    assert not any(kind in seen for kind in KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_no_attribute_of_a_banks_functions_is_the_bank(kind: str) -> None:
    """The check hands such banks to the student's function."""
    bank = unknown_bank(kind, random.SystemRandom())
    assert not any(hasattr(it, "__self__") for it in (bank.store, bank.pay, bank.restore_backup))
