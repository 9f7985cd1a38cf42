"""Lesson 03's checks: a signature, a moved text, framing, a live record, and the cut hash."""

from securedata.lab.checks.lesson03 import cut, framing, moving, signing, verifying

__all__ = ["cut", "framing", "moving", "signing", "verifying"]
