"""What an attack is: some kinds of one idea, all of which are played. It knows no vault."""

from collections.abc import Callable
from dataclasses import dataclass

from securedata.lab.auditing.scene import Scene

Won = dict[str, str]  # the kinds that succeeded, and what each of them read or forged


@dataclass(frozen=True)
class Kind:
    """One way to play an attack: what it gains, and why it could."""

    gain: str
    why: str


@dataclass(frozen=True)
class Attack:
    """An attack on one method. Its first kind is the plain one: what the given vault falls to."""

    method: str
    withstood: str  # what is true of a mended vault
    kinds: dict[str, Kind]
    play: Callable[[Scene], Won]
    costs: tuple[str, ...]  # which of costs.py's figures its mending may change
