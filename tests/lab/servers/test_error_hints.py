"""Below a traceback, a notebook says what may help."""

import pytest
from IPython.core.interactiveshell import InteractiveShell

from securedata_lab.servers.clients import HAS_STOPPED
from securedata_lab.servers.error_hints import (
    BEHIND_A_PROXY,
    FORGOTTEN,
    NO_NAME,
    STOPPED,
    UNREAD,
    Servers,
    advise,
)


@pytest.mark.parametrize(
    ("cell", "servers", "advice"),
    [
        ("1 + 1", Servers.STOPPED, ""),
        ("nowhere", Servers.NOT_STARTED, FORGOTTEN),
        ("nowhere", Servers.RUNNING, NO_NAME),
        ("nowhere", Servers.STOPPED, NO_NAME),
        ("my_sum = (1", Servers.STOPPED, UNREAD),
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
    assert (last == advice) if advice else (last not in (FORGOTTEN, NO_NAME, STOPPED, UNREAD))


REFUSED = "import requests; raise requests.ConnectionError('Max retries exceeded')"
OWN_SENTENCE = "from securedata_lab.servers.clients import *; raise NoAnswerError(HAS_STOPPED)"


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (REFUSED, STOPPED),
        (OWN_SENTENCE, HAS_STOPPED),
        ("from requests.exceptions import ProxyError; raise ProxyError", BEHIND_A_PROXY),
    ],
)
def test_a_request_to_a_stopped_server_is_answered_with_one_sentence(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], cell: str, said: str
) -> None:
    advise(lambda: Servers.STOPPED)
    assert not shell.run_cell(cell).success
    assert capsys.readouterr().out.strip() == said


def test_a_request_that_fails_while_the_servers_run_keeps_its_traceback(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    advise(lambda: Servers.RUNNING)
    shell.run_cell(REFUSED)
    assert capsys.readouterr().out.endswith(": Max retries exceeded\n")
