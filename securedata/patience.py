"""How long work may wait for others: as long as is usual, or, for who has no time, a moment.

An event loop answers nobody while it waits. So it tries work with a moment's patience; what would
have to wait longer raises WouldWait, and is done again from its beginning, in a thread.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_limit: ContextVar[float | None] = ContextVar("limit", default=None)


class WouldWait(BaseException):
    """The work would have to wait for longer than there is patience, and has changed nothing yet.

    Not an Exception, as asyncio.CancelledError is none: nobody on its way takes it for a failure.

    >>> issubclass(WouldWait, Exception)
    False
    """


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Have what is done inside wait for so many seconds at most.

    >>> with limited(0.02):
    ...     up_to(30)
    0.02
    >>> up_to(30)
    30
    """
    token = _limit.set(seconds)
    try:
        yield
    finally:
        _limit.reset(token)


def up_to(usual: float) -> float:
    """How many seconds to wait where usually it would be so many."""
    limit = _limit.get()
    return usual if limit is None else min(usual, limit)


def is_limited() -> bool:
    """Whether what takes longer has to raise WouldWait.

    >>> is_limited()
    False
    """
    return _limit.get() is not None
