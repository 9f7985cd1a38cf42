"""What was solved, kept beside the notebook: one file a lesson, so that it survives the kernel.

Nothing is graded by these files: anybody can write them. They hold the numbers of exercises and
their states, and no answer. SECUREDATA_RESULTS=off keeps everything in memory.
"""

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

SOLVED = "correct"
SOLVED_BEFORE = "solved before"  # said of a stub that is run again; it is kept as correct
NOT_ATTEMPTED = "not attempted yet"
STATES = (SOLVED, "not yet", NOT_ATTEMPTED)


class Results:
    """The state of every exercise that was checked. What was solved once stays solved.

    >>> results = Results(None)
    >>> results.note("0.1", "correct")
    >>> results.note("0.1", "not yet")
    >>> results.state("0.1"), results.state("0.2")
    ('correct', None)
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder  # None keeps them in memory
        self._states: dict[str, str] = {}
        self._loaded = set[str]()  # solved, says the file, and not again since

    def state(self, number: str) -> str | None:
        """`correct` if the exercise was ever solved, else its last state, or None."""
        self._read(number)
        return self._states.get(number)

    def note(self, number: str, state: str) -> None:
        """Keep the state of an exercise.

        Raises:
            OSError: the folder cannot be written to. From now on results stay in memory.
        """
        known = self.state(number)
        if state == SOLVED:
            self._loaded.discard(number)
        if known != SOLVED:
            self._states[number] = state
            self._write(number)

    def loaded(self, numbers: Iterable[str]) -> str | None:
        """The file that a solved mark of these exercises comes from alone, by its name; or None.

        The file may hold numbers of another edition, too: they stay in it, for its kit.
        """
        files = (self._file(it) for it in numbers if it in self._loaded)
        return next((it.name for it in files if it), None)

    def _file(self, number: str) -> Path | None:
        lesson = number.partition(".")[0].zfill(2)
        return None if self._folder is None else self._folder / f".results-{lesson}.json"

    def _read(self, number: str) -> None:
        """Take over what another kernel has noted. A damaged file is ignored."""
        file = self._file(number)
        if file is None:
            return
        with suppress(OSError, ValueError, AttributeError):
            for key, state in json.loads(file.read_bytes()).items():
                if state == SOLVED != self._states.get(key):
                    self._loaded.add(key)
                if state == SOLVED or (state in STATES and key not in self._states):
                    self._states[key] = state

    def _write(self, number: str) -> None:
        file = self._file(number)
        if file is None:
            return
        lesson = number.partition(".")[0] + "."
        states = {key: it for key, it in self._states.items() if key.startswith(lesson)}
        new = file.with_suffix(f".{os.getpid()}")
        try:
            new.write_text(json.dumps(states, indent=1) + "\n", encoding="utf-8")
            new.replace(file)
        except OSError:
            self._folder = None
            raise


def results_folder() -> Path | None:
    """The notebook's folder, in which a kernel starts; or None if nothing is to be kept."""
    return None if os.environ.get("SECUREDATA_RESULTS") == "off" else Path()
