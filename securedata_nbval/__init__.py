"""A plugin for pytest: where nbval runs, the lessons' outputs can be compared, in any folder.

pytest imports it in every environment with the kit, also for tests of other projects. So it stands
beside the package securedata, and imports nothing of it: that takes seconds, and brings Flask.
"""

import os
from pathlib import Path

import pytest

RULES = Path(__file__).with_name("sanitize.cfg")


# Last, because nbval first looks whether its option has two values, by an old name and a new one.
@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Give nbval the rules for what differs, and its kernels the secrets of the stored outputs.

    Kernels keep no results of exercises: a result of another day would stand in an output.
    A file of rules, or a variable, that the user has set stays.
    """
    if config.getoption("nbval", False) or config.getoption("nbval_lax", False):
        config.option.nbval_sanitize_with = config.option.nbval_sanitize_with or str(RULES)
        os.environ.setdefault("SECUREDATA_SECRETS", "same")
        os.environ.setdefault("SECUREDATA_RESULTS", "off")
