"""Who works here: a notebook says the name, in any spelling."""

import unicodedata

import pytest

from securedata.errors import FormatError
from securedata_lab import me
from securedata_lab.judging.student_name import normal


@pytest.mark.parametrize("written", ["ZOË@x", " zoë@x\n", unicodedata.normalize("NFD", "Zoë@x")])
def test_a_name_is_the_same_in_capitals_with_spaces_and_in_another_unicode_form(
    written: str,
) -> None:
    assert normal(written) == "zoë@x"


def test_without_a_name_nothing_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    me("")
    assert capsys.readouterr().out == ""


def test_a_number_without_quotes_is_refused() -> None:
    with pytest.raises(FormatError, match=r'write it in quotes: lab.me\("1234567"\)'):
        me(1234567)  # type: ignore[arg-type]
