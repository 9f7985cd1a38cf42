"""The walk finds a secret wherever a student could."""

from types import SimpleNamespace
from typing import Any

import pytest
from lab.walking import leaks

SECRET = "island-timber-32"


class Said:
    def __repr__(self) -> str:
        return f"<bank of {SECRET}>"


@pytest.mark.parametrize(
    "value",
    [
        SECRET,
        SECRET.encode(),
        [("a", {"b": f"pay {SECRET}"})],
        Said(),
        SimpleNamespace(rows={"1": SimpleNamespace(text=SECRET.encode())}),
        {SECRET.encode().hex(): 1},
    ],
)
def test_a_secret_is_found(value: Any) -> None:
    assert leaks({"bank": value}, [SECRET])


def test_a_closure_keeps_a_secret() -> None:
    def opened(word: str) -> Any:
        return SimpleNamespace(say=lambda guess: guess == word)

    bank = opened(SECRET)
    assert bank.say(SECRET)
    assert leaks({"bank": bank}, [SECRET]) == []
