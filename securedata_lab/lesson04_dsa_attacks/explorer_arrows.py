"""Lesson 04: dots, a square, and two arrows that one makes shorter: a lattice by hand."""

from securedata_lab.drawing.explorer import Explorer


def explore_arrows(q: int, T: int, A: int, B: int) -> Explorer:  # noqa: N803
    """All dots (k1, k2) with k2 = T·k1 + A mod q. Pull the arrows, and walk into the square.

    >>> explore_arrows(q=211, T=124, A=66, B=12)
    A dot is a pair (k1, k2) with k2 = 124·k1 + 66 modulo 211.
    The square has the dots whose k1 and k2 are below 12: 1 of them.
    You stand on (0, 66). Arrow a = (0, 211) and arrow b = (1, 124) lead to other dots.
    """
    inside = sum((T * k1 + A) % q < B for k1 in range(B))
    words = (
        f"A dot is a pair (k1, k2) with k2 = {T}·k1 + {A} modulo {q}.\n"
        f"The square has the dots whose k1 and k2 are below {B}: {inside} of them.\n"
        f"You stand on (0, {A}). Arrow a = (0, {q}) and arrow b = (1, {T}) lead to other dots."
    )
    return Explorer(__package__, "arrows", {"q": q, "T": T, "A": A, "B": B}, words)
