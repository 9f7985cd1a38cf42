"""Exercise 7.5: what a thief's key file opens, before and after a rotation."""

from typing import Literal

from securedata_lab.judging.engine import exercise

OPEN = {"A", "C", "E"}
WHY = {
    "B": "B: under which key are today's rows wrapped, and is it in last year's file?",
    "D": "D: retired means that the key is gone from the file",
    "E": "E: a rotation wraps the data key anew; is it another data key?",
    "F": "F: a signer's key signs; what opens a record?",
}


@exercise("7.5", "old keys open old copies, until nobody has them any more", points=2)
def says_what_opens(chosen: set[Literal["A", "B", "C", "D", "E", "F"]]) -> str | None:
    """Which of the six thefts open Ada's old text."""
    if chosen == OPEN:
        return None
    got = ", ".join(sorted(chosen)) or "no letter"
    why = "each of yours opens; another one does too" if chosen else "at least one opens"
    if wrong := sorted(chosen - OPEN):
        why = WHY[wrong[0]]
    elif chosen == OPEN - {"E"}:
        why = WHY["E"]
    return f"expected the ones that open, got {got}; {why}"
