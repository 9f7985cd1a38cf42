"""The check engine: one line, always, and never an exception."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from html import unescape
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import requests
from crowd import wait_until
from vocabulary import free_port

from securedata.errors import UnavailableError
from securedata_lab.judging import engine
from securedata_lab.judging.engine import EXERCISES, Check, exercise, returned, shown
from securedata_lab.judging.saved_results import Results
from securedata_lab.judging.verdict_html import as_html

Ask = Callable[..., str]


class Hostile:
    """An answer that raises at whatever is done with it."""

    def __getattribute__(self, name: str) -> object:
        raise RuntimeError("hands off")

    def __repr__(self) -> str:
        raise RuntimeError("hands off")

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("hands off")

    __hash__ = None  # type: ignore[assignment]


@pytest.fixture
def check() -> Check:
    return Check(Results(None))


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], check: Check) -> Ask:
    """Judge an answer to an exercise that wants 42 from a function, and return what was printed."""
    monkeypatch.setattr(engine, "EXERCISES", dict(EXERCISES))

    @exercise("9.1", "it is 42")
    def judge(my_sum: Callable[[int], object]) -> str | None:
        got = returned(my_sum, 37)
        return None if got == 42 else f"expected 42, got {shown(got)}; look it up"

    def asked(*answers: object) -> str:
        check("9.1", *answers)
        return capsys.readouterr().out

    return asked


def right(number: int) -> int:
    return number + 5


def stub(number: int) -> None: ...


def endless(number: int) -> Iterator[int]:
    yield from count()


ENDLESS = """
def mine(number):
    while True:
        try:
            number += 1
        except ValueError:
            continue
"""

CATCHING = """
def mine(number):
    for _ in range(3):
        try:
            while True:
                number += 1
        except:
            pass
"""


def exits(number: int) -> object:
    raise SystemExit(1)


def raises(number: int) -> object:
    raise ZeroDivisionError("division by zero\nwith a second line")


class UnsayableError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("hands off")


def raises_unsayable(number: int) -> object:
    raise UnsayableError


def asks_nobody(number: int) -> object:
    return requests.get(f"https://127.0.0.1:{free_port()}", verify=True, timeout=5)


def hears_nobody(number: int) -> object:
    raise UnavailableError("no answer")


def prints(number: int) -> None:
    print(number + 5, end="\r")


def forgets(number: int) -> None:
    number += 5


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (right, "9.1 correct: it is 42\n"),
        (lambda n: 41, "9.1 not yet: expected 42, got 41; look it up\n"),
        (None, "9.1 not attempted yet\n"),
        (..., "9.1 not attempted yet\n"),
        (stub, "9.1 not attempted yet\n"),
        (lambda n: ..., "9.1 not attempted yet\n"),
        (42, "expected a function, got 42; hand it over without brackets: my_sum, not my_sum(…)\n"),
        (Hostile(), "expected a function, got something whose repr raises Run"),
        (
            prints,
            "42\r9.1 not yet: expected an answer, got None for 37; it printed, and returned",
        ),
        (forgets, "got None for 37; it returned None: end with return\n"),
        ([].append, "it returned None: end with return\n"),
        (raises, "got ZeroDivisionError: division by zero with a second line; run your own code"),
        (exits, "expected an answer, got SystemExit: 1; "),
        (
            lambda wrong, number: 42,
            "expected a function that takes 1 argument, got <lambda>(wrong, number); write its ",
        ),
        (raises_unsayable, "got RuntimeError; run your own code first"),
        (lambda n: Hostile(), "got an object of Hostile; its class decides itself"),
        (endless, "got <generator object endless at"),
        (lambda n: "x" * 10_000, "got 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…; look it up\n"),
        (asks_nobody, "run the server cell again, the one below the set-up cell"),
        (hears_nobody, "run the server cell again, the one below the set-up cell"),
    ],
    ids=lambda it: type(it).__name__,
)
def test_every_answer_gets_one_short_line_that_helps(ask: Ask, answer: object, said: str) -> None:
    printed = ask(answer)
    assert said in printed
    assert printed.count("\n") == 1
    assert len(printed) <= engine.LINE_LENGTH + 1


@pytest.mark.parametrize("answers", [(), (right, 2, 3)])
def test_a_check_says_how_many_answers_it_takes(ask: Ask, answers: tuple[object, ...]) -> None:
    expected = f"(my_sum), got {len(answers)}; write the check"
    assert expected in ask(*answers)


@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("loop", [ENDLESS, CATCHING])
def test_an_endless_loop_is_given_up_and_ended(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, loop: str
) -> None:
    monkeypatch.setattr(engine, "SECONDS", 0.2)
    notebook: dict[str, object] = {"__name__": "__main__"}
    exec(loop, notebook)  # where it is ended has no line number, in some versions of Python
    printed = [ask(notebook["mine"]) for _ in range(4)]
    assert all(it.startswith("9.1 not yet: expected an answer after 0.2 s") for it in printed)
    wait_until(lambda: "check 9.1" not in [it.name for it in threading.enumerate()])


def test_waiting_is_not_computing(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    def waits(number: int) -> int:
        time.sleep(1)
        return 42

    monkeypatch.setattr(engine, "SECONDS", 0.5)
    assert "correct" in ask(waits)
    monkeypatch.setattr(engine, "WAITING_SECONDS", 0.5)
    assert "for what does it wait?" in ask(waits)


def test_of_what_an_answer_prints_the_first_lines_are_shown(
    check: Check, capsys: pytest.CaptureFixture[str]
) -> None:
    @exercise("9.8", "it was called often")
    def judge(answer: Callable[[int], None]) -> str | None:
        for number in range(3000):
            answer(number)
        return None

    check("9.8", print)
    del EXERCISES["9.8"]
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["0", "1"]
    assert lines[-3:] == ["9", "… 2990 more lines printed", "9.8 correct: it was called often"]


def test_an_exception_is_placed_in_the_students_own_code(ask: Ask) -> None:
    cell = "def mine(number):\n    left = 1\n    return left / 0\n"
    notebook: dict[str, object] = {"__name__": "__main__"}
    exec(cell, notebook)  # as a cell is executed
    assert "ZeroDivisionError: division by zero; look at line 3 of mine" in ask(notebook["mine"])


def test_a_number_that_is_none_is_named(check: Check, capsys: pytest.CaptureFixture[str]) -> None:
    check("7.77", 42)
    check(3.1, 42)  # type: ignore[arg-type]
    assert capsys.readouterr().out.splitlines() == [
        "7.77 is no exercise of this kit: take the one that the notebook came with",
        'write the number of the exercise in quotes: check("3.1", …)',
    ]


def test_what_was_solved_stays_solved(
    ask: Ask, check: Check, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ask(right) == ask(right) == "9.1 correct: it is 42\n"
    assert ask(forgets).startswith("9.1 solved before; this attempt: not yet: expected an answer")
    assert ask(stub) == "9.1 solved before\n"
    check.summary(9)
    assert capsys.readouterr().out == f"9.1  correct\n1 of 1 correct\n{engine.OWN_WORDS}\n"


def is_one(answer: int) -> str | None:
    return None if answer == 1 else "another"


def test_a_check_with_no_type_or_no_sentence_is_a_mistake_of_its_author(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engine, "EXERCISES", {})
    with pytest.raises(TypeError, match="answer"):
        exercise("9.1", "well done")(lambda answer: None)

    @exercise("9.2", "well done")
    def judge(answer: int) -> Any:
        return answer == 1

    for answer in (1, 2):
        assert "TypeError" in engine.judged("9.2", (answer,)).words


def test_the_summary_is_a_table_of_a_lesson(
    check: Check, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "EXERCISES", {})
    for number in ("8.2", "9.1", "9.2", "9.3"):
        exercise(number, "well done")(is_one)
    check("9.3", 1)
    check("9.1", None)
    check("9.2", 2)
    capsys.readouterr()
    check.summary()
    check.summary(8)
    assert capsys.readouterr().out.splitlines() == [
        "9.1  not attempted yet",
        "9.2  not yet",
        "9.3  correct",
        "1 of 3 correct",
        "8.2  not attempted yet",
        "0 of 1 correct",
        engine.OWN_WORDS,
    ]


def test_the_summary_says_which_file_solved_marks_come_from(
    ask: Ask, check: Check, capsys: pytest.CaptureFixture[str], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    Results(tmp_path).note("9.1", "correct")
    Results(tmp_path).note("9.77", "correct")  # another edition's: no mark here, and not lost
    monkeypatch.setattr(check, "_results", Results(tmp_path))
    line = "Some were solved earlier (.results-09.json). Delete it and restart to begin again."
    check.summary(9)
    assert line in capsys.readouterr().out.splitlines()
    assert "correct" in ask(right)  # solved again, in this kernel
    check.summary(9)
    assert line not in capsys.readouterr().out
    assert Results(tmp_path).state("9.77") == "correct"


def test_a_notebook_shows_html_beside_the_same_line(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    displayed: list[dict[str, str]] = []
    monkeypatch.setattr(engine, "_in_notebook", lambda: True)
    monkeypatch.setattr("IPython.display.display", lambda data, raw: displayed.append(data))
    assert ask(lambda n: b"4  2") == ""
    (data,) = displayed
    assert data["text/plain"] == "9.1 not yet: expected 42, got b'4  2'; look it up"
    assert "34 20 20 32 (4 bytes)" in data["text/html"]


@pytest.mark.parametrize("text", ["'pay; word'", "b'pay; word'", '"Ann\'s; word"', "'pay; long…"])
def test_the_box_keeps_a_text_with_a_semicolon_whole(text: str) -> None:
    html = as_html("1.1", "not yet", f"expected {text}, got {text} here; it's so; look", False, {})
    rows = [
        unescape(row) for row in re.findall("<span>(?:<code.*?>)?(.*?)(?:</code>)?</span>", html)
    ]
    assert rows == [text, f"{text} here", "it's so; look"]


def test_a_folder_that_cannot_be_written_to_is_told_once(
    ask: Ask, check: Check, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "_results", Results(tmp_path / "missing"))
    assert "This folder cannot be written to: results are kept until" in ask(forgets)
    assert ask(right) == "9.1 correct: it is 42\n"
    assert "solved before" in ask(forgets)
