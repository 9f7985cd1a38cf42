"""Each lesson's answers: right ones pass in every form, each mistake gets its sentence.

The answers stand in a table beside the checks: the lesson's `answers.py`. Those that need more
than a table are in test_special_answers.py.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from lab.judging.written import Code, Lesson, said
from vocabulary import ROOT

from securedata_lab.servers.starting import LabServer

LESSONS = {
    path.parent.name[:8]: Lesson.of(import_module(f"securedata_lab.{path.parent.name}.answers"))
    for path in sorted((ROOT / "securedata_lab").glob("lesson*/answers*"))
}
Say = Callable[[str, str, Code], str]


@pytest.fixture(scope="module")
def server_of() -> Iterator[Callable[[str, str], Any]]:
    """The server that a check is handed, started once; None if there is none."""
    with ExitStack() as stopping:

        @cache
        def started(lesson: str, number: str) -> Any:
            start = LESSONS[lesson].servers.get(number)
            return stopping.enter_context(start()) if start else None

        yield started


@pytest.fixture
def say(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    server_of: Callable[[str, str], Any],
    record_property: Callable[[str, object], None],
) -> Say:
    """What the check says to an answer. tools/exercise.py shows it."""

    def said_to(lesson: str, number: str, code: Code) -> str:
        server = server_of(lesson, number)
        line = said(capsys, number, *LESSONS[lesson].arguments(number, code, server, tmp_path))
        codes = [code] if isinstance(code, str) else code
        record_property(" ".join(" | ".join(codes).split()), line.strip())
        return line

    return said_to


def every(rows: Callable[[Lesson, str], list[Any]], *names: str) -> pytest.MarkDecorator:
    """Each row of these tables, with its lesson and its exercise. An audit takes seconds."""
    cases = [
        pytest.param(
            name,
            number,
            *(row if isinstance(row, tuple) else (row,)),
            id=f"{number}-{place}",
            marks=[pytest.mark.thorough] if lesson.is_file else [],
        )
        for name, lesson in LESSONS.items()
        for number in lesson.right
        for place, row in enumerate(rows(lesson, number))
    ]
    return pytest.mark.parametrize(("lesson", "number", *names), cases)


@every(lambda lesson, number: lesson.right[number], "code")
def test_a_right_answer_passes_in_every_form(
    say: Say, lesson: str, number: str, code: Code
) -> None:
    for _ in range(LESSONS[lesson].runs):
        line = say(lesson, number, code)
        assert line.startswith(f"{number} correct: "), line


@every(lambda lesson, number: lesson.wrong.get(number, []), "code", "words")
def test_a_wrong_answer_gets_its_sentence(
    say: Say, lesson: str, number: str, code: Code, words: str
) -> None:
    for _ in range(LESSONS[lesson].runs):
        line = say(lesson, number, code)
        assert line.startswith(f"{number} not yet: expected ")
        assert words in line


@pytest.mark.parametrize(
    ("lesson", "number"),
    [
        (name, number)
        for name, lesson in LESSONS.items()
        for number, start in lesson.servers.items()
        if start is LabServer
    ],
)
def test_a_stopped_server_is_not_the_answers_fault(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, lesson: str, number: str
) -> None:
    with LabServer() as server:
        pass
    code = LESSONS[lesson].right[number][0]
    line = said(capsys, number, *LESSONS[lesson].arguments(number, code, server, tmp_path))
    assert "expected a running server, got no answer; run the server cell again" in line
