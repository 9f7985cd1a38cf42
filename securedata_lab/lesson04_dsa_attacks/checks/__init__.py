"""Lesson 04's checks: a stolen key, a good k, a key by LLL."""
