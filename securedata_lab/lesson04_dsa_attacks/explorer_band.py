"""Lesson 04: each signature with a short k crosses out most of the keys that are left."""

from securedata_lab.drawing.explorer import Explorer


def explore_short_ks(slips: list[tuple[int, int]], q: int, B: int) -> Explorer:  # noqa: N803
    """For each slip (t, a): which x need a k = t·x + a mod q below B, and are left?

    >>> explore_short_ks([(6, 48), (78, 245), (487, 151), (404, 405)], q=1009, B=126)
    A toy: q is 1009, and each k is below B = 126. The key x is one of 1 to 1008.
    1 slip: 125 of 1008 x are left
    2 slips: 19 of 1008 x are left
    3 slips: 3 of 1008 x are left: 178, 671, 839
    4 slips: 1 of 1008 x is left: 671
    """
    left = [*range(1, q)]
    after = []
    for t, a in slips:
        left = [x for x in left if (t * x + a) % q < B]
        after.append(left)
    words = [f"A toy: q is {q}, and each k is below B = {B}. The key x is one of 1 to {q - 1}."]
    words += [_in_words(number, q, keys) for number, keys in enumerate(after, 1)]
    data = {"q": q, "B": B, "slips": slips, "left": after, "said": words}
    return Explorer(__package__, "band", data, "\n".join(words))


def _in_words(number: int, q: int, keys: list[int]) -> str:
    slips = "1 slip" if number == 1 else f"{number} slips"
    are = "x is" if len(keys) == 1 else "x are"
    named = f": {', '.join(map(str, keys))}" if 0 < len(keys) <= 3 else ""
    return f"{slips}: {len(keys)} of {q - 1} {are} left{named}"
