"""Lesson 01: AES in CTR, CBC and ECB, at banks that only encrypt."""

from securedata_lab.lesson01_aes_modes import small_aes
from securedata_lab.lesson01_aes_modes.bank import (
    CbcBank,
    CtrBank,
    open_bank,
    real_bank,
    stop_banks,
)
from securedata_lab.lesson01_aes_modes.bank_attacks import show_attacks
from securedata_lab.lesson01_aes_modes.explorer_answers import explore_answers
from securedata_lab.lesson01_aes_modes.explorer_bits import explore_bits
from securedata_lab.lesson01_aes_modes.explorer_two_texts import explore_two_texts
from securedata_lab.lesson01_aes_modes.flaws import Ecb
from securedata_lab.lesson01_aes_modes.letters import read_letters

__all__ = [
    "CbcBank",
    "CtrBank",
    "Ecb",
    "explore_answers",
    "explore_bits",
    "explore_two_texts",
    "open_bank",
    "read_letters",
    "real_bank",
    "show_attacks",
    "small_aes",
    "stop_banks",
]
