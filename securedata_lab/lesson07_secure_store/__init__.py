"""Lesson 07: a store of one's own in Flask, with Ada's diary in it."""

from securedata_lab.lesson07_secure_store.diary import (
    Rows,
    be_eve,
    caller_of,
    new_header,
    say_hello,
    show_thefts,
    with_errors,
)
from securedata_lab.lesson07_secure_store.explorer_timeline import explore_rollback
from securedata_lab.lesson07_secure_store.flaws import AlgorithmFromRow
from securedata_lab.lesson07_secure_store.rollback import copy_of, put_back, show_heads

__all__ = [
    "AlgorithmFromRow",
    "Rows",
    "be_eve",
    "caller_of",
    "copy_of",
    "explore_rollback",
    "new_header",
    "put_back",
    "say_hello",
    "show_heads",
    "show_thefts",
    "with_errors",
]
