"""What to do after an error in a cell: one sentence below the traceback, which stays as it is."""

import sys
from collections.abc import Callable
from typing import Any

STOPPED = "The servers have stopped. If this cell needs one, run the server cell, then this cell."
NO_NAME = (
    "Is it a name from a cell above? After a restart, run the set-up cell and the server cell, "
    "then this section from its first cell on."
)


def advise_after_errors(has_stopped: Callable[[], bool]) -> None:
    """In a notebook: after each cell that ends in an error, print what may help.

    >>> advise_after_errors(lambda: False)  # no notebook: nothing happens
    """
    ipython = sys.modules.get("IPython")
    shell = ipython and ipython.get_ipython()
    if shell:
        shell.events.register("post_run_cell", lambda result: _advise(result, has_stopped))


def _advise(result: Any, has_stopped: Callable[[], bool]) -> None:
    error = result.error_in_exec
    if isinstance(error, NameError):
        print(NO_NAME)
    elif error is not None and has_stopped():
        print(STOPPED)
