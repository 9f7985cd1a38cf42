from .explorer_timeline import explore_rollback
from .flaws import AlgorithmFromRow
from .real_service import open_service
from .rollback import copy_of, put_back, show_heads
from .store import Rows, caller_of, new_header, say_hello, with_errors
from .thefts import be_eve, show_thefts

__all__ = [
    "AlgorithmFromRow",
    "Rows",
    "be_eve",
    "caller_of",
    "copy_of",
    "explore_rollback",
    "new_header",
    "open_service",
    "put_back",
    "say_hello",
    "show_heads",
    "show_thefts",
    "with_errors",
]
