"""Exercise 4.2: a k for each slip, fresh, each equally likely, and of the right range."""

from collections import Counter
from collections.abc import Callable
from itertools import pairwise

from securedata_lab.basics.small_dsa import REAL
from securedata_lab.judging.attempts import this_attempt
from securedata_lab.judging.engine import exercise, returned, shown
from securedata_lab.judging.interpreter import at_most_steps, stopped_clock
from securedata_lab.lesson04_dsa_attacks.checks.even import uneven

MyNumber = Callable[[int], int]
MANY = 1000
# Of 2,000 numbers below 11, each comes 200 ± 13 times, and one that is twice as likely 364 ± 17.
SMALL_Q, OF_SMALL_Q = 11, 2000
TOO_FEW, TOO_MANY = 110, 285
MOST_STEPS = 5000  # lines of Python for one number
NEARLY = 0.9  # of q: the largest of 1,000 even ks is below that once in 10^45


@exercise(
    "4.2",
    "fresh, each equally likely, and never 0: your machine repeats no k",
    points=4,
    errors={
        "OverflowError": "a range has no choice for so many numbers: secrets has a function",
        "no attribute": "is it secrets, and is the name spelled right?",
    },
)
def draws_a_number(my_number: MyNumber) -> str | None:
    """my_number(q): an int from 1 to q - 1, for one slip."""
    this_attempt().called = set()
    ks = [returned(my_number, REAL.q) for _ in range(3)]
    called = this_attempt().called or set()
    this_attempt().called = None
    ks += [returned(my_number, REAL.q) for _ in range(MANY - len(ks))]
    return (
        _again(ks)
        or _out_of_range(ks)
        or _of_the_clock(my_number)
        or (GAMES if "random.Random" in called else None)
        or _in_a_row(ks)
        or (None if "os.urandom" in called else NOT_DRAWN)
        or _too_short(ks)
        or uneven(ks)
        or _wrong_for_a_small_q(my_number)
    )


GAMES = (
    "expected ks that nobody can predict, got the module random's; "
    "it is made for games, whatever its seed is"
)
NOT_DRAWN = (
    "expected ks that nobody can predict, got ks without your system's randomness; "
    "a hash of a number in a row is one more number: draw each k with secrets"
)


def _out_of_range(ks: list[int]) -> str | None:
    outside = [k for k in ks if not 0 < k < REAL.q]
    if not outside:
        return None
    return f"expected 0 < k < q, got {shown(outside[0])}; q is about 0.81 of 2^256"


def _again(ks: list[int]) -> str | None:
    different = len(set(ks))
    if different == 1:
        return f"expected another k for each slip, got {shown(ks[0])} each time; draw one"
    if different < len(ks):
        got = f"{different} different ones in {len(ks)}"
        return f"expected another k for each slip, got {got}; they come again"
    return None


def _of_the_clock(my_number: MyNumber) -> str | None:
    with stopped_clock() as now:
        one, two = (returned(my_number, REAL.q) for _ in range(2))
    if one == two or max(one, two) < now << 8:
        got = f"one of the clock, {shown(one)}" if one == two else shown(one)
        return (
            f"expected a k that nobody can guess, got {got}; "
            f"none is above 2^{max(one, two).bit_length()}, and a clock or a count can be tried"
        )
    return None


def _too_short(ks: list[int]) -> str | None:
    if max(ks) > NEARLY * REAL.q:
        return None
    bits = max(ks).bit_length()
    most = f"{100 * max(ks) // REAL.q} % of q" if bits > 250 else f"2^{bits}"
    return f"expected ks from 1 to q - 1, got none above {most} in {len(ks)}; use the whole range"


def _in_a_row(ks: list[int]) -> str | None:
    steps = {(later - k) % REAL.q for k, later in pairwise(ks)}
    if len(steps) < len(ks) // 2:
        return (
            "expected ks that have nothing to do with each other, got each from the one before; "
            "then two slips give x"
        )
    return None


def _wrong_for_a_small_q(my_number: MyNumber) -> str | None:
    """With q = 11, each number comes often: what is missing, or comes twice as often, is seen.

    Who draws 256 bits until they are below q waits for ever here, and is right.
    """
    try:
        with at_most_steps(MOST_STEPS, TimeoutError()):
            returned(my_number, SMALL_Q)
    except TimeoutError:
        return None
    times = Counter(returned(my_number, SMALL_Q) for _ in range(OF_SMALL_Q))
    expected = f"expected each of 1 to {SMALL_Q - 1} equally often for q = {SMALL_Q}, got"
    if max(times) > SMALL_Q:
        return f"{expected} {shown(max(times))}; use the q that you are handed"
    if 0 in times:
        return f"{expected} 0, too; 0 has no inverse: where does your range begin?"
    if SMALL_Q in times:
        return f"{expected} {SMALL_Q}, too; that is 0 mod q: where does your range end?"
    if rare := [str(k) for k in range(1, SMALL_Q) if times[k] < TOO_FEW]:
        return f"{expected} few or no {', '.join(rare)}; which numbers can your line make?"
    k, most = times.most_common(1)[0]
    if most > TOO_MANY:
        return f"{expected} {k} twice as often; which two draws lead to it?"
    return None
