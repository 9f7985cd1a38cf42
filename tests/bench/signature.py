"""The bare signature, ours beside OpenSSL's own: what no server can be faster than."""

import time
from collections.abc import Callable
from typing import NamedTuple

from bench.effort import Effort
from bench.section import Section
from vocabulary import openssl

from securedata import SigningKey

MESSAGE = bytes(250)  # about as long as what is signed for a short text


class PerSecond(NamedTuple):
    """How many signatures one core makes and verifies in a second."""

    sign: float
    verify: float


def section(effort: Effort) -> Section:
    pairs = {
        "PyCryptodome, k from RFC 6979": _ours(effort.seconds),
        "`openssl speed dsa2048`": _by_openssl(1),
    }
    return Section(
        "The bare signature",
        "DSA 2048/256 on one core, nothing else done: no store can be faster than a signature, no "
        "retrieval faster than its verification.",
        ("", "sign/s", "verify/s"),
        [[name, f"{pair.sign:.0f}", f"{pair.verify:.0f}"] for name, pair in pairs.items()],
    )


def _ours(seconds: float) -> PerSecond:
    """DSA 2048/256 by PyCryptodome, k from RFC 6979."""
    key = SigningKey.generate()
    signature = key.sign(MESSAGE)
    return PerSecond(
        _per_second(lambda: key.sign(MESSAGE), seconds),
        _per_second(lambda: key.verifying_key.verify(MESSAGE, signature), seconds),
    )


def _by_openssl(seconds: int) -> PerSecond:
    """`openssl speed dsa2048`."""
    done = openssl("speed", "-mr", "-seconds", str(seconds), "dsa2048")
    # +F3:index:bits:signatures a second:verifications a second
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("+F3:"))
    return PerSecond(*map(float, line.split(":")[3:5]))


def _per_second(call: Callable[[], object], seconds: float) -> float:
    calls, began = 0, time.perf_counter()
    while time.perf_counter() < began + seconds:
        call()
        calls += 1
    return calls / (time.perf_counter() - began)
