"""The lecturer pages quote what the checks say: every quotation stands in the checks' source."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from vocabulary import ROOT

CHECKS = ROOT / "securedata" / "lab" / "checks"
OWN_WORDS = 12  # characters that a sentence must have besides what it fills in
EVERY_LESSONS = (
    CHECKS.parent / "student_answers" / "declared.py",
    CHECKS / "typed_answers.py",
    CHECKS.parent / "student_answers" / "attempts.py",
    CHECKS / "engine.py",
    CHECKS.parent / "student_answers" / "calls.py",
    CHECKS.parent / "student_answers" / "powers.py",
)
PAGES = sorted(
    page
    for page in (ROOT / "docs" / "teaching").glob("0*.md")
    if [*CHECKS.glob(f"lesson{page.name[:2]}*")]
)


def quotations(page: Path) -> Iterator[str]:
    """What stands between backticks in the last column, up to what the lecturer says to it."""
    for row in re.findall(r"^\| \d\.\d[^|]*\|.*\|$", page.read_text("utf-8"), flags=re.MULTILINE):
        cells = re.split(r"(?<!\\)\|", row)[1:-1]
        if len(cells) == 3:  # the table of grades begins alike, and is wider
            yield from re.findall(r"`([^`]+)`", cells[2].split("Say:")[0].replace(r"\|", "|"))


def sentences(lesson: str) -> list[str]:
    """All strings of a lesson's checks; what an f-string fills in is a NUL."""
    found = []
    for path in (
        *CHECKS.glob(f"lesson{lesson}.py"),
        *CHECKS.glob(f"lesson{lesson}/*.py"),
        *(CHECKS.parent / "break_ins").glob("*.py"),  # their doors say what is wrong, too
        *EVERY_LESSONS,
    ):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.JoinedStr):
                parts = [getattr(part, "value", "\0") for part in node.values]
                found.append("".join(it if isinstance(it, str) else "\0" for it in parts))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(node.value)
    return found


def stands_in(fragment: str, sentence: str) -> bool:
    """Whether a sentence says this, or its part after a semicolon does with something filled in."""
    if fragment in sentence:
        return True
    tails = [sentence[match.end() :] for match in re.finditer("^|; ", sentence)]
    told = [tail for tail in tails if len(tail.replace("\0", "")) >= OWN_WORDS]
    patterns = [".+".join(re.escape(text) for text in tail.split("\0")) for tail in told]
    return any(re.fullmatch(pattern, fragment) for pattern in patterns)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_quotation_stands_in_the_checks(page: Path) -> None:
    known = sentences(page.name[:2])
    assert len(list(quotations(page))) >= 10
    for quotation in quotations(page):
        if re.search(r"\b\w+Error: ", quotation):
            continue  # an exception's own words, which Python or the kit says
        for fragment in filter(None, (part.strip("; ") for part in quotation.split("…"))):
            assert any(stands_in(fragment, sentence) for sentence in known), fragment


def test_a_quotation_that_no_check_says_is_found() -> None:
    known = sentences("03")
    assert any(stands_in("you took 32 bits away: keep 32", sentence) for sentence in known)
    assert not any(stands_in("you took 32 bits off: keep 32", sentence) for sentence in known)
