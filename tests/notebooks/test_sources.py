"""Every standard that the lessons name stands in the table of sources."""

import re
from pathlib import Path

import nbformat
import pytest
from vocabulary import ROOT

TEACHING = ROOT / "docs" / "teaching"
SOURCES = TEACHING.parent / "sources.md"
CITATION = re.compile(r"\b(?:RFC|FIPS)[ \u00a0]\d+(?:-\d)?|\bSP 800-\d+[A-Z]?|\bCVE-\d{4}-\d+")
CITING = [
    *sorted((ROOT / "notebooks").glob("0*.ipynb")),
    *sorted((ROOT / "notebooks" / "solutions").glob("*.ipynb")),
    *sorted(TEACHING.glob("*.md")),
    TEACHING.parent / "glossary.md",
    # Not the answers: wrong ones name documents that have nothing to do with it.
    *(it for it in sorted((ROOT / "securedata_lab").rglob("*.py")) if it.stem != "answers"),
]


def citations(path: Path) -> set[str]:
    """The documents that a file names, without their sections."""
    text = path.read_text("utf-8")
    if path.suffix == ".ipynb":  # what is read, not the pictures
        text = "\n".join(cell.source for cell in nbformat.reads(text, as_version=4).cells)
    return {" ".join(name.split()) for name in CITATION.findall(text)}


@pytest.mark.parametrize("path", CITING, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_citation_stands_in_the_table_of_sources(path: Path) -> None:
    assert sorted(citations(path) - citations(SOURCES)) == []
