"""The flaws: each a small class that changes one step of the control, the twin without a flaw.

Each docstring names the flaw, the rule it breaks, and where it happened in the world. A class that
sets `flaw` registers itself: `serve_twin` finds it by that name.
"""

from securedata_lab.lesson01_aes_modes.flaws import Cbc, Ecb, FixedNonceCtr, ShortTagGcm
from securedata_lab.lesson03_dsa_signatures.flaws import CiphertextOnly, PublicKeyFromRequest
from securedata_lab.lesson07_secure_store.flaws import AlgorithmFromRow

__all__ = [
    "AlgorithmFromRow",
    "Cbc",
    "CiphertextOnly",
    "Ecb",
    "FixedNonceCtr",
    "PublicKeyFromRequest",
    "ShortTagGcm",
]
