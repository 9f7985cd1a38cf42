"""Attacks on the weak twins, each as long as its explanation. For your own server, on loopback."""

from securedata_lab.basics.small_dsa import Signed
from securedata_lab.lesson01_aes_modes.block_modes import blocks
from securedata_lab.lesson01_aes_modes.padding_oracle import oracle_of, right_guesses
from securedata_lab.lesson02_aes_gcm.gcm import ghash
from securedata_lab.lesson04_dsa_attacks.dsa import key_from_short_ks, lattice_rows
from securedata_lab.lesson04_dsa_attacks.faults import flipped_key_bit

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
