from . import gf128
from .explorer_tag import explore_tag
from .five_banks import open_five, show_kinds, show_verdicts
from .forgeries import attack_of_01, show_forgeries, swap_salaries
from .from_lesson01 import open_bank, real_bank, stop_banks
from .gcm import ghash_under, recover_h
from .gcm_bank import GcmBank, OneBlockBank
from .small_gcm import count_fits, show_digits, show_fits, small_ghash, small_rows

__all__ = [
    "GcmBank",
    "OneBlockBank",
    "attack_of_01",
    "count_fits",
    "explore_tag",
    "gf128",
    "ghash_under",
    "open_bank",
    "open_five",
    "real_bank",
    "recover_h",
    "show_digits",
    "show_fits",
    "show_forgeries",
    "show_kinds",
    "show_verdicts",
    "small_ghash",
    "small_rows",
    "stop_banks",
    "swap_salaries",
]
