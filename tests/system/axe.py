"""What axe-core finds wrong with a page, as tools/ci_tools.sh installs it."""

from typing import Any

import pytest
from vocabulary import AXE


def axe(page: Any, *parts: str) -> list[str]:
    """What axe-core finds wrong with the page as it is, or with these parts, in short."""
    if not AXE.exists():
        pytest.skip("needs axe-core: tools/ci_tools.sh installs it")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    # What is seen of a control is part of its name; axe calls this rule experimental.
    rules = {"label-content-name-mismatch": {"enabled": True}}
    include = list(parts or ("html",))
    found = page.evaluate("([include, rules]) => axe.run({ include }, { rules })", [include, rules])
    assert len(found["passes"]) > 15
    return [f"{each['id']}: {each['nodes'][0]['html']}" for each in found["violations"]]
