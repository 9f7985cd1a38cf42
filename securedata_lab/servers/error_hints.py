"""What to do after an error in a cell: one sentence below the traceback, which stays as it is."""

import sys
from collections.abc import Callable
from enum import Enum, auto
from typing import Any

import requests
from requests.exceptions import ProxyError

FORGOTTEN = (
    "The server cell was not run yet. It is the code cell below the set-up cell: run it, "
    "then this section from its first cell on."
)
STOPPED = "The servers have stopped. If this cell needs one, run the server cell, then this cell."
# Where both names are set, the lowercase one wins.
BEHIND_A_PROXY = (
    "ProxyError: a proxy is set, and requests asks it for localhost. Run this, then this cell: "
    'import os; os.environ["NO_PROXY"] = os.environ["no_proxy"] = "localhost,127.0.0.1"'
)
NO_NAME = (
    "Is it a text? Then it needs quotes. Is it a name from a cell above? After a restart, run the "
    "set-up cell and the server cell, then this section from its first cell on. Is it yours, from "
    "an exercise? Run your cell there, too."
)

UNREAD = "Nothing of this cell was executed. Its names keep their old values; check judges those."


# A lesson may add sentences of its own, from the cell's source and its error.
Note = Callable[[str, BaseException | None], list[str]]
NOTES: list[Note] = []


class Servers(Enum):
    """Where the servers of a notebook are."""

    NOT_STARTED = auto()
    RUNNING = auto()
    STOPPED = auto()


def advise(ask: Callable[[], Servers]) -> None:
    """In a notebook: after each cell that ends in an error, print what may help.

    A request to a server that has stopped, or to a proxy, has no traceback: it would be 150 lines
    of a library's.

    >>> advise(lambda: Servers.RUNNING)  # no notebook: nothing happens
    """
    ipython = sys.modules.get("IPython")
    shell = ipython and ipython.get_ipython()
    if shell:
        shell.events.register("post_run_cell", lambda result: _print_advice(result, ask()))

        def traceback(shell: Any, kind: Any, error: Any, trace: Any, tb_offset: Any = None) -> None:
            if not isinstance(error, ProxyError) and ask() is not Servers.STOPPED:
                shell.showtraceback((kind, error, trace), tb_offset=tb_offset)

        shell.set_custom_exc((requests.ConnectionError,), traceback)


def _print_advice(result: Any, servers: Servers) -> None:
    error = result.error_in_exec
    for note in NOTES:
        for sentence in note(result.info.raw_cell, result.error_before_exec or error):
            print(sentence)
    if isinstance(result.error_before_exec, SyntaxError):
        print(UNREAD)
    elif isinstance(error, NameError):
        print(FORGOTTEN if servers is Servers.NOT_STARTED else NO_NAME)
    elif hasattr(error, "_render_traceback_"):
        return  # its sentence has said it
    elif isinstance(error, ProxyError):
        print(BEHIND_A_PROXY)
    elif error is not None and servers is Servers.STOPPED:
        print(STOPPED)
