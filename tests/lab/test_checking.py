"""The check engine: one line, always, and never an exception."""

import importlib
import time
from collections.abc import Callable, Iterator
from itertools import count

import pytest
import requests
from vocabulary import free_port

from securedata.lab.checking import EXERCISES, Check, exercise, given, returned, shown

# `securedata.lab.checking` is also the name of the object that lessons use.
engine = importlib.import_module("securedata.lab.checking")


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
def ask(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Judge an answer to an exercise that wants 42 from a function, and return what was printed."""
    monkeypatch.setattr(engine, "EXERCISES", dict(EXERCISES))

    @exercise("9.1", "it is 42")
    def judge(answer: Callable[[], object]) -> str | None:
        got = given(given(answer)())
        return None if got == 42 else f"expected 42, got {shown(got)}; look it up"

    def asked(*answers: object) -> str:
        Check()("9.1", *answers)
        return capsys.readouterr().out

    return asked


def endless_generator() -> Iterator[int]:
    yield from count()


def never_returns() -> object:
    while True:
        pass


def exits() -> object:
    raise SystemExit(1)


def raises() -> object:
    raise ZeroDivisionError("division by zero\nwith a second line")


def test_the_right_answer_is_correct(ask: Callable[..., str]) -> None:
    assert ask(lambda: 42) == "9.1 correct: it is 42\n"


def test_a_wrong_answer_says_what_was_expected_and_what_came(ask: Callable[..., str]) -> None:
    assert ask(lambda: 41) == "9.1 not yet: expected 42, got 41; look it up\n"


@pytest.mark.parametrize("stub", [None, ..., lambda: None, lambda: ...])
def test_a_stub_is_not_attempted(ask: Callable[..., str], stub: object) -> None:
    assert ask(stub) == "9.1 not attempted yet\n"


@pytest.mark.parametrize(
    "answer",
    [
        "a string",
        b"bytes",
        42,
        raises,
        exits,
        endless_generator,
        lambda: endless_generator(),
        lambda: Hostile(),
        lambda: "x" * 10_000,
        lambda wrong, number, of, arguments: 42,
    ],
)
def test_whatever_it_is_handed_it_prints_one_short_line(
    ask: Callable[..., str], answer: object
) -> None:
    printed = ask(answer)
    assert printed.startswith("9.1 not yet: ")
    assert printed.count("\n") == 1
    assert len(printed) <= engine.LINE_LENGTH + 1


def test_a_hostile_object_is_no_match(ask: Callable[..., str]) -> None:
    assert ask(Hostile()).startswith("9.1 not yet: ")


def test_no_answer_and_too_many_answers_are_judged_too(ask: Callable[..., str]) -> None:
    assert ask().startswith("9.1 not yet: ")
    assert ask(1, 2, 3).startswith("9.1 not yet: ")


def test_none_is_no_attempt_only_from_a_stub(ask: Callable[..., str]) -> None:
    @exercise("9.1", "it is 42")
    def judge(answer: Callable[[], object]) -> str | None:
        got = returned(answer, 5)
        return None if got == 42 else f"expected 42, got {shown(got)}; look it up"

    def stub(number: int) -> None: ...

    def forgets_to_return(number: int) -> None:
        number += 37

    assert ask(stub) == "9.1 not attempted yet\n"
    assert ask(...) == "9.1 not attempted yet\n"
    assert ask(lambda number: number + 37) == "9.1 correct: it is 42\n"
    for attempt in (forgets_to_return, [].append):
        assert ask(attempt) == (
            "9.1 not yet: expected an answer, got None for (5,); "
            "every path must end in return, and print returns nothing\n"
        )


def test_an_endless_loop_is_given_up_and_ended(
    ask: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "SECONDS", 1)
    printed = ask(never_returns)
    assert "endless loop" in printed
    deadline = time.monotonic() + 10
    while any(thread.name == "check 9.1" for thread in engine.threading.enumerate()):
        assert time.monotonic() < deadline, "the endless loop is still running"
        time.sleep(0.05)


def test_an_exception_is_placed_in_the_students_own_code(ask: Callable[..., str]) -> None:
    cell = "def mine():\n    left = 1\n    return left / 0\n"
    notebook: dict[str, object] = {"__name__": "__main__"}
    exec(cell, notebook)  # as a cell is executed
    assert "ZeroDivisionError: division by zero; look at line 3 of mine" in ask(notebook["mine"])


def test_a_stopped_server_is_named(ask: Callable[..., str]) -> None:
    address = f"https://127.0.0.1:{free_port()}"
    printed = ask(lambda: requests.get(address, verify=True, timeout=5))
    assert "run the cell that starts it again" in printed


def test_an_unknown_exercise_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    Check()("7.77", 42)
    assert capsys.readouterr().out == "7.77 is not an exercise of this kit\n"


def test_the_summary_is_a_table_of_a_lesson(capsys: pytest.CaptureFixture[str]) -> None:
    check = Check()
    check("2.3", 2**32)
    check("2.1", None)
    capsys.readouterr()
    check.summary(2)
    assert capsys.readouterr().out.splitlines() == [
        "2.1  not attempted yet",
        "2.2  not checked yet",
        "2.3  correct",
        "2.4  not checked yet",
        "2.5  not checked yet",
        "1 of 5 correct",
    ]
