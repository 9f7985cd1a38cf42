"""For lessons only: servers in one call, weak twins, attacks, checks, small tools.

Nothing outside this folder imports it.
"""

from securedata.lab import attacks, checks, pictures
from securedata.lab.bits import flip_bit, xor
from securedata.lab.check import check
from securedata.lab.service import serve, serve_twin
from securedata.lab.setupcheck import check_setup
from securedata.lab.signedtwin import SignedTwin
from securedata.lab.twin import Row, Twin
from securedata.lab.twinclient import TwinClient

__all__ = [
    "Row",
    "SignedTwin",
    "Twin",
    "TwinClient",
    "attacks",
    "check",
    "check_setup",
    "checks",
    "flip_bit",
    "pictures",
    "serve",
    "serve_twin",
    "xor",
]
