"""A stranger's two days: the key log opens one of them, and nothing opens the other."""

from dataclasses import replace
from typing import Any

import pytest
from Crypto.Cipher import AES

from securedata_lab import xor
from securedata_lab.lesson06_tls_on_the_wire.two_days import TwoDays, record_two_days, show_two_days
from securedata_lab.wire import WireError, decrypt, load_recording


@pytest.fixture(scope="module")
def days() -> TwoDays:
    return record_two_days()


def my_open(record: Any, key: bytes, iv: bytes, number: int) -> bytes:
    cipher = AES.new(key, AES.MODE_GCM, nonce=xor(iv, number.to_bytes(12, "big")))
    cipher.update(record.header)
    return cipher.decrypt_and_verify(record.fragment[:-16], record.fragment[-16:])


def test_nothing_of_the_backup_opens_tuesday(days: TwoDays) -> None:
    assert days.tuesday.keylog == days.monday.keylog == ""
    with pytest.raises(WireError):
        decrypt(days.tuesday.client_stream, days.tuesday.server_stream, days.keylog)


def test_the_row_of_the_servers_key_is_about_the_session_and_not_about_the_key(
    days: TwoDays, capsys: pytest.CaptureFixture[str]
) -> None:
    rsa = load_recording("tls12-rsa").stolen_private_key
    for key in (days.server_key_pem, rsa, "garbage"):
        show_two_days({"my_open": my_open}, replace(days, server_key_pem=key))
        assert capsys.readouterr().out.count("TLS 1.3 encrypts no secret to the server's key") == 2


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda *_: ..., "record 0 stays closed: a part is still `...`"),
        (lambda record, key, iv, number: my_open(record, key, iv, 0), "record 1 stays closed"),
        (lambda *_: b"a", "that is not what was encrypted"),
        (lambda record, key, iv, number: AES.new(key, AES.MODE_GCM, nonce=...), "still `...`"),
        (lambda record, key, iv, number: xor(number, iv), "xor takes bytes"),  # type: ignore[arg-type]
        (lambda *_: None, "got None"),
    ],
)
def test_a_wrong_answer_gets_a_sentence(
    days: TwoDays, capsys: pytest.CaptureFixture[str], wrong: Any, said: str
) -> None:
    assert show_two_days(wrong, days) == ""
    assert said in capsys.readouterr().out
