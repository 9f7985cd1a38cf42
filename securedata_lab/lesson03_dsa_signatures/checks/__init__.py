"""Lesson 03's checks: a signature, a moved text, framing, and a live record."""
