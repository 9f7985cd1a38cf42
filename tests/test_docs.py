"""README and docs: every link leads somewhere, and what a page names is there."""

import re
from pathlib import Path

import pytest
from vocabulary import ROOT

DOCS = ROOT / "docs"
PAGES = [*ROOT.glob("*.md"), ROOT / "certs" / "README.md", *DOCS.rglob("*.md")]
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^()\s]+)\)")


def prose(page: Path) -> str:
    """A page without its blocks of code."""
    return FENCED.sub("", page.read_text(encoding="utf-8"))


def links(page: Path) -> list[tuple[Path, str]]:
    """The file and the anchor of every link of a page to another file of the kit, or to itself."""
    found = [link.partition("#") for link in LINK.findall(prose(page)) if ":" not in link]
    return [((page.parent / path).resolve() if path else page, anchor) for path, _, anchor in found]


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives to the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    shown = [re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).lower() for heading in headings]
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in shown}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_to_a_file_and_heading(page: Path) -> None:
    for target, anchor in links(page):
        assert target.exists(), target
        assert not anchor or anchor in anchors(target), f"{target}#{anchor}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_test_and_lesson_that_a_page_names_is_there(page: Path) -> None:
    text = " ".join(page.read_text(encoding="utf-8").split())
    for file, name in re.findall(r"\b(tests/[\w/]+\.py)(?:::(\w+))?", text):
        assert f"def {name}" in (ROOT / file).read_text(encoding="utf-8"), f"{file}::{name}"
    # CONTRIBUTING.md has an example of a lesson 09.
    for number, section in re.findall(r"[Ll]esson (0[0-8]), \"([^\"]+)\"", text):
        (lesson,) = (ROOT / "notebooks").glob(f"{number}_*.ipynb")
        heading = re.compile(rf'"#+ (At home: )?{re.escape(section)}', re.IGNORECASE)
        assert heading.search(lesson.read_text(encoding="utf-8")), section


def test_every_fault_test_is_on_the_page_about_reliability() -> None:
    page = (DOCS / "reliability.md").read_text(encoding="utf-8")
    for path in (ROOT / "tests" / "soak").glob("test_*.py"):
        assert f"`tests/soak/{path.name}" in page


def test_every_page_and_lesson_is_in_a_table_of_contents() -> None:
    for page in DOCS.rglob("*.md"):
        contents = page.parent / "README.md"
        if page != contents:
            assert page in [target for target, _ in links(contents)], f"{contents} lacks {page}"
        assert page.parent == DOCS or contents in [file for file, _ in links(DOCS / "README.md")]
    lessons = set((ROOT / "notebooks").glob("*.ipynb"))
    assert lessons <= {target for target, _ in links(ROOT / "README.md")}
