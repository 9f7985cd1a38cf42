"""Below a traceback, a notebook says what may help."""

from collections.abc import Iterator

import pytest
from IPython.core.interactiveshell import InteractiveShell

from securedata.lab.advice import NO_NAME, STOPPED, advise_after_errors


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


@pytest.mark.parametrize(
    ("cell", "stopped", "advice"),
    [
        ("1 + 1", True, ""),
        ("nowhere", True, NO_NAME),
        ("{}['message']", True, STOPPED),
        ("{}['message']", False, ""),
    ],
)
def test_an_error_is_followed_by_advice(
    shell: InteractiveShell,
    capsys: pytest.CaptureFixture[str],
    cell: str,
    stopped: bool,
    advice: str,
) -> None:
    advise_after_errors(lambda: stopped)
    shell.run_cell(cell)
    last = capsys.readouterr().out.splitlines()[-1]
    assert (last == advice) if advice else (last not in (NO_NAME, STOPPED))
