"""What a student's `my_open` says to records that are changed on their way."""

from typing import Any

import pytest
from Crypto.Cipher import AES

from securedata_lab.lesson06_tls_on_the_wire import show_changes, wire

RECORDING = wire.load_recording("tls13-hybrid")


def opening(record: wire.Record, key: bytes, iv: bytes, number: int) -> bytes:
    return wire.open_record(record, key, wire.record_nonce(iv, number))[1]


@pytest.fixture
def rows(capsys: pytest.CaptureFixture[str]) -> Any:
    """What is printed below the heading: each change, or `fails`, with what stands beside it."""

    def printed(my_open: Any, record: int) -> dict[str, str]:
        show_changes(RECORDING, my_open, record)
        lines = capsys.readouterr().out.splitlines()[1:]
        return {line[:27].strip(): line[28:] for line in lines}

    return printed


def test_a_wire_answers_as_the_standard_says(rows: Any) -> None:
    """RFC 9846, 5.2 and 5.3: whatever is not the next record, unchanged, has a wrong tag."""
    assert rows(opening, 1) == {
        "nothing": "opens; opens; opens; opens",
        "flip a bit of its text": "opens; closed; opens; opens",
        "flip a bit of its tag": "opens; closed; opens; opens",
        "flip a bit of its header": "opens; closed; opens; opens",
        "drop it": "opens; closed; closed",
        "swap it with the next": "opens; closed; closed; opens",
        "send it twice": "opens; opens; closed; closed; closed",
    }
    last = rows(opening, 3)
    assert last["drop it"] == "opens; opens; opens"  # nobody notices
    assert "swap it with the next" not in last


def test_a_my_open_that_compares_no_tag_takes_what_nobody_sent(rows: Any) -> None:
    def blind(record: wire.Record, key: bytes, iv: bytes, number: int) -> bytes:
        cipher = AES.new(key, AES.MODE_GCM, nonce=wire.record_nonce(iv, number))
        return cipher.decrypt(record.fragment[:-16])

    said = rows(blind, 1)
    assert said["nothing"] == "opens; opens; opens; opens"
    assert said["flip a bit of its header"] == "opens; taken; opens; opens"
    assert said["drop it"] == "opens; taken; taken"


@pytest.mark.parametrize("wrong", [lambda *_: ..., lambda *_: b"?", lambda *_: 1 / 0])
def test_a_my_open_that_fails_is_told_why(wrong: Any, rows: Any) -> None:
    said = rows(wrong, 1)
    assert said["nothing"] == "fails; fails; fails; fails"
    assert any(line.startswith("fails: ") for line in said)


def test_a_record_that_is_not_there_is_named() -> None:
    with pytest.raises(ValueError, match="record: expected 0 to 3, got 4"):
        show_changes(RECORDING, opening, 4)
