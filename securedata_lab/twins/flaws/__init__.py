"""The flaws: each a small class that changes one step of the control, the twin without a flaw.

Each docstring names the flaw, the rule it breaks, and where it happened in the world. The
attacks stand in securedata_lab/attacks/. A class that sets `flaw` registers itself: `serve_twin`
finds it by that name.
"""

from securedata_lab.twins.flaws.signed import (
    CiphertextOnly,
    PublicKeyFromRequest,
)
from securedata_lab.twins.flaws.store import AlgorithmFromRow
from securedata_lab.twins.flaws.unsigned import (
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
