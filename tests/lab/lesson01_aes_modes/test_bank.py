"""The bank: what its attacker gains, and that nothing public holds its secret."""

import os
import re
from dataclasses import replace
from typing import Any

import pytest
from lab.walking import leaks

from securedata.errors import FormatError
from securedata_lab import serve, xor
from securedata_lab.judging.attempts import UnjudgedError
from securedata_lab.lesson01_aes_modes import (
    CbcBank,
    CtrBank,
    open_bank,
    read_letters,
    real_bank,
    show_attacks,
)
from securedata_lab.lesson01_aes_modes.bank import BankTwin, Teller
from securedata_lab.lesson02_aes_gcm.gcm_bank import GcmBank


def my_read(known_text: bytes, known_ciphertext: bytes, ciphertext: bytes) -> bytes:
    return xor(xor(known_text, known_ciphertext), ciphertext)


def my_change(ciphertext: bytes, text: bytes) -> bytes:
    return xor(ciphertext[:19], xor(text, b"pay 9999 EUR to Eve")) + ciphertext[19:]


class MyBank(CtrBank):
    def nonce(self) -> bytes:
        return os.urandom(8)


@pytest.mark.parametrize("kind", [CtrBank, CbcBank, MyBank])
def test_a_row_pays_from_the_account_of_whoever_stored_it(kind: type[CtrBank]) -> None:
    teller = Teller(kind())
    mine = teller.store("pay 9999 EUR to Eve")
    assert teller.pay(mine) == "The bank pays nothing: your account holds 1 EUR."
    assert teller.pay(teller.store("pay 0001 EUR to Kim")) == "The bank pays 1 EUR to Kim."
    assert teller.pay(teller.stolen) == f"The bank pays {int(teller.order.bill[4:8])} EUR to Eve."


def test_one_s_own_row_in_the_stranger_s_place_pays_nothing() -> None:
    """It lacks the code word, and the bank encrypts no order of yours with one."""
    teller = Teller(CtrBank())
    mine = teller.store("pay 9999 EUR to Eve")
    moved = replace(mine, record_id=teller.stolen.record_id)
    assert teller.pay(moved) == "The bank pays nothing: the code word is wrong."
    for word in (teller.order.word, "saddle-basket-18"):
        with pytest.raises(FormatError, match="have no code word"):
            teller.store(f"pay 9999 EUR to Eve, my code word is {word}")
    assert teller.pay(replace(mine, record_id="9")).endswith("there is no such order.")


def answer_to(teller: Teller, text: str) -> str | int:
    try:
        return len(teller.store(text).ciphertext)
    except FormatError as error:
        return str(error)


@pytest.mark.parametrize(
    ("kind", "start", "other"),
    [
        (CtrBank, "", "saddle-basket-18"),
        (CbcBank, "", "saddle-basket-18"),
        (GcmBank, "Eve: ", "1234 to Sue"),
    ],
)
def test_no_answer_to_a_store_says_whether_a_text_holds_the_secret(
    kind: type[BankTwin], start: str, other: str
) -> None:
    teller = Teller(kind())
    assert answer_to(teller, start + teller.order.word) == answer_to(teller, start + other)


def test_the_code_word_shows_an_account_and_a_guess_does_not(drawn: list[Any]) -> None:
    bank = open_bank()
    assert bank.say(drawn[0]).startswith("The bank: right. It takes you for the stranger, ")
    assert bank.say(drawn[0].encode()) == bank.say(drawn[0])
    assert bank.say("saddle-basket-18") == "The bank: this is not the code word."
    assert bank.say(...) == "Nothing was said: the code word is still `...`."


def test_what_cannot_be_sent_is_not_sent() -> None:
    bank = open_bank()
    for value, words in ((None, "is None"), (..., "still `...`"), ("text", "not str")):
        sent: Any = replace(bank.stolen, ciphertext=value)  # type: ignore[arg-type]
        assert bank.pay(sent).startswith("Nothing was sent: ")
        assert words in bank.pay(sent)
    no_row: Any = bytes(53)
    assert bank.pay(no_row).startswith("Nothing was sent: pay takes a row, such as replace(")
    with pytest.raises(UnjudgedError, match="no b before them"):
        bank.store(b"x" * 53)  # type: ignore[arg-type]


def test_a_bank_s_errors_are_answers() -> None:
    cbc = open_bank(CbcBank)
    wrong = bytes(31) + b"\1"
    said = {cbc.pay(replace(cbc.stolen, ciphertext=wrong[n : n + 16])) for n in range(16)}
    assert said <= {
        "The bank pays nothing: Invalid padding.",
        "The bank pays nothing: The decrypted bytes are not UTF-8 text.",
    }


def test_nothing_public_holds_the_code_word(drawn: list[Any]) -> None:
    """Neither a bank nor its class, and no answer; a class of one's own has another secret."""
    names = {"bank": open_bank(), "mine": open_bank(MyBank), "CtrBank": CtrBank, "open": open_bank}
    names["real"] = real_bank(serve())
    bank: Any = names["bank"]
    names["said"] = [bank.pay(bank.stolen), bank.say("word"), bank.store("x" * 53)]
    names["table"] = bank.pay(
        replace(bank.stolen, ciphertext=my_change(bank.stolen.ciphertext, bank.bill.encode()))
    )
    assert len({*drawn}) == 3
    assert leaks(names, drawn) == []


def test_the_table_sends_one_to_a_cell_that_is_empty_or_wrong(
    drawn: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    class Empty(CtrBank):
        def nonce(self) -> Any: ...

    class Broken(CtrBank):
        def nonce(self) -> bytes:
            return bytes(1 // 0)

    stub: Any = Empty.nonce
    show_attacks({"the bank": open_bank(), "your bank": Empty}, my_read, stub)
    show_attacks(
        {"the bank": open_bank(), "your bank": Broken}, lambda *_: bytes(1 // 0), my_change
    )
    printed = re.findall("<td>(.*?)</td>", capsys.readouterr().out)
    run, look = "fill and run your cell of", "look at your cell of"
    assert printed[1:4] == [f"{run} 1.2", f"{run} 1.3", f"{run} 1.2"]
    assert printed[4] == f"{look} 1.7: ZeroDivisionError"
    assert printed[6:] == [f"{look} 1.3: ZeroDivisionError"] * 2


@pytest.mark.parametrize("right", [True, False])
def test_two_error_messages_read_the_whole_order_with_the_right_formula(
    right: bool, drawn: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    def my_letter(guess: int, padding: int, iv_byte: int) -> int:
        return guess ^ (padding if right else 1) ^ iv_byte

    cbc = open_bank(CbcBank)
    read_letters(cbc, my_letter)
    *growing, whole, asked = capsys.readouterr().out.splitlines()
    assert (whole == f"The whole order: {cbc.bill}, my code word is {drawn[0]}") is right
    assert len(growing) == 16
    assert 64 < int(asked.rpartition(" ")[2]) < 4 * (16 * 256 + 1)
