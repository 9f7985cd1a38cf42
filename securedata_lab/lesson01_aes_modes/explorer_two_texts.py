"""Lesson 01: two unknown texts under one keystream, read by guessing words."""

from functools import cache

from securedata_lab.basics.bits import xor
from securedata_lab.basics.chance import WORDS, chance
from securedata_lab.drawing.explorer import Explorer

TEXTS = (
    "meet me at the {} before the {} is back from the {}",
    "please hide the {} under the {} and burn the {}",
    "the {} is not in the {} but behind the old {}",
    "tell nobody that the {} has sold the {} to the {}",
    "we wait for the {} and then open the {} with the {}",
)


@cache
def explore_two_texts() -> Explorer:
    """Type a word, slide it along: what would stand in the other text? What is right is kept.

    Both texts are drawn at random, once for a kernel: a cell may be run twice. The page has the XOR
    of their ciphertexts, and a fingerprint of each letter, to say whether a guess is right.

    >>> explore_two_texts()
    Two unknown texts of ... letters under one keystream. Of both, only C ⊕ C′ is known:
    ...
    A word that stands in one text reads the other at this place.
    """
    draw = chance("two unknown texts")
    texts = [text.format(*draw.sample(WORDS, 3)) for text in draw.sample(TEXTS, 2)]
    length = min(map(len, texts))
    both = xor(*(text[:length].encode() for text in texts))
    salt = f"{draw.randrange(10**9)}"
    prints = [
        [fingerprint(f"{salt}/{which}/{place}/{letter}") for place, letter in enumerate(text)]
        for which, text in enumerate(text[:length] for text in texts)
    ]
    data = {"both": both.hex(), "salt": salt, "prints": prints, "guess": " the "}
    words = (
        f"Two unknown texts of {length} letters under one keystream. Of both, only C ⊕ C′ is "
        f"known:\n{both.hex(' ')}\nA word that stands in one text reads the other at this place."
    )
    return Explorer(__package__, "two_texts", data, words)


def fingerprint(text: str) -> int:
    """FNV-1a of 32 bits: the page computes the same. It hides a letter from a glance, no more.

    >>> fingerprint("a")
    3826002220
    """
    value = 2166136261
    for letter in text.encode():
        value = (value ^ letter) * 16777619 % 2**32
    return value
