"""Lesson 06: a handshake byte by byte, and keys that were found later."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
