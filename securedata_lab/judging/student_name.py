"""Who works in this notebook: the name that a class list has. No key or secret depends on it."""

import unicodedata

from securedata.errors import FormatError


def normal(name: str) -> str:
    """Names are equal if they are so in lower case, in NFC and without outer spaces.

    >>> normal(" Ada@Example.org ")
    'ada@example.org'
    """
    return unicodedata.normalize("NFC", name.strip().lower())


def me(name: str = "") -> None:
    """Say who works in this notebook. Grading reads the name in this call.

    Raises:
        FormatError: the name is not a text.

    >>> me("Ada@Example.org")
    Your name: ada@example.org
    >>> me()
    """
    if not isinstance(name, str):
        raise FormatError(f'write it in quotes: lab.me("{name}")')
    if name := normal(name):
        print(f"Your name: {name}")
