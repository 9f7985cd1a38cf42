"""Lesson 02: AES-GCM, and banks that repeat a nonce."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
