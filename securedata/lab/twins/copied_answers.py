"""Recognises answers that belong to another twin: each student's twins have keys of their own."""

from collections.abc import Callable
from contextlib import suppress

from securedata.lab.twins.personal_keys import Person, present_person
from securedata.lab.twins.twin import FLAWS, TwinServer

SEED = 1  # what lessons write for every twin that a check attacks


def twin_of(person: Person, flaw: str) -> TwinServer:
    """The twin with this flaw as this person's notebook has it. It is not started.

    >>> ada, bob = (twin_of(Person(name), "ecb").twin.key for name in ("ada", "bob"))
    >>> ada == bob
    False
    """
    return TwinServer(FLAWS[flaw](person.seed(flaw, SEED)))


def is_nobodys(wrong: Callable[..., str | None], answers: tuple[object, ...], flaw: str) -> bool:
    """Whether answers are right for a notebook without a name, and wrong for who works here.

    >>> is_nobodys(lambda answer, twin: None, ("text",), "ecb")
    False
    """
    person = present_person()
    return (
        bool(person.name)
        and _is_right(wrong, answers, twin_of(Person(), flaw))
        and not _is_right(wrong, answers, twin_of(person, flaw))
    )


def _is_right(
    wrong: Callable[..., str | None], answers: tuple[object, ...], server: TwinServer
) -> bool:
    with server, suppress(Exception):  # an answer that raises an error is right at no twin
        return wrong(*answers, server) is None
    return False
