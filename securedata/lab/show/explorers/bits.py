"""Lesson 01: flip one bit of a ciphertext, in four modes."""

from typing import Any

from Crypto.Cipher import AES

from securedata.lab.primitives.bits import flip_bit
from securedata.lab.show.explorers.explorer import Explorer

KEY, NONCE, IV = bytes(range(32)), bytes(range(12)), bytes(range(16))
BLOCK_BYTES = 16
TEXT_BYTES = 48  # three blocks: so that CBC shows where a change ends


def explore_bits(text: str) -> Explorer:
    """Flip a bit of this text's ciphertext, in four modes: what does the receiver read?

    Raises:
        ValueError: the text is not 48 letters of ASCII.

    >>> explore_bits("pay 0100 EUR to Ada Lovelace, order 4711, today.")
    A bit of block 1 of 3 is flipped in the ciphertext. So many letters change in each block:
    ECB  0, 16, 0
    CBC  0, 16, 1
    CTR  0, 1, 0
    GCM  nothing is read: the tag is wrong
    """
    plaintext = text.encode("ascii")
    if len(plaintext) != TEXT_BYTES:
        raise ValueError(f"the text must have {TEXT_BYTES} letters, not {len(plaintext)}")
    modes = {name: _all_flips(plaintext, name) for name in ("ECB", "CBC", "CTR", "GCM")}
    words = [
        "A bit of block 1 of 3 is flipped in the ciphertext. So many letters change in each block:"
    ]
    words += [f"{name}  {_in_words(plaintext, it['reads'])}" for name, it in modes.items()]
    return Explorer("bits", {"text": text, "modes": modes}, "\n".join(words))


def _all_flips(plaintext: bytes, mode: str) -> dict[str, Any]:
    """The ciphertext, and what is read for each flipped bit, first bit first; None if refused."""
    ciphertext = _cipher(mode).encrypt(plaintext)
    bits = range(8 * len(ciphertext))
    reads = None if mode == "GCM" else [_read(mode, ciphertext, bit, plaintext) for bit in bits]
    return {"ciphertext": ciphertext.hex(), "reads": reads}


def _read(mode: str, ciphertext: bytes, bit: int, plaintext: bytes) -> tuple[int, str]:
    """The first changed byte, and the bytes from there to the last changed one, in hex."""
    read = _cipher(mode).decrypt(bytes.fromhex(flip_bit(ciphertext.hex(), bit)))
    changed = [n for n in range(TEXT_BYTES) if read[n] != plaintext[n]]
    return changed[0], read[changed[0] : changed[-1] + 1].hex()


def _cipher(mode: str) -> Any:
    """Under one key; CTR as GCM counts, so that both have the same ciphertext."""
    options: dict[str, dict[str, Any]] = {
        "ECB": {},
        "CBC": {"iv": IV},
        "CTR": {"nonce": NONCE, "initial_value": 2},
        "GCM": {"nonce": NONCE},
    }
    return AES.new(KEY, getattr(AES, f"MODE_{mode}"), **options[mode])


def _in_words(plaintext: bytes, reads: list[tuple[int, str]] | None) -> str:
    if reads is None:
        return "nothing is read: the tag is wrong"
    start, change = reads[8 * BLOCK_BYTES]  # the first bit of block 1
    read = bytearray(plaintext)
    read[start : start + len(change) // 2] = bytes.fromhex(change)
    changed = [n // BLOCK_BYTES for n in range(TEXT_BYTES) if read[n] != plaintext[n]]
    return ", ".join(str(changed.count(block)) for block in range(TEXT_BYTES // BLOCK_BYTES))
