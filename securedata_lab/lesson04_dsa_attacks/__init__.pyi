from . import lattice
from .dsa import key_from_short_ks, lattice_rows
from .explorer_arrows import explore_arrows
from .from_lesson03 import (
    REAL,
    Shop,
    Signed,
    fifteen_bytes,
    framed,
    one_byte,
    open_shop,
    short,
)
from .key_theft import collect, find_x, show_thefts, sign_for_kim, try_number
from .retirement import end_signer, eves_receipt, rotate_signer, show_receipts
from .two_slips import show_second_theft, times

__all__ = [
    "REAL",
    "Shop",
    "Signed",
    "collect",
    "end_signer",
    "eves_receipt",
    "explore_arrows",
    "fifteen_bytes",
    "find_x",
    "framed",
    "key_from_short_ks",
    "lattice",
    "lattice_rows",
    "one_byte",
    "open_shop",
    "rotate_signer",
    "short",
    "show_receipts",
    "show_second_theft",
    "show_thefts",
    "sign_for_kim",
    "times",
    "try_number",
]
