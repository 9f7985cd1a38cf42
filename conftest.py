"""Rules for every test, for doctests and for the cells of notebooks."""

import os
import signal
from collections import defaultdict
from collections.abc import Iterator

import pytest
from jupyter_client.connect import LocalPortCache
from vocabulary import free_port

CASES_IN_MAKE_TEST = 4
collect_ignore_glob = ["notebooks/*.py", "notebooks/solutions/*.py"]  # lesson 08 writes them
# A naive program makes a DSA group when imported. The old name of the lab is an error.
collect_ignore = ["tests/bench/baseline.py", "securedata/lab.py"]


def pytest_configure() -> None:
    """Kernels keep no results and have the same secrets, and nobody else is given their ports.

    Ctrl-C is heard: what a script starts with & ignores it, and so does all that it starts.

    Jupyter lets go of the ports that it has chosen, and a server of another test may be given one
    before the kernel takes it (https://github.com/jupyter/jupyter_client/issues/487).
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ["SECUREDATA_RESULTS"] = "off"
    os.environ["SECUREDATA_SECRETS"] = "same"  # what is stolen stands in outputs that are compared
    LocalPortCache.find_available_port = lambda self, ip: free_port()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of a test with many cases, `make test` plays four, spread over the list.

    `make test-all` and CI play all of them. A table of what must be refused is marked `whole` where
    that costs little: one case that is not played could be the one that gets through.
    """
    families = defaultdict(list)
    for item in items:
        is_whole = item.get_closest_marker("whole")
        if isinstance(item, pytest.Function) and hasattr(item, "callspec") and not is_whole:
            lesson = item.callspec.params.get("lesson")  # of one table for all lessons
            families[item.parent, item.originalname, lesson].append(item)
    for cases in families.values():
        last = len(cases) - 1
        played = {last * part // (CASES_IN_MAKE_TEST - 1) for part in range(CASES_IN_MAKE_TEST)}
        for number, case in enumerate(cases):
            if number not in played:
                case.add_marker("thorough")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say why tests were skipped: a newcomer would wonder."""
    if terminalreporter.getreports("skipped"):
        terminalreporter.write_line(
            "Skipped: what needs a tool that is not here. pytest -rs says which."
        )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """A laptop may lack a browser; CI may lack nothing, so a skip there is a failure."""
    report = yield
    if report.skipped and os.environ.get("CI"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which nothing may in CI: {report.longrepr}"
    return report
