"""Exercise 8.12: a store in which Ada shares a record with Bob, judged by who reads what."""

from pathlib import Path
from typing import Annotated

from securedata.errors import RefusedError, UnavailableError
from securedata_lab.judging.engine import LINE_LENGTH, NotAttemptedError, exercise
from securedata_lab.lesson08_break_it_fix_it.sharing.stories import played

# What to think of, by the last step of a story that ended badly.
HINTS = {
    "share": "who asks, and for which record?",
    "share with short": "are two shares at once kept apart?",
    "share another": "what does a share keep, or sign again, that it has not checked?",
    "take back": "whom does it concern, and which record?",
    "restart": "a restart leaves rows and notes alone",
    "eve shares it": "who may share, and who says so?",
    "bob shares it": "who may share?",
    "eve takes it back": "who may take back?",
    "bob takes it back": "who may take back?",
    "write eve": "who has written this note, and for whom?",
    "write the other's id": "for which record was this note written?",
    "write ada's id": "for which record was this note written?",
    "owner ada": "the owner column is Eve's, too: what is signed?",
    "forge": "what has your store that Eve has not?",
    "delete": "what does a missing note mean?",
    "copy": "for whom, and for what, was this note written?",
    "put back": "it was genuine once: what says that it is not the newest?",
}
RUNS = "does each loop end, and is all that it needs inside the class?"
ROOM = LINE_LENGTH - len("8.12 solved before; this attempt: not yet: ")


@exercise("8.12", "no story ended badly; what two old notes do, no story asks", points=4)
def shares(file: Annotated[str, 'write "my_store.py"']) -> str | None:
    """A store with share, unshare and may_read: only those read who may."""
    if not Path(file).is_file():
        raise NotAttemptedError
    try:
        ending, _ = played(Path(file).read_text(encoding="utf-8"))
    except (RefusedError, UnavailableError) as error:
        return f"expected a store that runs, got: {str(error).rstrip('.')}; {RUNS}"
    if ending is None:
        return None
    words, last = ending
    story = f"expected the rule to hold, got: {' · '.join(words)}"
    hinted = f"{story}; {HINTS.get(last, 'play it by hand')}"
    return hinted if len(hinted) <= ROOM else story
