"""The checks of every lesson's exercises; importing them makes them known to `check`."""

from securedata.lab.checks import lesson01, lesson02, lesson03, lesson04, lesson05, lesson06

__all__ = ["lesson01", "lesson02", "lesson03", "lesson04", "lesson05", "lesson06"]
