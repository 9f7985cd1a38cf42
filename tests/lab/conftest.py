"""What tests of the lessons' checks may use, and of what is to be stolen."""

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from securedata_lab import every_check  # noqa: F401  # as a notebook does, which imports check
from securedata_lab.basics.small_dsa import REAL
from securedata_lab.judging import engine
from securedata_lab.judging.saved_results import Results
from securedata_lab.lesson01_aes_modes import bank, bank_client
from securedata_lab.lesson02_aes_gcm import gcm_bank
from securedata_lab.lesson03_dsa_signatures import shop
from securedata_lab.lesson05_tls_certificates import cafe, town
from securedata_lab.lesson06_tls_on_the_wire import old_shop, stranger
from securedata_lab.lesson07_secure_store import ada
from securedata_lab.lesson08_break_it_fix_it import vault_theft
from securedata_lab.lesson08_break_it_fix_it.auditing import audit_run, kept_vault
from securedata_lab.servers import keeper

TEXTS = {  # the functions that draw them, and where they are called
    "code_word": [bank, cafe, town, old_shop, stranger, ada, kept_vault],
    "an_order": [gcm_bank],
    "sentence": [audit_run, vault_theft, ada],
}


@pytest.fixture(autouse=True)
def _patient_checks_without_a_past(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was solved before, and a lattice may take a minute, as on a busy machine."""
    monkeypatch.setattr(engine.check, "_results", Results(None))
    monkeypatch.setattr(engine, "SECONDS", 60)
    monkeypatch.setattr(engine, "WAITING_SECONDS", 600)


@pytest.fixture
def in_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """Services open in this process, and not beside it: so a test can note what is drawn."""
    monkeypatch.setattr(keeper, "beside", False)


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    """IPython, as a notebook's kernel runs it."""
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


@pytest.fixture
def drawn(in_kernel: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """What is drawn meanwhile, to be stolen: texts, and a shop's private keys and ks."""
    found: list[Any] = []

    def noting(draw: Callable[[random.Random], str]) -> Callable[[random.Random], str]:
        def noted(chance: random.Random) -> str:
            found.append(draw(chance))
            return str(found[-1])

        return noted

    class Noting(random.Random):
        def randrange(self, start: int, stop: int | None = None, step: int = 1) -> int:
            number = super().randrange(start, stop, step)
            found.extend([number] if number > REAL.q >> 64 else [])
            return number

    for name, modules in TEXTS.items():
        for module in modules:
            monkeypatch.setattr(module, name, noting(getattr(module, name)))
    monkeypatch.setattr(shop, "chance", lambda what: Noting())
    new_token = ada.new_token
    monkeypatch.setattr(ada, "new_token", lambda: noting(lambda _: new_token())(Noting()))
    monkeypatch.setattr(bank_client, "_banks", {})
    yield found
    bank_client.stop_banks()
