"""What tests in a browser share."""

from collections.abc import Iterator
from typing import Any

import pytest
from vocabulary import CHROMIUM, CHROMIUM_FLAGS


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, where there is one. It ends with the module: asyncio cannot run beside it."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium")
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
