"""Attacks on the weak twins, each as long as its explanation. For your own server, on loopback."""

from securedata.lab.attacks.block_modes import blocks, flip_through_iv, rearranged, repeated_blocks
from securedata.lab.attacks.dsa import (
    equal_r,
    k_from_pair,
    key_from_k,
    key_from_short_ks,
    lattice_rows,
    sign_again,
)
from securedata.lab.attacks.faults import flipped_key_bit, key_from_fault
from securedata.lab.attacks.gcm import Sealed, forge_tag, ghash, recover_h
from securedata.lab.attacks.keystream import read_with_known_text, rewrite
from securedata.lab.attacks.padding_oracle import (
    decrypt_block,
    decrypt_last_byte,
    decrypt_message,
    oracle_of,
)
from securedata.lab.attacks.short_tag import guess_tag
from securedata.lab.primitives.small_dsa import Signed

__all__ = [
    "Sealed",
    "Signed",
    "blocks",
    "decrypt_block",
    "decrypt_last_byte",
    "decrypt_message",
    "equal_r",
    "flip_through_iv",
    "flipped_key_bit",
    "forge_tag",
    "ghash",
    "guess_tag",
    "k_from_pair",
    "key_from_fault",
    "key_from_k",
    "key_from_short_ks",
    "lattice_rows",
    "oracle_of",
    "read_with_known_text",
    "rearranged",
    "recover_h",
    "repeated_blocks",
    "rewrite",
    "sign_again",
]
