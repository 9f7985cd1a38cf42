"""Lesson 03's checks: a signature, a moved text, framing, a live record, and the cut hash."""
