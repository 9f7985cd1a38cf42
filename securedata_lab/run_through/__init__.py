"""The run-through: a service that a hall attacks."""

from securedata_lab.run_through.hall import Hall

__all__ = ["Hall"]
