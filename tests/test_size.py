"""How large the project may be: docs/decisions/size.md says why, and how it is counted.

To raise a number, say in its line what users get for it, and lower another one.
"""

import ast
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from address import readme_with
from vocabulary import ROOT

LAB = ROOT / "securedata_lab"


def statements(files: Iterable[Path]) -> int:
    """Python statements without docstrings."""
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in files]
    nodes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.stmt)]
    return sum(not is_docstring(node) for node in nodes)


def is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(getattr(node.value, "value", None), str)


def python(folder: str) -> set[Path]:
    return {*(ROOT / folder).rglob("*.py")}


def lines(folder: str) -> int:
    """Lines of script, style and HTML."""
    files = [it for it in (ROOT / folder).rglob("*") if it.suffix in (".js", ".css", ".html")]
    return sum(len(it.read_text(encoding="utf-8").splitlines()) for it in files)


def words(files: Iterable[Path]) -> int:
    return sum(len(it.read_text(encoding="utf-8").split()) for it in files)


ANSWERS = {*LAB.glob("lesson*/answers.py"), *LAB.glob("lesson*/answers/*.py")}
TEACHING = {*(ROOT / "docs" / "teaching").glob("*.md")}
OTHER_PAGES = {*(ROOT / "docs").rglob("*.md")} - TEACHING
RECIPES = [ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md"]

# What is counted, how much it may be, and what users have of it.
CEILINGS = [
    (lambda: statements(python("securedata")), 2971, "service: its core is read in an hour"),
    (
        lambda: statements(python("securedata_lab") - ANSWERS),
        9841,
        "lab: what is stolen is out of reach; 05's client and 06's stolen key meet real handshakes",
    ),
    (
        lambda: statements(python("securedata_classroom")),
        2698,
        "classroom: a judge that no hand-in fools, a page to mark on, words for each student",
    ),
    (
        lambda: lines("securedata_classroom"),
        396,
        "classroom pages: forty students, marked by keys alone, and what is left is said",
    ),
    (
        lambda: statements(python("tools")),
        1371,
        "tools: slides, book, zips for a class, true minutes",
    ),
    (
        lambda: statements(python("tests") | ANSWERS),
        15503,
        "tests: what three attackers found stays shut, a lesson's minutes and edition are true",
    ),
    (lambda: lines("securedata/web/page"), 2554, "page: a browser is enough to try the service"),
    (
        lambda: lines("securedata_lab"),
        795,
        "explorers: one thing to touch in each lesson, in 01 and 03 twice",
    ),
    (
        lambda: words(TEACHING),
        34422,
        "docs/teaching: a lecturer prepares a lesson from its page alone",
    ),
    (
        lambda: words(OTHER_PAGES),
        30848,
        "docs: promises with their tests, and when which standard was replaced",
    ),
    (lambda: words(RECIPES), 2603, "CONTRIBUTING and SECURITY: recipes for those who change it"),
    (
        lambda: len(readme_with((ROOT / "README.md").read_text("utf-8"), None).encode()),
        5_418,
        "README: read in five minutes, before `make address` writes into it",
    ),
]


@pytest.mark.whole
@pytest.mark.parametrize(("measured", "most", "what"), CEILINGS, ids=[it[2] for it in CEILINGS])
def test_the_project_is_no_larger_than_it_may_be(
    measured: Callable[[], int], most: int, what: str
) -> None:
    assert measured() <= most, what
