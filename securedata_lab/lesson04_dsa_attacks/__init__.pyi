from . import lattice
from .dsa import key_from_short_ks, lattice_rows
from .explorer_arrows import explore_arrows
from .faults import flipped_key_bit
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
from .leaky_signer import SMALL, LeakySigner
from .retirement import end_signer, eves_receipt, rotate_signer, show_receipts
from .rfc6979 import secret_number
from .two_slips import show_second_theft, times

__all__ = [
    "REAL",
    "SMALL",
    "LeakySigner",
    "Shop",
    "Signed",
    "collect",
    "end_signer",
    "eves_receipt",
    "explore_arrows",
    "fifteen_bytes",
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
    "show_second_theft",
    "show_thefts",
    "sign_for_kim",
    "times",
    "try_number",
]
