"""Lesson 07: a store of one's own in Flask, and the real service, where Ada has a letter."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
