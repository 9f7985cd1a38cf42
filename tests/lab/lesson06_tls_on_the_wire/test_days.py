"""A stolen key: OpenSSL takes the thief for the server, and no recording opens by it."""

import os
from dataclasses import replace
from typing import Any

import pytest
from Crypto.Cipher import AES

from securedata.certificates.authority import CertificateAuthority
from securedata_lab import xor
from securedata_lab.lesson06_tls_on_the_wire import power
from securedata_lab.lesson06_tls_on_the_wire.days import (
    Days,
    StolenKey,
    key_of,
    meet_stranger,
    show_days,
)
from securedata_lab.lesson06_tls_on_the_wire.stranger import Customer, certificate_of
from securedata_lab.lesson06_tls_on_the_wire.tls_server import flight
from securedata_lab.wire import WireError, decrypt

A_NUMBER = bytes(range(32))


@pytest.fixture(scope="module")
def days() -> Days:
    return meet_stranger()


def my_open(record: Any, key: bytes, iv: bytes, number: int) -> bytes:
    cipher = AES.new(key, AES.MODE_GCM, nonce=xor(iv, number.to_bytes(12, "big")))
    cipher.update(record.header)
    return cipher.decrypt_and_verify(record.fragment[:-16], record.fragment[-16:])


def my_signature(text: bytes, stolen: StolenKey) -> bytes:
    return stolen.sign(text)


def my_common(number: bytes, share: bytes) -> bytes:
    return power(number, share)


def rows(days: Days, capsys: pytest.CaptureFixture[str], **mine: Any) -> dict[tuple[str, str], str]:
    """What each row of the table says, by day and key."""
    lines = {"my_signature": my_signature, "my_common": my_common, "my_open": my_open} | mine
    show_days(**lines, days=days)
    printed = [line.split(" | ") for line in capsys.readouterr().out.splitlines() if "|" in line]
    return {(day.strip(), key.strip()): said for day, key, said in printed}


def test_other_words_do_not_open_the_locker(days: Days) -> None:
    assert days.open_locker("island-timber-32") == "The locker stays closed."
    assert days.open_locker(...).startswith("Nothing was said: type the code word")


def test_each_row_depends_on_its_key(days: Days, capsys: pytest.CaptureFixture[str]) -> None:
    """A session whose b lies in the backup opens by it; and no other key signs for the server."""
    recorded, _ = days.serve_customer(A_NUMBER, days.stolen.sign)
    assert recorded is not None
    other = replace(days, monday=recorded, stolen=StolenKey(A_NUMBER))
    said = rows(other, capsys, my_signature=lambda text, _: days.stolen.sign(text))
    assert said["Monday", "the stolen key as b"].startswith("The code word of my locker: ")
    said = rows(other, capsys)
    assert said == {("today", "your signature"): "the customer hangs up: bad signature"}


def test_nothing_that_was_found_opens_tuesday(days: Days) -> None:
    assert days.tuesday.keylog == days.monday.keylog == ""
    with pytest.raises(WireError):
        decrypt(days.tuesday.client_stream, days.tuesday.server_stream, days.keylog)


@pytest.mark.parametrize("name", ["localhost", "other.localhost"])
def test_the_customer_asks_for_issuer_and_name_before_the_signature(name: str) -> None:
    trusted, others = (CertificateAuthority.create(it) for it in ("One CA", "Another CA"))
    leaf = (others if name == "localhost" else trusted).issue(name)
    customer = Customer(trusted.certificate_pem, "text")
    key = key_of(leaf.private_key_pem)
    said = flight(customer.hello, os.urandom(32), certificate_of(leaf), key.sign)
    assert customer.hears(said) == "the customer hangs up: certificate verify failed"


@pytest.mark.parametrize(
    ("mine", "row", "said"),
    [
        (
            {"my_open": lambda *_: ...},
            "Monday's key log",
            "6.3's my_open, record 0: a part is still",
        ),
        (
            {"my_open": lambda record, key, iv, number: my_open(record, key, iv, 1)},
            "Monday's key log",
            "6.3's my_open, record 0: ValueError: MAC check failed",
        ),
        ({"my_open": lambda *_: b"a"}, "Monday's key log", "that is not what was encrypted"),
        (
            {"my_open": lambda record, key, iv, number: xor(number, iv)},
            "Monday's key log",
            "xor takes bytes",
        ),
        ({"my_open": lambda *_: None}, "Monday's key log", "got None"),
        ({"my_common": lambda *_: ...}, "the stolen key as b", "a part is still `...`"),
        ({"my_common": lambda *_: None}, "the stolen key as b", "is there a return?"),
        ({"my_common": lambda n, share: pow(share, n)}, "the stolen key as b", "pow takes numbers"),
    ],
)
def test_a_wrong_answer_gets_a_sentence(
    days: Days, capsys: pytest.CaptureFixture[str], mine: Any, row: str, said: str
) -> None:
    assert said in rows(days, capsys, **mine)["Monday", row]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda *_: ..., "a part is still `...`"),
        (lambda text, stolen: stolen.sign, "that is the function sign itself"),
        (lambda text, stolen: text, "the customer hangs up: bad signature"),
        (lambda text, stolen: 1 / 0, "ZeroDivisionError"),
    ],
)
def test_a_wrong_signature_gets_a_sentence(
    days: Days, capsys: pytest.CaptureFixture[str], wrong: Any, said: str
) -> None:
    printed = rows(days, capsys, my_signature=wrong)
    assert printed["today", "your signature"].startswith(said)
    assert ("today", "your b") not in printed
