"""`securedata tournament FOLDER`: the vaults and attacks of lesson 08 against each other."""

import socket
from pathlib import Path

import click

from securedata.cli.options import PATH, Command
from securedata.errors import SandboxError


@click.command(cls=Command)
@click.argument("folder", type=PATH)
@click.option("--seeds", default=3, show_default=True, type=click.IntRange(1, 99), metavar="N",
              help="How many times each pair plays. The median counts.")  # fmt: skip
@click.option("--out", default="tournament", show_default=True, type=PATH,
              help="The folder for the tables and the logs.")  # fmt: skip
@click.option("--open", "is_open", is_flag=True,
              help="Attacks may read the vault's source: for later rounds.")  # fmt: skip
@click.option("--trust", is_flag=True,
              help="Play without a sandbox: only with files that you have read.")  # fmt: skip
def tournament(folder: Path, seeds: int, out: Path, is_open: bool, trust: bool) -> None:
    """Let the vaults and attacks of lesson 08 play against each other.

    FOLDER has one folder for each team, with my_vault.py and my_attack.py. A flawed vault, a mended
    one and an attack of the kit play along. Each match runs in sandboxes, which needs bubblewrap
    and Linux.
    """
    # Here, because all other commands would have to wait for the code of the lessons.
    from securedata.classroom.sandbox import Sandbox
    from securedata.classroom.tournament.playing import pairs, play_all
    from securedata.classroom.tournament.scoring import points
    from securedata.classroom.tournament.teams import kit_players, teams_in

    if not hasattr(socket, "AF_UNIX"):
        raise SandboxError("a tournament needs Linux, or macOS with --trust")
    sandbox, teams = Sandbox(trust=trust), [*kit_players(), *teams_in(folder)]
    number = seeds * len(pairs(teams))
    with click.progressbar(length=number, label=f"{number} matches", show_pos=True) as bar:
        for so_far in play_all(sandbox, teams, seeds, out, is_open=is_open):
            bar.update(1)
            ranking = points(so_far)
    width = max(len(it.player) for it in ranking)
    for it in ranking:
        click.echo(f"{it.player:{width}}  {it.total:6.2f}")
    click.echo(f"The table is {out / 'table.html'}.", err=True)
