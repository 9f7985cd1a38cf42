"""Points: what a table of matches is worth. It knows no process and no file.

1. A flag is taken if the median of the repetitions says so. So is honest use.
2. A flag is worth 1/n to each of the n attacks that took it from one vault.
3. A vault gets, for each flag, a fifth of the share of attacks that failed. Only attacks count that
   took this flag from the flawed vault: they have shown that they can.
4. Where honest use failed, the attack gets nothing, and the vault has not defended.
5. Nobody plays against themselves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median_low

from securedata.classroom.tournament.flags import FLAGS
from securedata.classroom.tournament.match import Result
from securedata.classroom.tournament.teams import FLAWED

Matches = dict[tuple[str, str], Sequence[Result]]  # by vault and attack: all repetitions


@dataclass(frozen=True)
class Points:
    """What a player has; None where it has no vault, or no attack.

    >>> Points("ada", defence=0.5, attack=1.25).total
    1.75
    """

    player: str
    defence: float | None
    attack: float | None

    @property
    def total(self) -> float:
        """Both together."""
        return (self.defence or 0) + (self.attack or 0)


def is_fair(results: Sequence[Result]) -> bool:
    """Whether honest use was served in most repetitions.

    >>> is_fair([Result(frozenset(), "", ()), Result(frozenset(), "the vault ended", ())])
    False
    """
    return bool(median_low([result.is_fair for result in results]))


def taken(results: Sequence[Result]) -> set[str]:
    """The flags that were taken in most repetitions, if honest use was served.

    >>> taken([Result(frozenset({"text"}), "", ())] * 2 + [Result(frozenset(), "", ())])
    {'text'}
    """
    if not is_fair(results):
        return set()
    return {flag for flag in FLAGS if median_low([flag in result.taken for result in results])}


def points(matches: Matches) -> list[Points]:
    """Everybody's points, the best first.

    >>> nothing, all_flags = Result(frozenset(), "", ()), Result(frozenset(FLAGS), "", ())
    >>> table = {(FLAWED, "eve"): [all_flags], ("ada", "eve"): [nothing]}
    >>> [(it.player, it.defence, it.attack) for it in points(table)]
    [('eve', None, 5.0), ('ada', 1.0, None), ('flawed vault', 0.0, None)]
    """
    vaults, attacks = ({key[place] for key in matches} for place in (0, 1))
    found = [
        Points(
            player,
            _defence(matches, player) if player in vaults else None,
            _attack(matches, player) if player in attacks else None,
        )
        for player in vaults | attacks
    ]
    return sorted(found, key=lambda it: (-it.total, it.player))


def _defence(matches: Matches, vault: str) -> float:
    return sum(_share_that_failed(matches, vault, flag) for flag in FLAGS) / len(FLAGS)


def _share_that_failed(matches: Matches, vault: str, flag: str) -> float:
    able = [
        attack
        for defender, attack in matches
        if defender == vault and flag in taken(matches.get((FLAWED, attack), [_NOT_PLAYED]))
    ]
    failed = [
        attack
        for attack in able
        if is_fair(matches[vault, attack]) and flag not in taken(matches[vault, attack])
    ]
    return len(failed) / len(able) if able else 0.0


def _attack(matches: Matches, attack: str) -> float:
    total = 0.0
    for (vault, attacker), results in matches.items():
        if attacker == attack:
            total += sum(1 / _takers(matches, vault, flag) for flag in taken(results))
    return total


def _takers(matches: Matches, vault: str, flag: str) -> int:
    return sum(flag in taken(results) for (one, _), results in matches.items() if one == vault)


_NOT_PLAYED = Result(frozenset(), "not played", ())
