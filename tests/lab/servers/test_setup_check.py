"""The setup check: a line a question, and advice where the answer is no, but never an exception."""

import sys

import pytest

from securedata_lab import check_setup
from securedata_lab.servers import setup_check


def failing() -> bool:
    return False


def raising() -> bool:
    raise OSError("Operation not permitted")


def lines_of(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What the check prints. Its doctest has what a machine prints that is ready."""
    check_setup()
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(
    ("answer", "reason"), [(failing, ""), (raising, " (OSError: Operation not permitted)")]
)
def test_one_no_comes_with_advice_and_the_other_questions_are_asked(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    answer: object,
    reason: str,
) -> None:
    questions = list(setup_check.QUESTIONS)
    question, _, advice = questions[1]
    questions[1] = (question, answer, advice)  # type: ignore[assignment]
    monkeypatch.setattr(setup_check, "QUESTIONS", questions)
    lines = lines_of(capsys)
    assert lines.pop(1) == f"{question:<34} NO: {advice}{reason}"
    assert [line.split()[-1] for line in lines] == ["yes"] * 5


def test_what_can_be_missing_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 18))
    monkeypatch.setattr("tempfile.tempdir", "/nonexistent/folder")
    lines = lines_of(capsys)
    assert lines[0].endswith("NO: choose a newer Python as this notebook's kernel")
    assert "NO: the temporary folder is full or read-only (FileNotFound" in lines[5]
