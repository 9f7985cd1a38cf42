"""Lesson 08: a consultant's vault, to be broken into and repaired."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
