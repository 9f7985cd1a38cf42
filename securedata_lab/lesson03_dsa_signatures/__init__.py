"""Lesson 03: DSA, and a shop that signs joined texts."""

from securedata_lab.lesson03_dsa_signatures import shop_attacks
from securedata_lab.lesson03_dsa_signatures.explorer_ring import explore_judge, explore_ring
from securedata_lab.lesson03_dsa_signatures.flaws import CiphertextOnly, PublicKeyFromRequest
from securedata_lab.lesson03_dsa_signatures.shop import Slip, open_shop

__all__ = [
    "CiphertextOnly",
    "PublicKeyFromRequest",
    "Slip",
    "explore_judge",
    "explore_ring",
    "open_shop",
    "shop_attacks",
]
