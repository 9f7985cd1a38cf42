"""The flaws: each a small class that changes one step of the control, the twin without a flaw.

Each docstring names the flaw, the rule it breaks, and where it happened in the world. How it is
attacked stands in lab/attacks/. A class that sets `flaw` registers itself: `serve_twin` finds it by
that name.
"""

from securedata.lab.twins.flaws.signed import (
    CiphertextOnly,
    PublicKeyFromRequest,
)
from securedata.lab.twins.flaws.store import AlgorithmFromRow
from securedata.lab.twins.flaws.unsigned import (
    Cbc,
    Ecb,
    FixedNonceCtr,
    ShortTagGcm,
)

__all__ = [
    "AlgorithmFromRow",
    "Cbc",
    "CiphertextOnly",
    "Ecb",
    "FixedNonceCtr",
    "PublicKeyFromRequest",
    "ShortTagGcm",
]
