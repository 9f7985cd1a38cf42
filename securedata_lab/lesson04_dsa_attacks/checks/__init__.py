"""Lesson 04's checks: a stolen key, a good k, the sieve, the lattice's rows, a key by LLL."""
