"""Lesson 08: an audit as doors. A fixed method is a door that shuts."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from securedata_lab.drawing.explorer import Explorer


@dataclass(frozen=True)
class Door:
    """A method of the vault, and how the audit found it.

    `was` is the verdict of the audit before: a door that was open shuts before one's eyes. Without
    `why` it tells no attack.
    """

    method: str
    verdict: str
    was: str
    found: str = ""  # what was read or forged; "" if nothing was
    kind: str = ""  # of the attack that won
    why: str = ""
    kinds: tuple[str, ...] = ()  # all that were played; none of a broken one: a prediction follows
    lines: str = ""  # its source


def explore_doors(doors: Iterable[Door], foot: str, words: str) -> Explorer:
    """Look behind each door. `foot` is what stands below, and `words` are the audit's table.

    >>> explore_doors([], "0 points", "no doors")
    no doors
    """
    return Explorer(
        __package__, "doors", {"doors": [asdict(it) for it in doors], "foot": foot}, words
    )
