"""Answers that need more than a row of a table: other servers, other cells, and known limits."""

import sys
from pathlib import Path
from typing import Any

import pytest
from lab.judging.written import said, written

from securedata_lab import Twin, check
from securedata_lab.lesson02_aes_gcm import answers as lesson02
from securedata_lab.lesson03_dsa_signatures.answers import bytes_of, fits
from securedata_lab.lesson08_break_it_fix_it.answers.patches import vault
from securedata_lab.servers.starting import LabServer

Said = pytest.CaptureFixture[str]


def test_another_thing_for_the_server_is_named(capsys: Said) -> None:
    line = said(capsys, "3.4", lambda *_: b"", "https://localhost")
    assert 'write check("3.4", my_' in line


def test_2_3_a_method_that_stands_beside_the_class_is_found(
    capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    def associated_data(self: Twin, record_id: str) -> bytes:
        return record_id.encode()

    monkeypatch.setattr(sys.modules["__main__"], "associated_data", associated_data, raising=False)
    empty, right = "class answer(Twin): ...", lesson02.RIGHT["2.3"][0]
    assert "is your def indented" in said(capsys, "2.3", written(empty, "", lesson02.NAMES))
    assert " correct: " in said(capsys, "2.3", written(right, "", lesson02.NAMES))


@pytest.mark.parametrize("part", ["owner", "signer_id", "created", "y"])
def test_3_4_a_part_or_a_key_that_is_believed_is_named(capsys: Said, part: str) -> None:
    first: dict[str, Any] = {}

    def my_verify(answer: dict[str, Any], y: int) -> bool:
        known = {part: first.setdefault(part, (answer | {"y": y})[part])}
        return fits(bytes_of(answer | known), answer, known.get("y", y))

    with LabServer() as server:
        line = said(capsys, "3.4", my_verify, server)
    assert ("somebody else's y" if part == "y" else f"{part} was changed") in line


@pytest.mark.parametrize("answer", ["nowhere.py", 8, ["my_vault.py"]])
def test_8_2_what_is_no_file_is_named(capsys: Said, answer: object) -> None:
    assert 'write "my_vault.py"' in said(capsys, "8.2", answer)


def test_8_3_a_method_without_its_decorator_is_named(
    capsys: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nonce(self: object, receipt: object) -> bytes:
        return bytes(12)

    monkeypatch.setattr(sys.modules["__main__"], "nonce", nonce, raising=False)
    file = tmp_path / "my_vault.py"
    file.write_text(vault(""), encoding="utf-8")
    check("8.3", str(file))
    assert capsys.readouterr().out.splitlines() == [
        "Your last nonce() is only in this notebook: write @lab.fix above its def.",
        "8.3 not attempted yet",
    ]
