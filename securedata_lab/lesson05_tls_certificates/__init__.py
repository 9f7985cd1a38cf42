"""Lesson 05: certificates, and a café where you carry all packets."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
