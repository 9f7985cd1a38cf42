"""Lesson 07's checks, one file an exercise. The import registers them."""

from securedata.lab.checks.lesson07 import (
    algorithm,
    chain,
    locks,
    order,
    thief,
    verifier,
)

__all__ = ["algorithm", "chain", "locks", "order", "thief", "verifier"]
