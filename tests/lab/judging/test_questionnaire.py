"""What a student answers to the inventory is kept beside the notebook, and can be changed."""

import json
from pathlib import Path

import pytest

from securedata_lab import Questionnaire


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SECUREDATA_RESULTS")
    return tmp_path


def kept(folder: Path) -> object:
    return json.loads((folder / "answers-before.json").read_text())


def test_answers_are_kept_and_another_kernel_goes_on(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Questionnaire("before", 15).answer(1, "b")
    mine = Questionnaire("before", 15)
    mine.answer(2, " D ")
    mine.answer(1, "c")
    mine.summary()
    assert kept(folder) == {"1": "c", "2": "d"}
    assert "\n2 of 15 answered. Hand in the file answers-before.json.\n" in capsys.readouterr().out
    mine.answer(2, "")
    assert kept(folder) == {"1": "c"}


@pytest.mark.parametrize("letter", ["e", "ab", 3, None])
def test_what_is_no_letter_of_an_answer_is_not_kept(
    folder: Path, letter: object, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = Questionnaire("before", 15)
    mine.answer(1, "a")
    mine.answer(1, letter)  # type: ignore[arg-type]
    assert capsys.readouterr().out.endswith(
        "\n1: write one letter between the quotes: a, b, c or d\n"
    )
    assert kept(folder) == {"1": "a"}


@pytest.mark.parametrize("content", ["", "[]", '"a"', "3", '{"1": {}, "2": "x"}', "\x00"])
def test_a_damaged_file_is_begun_anew(folder: Path, content: str) -> None:
    (folder / "answers-before.json").write_text(content)
    Questionnaire("before", 15).answer(3, "a")
    assert kept(folder) == {"3": "a"}


def test_a_folder_that_cannot_be_written_to_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "answers-before.json").mkdir()
    Questionnaire("before", 15).answer(1, "a")
    assert "answers-before.json cannot be written" in capsys.readouterr().out
