"""Powers too large to compute: g**u without a modulus, for a u of 256 bits.

Python computes a power in one step and listens to nothing meanwhile: the kernel would freeze, and
no time limit could end it. So an answer computes with numbers that refuse such a power.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from securedata_lab.judging.attempts import UnjudgedError
from securedata_lab.judging.interpreter import at_most_steps, globals_of, with_globals

LARGEST_EXPONENT = 10_000
MOST_STEPS = 50_000  # lines of Python; Euclid's algorithm takes some 1,000 for 256 bits


class Base(int):
    """An int that refuses huge powers, unless they are reduced.

    >>> Base(2) ** 10, pow(Base(2), 2**256, 11)
    (1024, 9)
    >>> Base(2) ** 2**256
    Traceback (most recent call last):
        ...
    securedata_lab.judging.attempts.UnjudgedError: expected an answer, got a power too ...
    >>> Base(2) ^ 10
    Traceback (most recent call last):
        ...
    securedata_lab.judging.attempts.UnjudgedError: expected an answer, got XOR, which is ...
    """

    def __pow__(self, exponent: Any, modulus: Any = None) -> Any:
        if modulus is None and exponent > LARGEST_EXPONENT:
            raise UnjudgedError(
                "expected an answer, got a power too large for any memory; "
                "give pow three numbers: base, exponent and modulus"
            )
        return int.__pow__(self, exponent, modulus)

    def __xor__(self, other: int) -> int:
        raise UnjudgedError(
            "expected an answer, got XOR, which is what ^ means in Python; a power is pow(…, …, …)"
        )


Base.__name__ = "int"  # as errors call it


class Exponent(int):
    """A q that refuses to be an exponent without a modulus: nothing can end such a power.

    >>> q = Exponent(11)
    >>> pow(4, q - 2, q)
    3
    >>> pow(4, q - 2)
    Traceback (most recent call last):
        ...
    securedata_lab.judging.attempts.UnjudgedError: expected a power mod q, got one ...
    """

    def __sub__(self, other: int) -> int:
        return Exponent(int(self) - other)

    def __rpow__(self, base: int, modulus: int | None = None) -> int:  # type: ignore[misc]
        if modulus is not None:
            return pow(base, int(self), modulus)
        raise UnjudgedError(
            "expected a power mod q, got one without a modulus; it has too many digits for "
            "any memory: pow(…, …, q)"
        )


def bounded(function: Any, **globals_: int) -> Any:
    """The same function, in which global variables with these names and values are a `Base`.

    >>> g = 2
    >>> bounded(lambda k: g**k, g=2)(10)
    1024
    """
    names = globals_of(function)
    changed = {name: Base(value) for name, value in globals_.items() if names.get(name) == value}
    return with_globals(function, changed)


@contextmanager
def without_search(steps: int = MOST_STEPS) -> Iterator[None]:
    """Give up what runs more lines of Python than this: with 256 bits, no search ends.

    Raises:
        UnjudgedError: it did.
    """
    error = UnjudgedError(
        "expected an answer with the service's numbers, got a search without end; "
        "q has 256 bits there: pow(…, -1, q) needs no search"
    )
    with at_most_steps(steps, error):
        yield
