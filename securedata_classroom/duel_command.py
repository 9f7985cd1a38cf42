"""`securedata duel`: the attacks of a class on each other's patches, in sandboxes."""

import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click

from securedata.cli.options import PATH, Command
from securedata.cli.output import MOST_NAME, say
from securedata.errors import FormatError
from securedata_classroom import duels
from securedata_classroom.duels import UNPLAYED, Attack, Patch, attacks_in, patches_in
from securedata_classroom.sandbox import Sandbox, processors
from securedata_classroom.submissions import submissions_in
from securedata_lab.lesson08_break_it_fix_it.auditing.duel import NO_ATTACK, UNUSABLE, WON, Outcome


@click.command(cls=Command)
@click.argument("folder", type=PATH)
@click.option("--trust", is_flag=True, help="Run without bubblewrap: attacks can read your files.")
def duel(folder: Path, trust: bool) -> None:
    """Play a class's attacks of lesson 08 against all its patches, and print a table.

    FOLDER is a folder or a zip, as for `securedata grade`. Taken are `my_attack`, and each
    student's `nonce` and `signed_bytes`.
    """
    warnings.simplefilter("ignore", SyntaxWarning)  # they quote the cells that are parsed here
    found = submissions_in(folder, ["08_break_it_fix_it"])
    attacks = [it for one in found for it in attacks_in(one)]
    patches = [it for one in found for it in patches_in(one)]
    if not attacks or not patches:
        raise FormatError(
            f"{folder}: {len(attacks)} attacks and {len(patches)} patches are in it: name the "
            "folder or zip of what a class handed in for lesson 08"
        )
    pairs = [(it, patch) for it in attacks for patch in patches if it.method == patch.method]
    outcomes = _played(pairs, Sandbox(trust))
    for attack in attacks:
        mine = {it: outcome for (one, it), outcome in outcomes.items() if one is attack}
        result = [it.result for it in mine.values() if it.result != UNPLAYED]
        words = f"broke {result.count(WON)} of {len(result)} patches"
        say(f"{attack.method} {attack!s:.{2 * MOST_NAME}}: {words}")
        for patch, outcome in mine.items():
            say(f"    {patch.owner:20.{MOST_NAME}} {outcome}")
    for patch in patches:
        ended = [outcome.result for (_, it), outcome in outcomes.items() if it is patch]
        result = [it for it in ended if it not in (NO_ATTACK, UNPLAYED)]  # they say nothing of it
        words = UNUSABLE if UNUSABLE in result else f"broken {result.count(WON)} of {len(result)}"
        say(f"{patch.method} of {patch.owner:.{MOST_NAME}}: {words}")


def _played(
    pairs: list[tuple[Attack, Patch]], sandbox: Sandbox
) -> dict[tuple[Attack, Patch], Outcome]:
    """Equal patches are played once for each attack."""
    different = {(attack.source, patch.key): (attack, patch) for attack, patch in pairs}
    pool = ThreadPoolExecutor(processors())
    try:
        tasks = {key: pool.submit(duels.duel, *pair, sandbox) for key, pair in different.items()}
        with click.progressbar(tasks.values(), label="Duels", file=sys.stderr) as bar:
            for task in bar:
                task.result()
    finally:
        pool.shutdown(cancel_futures=True)  # after Ctrl-C no duel begins
    return {it: tasks[it[0].source, it[1].key].result() for it in pairs}
