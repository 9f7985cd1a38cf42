"""Lesson 03's checks: an inverse, a toy signature, the cut hash, a live record, and framing."""

from securedata.lab.checks.lesson03 import cut, framing, inverse, signing, verifying

__all__ = ["cut", "framing", "inverse", "signing", "verifying"]
