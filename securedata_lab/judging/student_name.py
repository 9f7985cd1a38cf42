"""Who works in this notebook: the name that a class list has. No key or secret depends on it."""

import os
import unicodedata

from securedata.errors import FormatError

NAME = "SECUREDATA_ME"  # an environment variable: a hub sets it


def normal(name: str) -> str:
    """Names are equal if they are so in lower case, in NFC and without outer spaces.

    >>> normal(" Ada@Example.org ")
    'ada@example.org'
    """
    return unicodedata.normalize("NFC", name.strip().lower())


def me(name: str = "") -> None:
    """Say who works in this notebook. An empty name is taken from the environment.

    Raises:
        FormatError: the name is not a text.

    >>> me("Ada@Example.org")
    Your name: ada@example.org
    >>> me()
    """
    global _me
    if not isinstance(name, str):
        raise FormatError(f'write it in quotes: lab.me("{name}")')
    _me = normal(name or os.environ.get(NAME, ""))
    if _me:
        print(f"Your name: {_me}")


def present_name() -> str:
    """The name that `me` was last told; at first "".

    >>> present_name()
    ''
    """
    return _me


_me = ""  # one for the whole kernel, as the servers are
