"""Exercise 3.2: a slip with other texts, and the same signed bytes."""

import random
from collections.abc import Callable
from dataclasses import replace
from types import EllipsisType
from typing import Annotated

from securedata_lab.judging.attempts import NotAttemptedError
from securedata_lab.judging.engine import compared, exercise, returned, shown
from securedata_lab.lesson03_dsa_signatures.shop import EVE, Slip, fresh, joined, make_counter

Text = Annotated[str, "amount and memo are texts: cut them and join them, and leave int away"]
Part = Text | EllipsisType  # the last is the stub's
Pair = Annotated[tuple[Part, Part], "return both texts: amount, memo"]
Move = Callable[[str, str], Pair]
BAGS = (31, 12, 40, 28, 19)  # bottles, two digits each
FIRST_HINT = "read the printed bytes once more"


@exercise(
    "3.2",
    "Kim's signature is valid for two slips, and one of them the machine never printed",
    points=4,
)
def moves(my_move: Move) -> str | None:
    """my_move(amount, memo): another amount and memo, for which the signature is still valid."""
    draw = random.SystemRandom()
    counter = make_counter(joined, fresh(draw), draw)
    slips = [counter.bring(EVE, bottles) for bottles in BAGS]
    moved = [returned(my_move, slip.amount, slip.memo) for slip in slips]
    if all(part is ... for pair in moved for part in pair):
        raise NotAttemptedError
    for slip, (amount, memo) in zip(slips, moved, strict=True):
        if amount is ... or memo is ...:
            name = "amount" if amount is ... else "memo"
            return f"expected two texts, got one and ...; the {name} is still empty"
        if why := _why_not(slip, amount, memo, len(set(moved)) == 1):
            got = f"amount {shown(amount)} and memo {shown(memo)}"
            return f"expected a valid slip of more than {slip.amount} EUR, got {got}; {why}"
        counter.judge(replace(slip, amount=amount, memo=memo))  # it raises nothing: it is valid
    return None


def _why_not(slip: Slip, amount: str, memo: str, always_one: bool) -> str | None:
    """Why the judge refuses this slip, or does not pay more for it."""
    before, after = slip.amount + slip.memo, amount + memo
    digits = slip.memo[: slip.memo.index(" ")]
    if (amount, memo) == (slip.amount, slip.memo):
        return f"that is the slip as it was; {FIRST_HINT}"
    if always_one:
        return "that is one answer for every slip: make it of amount and memo"
    if amount == str(int(slip.amount) + int(digits)):
        return f'you added: "{slip.amount}" + "{digits}" is "{slip.amount + digits}"'
    if memo == slip.memo and amount.startswith(slip.amount + slip.memo[0]):
        return "what went into the amount must be gone from the memo: count the signed bytes"
    if memo == slip.memo:
        return f"that changes what was signed, and you have no key; {FIRST_HINT}"
    if amount == slip.memo or memo == slip.amount:
        return "they have changed places: amount comes first"
    if after != before and after.replace(" ", "") == before.replace(" ", ""):
        return "a space of the memo is lost: it was signed, too"
    if after != before:
        return f"amount + memo must stay the same text: {compared(before.encode(), after.encode())}"
    if not amount.isdecimal():
        return (
            "the signature is valid, but this is no amount: the judge wants digits and nothing else"
        )
    if int(amount) <= int(slip.amount):
        return "the signature is valid, but the slip is worth less: move digits the other way"
    return None
