"""Lesson 01: two unknown texts under one keystream, read by guessing words."""

from functools import cache

from securedata_lab.basics.bits import xor
from securedata_lab.basics.chance import WORDS, chance
from securedata_lab.drawing.explorer import Explorer

TEXTS = (  # all of one length, so that no noun is cut off
    "meet me at the {} when the {} is back at the {}",
    "please hide the {} under the {} and burn the {}",
    "the {} is never in the {} but behind the old {}",
    "tell them that the {} has sold the {} to the {}",
    "we wait for the {} then open the {} with the {}",
)


@cache
def explore_two_texts() -> Explorer:
    """Type a word, slide it along: what would stand in the other text? Keep what you believe.

    Both texts are drawn at random, once for a kernel: a cell may be run twice. The page has the XOR
    of their ciphertexts alone, so it cannot say whether a guess is right.

    >>> explore_two_texts()
    Two unknown texts of ... letters under one keystream. Of both, only C ⊕ C′ is known:
    ...
    A word that stands in one text reads the other at this place.
    """
    draw = chance("two unknown texts")
    texts = [text.format(*draw.sample(WORDS, 3)) for text in draw.sample(TEXTS, 2)]
    both = xor(*(text.encode() for text in texts))
    words = (
        f"Two unknown texts of {len(both)} letters under one keystream. Of both, only C ⊕ C′ is "
        f"known:\n{both.hex(' ')}\nA word that stands in one text reads the other at this place."
    )
    return Explorer(__package__, "two_texts", {"both": both.hex(), "guess": " the "}, words)
