"""Attacks on the weak twins, each as long as its explanation. For your own server, on loopback."""

from securedata_lab.attacks.block_modes import blocks
from securedata_lab.attacks.dsa import key_from_short_ks, lattice_rows
from securedata_lab.attacks.faults import flipped_key_bit
from securedata_lab.attacks.gcm import ghash
from securedata_lab.attacks.padding_oracle import oracle_of, right_guesses
from securedata_lab.primitives.small_dsa import Signed

__all__ = [
    "Signed",
    "blocks",
    "flipped_key_bit",
    "ghash",
    "key_from_short_ks",
    "lattice_rows",
    "oracle_of",
    "right_guesses",
]
