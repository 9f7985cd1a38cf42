"""Lesson 04's checks: a stolen key, a good k, the sieve, the lattice's rows, a key by LLL."""

from securedata.lab.checks.lesson04 import good_k, lattice, secret_number, sieve, theft

__all__ = ["good_k", "lattice", "secret_number", "sieve", "theft"]
