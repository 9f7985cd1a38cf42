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


def test_lines_are_numbered_from_one_and_the_oldest_comes_first() -> None:
    assert a_log_with("a", "b", "c").last(2) == [(2, "b"), (3, "c")]


def test_a_message_of_many_lines_is_many_lines() -> None:
    assert a_log_with("a\nb", "c").last(10) == [(1, "a"), (2, "b"), (3, "c")]


def test_numbers_go_on_when_lines_are_forgotten() -> None:
    tail = a_log_with(*("line" for _ in range(LOG_LINES + 5)))
    kept = tail.last(2 * LOG_LINES)
    assert len(kept) == LOG_LINES
    assert (kept[0][0], kept[-1][0]) == (6, LOG_LINES + 5)


def test_no_lines_are_none() -> None:
    assert a_log_with("a").last(0) == []
    assert a_log_with().last(5) == []
