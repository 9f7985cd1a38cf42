"""The last lines of the log: numbered, and no more than a thousand."""

import logging

from securedata.serving.log_tail import LOG_LINES, LogTail


def a_log_with(*messages: str) -> LogTail:
    tail = LogTail()
    logger = logging.Logger("test")
    logger.addHandler(tail)
    for message in messages:
        logger.info(message)
    return tail


def test_each_line_of_a_message_is_numbered_and_the_oldest_comes_first() -> None:
    tail = a_log_with("a\nb", "c")
    assert tail.last(10) == [(1, "a"), (2, "b"), (3, "c")]
    assert tail.last(2) == [(2, "b"), (3, "c")]
    assert tail.last(0) == []


def test_numbers_go_on_when_lines_are_forgotten() -> None:
    kept = a_log_with(*("line" for _ in range(LOG_LINES + 5))).last(2 * LOG_LINES)
    assert (len(kept), kept[0][0], kept[-1][0]) == (LOG_LINES, 6, LOG_LINES + 5)
