"""Lesson 01: AES in CTR, CBC and ECB, at banks that only encrypt."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
