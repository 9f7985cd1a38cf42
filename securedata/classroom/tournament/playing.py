"""The whole tournament: each attack against each vault of another team, some times over."""

import re
from collections.abc import Iterator
from pathlib import Path

from securedata.classroom.sandbox import Sandbox
from securedata.classroom.tournament.match import Result, play
from securedata.classroom.tournament.scoring import Matches
from securedata.classroom.tournament.tables import write_tables
from securedata.classroom.tournament.teams import Team

Pair = tuple[Team, Team]


def pairs(teams: list[Team]) -> list[Pair]:
    """Who meets whom: a vault, and an attack of somebody else.

    >>> ada, eve = Team("ada", vault="…"), Team("eve", vault="…", attack="…")
    >>> [(vault.name, attack.name) for vault, attack in pairs([ada, eve])]
    [('ada', 'eve')]
    """
    vaults = [team for team in teams if team.vault is not None]
    attacks = [team for team in teams if team.attack is not None]
    return [(vault, attack) for vault in vaults for attack in attacks if vault is not attack]


def play_all(
    sandbox: Sandbox, teams: list[Team], times: int, folder: Path, *, is_open: bool
) -> Iterator[Matches]:
    """Play all matches, and yield the results so far after each.

    The folder gets the tables, anew after each round of all pairs, and a log of each match.

    >>> list(play_all(Sandbox(trust=True), [], 1, Path("."), is_open=False))
    []
    """
    (folder / "logs").mkdir(parents=True, exist_ok=True)
    results = dict[tuple[str, str], list[Result]]()
    for number in range(1, times + 1):
        for vault, attack in pairs(teams):
            result = play(sandbox, vault.vault or "", attack.attack or "", is_open=is_open)
            results.setdefault((vault.name, attack.name), []).append(result)
            _write_log(folder / "logs", vault.name, attack.name, number, result)
            yield dict(results)
        if results:
            write_tables(dict(results), folder)


def _write_log(folder: Path, vault: str, attack: str, number: int, result: Result) -> None:
    name = " -- ".join(_file_name(it) for it in (vault, attack))
    text = "\n".join([f"{attack} attacks {vault}, repetition {number}", "", *result.log, ""])
    (folder / f"{name} -- {number}.txt").write_text(text, encoding="utf-8", errors="replace")


def _file_name(team: str) -> str:
    """Half a file's name: disks take 255 bytes, with both teams and the number."""
    return re.sub(r"[^\w.' -]", "_", team).encode()[:100].decode(errors="ignore")
