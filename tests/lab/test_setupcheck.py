"""The setup check: a line a question, and advice where the answer is no, but never an exception."""

import sys

import pytest

from securedata.lab import check_setup, setupcheck


def failing() -> bool:
    return False


def raising() -> bool:
    raise OSError("Operation not permitted")


def lines_of(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What the check prints."""
    check_setup()
    printed = capsys.readouterr()
    assert printed.err == ""
    return printed.out.splitlines()


def test_a_machine_that_runs_these_tests_is_ready(capsys: pytest.CaptureFixture[str]) -> None:
    lines = lines_of(capsys)
    assert len(lines) == 6
    assert [line.split()[-1] for line in lines] == ["yes"] * 6


def test_the_answers_stand_below_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    assert {line.rindex("yes") for line in lines_of(capsys)} == {35}


@pytest.mark.parametrize("place", range(6))
@pytest.mark.parametrize(
    ("answer", "reason"), [(failing, ""), (raising, " (OSError: Operation not permitted)")]
)
def test_one_no_comes_with_advice_and_the_other_questions_are_asked(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    place: int,
    answer: object,
    reason: str,
) -> None:
    question, _, advice = setupcheck.QUESTIONS[place]
    questions = list(setupcheck.QUESTIONS)
    questions[place] = (question, answer, advice)  # type: ignore[assignment]
    monkeypatch.setattr(setupcheck, "QUESTIONS", questions)
    lines = lines_of(capsys)
    assert lines.pop(place) == f"{question:<34} NO: {advice}{reason}"
    assert [line.split()[-1] for line in lines] == ["yes"] * 5


def test_an_old_python_is_told_apart(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 18))
    assert lines_of(capsys)[0].endswith("NO: choose a newer Python as this notebook's kernel")


def test_a_temporary_folder_that_is_not_there_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/nonexistent/folder")
    assert "NO: the temporary folder is full or read-only (FileNotFound" in lines_of(capsys)[5]
