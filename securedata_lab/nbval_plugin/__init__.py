"""A plugin for pytest: where nbval runs, the lessons' outputs can be compared, in any folder.

pytest imports it in every environment with the kit, also for tests of other projects. So it
imports no other module of the kit: that would take a second, and bring Flask.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

RULES = Path(__file__).with_name("sanitize.cfg")
# For the kernel. It keeps no results: a result of another day would stand in an output.
VARIABLES = {"SECUREDATA_SECRETS": "same", "SECUREDATA_RESULTS": "off"}


# A wrapper in the old way: pytest 7 of another project may know no other.
@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """While nbval starts a lesson's kernel, give it our rules, and the secrets that are stored.

    A file of rules, or a variable, that the user has set stays. Other notebooks are left alone.
    """
    with pytest.MonkeyPatch.context() as patch:
        if _is_lesson(item):
            rules = item.config.getoption("nbval_sanitize_with", None) or str(RULES)
            patch.setattr(item.config.option, "nbval_sanitize_with", rules, raising=False)
            for name, value in VARIABLES.items():
                patch.setenv(name, os.environ.get(name, value))
        yield


def _is_lesson(item: pytest.Item) -> bool:
    """Whether it is a cell of a notebook with the kit's set-up cell."""
    cells = getattr(getattr(item.parent, "nb", None), "cells", ())
    setup = (it.source for it in cells if "setup" in (it.metadata.get("tags") or ()))
    return any("securedata" in it for it in setup)
