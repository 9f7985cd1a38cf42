"""Questions in a Markdown page: read whole, or refused with the line."""

from pathlib import Path

import pytest

from securedata.errors import FormatError
from securedata_classroom.questions import Answer, Question, read_questions, variants

PAGE = """# A page

## Bytes

Some words, and a list:

- not a question

**1a.** (lessons 00 and 01) How many bits has `a byte`?

- [ ] 4 *(a digit has 4)*
- [x] 8
**1b.** And two?
- [x] 16
- [ ] 2^8

## Keys
"""


@pytest.fixture
def page(tmp_path: Path) -> Path:
    return tmp_path / "page.md"


def test_a_question_has_its_answers_its_heading_and_its_lessons(page: Path) -> None:
    page.write_text(PAGE)
    first = Question(
        "1a",
        "How many bits has `a byte`?",
        (Answer("4", False, "a digit has 4"), Answer("8", True)),
        "Bytes",
        ("00", "01"),
    )
    second = Question("1b", "And two?", (Answer("16", True), Answer("2^8", False)), "Bytes")
    assert read_questions(page) == [first, second]
    assert variants([first, second]) == [[first, second]]
    page.write_text(PAGE.replace("(lessons 00 and 01)", "(home, 1.4)"))
    assert (read_questions(page)[0].text, read_questions(page)[0].label) == (
        "How many bits has `a byte`?",
        "1a (home, 1.4)",
    )
    assert first.without_reasons().answers == (Answer("4", False), Answer("8", True))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (PAGE.replace("[x] 8", "[ ] 8"), "line 9: 0 answers of question 1a are ticked, not 1"),
        (PAGE.replace("[ ] 4", "[x] 4"), "line 9: 2 answers of question 1a are ticked, not 1"),
        (PAGE.replace("[ ] 2^8", "[ ] 16"), "line 13: question 1b needs two answers that differ"),
        (PAGE.replace("- [ ] 2^8", "* 2^8"), "line 13: question 1b needs two answers that differ"),
    ],
)
def test_an_unclear_question_is_refused_with_its_line(
    page: Path, wrong: str, sentence: str
) -> None:
    page.write_text(wrong)
    with pytest.raises(FormatError) as refused:
        read_questions(page)
    assert str(refused.value) == f"{page}, {sentence}"


def test_a_page_that_is_not_there_is_one_sentence(page: Path) -> None:
    with pytest.raises(FormatError, match=r"page\.md: No such file or directory$"):
        read_questions(page)
