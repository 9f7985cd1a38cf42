"""Why a student's code gave no answer: a mark and a sentence for each cause. It runs nothing."""

import re
import sys
from importlib.machinery import PathFinder

from securedata_classroom.line import Json

SLEPT, LOOPED, EXITED = "slept", "looped", "ended the process"
FORKED, MEMORY, OTHER = "too many processes", "out of memory", "ended"
MARKS = (SLEPT, LOOPED, EXITED, FORKED, MEMORY, OTHER)
OF_LIMITS = {"processes": FORKED, "memory": MEMORY, "processor time": LOOPED}
SENTENCES = {
    SLEPT: "it only waited: is there a sleep, or an input()?",
    LOOPED: "it used up its time: is there an endless loop, or a power without modulus?",
    EXITED: "it ended the notebook's process: is there an exit()?",
    MEMORY: "it wanted too much memory",
    OTHER: "it sent something that is no answer",
}
CELL_ENDED = "the cell was ended after"
EXIT = "'ask_exit'"  # what IPython's exit() asks of a shell
MISSING = " is missing here"
# What a lecturer does about a hand-in without a verdict.
NEXT = "Next: "
AGAIN = f"{NEXT}grade this hand-in again, or read it and type points"
ASK = f"{NEXT}ask for the notebook, or type a 0"


def of_the_end(limit: str, said: str, busy: float) -> tuple[str, str]:
    """The mark and the sentence of a process that answers no more.

    `limit` is what the sandbox ended it for, and `said` what was noticed on the line to it.

    >>> of_the_end("it started more than 48 processes", "it has ended", busy=1)
    ('too many processes', 'expected an answer, got none; it started more than 48 processes')
    >>> of_the_end("", "it did not answer in time", busy=0)[0]
    'slept'
    """
    mark = next((it for word, it in OF_LIMITS.items() if word in limit), OTHER)
    if "longer" in limit or "in time" in said:
        mark = SLEPT if busy < 1 / 2 else LOOPED
    elif not limit and "has ended" in said:
        mark = EXITED
    why = limit if mark in (FORKED, MEMORY, OTHER) and limit else SENTENCES[mark]
    return mark, f"expected an answer, got none; {why}"


class Causes:
    """Why cells and calls of a notebook raise: a limit, an exit, or a package that is not here.

    >>> causes = Causes()
    >>> causes.of({"name": "MemoryError"}), causes.of({"name": "ValueError"})
    ('out of memory', '')
    >>> error = {"name": "ModuleNotFoundError", "text": "No module named 'no_such.part'"}
    >>> causes.of(error, "import no_such as short")
    'no_such is missing here'
    >>> causes.of({"name": "NameError", "text": "name 'short' is not defined"})
    'no_such is missing here'
    """

    def __init__(self) -> None:
        self._failed: dict[str, str] = {}  # by package: the code of cells that failed for it

    def of(self, error: Json, source: str = "") -> str:
        """The mark of an exception, or the package that it lacks; "" for all others."""
        text, package = str(error.get("text")), ""
        name = "SystemExit" if EXIT in text else str(error.get("name"))
        if found := re.match(r"No module named '(\w{1,60})", text):
            is_here = found[1] in sys.modules or PathFinder.find_spec(found[1])
            package = "" if is_here else found[1]
        elif found := re.match(r"name '(\w{1,60})'", text):  # a cell that failed was to define it
            pattern = rf"\b{found[1]}\b"
            package = next(
                (it for it, code in self._failed.items() if re.search(pattern, code)), ""
            )
        if package:
            self._failed[package] = f"{self._failed.get(package, '')}\n{source}"
            return f"{package}{MISSING}"
        looped = LOOPED if text.startswith(CELL_ENDED) else ""
        return {"MemoryError": MEMORY, "SystemExit": EXITED}.get(name, looped)
