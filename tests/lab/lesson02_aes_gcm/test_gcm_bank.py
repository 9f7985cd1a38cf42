"""Lesson 02's banks: what one nonce too many gains, and that nothing public holds Kim's order."""

from dataclasses import replace
from typing import Any

import pytest
from Crypto.Cipher import AES
from lab.walking import leaks

from securedata.errors import FormatError
from securedata_lab import Row, serve, xor
from securedata_lab.lesson01_aes_modes import open_bank, real_bank
from securedata_lab.lesson01_aes_modes.bank import Teller
from securedata_lab.lesson02_aes_gcm import GcmBank, OneBlockBank, attack_of_01, show_forgeries
from securedata_lab.lesson02_aes_gcm.gcm import Hash


def my_seal(key: bytes, nonce: bytes, text: bytes) -> tuple[bytes, bytes]:
    return AES.new(key, AES.MODE_GCM, nonce=nonce).encrypt_and_digest(text)


def my_open(key: bytes, nonce: bytes, ciphertext: bytes, tag: bytes) -> bytes:
    return AES.new(key, AES.MODE_GCM, nonce=nonce).decrypt_and_verify(ciphertext, tag)


def looks_at_no_tag(key: bytes, nonce: bytes, ciphertext: bytes, tag: bytes) -> bytes:
    return AES.new(key, AES.MODE_GCM, nonce=nonce).decrypt(ciphertext)


def catches(key: bytes, nonce: bytes, ciphertext: bytes, tag: bytes) -> bytes | None:
    try:
        return my_open(key, nonce, ciphertext, tag)
    except ValueError:
        return None


def stub(*arguments: bytes) -> Any:
    return ...


def my_forgery(stolen: Row, new: bytes, ghash: Hash) -> Any:
    mask = xor(stolen.tag, ghash(stolen.ciphertext))
    return mask, xor(mask, ghash(new))


CELLS = {"my_seal": my_seal, "my_open": my_open, "my_forgery": my_forgery}


def test_without_an_attack_nothing_is_gained() -> None:
    teller = Teller(GcmBank())
    with pytest.raises(FormatError, match="your orders only"):
        teller.store("Kim: 9999 to Eve")
    poor = teller.pay(teller.store("Eve: 9999 to Eve"))
    assert poor == "The bank pays nothing: your account holds 1 EUR."
    assert teller.pay(teller.stolen) == "The bank pays, and not to you."
    moved = replace(teller.store("Eve: 9999 to Eve"), record_id=teller.stolen.record_id)
    assert "nothing" in teller.pay(moved)


def test_a_nonce_comes_twice_only_after_the_backup(drawn: list[Any]) -> None:
    bank = open_bank(GcmBank)
    nonces = [bank.stolen.nonce, *(bank.store("Eve: 0001 to Kim").nonce for _ in range(3))]
    assert len({*nonces}) == 4
    bank.restore_backup()
    assert [bank.store("Eve: 0001 to Kim").nonce for _ in range(2)] == nonces[:2]


def table_of(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, cells: dict[str, Any]
) -> dict[str, str]:
    """The rows of the table, by place, with one space between words."""
    monkeypatch.setattr("IPython.display.display", lambda data, raw: print(data["text/plain"]))
    your = cells["my_seal"], cells["my_open"]
    places = {"weak": open_bank(GcmBank), "your": your, "real": real_bank(serve(), OneBlockBank)}
    show_forgeries(places, cells["my_forgery"])
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()[1:]]
    return dict(line.split(" ", 1) for line in lines)


@pytest.mark.parametrize(
    ("changed", "yours"),
    [
        ({"my_open": looks_at_no_tag}, "✗ noise"),
        ({"my_open": stub}, "look at your cell of 2.1: a part is still `...`."),
        ({"my_open": lambda *it: 1 / 0}, "look at your cell of 2.1: expected an answer, got Zero"),
        ({"my_forgery": lambda *it: (..., ...)}, "run your cell of 2.8"),
        ({"my_forgery": lambda *it: 1 / 0}, "look at your cell of 2.8: ZeroDivisionError"),
    ],
)
def test_what_is_missing_in_the_table_is_named(
    drawn: list[Any],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    changed: dict[str, Any],
    yours: str,
) -> None:
    assert table_of(capsys, monkeypatch, CELLS | changed)["your"].startswith(yours)


def test_a_wrong_forgery_does_not_look_like_a_bank_that_holds(
    drawn: list[Any], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = {"my_forgery": lambda stolen, new, ghash: (new, stolen.tag)}
    table = table_of(capsys, monkeypatch, CELLS | wrong)
    assert table["weak"] == "look at your cell of 2.8: what does its check say?"


@pytest.mark.parametrize(
    ("functions", "said"),
    [
        ((my_seal, my_open), "The bank pays nothing: Invalid tag. Data may be compromised."),
        ((my_seal, looks_at_no_tag), "The bank pays 9999 EUR to Eve."),
        ((stub, stub), "Nothing was sent: a part is still `...`."),
        ((my_seal, stub), "Nothing was sent: a part is still `...`."),
        ((stub, my_open), "Nothing was sent: a part is still `...`."),
        ((lambda *it: my_seal(*it) and None, my_open), "it returned None: end with return"),
        ((lambda *it: my_seal(*it)[0], looks_at_no_tag), "return both: (ciphertext, tag)"),
        (
            (lambda *it: my_seal(*it)[::-1], lambda *it: my_open(*it[:2], it[3], it[2])),
            "comes first",
        ),
        ((my_seal, lambda *it: my_open(*it) and None), "it returned None: end with return"),
        ((my_seal, lambda *it: 1 / 0), "got ZeroDivisionError"),
        ((my_seal, lambda *it: my_open(*it[:3], bytes(16))), "an honest order: GCM, its key"),
        ((my_seal, catches), "my_open returned None for it: let the error come out."),
    ],
)
def test_lesson_01_s_change_is_sent_to_the_student_s_own_bank(
    drawn: list[Any], capsys: pytest.CaptureFixture[str], functions: Any, said: str
) -> None:
    attack_of_01(*functions)
    lines = capsys.readouterr().out.splitlines()
    assert said in (lines[1] if len(lines) > 1 else lines[0])


def test_no_answer_of_a_bank_tells_kim_s_order(drawn: list[Any]) -> None:
    bank = open_bank(GcmBank)
    real = real_bank(serve(), OneBlockBank)
    said = [bank.pay(bank.stolen), bank.say("0001 to Sue"), bank.store("Eve: 0001 to Kim")]
    assert len(drawn) >= 2
    assert leaks({"said": said, "real": vars(real)}, [order[5:] for order in drawn]) == []
