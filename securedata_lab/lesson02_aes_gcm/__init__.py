"""Lesson 02: AES-GCM, and banks that repeat a nonce."""

from securedata_lab.lesson01_aes_modes.bank_client import open_bank, real_bank, stop_banks
from securedata_lab.lesson01_aes_modes.flaws import ShortTagGcm
from securedata_lab.lesson02_aes_gcm import gf128
from securedata_lab.lesson02_aes_gcm.explorer_tag import explore_tag
from securedata_lab.lesson02_aes_gcm.gcm_bank import (
    GcmBank,
    OneBlockBank,
    attack_of_01,
    send_forgery,
    show_forgeries,
    swap_salaries,
)
from securedata_lab.lesson02_aes_gcm.gf128 import inverse, multiply, square_root

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
