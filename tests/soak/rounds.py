"""How often a fault is tried: a few times in `make test`, and often in `make soak`."""

import pytest


def rounds(name: str, *, test: int, soak: int) -> pytest.MarkDecorator:
    """Give a test its count: one for every day, and one for `make soak` (docs/reliability.md)."""
    return pytest.mark.parametrize(name, [test, pytest.param(soak, marks=pytest.mark.soak)])
