"""Lesson 04's checks: a stolen key, a good k, the sieve, a key by LLL."""
