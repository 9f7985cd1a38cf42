"""Lesson 01: what a bank said to 256 guesses, as a grid that fills."""

from collections.abc import Sequence

from securedata_lab.drawing.explorer import Explorer


def explore_answers(answers: Sequence[str]) -> Explorer:
    """256 answers, one for each value of a byte. Choose one to read it.

    >>> explore_answers(["no"] * 63 + ["yes"] + ["no"] * 192)
    256 guesses. So many answers of each kind:
    255  no
      1  yes (at 3f)
    """
    kinds = sorted(set(answers), key=lambda it: -list(answers).count(it))
    words = ["256 guesses. So many answers of each kind:"]
    for kind in kinds:
        places = [f"{guess:02x}" for guess, answer in enumerate(answers) if answer == kind]
        where = f" (at {', '.join(places)})" if len(places) < 4 else ""
        words.append(f"{len(places):3}  {kind}{where}")
    data = {"kinds": kinds, "answers": [kinds.index(answer) for answer in answers]}
    return Explorer(__package__, "answers", data, "\n".join(words))
