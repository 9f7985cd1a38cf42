"""The checks of all exercises: the import of this file registers them.

Import `check` and EXERCISES from here: in engine.py no exercise is known until a check is imported.
"""

from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

from securedata_lab.judging.engine import EXERCISES, check

__all__ = ["EXERCISES", "check"]

# A folder without checks is a new lesson, or what Git has left of one: test_places.py names it.
LESSONS = sorted({it.parent.name for it in Path(__file__).parent.glob("lesson[0-9]*/checks*")})

for _lesson in LESSONS:
    _checks = import_module(f"securedata_lab.{_lesson}.checks")
    for _module in walk_packages(getattr(_checks, "__path__", ()), f"{_checks.__name__}."):
        import_module(_module.name)
