from . import small_aes
from .bank import CbcBank, CtrBank
from .bank_attacks import show_attacks
from .bank_client import open_bank, real_bank, stop_banks
from .explorer_bits import explore_bits
from .explorer_two_texts import explore_two_texts
from .flaws import Ecb
from .letters import read_letters

__all__ = [
    "CbcBank",
    "CtrBank",
    "Ecb",
    "explore_bits",
    "explore_two_texts",
    "open_bank",
    "read_letters",
    "real_bank",
    "show_attacks",
    "small_aes",
    "stop_banks",
]
