"""Lesson 05's checks: in the middle, a mended app, a robbery, and a chain."""

from securedata.lab.checks.lesson05 import chains, middle, robbery

__all__ = ["chains", "middle", "robbery"]
