"""The head of a check says what it is handed: the answers come as that, or get a sentence.

    def verifies(my_verify: Callable[[bytes], bool], server: LabServer) -> str | None: ...

A stub is no attempt. A value, and what a function returns, has the type that is declared.
"""

import inspect
from collections.abc import Callable
from typing import Any, get_args, get_origin, get_type_hints

from securedata_lab.judging.attempts import (
    NotAttemptedError,
    UnjudgedError,
    given,
    is_empty,
    shown,
    this_attempt,
)
from securedata_lab.judging.declared import as_declared, may_be
from securedata_lab.servers.starting import LabServer


def typed_answers(
    judge: Callable[..., str | None],
    number: str,
    answers: tuple[object, ...],
    in_parts: bool = False,
) -> list[Any]:
    """The answers to an exercise, each as the check's head declares it.

    In parts, some may be empty: the check says which are right, and which is next.

    Raises:
        NotAttemptedError: all of them are stubs.
        UnjudgedError: there are more or fewer answers, or one is of another type.

    >>> def judge(my_sum: int) -> str | None: ...
    >>> typed_answers(judge, "0.1", (True,))
    Traceback (most recent call last):
        ...
    securedata_lab.judging.attempts.UnjudgedError: expected an int, got True; True and ...
    """
    names = list(inspect.signature(judge).parameters)
    if len(answers) != len(names):
        things = "1 thing" if len(names) == 1 else f"{len(names)} things"
        raise UnjudgedError(
            f'expected {things} after "{number}" ({", ".join(names)}), got {len(answers)}; '
            "write the check as it was given"
        )
    hints = get_type_hints(judge, include_extras=True)
    head = [(name, hints.get(name, Any), it) for name, it in zip(names, answers, strict=True)]
    _must_be_attempted(head, in_parts)
    call = f'check("{number}", {", ".join(names)})'
    return [_declared(*part, call) for part in head]


def _must_be_attempted(head: list[tuple[str, Any, object]], in_parts: bool) -> None:
    theirs = [(name, kind, it) for name, kind, it in head if kind is not LabServer]
    empty = [name for name, kind, it in theirs if is_empty(it) and not may_be(it, kind)]
    if empty and len(empty) == len(theirs):
        raise NotAttemptedError
    if empty and not in_parts:
        raise UnjudgedError(f"expected an answer, got ...; {empty[0]} is still empty")


def _declared(name: str, kind: Any, answer: Any, call: str) -> Any:
    if kind is LabServer:  # what a check is handed besides answers
        if isinstance(answer, LabServer):
            return answer
        raise UnjudgedError(f"expected {name}, got {shown(answer)}; write {call}")
    if get_origin(kind) is Callable:
        if not callable(answer):
            why = f"hand it over without brackets: {name}, not {name}(…)"
            raise UnjudgedError(f"expected a function, got {shown(answer)}; {why}")
        this_attempt().returns[id(answer)] = get_args(kind)[1]
        return given(answer)
    return answer if answer is ... else as_declared(given(answer), kind)
