"""Plays stories at a student's store: 16 plain ones, then 15 that are drawn when it is finished."""

import random
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import product

from securedata_lab.basics.chance import chance
from securedata_lab.lesson08_break_it_fix_it.auditing import vault_process
from securedata_lab.lesson08_break_it_fix_it.sharing.store import open_kept
from securedata_lab.lesson08_break_it_fix_it.sharing.world import CHOICES, STEPS, Found, World
from securedata_lab.servers.keeper import Keeper

Story = Sequence[tuple[str, int]]  # steps, and what Eve chooses there
Ending = tuple[list[str], str]  # the words of a story that ends badly, and its last step
Few = dict[tuple[object, ...], int]  # after these steps, Eve has so few choices at the last one
DRAWN, LENGTH = 15, 6
STORY_SECONDS = 10  # on a machine that does much else

# What each design should have thought of. Eve's choices are all played.
PLAIN = [
    ("share", "restart", "share", "take back", "share"),
    ("share", "share with short", "take back"),
    ("share", "share another", "take back"),
    ("eve shares it", "share", "bob shares it"),
    ("share", "share with short", "eve takes it back", "bob takes it back"),
    ("share", "write eve"),
    ("share", "write the other's id"),
    ("eve shares hers", "write ada's id"),
    ("owner eve", "eve shares it", "owner ada"),
    ("share", "forge"),
    ("share", "share with short", "take back", "copy", "put back"),
    ("share", "take back", "delete", "put back"),
    ("share", "take back", "put back", "share another", "share with short"),
    ("share", "delete", "take back", "put back"),
    ("share", "take back", "share with short", "put back"),
    ("share", "take back", "delete", "share with short", "put back"),
]
RESTART = ("restart", 0)
YESTERDAY = [("share", 0), ("take back", 0), ("put all back", 0)]


def played(source: str) -> tuple[Ending | None, bool]:
    """The first story that ends badly, without the steps that it does not need; or None.

    If all ended well: whether yesterday's whole table, put back, gives bob what ada took back.

    Raises:
        RefusedError, UnavailableError: the store does not run, or did not come to an end.
    """
    draw, keeper = chance("08 sharing"), Keeper(vault_process.AROUND)
    few: Few = {}

    def ending(seed: int, story: Story) -> Ending | None:
        alarm = threading.Timer(STORY_SECONDS, keeper.kill)
        alarm.start()
        try:
            world = World(kept.ask, random.Random(seed))  # noqa: S311  # a story is played again
            return _ending(world, story, few)
        finally:
            alarm.cancel()

    try:
        kept = keeper.open(open_kept.__module__, {"source": source})
        for story in all_stories(draw):
            if _is_another(story, few) and ending(seed := draw.getrandbits(64), story):
                return _shortest(partial(ending, seed), story), False
        return None, ending(draw.getrandbits(64), YESTERDAY) is not None
    finally:
        keeper.kill()


def all_stories(draw: random.Random) -> Iterator[Story]:
    """Plain ones with each choice of Eve's, then drawn ones. The store restarts at the end of each.

    Of all notes that she has seen, Eve has kept one: so a story puts back one at most.
    """
    for steps in PLAIN:
        for choices in product(*(range(CHOICES.get(it, 1)) for it in steps)):
            yield [*zip(steps, choices, strict=True), RESTART]
    for _ in range(DRAWN):
        names = draw.choices([it for it in STEPS if it != "put all back"], k=LENGTH)
        first = names.index("put back") if "put back" in names else LENGTH
        kept = [it for n, it in enumerate(names) if n <= first or it != "put back"]
        yield [*((it, draw.randrange(CHOICES.get(it, 1))) for it in kept), RESTART]


def _is_another(story: Story, few: Few) -> bool:
    """Whether no story before had the same effect: Eve has few choices, and then does nothing.

    >>> few = {(("share", 0), "put back"): 2}
    >>> [_is_another([("share", 0), ("put back", which)], few) for which in (1, 2, 3)]
    [True, True, False]
    """
    return all(
        choice <= few.get((*story[:place], name), choice)
        for place, (name, choice) in enumerate(story)
    )


def _ending(world: World, story: Story, few: Few) -> Ending | None:
    """What happens in this story, up to what is found; None if it ends well."""
    words, last = list[str](), ""
    try:
        world.look()
        for place, (last, choice) in enumerate(story):
            said, deed = STEPS[last]
            words.append(said.format(**world.names))
            words[-1] += deed(world, choice) or ""
            if last in CHOICES:
                few[(*story[:place], last)] = world.choices
            world.look()
    except Found as found:
        return [*words, str(found)], last
    return None


def _shortest(ending: Callable[[Story], Ending | None], story: Story) -> Ending | None:
    """Leave out each step that is not needed."""
    ended, place = ending(story), 0
    story = story[: len(ended[0]) - 1] if ended else story
    while place < len(story):
        shorter = [*story[:place], *story[place + 1 :]]
        if ending(shorter):
            story = shorter
        else:
            place += 1
    return ending(story)
