"""Lesson 04: private keys that fall to bad secret numbers."""

from securedata_lab.basics.small_dsa import REAL, Signed
from securedata_lab.lesson03_dsa_signatures.shop import framed, one_byte, short
from securedata_lab.lesson03_dsa_signatures.shop_client import Shop, open_shop
from securedata_lab.lesson04_dsa_attacks import lattice
from securedata_lab.lesson04_dsa_attacks.dsa import key_from_short_ks, lattice_rows
from securedata_lab.lesson04_dsa_attacks.explorer_band import explore_short_ks
from securedata_lab.lesson04_dsa_attacks.faults import flipped_key_bit
from securedata_lab.lesson04_dsa_attacks.key_theft import (
    collect,
    end_signer,
    eves_receipt,
    find_x,
    rotate_signer,
    show_receipts,
    show_thefts,
    sign_for_kim,
    try_number,
)
from securedata_lab.lesson04_dsa_attacks.leaky_signer import SMALL, LeakySigner
from securedata_lab.lesson04_dsa_attacks.rfc6979 import secret_number

__all__ = [
    "REAL",
    "SMALL",
    "LeakySigner",
    "Shop",
    "Signed",
    "collect",
    "end_signer",
    "eves_receipt",
    "explore_short_ks",
    "find_x",
    "flipped_key_bit",
    "framed",
    "key_from_short_ks",
    "lattice",
    "lattice_rows",
    "one_byte",
    "open_shop",
    "rotate_signer",
    "secret_number",
    "short",
    "show_receipts",
    "show_thefts",
    "sign_for_kim",
    "try_number",
]
