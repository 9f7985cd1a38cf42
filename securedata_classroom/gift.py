"""Questions as GIFT, the text that Moodle imports.

Moodle's own reader is question/format/gift/format.php. A character with a meaning in GIFT takes a
backslash.
"""

import re

from securedata_classroom.questions import Answer, Question, as_html, variants

SPECIAL = re.compile(r"[\\~=#{}:]")


def gift(title: str, questions: list[Question]) -> str:
    """The questions in a category of this title.

    Variants of one question get a category of their own, so that a quiz can draw one of them.

    >>> answers = Answer("4", False, "a digit"), Answer("8", True)
    >>> print(gift("bytes", [Question("1", "How many bits?", answers, "")]))
    $CATEGORY: securedata/bytes
    <BLANKLINE>
    ::bytes 1::[html]How many bits?{
    ~4#a digit
    =8
    }
    <BLANKLINE>
    """
    parts, category = list[str](), ""
    for group in variants(questions):
        wanted = f"securedata/{title}" + (f"/{group[0].number}" if len(group) > 1 else "")
        if wanted != category:
            parts.append(f"$CATEGORY: {wanted}\n")
            category = wanted
        parts += [_question(title, question) for question in group]
    return "\n".join(parts)


def _question(title: str, question: Question) -> str:
    name = _escaped(f"{title} {question.label}")
    answers = "".join(f"{_answer(answer)}\n" for answer in question.answers)
    return f"::{name}::[html]{_text(question.text)}{{\n{answers}}}\n"


def _answer(answer: Answer) -> str:
    mark = "=" if answer.is_right else "~"
    if answer.text[0] in "%[":  # else 50% or a word in brackets would be a weight or a format
        mark += "[html]"
    return mark + _text(answer.text) + (f"#{_text(answer.why)}" if answer.why else "")


def _text(text: str) -> str:
    return _escaped(as_html(text))


def _escaped(text: str) -> str:
    return SPECIAL.sub(r"\\\g<0>", text)
