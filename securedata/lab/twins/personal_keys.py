"""Each student's weak twins have keys of their own: their seeds come from a name and a course.

No server, no check and no list of students here. Nothing is secret from a classmate: who knows a
name can compute its seeds. They make a copied value visible, and protect nothing.
"""

import hmac
import os
import unicodedata
from dataclasses import dataclass

from securedata.errors import FormatError
from securedata.record import frame

NAME, COURSE = "SECUREDATA_ME", "SECUREDATA_COURSE"  # environment variables: a hub sets them


@dataclass(frozen=True)
class Person:
    """Somebody in a course. Without a name: everybody, with the seeds as they are written.

    Names and courses are equal if they are so in lower case, in NFC and without outer spaces.

    >>> Person(" Ada@Example.org ") == Person("ada@example.org")
    True
    """

    name: str = ""
    course: str = ""

    def __post_init__(self) -> None:
        for field in ("name", "course"):
            object.__setattr__(self, field, _normal(getattr(self, field)))

    def seed(self, flaw: str, number: int | str) -> int | str:
        """The seed that this person's twin gets where a lesson has written `seed=number`.

        HMAC-SHA-256 (RFC 2104) under the course, of the frame of four parts: "securedata/lab/seed",
        name, the twin's flaw and the number; 64 hex digits. Text is UTF-8. A twin belongs to one
        lesson, so the lesson's number is no part.

        >>> Person("ada@example.org", "crypto").seed("ecb", 1)[:16]
        '896630ff8a35e766'
        >>> Person().seed("ecb", 1)
        1
        """
        if not self.name:
            return number
        parts = (self.name, flaw, str(number))
        message = frame("securedata/lab/seed", *(part.encode() for part in parts))
        return hmac.new(self.course.encode(), message, "sha256").hexdigest()


def _normal(text: str) -> str:
    return unicodedata.normalize("NFC", text.strip().lower())


def me(name: str = "", course: str = "") -> None:
    """Give the weak twins of this notebook keys of their own. Without a name: as everybody's.

    What is empty is taken from the environment, where a hub may have set it.

    Raises:
        FormatError: the name or the course is not a text.

    >>> me("Ada@Example.org", course="crypto")
    Your weak twins have keys of their own. Name: ada@example.org, course: crypto
    >>> me()
    """
    global _me
    for text in (name, course):
        if not isinstance(text, str):
            raise FormatError(f'write it in quotes: lab.me("{text}")')
    _me = Person(name or os.environ.get(NAME, ""), course or os.environ.get(COURSE, ""))
    if _me.name:
        of_course = f", course: {_me.course}" if _me.course else ""
        print(f"Your weak twins have keys of their own. Name: {_me.name}{of_course}")


def present_person() -> Person:
    """The person that `me` was last told; at first everybody.

    >>> present_person()
    Person(name='', course='')
    """
    return _me


_me = Person()  # one for the whole kernel, as the servers are
