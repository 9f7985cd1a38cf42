"""The last lines of the log: numbered, and no more than a thousand."""

import logging

from securedata.serving.log_tail import LOG_LINES, LogTail


def test_numbers_go_on_when_lines_are_forgotten() -> None:
    tail, logger = LogTail(), logging.Logger("test")
    logger.addHandler(tail)
    for _ in range(LOG_LINES + 5):
        logger.info("line")
    kept = tail.last(2 * LOG_LINES)
    assert (len(kept), kept[0][0], kept[-1][0]) == (LOG_LINES, 6, LOG_LINES + 5)
