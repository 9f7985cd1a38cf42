"""Below a traceback, a notebook says what may help."""

from collections.abc import Iterator

import pytest
from IPython.core.interactiveshell import InteractiveShell

from securedata.lab.advice import FORGOTTEN, NO_NAME, STOPPED, Servers, advise


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


@pytest.mark.parametrize(
    ("cell", "servers", "advice"),
    [
        ("1 + 1", Servers.STOPPED, ""),
        ("nowhere", Servers.NOT_STARTED, FORGOTTEN),
        ("nowhere", Servers.RUNNING, NO_NAME),
        ("nowhere", Servers.STOPPED, NO_NAME),
        ("{}['message']", Servers.STOPPED, STOPPED),
        ("{}['message']", Servers.RUNNING, ""),
        ("{}['message']", Servers.NOT_STARTED, ""),
    ],
)
def test_an_error_is_followed_by_advice(
    shell: InteractiveShell,
    capsys: pytest.CaptureFixture[str],
    cell: str,
    servers: Servers,
    advice: str,
) -> None:
    advise(lambda: servers)
    shell.run_cell(cell)
    last = capsys.readouterr().out.splitlines()[-1]
    assert (last == advice) if advice else (last not in (FORGOTTEN, NO_NAME, STOPPED))
