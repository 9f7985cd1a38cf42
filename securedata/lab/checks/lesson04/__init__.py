"""Lesson 04's checks: x from k, k from a pair, a theft, the lattice's rows, a key, a good k."""

from securedata.lab.checks.lesson04 import algebra, good_k, lattice, theft

__all__ = ["algebra", "good_k", "lattice", "theft"]
