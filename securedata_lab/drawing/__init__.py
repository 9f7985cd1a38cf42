"""Pictures and explorers for the lessons, each with a text that says the same."""

from securedata_lab.drawing import pictures

__all__ = ["pictures"]
