"""Every test that docs/reliability.md names is there, and every fault test is named on it."""

import pytest
from vocabulary import ROOT, assert_is_there, named_tests

NAMED = named_tests("reliability.md")


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_every_test_that_the_page_names_is_there(file: str, name: str) -> None:
    assert_is_there(file, name)


def test_the_page_names_every_file_of_fault_tests() -> None:
    files = {f"tests/soak/{path.name}" for path in (ROOT / "tests" / "soak").glob("test_*.py")}
    assert files <= {file for file, _ in NAMED}
