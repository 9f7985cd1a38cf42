"""What tests of the lessons' checks may use."""

import importlib

import pytest


@pytest.fixture(autouse=True)
def _patient_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lattice of eight signatures takes a second, and on a busy machine more than a student has.

    Tests in which an answer never comes are less patient.
    """
    monkeypatch.setattr(importlib.import_module("securedata.lab.checking"), "SECONDS", 60)
