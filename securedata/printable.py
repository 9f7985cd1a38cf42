"""Text of others, in letters that do nothing to a terminal. Nothing is printed here."""

import unicodedata


def printable(text: str) -> str:
    r"""The text on one line: each character that cannot be seen is an escape, as Python writes it.

    Such are a newline, what moves a cursor or turns the direction of writing, and the bytes of a
    file name that is not UTF-8. Spaces of all alphabets stay: names and sentences have them.

    >>> print(printable("eve\x1b[2J\nkim \u202e"))
    eve\x1b[2J\nkim \u202e
    """
    return "".join(it if _can_be_seen(it) else ascii(it)[1:-1] for it in text)


def _can_be_seen(letter: str) -> bool:
    return letter.isprintable() or unicodedata.category(letter) == "Zs"
