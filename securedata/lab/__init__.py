"""For lessons only: the real service in one call, and small tools to take it apart.

Nothing outside this folder imports it.
"""

from securedata.lab.bits import flip_bit, xor
from securedata.lab.service import serve
from securedata.lab.setupcheck import check_setup

__all__ = ["check_setup", "flip_bit", "serve", "xor"]
