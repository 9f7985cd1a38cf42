"""Lesson 07's checks, one file an exercise. The import registers them."""

from securedata.lab.checks.lesson07 import (
    algorithm,
    build,
    chain,
    eve,
    locks,
    thief,
)

__all__ = ["algorithm", "build", "chain", "eve", "locks", "thief"]
