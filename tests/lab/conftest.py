"""What tests of the lessons' checks may use."""

from collections.abc import Iterator

import pytest
from IPython.core.interactiveshell import InteractiveShell

from securedata_lab.judging import engine
from securedata_lab.judging.saved_results import Results


@pytest.fixture(autouse=True)
def _patient_checks_without_a_past(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was solved before, and a lattice may take a minute, as on a busy machine."""
    monkeypatch.setattr(engine.check, "_results", Results(None))
    monkeypatch.setattr(engine, "SECONDS", 60)
    monkeypatch.setattr(engine, "WAITING_SECONDS", 600)


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    """IPython, as a notebook's kernel runs it."""
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()
