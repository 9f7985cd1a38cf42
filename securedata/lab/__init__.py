"""For lessons only: the real service in one call, and small tools to take it apart.

Nothing outside this folder imports it.
"""

from securedata.lab.bits import flip_bit, xor
from securedata.lab.service import serve

__all__ = ["flip_bit", "serve", "xor"]
