"""Attacks on the weak twins, each as long as its explanation. For your own server, on loopback."""

from securedata.lab.attacks.block_modes import blocks
from securedata.lab.attacks.dsa import key_from_short_ks, lattice_rows
from securedata.lab.attacks.faults import flipped_key_bit, key_from_fault
from securedata.lab.attacks.gcm import Sealed, ghash, recover_h
from securedata.lab.attacks.keystream import read_with_known_text, rewrite
from securedata.lab.attacks.padding_oracle import decrypt_last_byte, oracle_of, right_guesses
from securedata.lab.attacks.short_tag import guess_tag
from securedata.lab.primitives.small_dsa import Signed

__all__ = [
    "Sealed",
    "Signed",
    "blocks",
    "decrypt_last_byte",
    "flipped_key_bit",
    "ghash",
    "guess_tag",
    "key_from_fault",
    "key_from_short_ks",
    "lattice_rows",
    "oracle_of",
    "read_with_known_text",
    "recover_h",
    "rewrite",
    "right_guesses",
]
