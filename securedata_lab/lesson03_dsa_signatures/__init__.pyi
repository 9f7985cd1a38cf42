from . import shop_attacks
from .explorer_ring import explore_judge, explore_ring
from .flaws import PublicKeyFromRequest
from .shop import Slip
from .shop_client import open_shop

__all__ = [
    "PublicKeyFromRequest",
    "Slip",
    "explore_judge",
    "explore_ring",
    "open_shop",
    "shop_attacks",
]
