"""The errors: one tree, two levels, drawn as it is."""

import re

from vocabulary import ROOT

from securedata import errors
from securedata.errors import SecureDataError

LEAVES = [
    name
    for name, thing in vars(errors).items()
    if isinstance(thing, type) and thing is not SecureDataError
]
SOURCE = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "securedata").rglob("*.py"))


def test_the_tree_in_the_docstring_is_the_tree_of_classes() -> None:
    assert errors.__doc__ is not None
    assert re.findall(r"[├└]── (\w+)", errors.__doc__) == LEAVES


def test_all_are_siblings_under_one_root() -> None:
    assert all(getattr(errors, name).__bases__ == (SecureDataError,) for name in LEAVES)
    assert SecureDataError.__bases__ == (Exception,)


def test_the_root_is_never_raised_itself_and_every_leaf_is() -> None:
    raised = set(re.findall(r"raise (\w+Error)\(", SOURCE))
    assert "SecureDataError" not in raised
    assert set(LEAVES) <= raised
