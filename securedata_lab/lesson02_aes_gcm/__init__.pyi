from . import gf128
from .explorer_tag import explore_tag
from .forgeries import attack_of_01, send_forgery, show_forgeries, swap_salaries
from .from_lesson01 import ShortTagGcm, open_bank, real_bank, stop_banks
from .gcm_bank import GcmBank, OneBlockBank
from .gf128 import inverse, multiply, square_root

__all__ = [
    "GcmBank",
    "OneBlockBank",
    "ShortTagGcm",
    "attack_of_01",
    "explore_tag",
    "gf128",
    "inverse",
    "multiply",
    "open_bank",
    "real_bank",
    "send_forgery",
    "show_forgeries",
    "square_root",
    "stop_banks",
    "swap_salaries",
]
