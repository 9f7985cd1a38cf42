"""The log's last lines, kept in memory and numbered. It knows no server and no routes."""

import itertools
import logging
from collections import deque

LOG_LINES = 1000


class LogTail(logging.Handler):
    """Keeps the last lines of what is logged, each with its number since the start.

    >>> tail = LogTail()
    >>> logger = logging.Logger("example")
    >>> logger.addHandler(tail)
    >>> logger.info("first")
    >>> logger.info("second")
    >>> tail.last(1)
    [(2, 'second')]
    """

    def __init__(self) -> None:
        super().__init__()
        self._numbers = itertools.count(1)
        self._lines: deque[tuple[int, str]] = deque(maxlen=LOG_LINES)

    def emit(self, record: logging.LogRecord) -> None:
        """Take a record in, line by line: a traceback has many."""
        for line in self.format(record).splitlines():
            self._lines.append((next(self._numbers), line))

    def last(self, lines: int) -> list[tuple[int, str]]:
        """The last lines, oldest first."""
        kept = list(self._lines)
        return kept[max(len(kept) - lines, 0) :]
