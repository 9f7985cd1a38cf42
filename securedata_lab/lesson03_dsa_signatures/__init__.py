"""Lesson 03: DSA, and a shop that signs joined texts."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
