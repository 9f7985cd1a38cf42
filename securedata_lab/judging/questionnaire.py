"""The answers that a student gives to the inventory, kept in a file to hand in.

The file is not hidden, as those of the exercises are: a student has to find it. It holds letters.
There is no key here, and no question.
"""

import json
from contextlib import suppress
from pathlib import Path

from securedata_lab.judging.saved_results import results_folder

LETTERS = "abcd"


class Questionnaire:
    """Answers by number, kept in `answers-before.json` or `answers-after.json` beside the notebook.

    >>> mine = Questionnaire("before", 15)
    >>> mine.answer(1, "b")
    1: b
    >>> mine.answer(2, "")
    2: not answered yet
    >>> mine.summary()
    1 of 15 answered.
    """

    def __init__(self, when: str, questions: int) -> None:
        self._questions = questions
        folder = results_folder()
        self._file = folder / f"answers-{when}.json" if folder else None
        self._answers = _kept(self._file) if self._file else {}

    def answer(self, number: int, letter: str) -> None:
        """Keep one answer: a letter, or nothing. Say what was kept, or what is wrong with it."""
        wanted = str(letter).strip().lower()
        if not wanted:
            self._answers.pop(str(number), None)
            print(f"{number}: not answered yet")
        elif len(wanted) == 1 and wanted in LETTERS:
            self._answers[str(number)] = wanted
            print(f"{number}: {wanted}")
        else:
            print(f"{number}: write one letter between the quotes: a, b, c or d")
        self._write()

    def summary(self) -> None:
        """Say how many questions are answered, and which file to hand in."""
        hand_in = f" Hand in the file {self._file.name}." if self._file else ""
        print(f"{len(self._answers)} of {self._questions} answered.{hand_in}")

    def _write(self) -> None:
        if self._file is None:
            return
        try:
            self._file.write_text(json.dumps(self._answers, indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            print(f"{self._file.name} cannot be written: {error.strerror}. Tell your lecturer.")


def _kept(file: Path) -> dict[str, str]:
    """What another kernel has kept. A file that is damaged or missing begins anew."""
    with suppress(OSError, ValueError, AttributeError):
        answers = json.loads(file.read_bytes()).items()
        return {number: letter for number, letter in answers if letter in [*LETTERS]}
    return {}
