"""Where secrets come from: drawn anew by each kernel, so nobody can tell them.

SECUREDATA_SECRETS=same makes them the same in every run, so that outputs of notebooks can be
compared. It fixes what is to be stolen, and the keys of weak twins. It never fixes a key or a nonce
of the real service. nbval's plugin, tests and `make refresh` set it before a kernel starts.
"""

import os
import random
import re
from pathlib import Path

SECRETS = "SECUREDATA_SECRETS"
# Six letters each, so that all code words are equally long.
WORDS = re.findall(
    r"\w+",
    """
    anchor basket bottle branch bridge button candle carpet castle cellar cherry coffee copper
    cotton desert dragon engine falcon flower forest garden guitar hammer harbor insect island
    jacket jungle kettle kitten ladder lemons magnet marble meadow mirror monkey needle orange
    oyster parrot pencil pepper pillow pocket potato puzzle rabbit ribbon rocket saddle shadow
    silver spider summer tailor temple thread ticket timber tunnel turtle valley violin walnut
    window winter wizard
    """,
)


NAMES = ["Ada", "Ben", "Gil", "Ida", "Kim", "Lea", "Max", "Noa", "Oto", "Pia", "Sol", "Tom"]
DEEDS = ["hid", "lost", "sold", "found", "buried", "painted"]


def at_start(name: str, process: str = "self") -> str:
    """The value that a variable had when a process started; "" if it had none.

    Linux keeps it, so `os.environ[…] = …` in a cell comes too late. Elsewhere it is today's value.

    >>> os.environ["SET_IN_A_CELL"] = "same"
    >>> at_start("SET_IN_A_CELL") == ("" if os.path.exists("/proc/self/environ") else "same")
    True
    >>> del os.environ["SET_IN_A_CELL"]
    """
    try:
        variables = Path(f"/proc/{process}/environ").read_bytes().split(b"\0")
    except OSError:  # another system
        return os.environ.get(name, "")
    pairs = (os.fsdecode(it).partition("=") for it in variables)
    return next((value for its_name, _, value in pairs if its_name == name), "")


CODE_WORD = re.compile(r"[a-z]{6}-[a-z]{6}-\d\d")  # whatever `code_word` draws
# True in the process of a hand-in: the word that stands there was read in the student's kernel.
any_word = False

# When the kit is imported: where the system keeps no start, a later cell still changes nothing.
fixed = at_start(SECRETS)


def chance(what: str) -> random.Random:
    """Randomness of the system; where secrets are fixed, the same numbers for the same `what`.

    A student's class must get a `what` of its own: else it would have the kit's secrets.

    >>> from unittest.mock import patch
    >>> with patch(f"{__name__}.fixed", "same"):
    ...     chance("a bank").random() == chance("a bank").random() != chance("a shop").random()
    True
    >>> with patch(f"{__name__}.fixed", ""):
    ...     chance("a bank").random() == chance("a bank").random()
    False
    """
    # Weak on purpose where secrets are fixed.
    return random.Random(f"{fixed}/{what}") if fixed else random.SystemRandom()  # noqa: S311


def code_word(draw: random.Random) -> str:
    """Sixteen letters, one of 410,040: what a student reads.

    >>> len(code_word(chance("a bank")))
    16
    """
    first, second = draw.sample(WORDS, 2)
    return f"{first}-{second}-{draw.randrange(10, 100)}"


def is_said(said: object, word: str) -> bool:
    """Whether somebody says this code word. Where a hand-in's cells run, any of this form will do.

    >>> is_said("walnut-marble-61", "turtle-window-10")
    False
    >>> from unittest.mock import patch
    >>> with patch(f"{__name__}.any_word", True):
    ...     is_said("walnut-marble-61", "turtle-window-10"), is_said("walnut", "turtle-window-10")
    (True, False)
    """
    return said == word or (any_word and bool(CODE_WORD.fullmatch(str(said))))


def sentence(draw: random.Random) -> str:
    """A sentence of about 40 letters, one of 392 million.

    >>> sentence(random.Random(1))
    'Noa found the falcon at the castle, 08:07.'
    """
    what, where = draw.sample(WORDS, 2)
    clock = f"{draw.randrange(24):02}:{draw.randrange(60):02}"
    return f"{draw.choice(NAMES)} {draw.choice(DEEDS)} the {what} at the {where}, {clock}."
