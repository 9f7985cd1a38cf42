"""Who works here: a notebook and a hub say the name, in any spelling."""

import unicodedata
from collections.abc import Iterator

import pytest

from securedata.errors import FormatError
from securedata_lab import me
from securedata_lab.judging.student_name import NAME, normal, present_name


@pytest.fixture(autouse=True)
def _nobody_works_here(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv(NAME, raising=False)
    yield
    monkeypatch.undo()
    me()


@pytest.mark.parametrize("written", ["ZOË@x", " zoë@x\n", unicodedata.normalize("NFD", "Zoë@x")])
def test_a_name_is_the_same_in_capitals_with_spaces_and_in_another_unicode_form(
    written: str,
) -> None:
    assert normal(written) == "zoë@x"


def test_without_a_name_nothing_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    me("")
    assert capsys.readouterr().out == present_name() == ""


def test_the_environment_names_who_works_here_and_the_notebook_knows_better(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(NAME, "Ada@example.org")
    me("")
    assert present_name() == "ada@example.org"
    me("bob@example.org")
    assert present_name() == "bob@example.org"


def test_a_number_without_quotes_is_refused() -> None:
    with pytest.raises(FormatError, match=r'write it in quotes: lab.me\("1234567"\)'):
        me(1234567)  # type: ignore[arg-type]
