"""Lesson 01: flip one bit of what is sent, in four modes."""

from typing import Any

from Crypto.Cipher import AES

from securedata_lab.basics.bits import flip_bit
from securedata_lab.drawing.explorer import Explorer

KEY, NONCE, IV = bytes(range(32)), bytes(range(12)), bytes(range(16))
BLOCK_BYTES = 16
CIPHERTEXT = "ciphertext"
TEXT_BYTES = 48  # three blocks: so that CBC shows where a change ends


def explore_bits(text: str) -> Explorer:
    """Flip a bit of this text's ciphertext, IV, nonce or tag: what does the receiver read?

    Raises:
        ValueError: the text is not 48 letters of ASCII.

    >>> explore_bits("pay 0100 EUR to Ada Lovelace, order 4711, today.")
    One bit is flipped in one part of what is sent. So many letters change in each block of 3:
    ECB  block 1 of the ciphertext  0, 16, 0
    CBC  IV                         1, 0, 0
    CBC  block 1 of the ciphertext  0, 16, 1
    CTR  nonce                      16, 16, 16
    CTR  block 1 of the ciphertext  0, 1, 0
    GCM  nonce                      nothing is read: the tag is wrong
    GCM  block 1 of the ciphertext  nothing is read: the tag is wrong
    GCM  tag                        nothing is read: the tag is wrong
    """
    plaintext = text.encode("ascii")
    if len(plaintext) != TEXT_BYTES:
        raise ValueError(f"the text must have {TEXT_BYTES} letters, not {len(plaintext)}")
    sent = {name: _sent(plaintext, name) for name in ("ECB", "CBC", "CTR", "GCM")}
    reads = {name: _all_flips(plaintext, name, parts) for name, parts in sent.items()}
    words = [
        "One bit is flipped in one part of what is sent. So many letters change in each block of 3:"
    ]
    for mode, parts in sent.items():
        for part in parts:
            is_text = part == CIPHERTEXT
            where = f"block 1 of the {part}" if is_text else part
            read = reads[mode][part] and reads[mode][part][8 * BLOCK_BYTES if is_text else 0]
            words.append(f"{mode}  {where:<25}  {_in_words(plaintext, read)}")
    modes = {
        mode: [
            {"name": part, "hex": it.hex(), "reads": reads[mode][part]}
            for part, it in parts.items()
        ]
        for mode, parts in sent.items()
    }
    return Explorer(__package__, "bits", {"text": text, "modes": modes}, "\n".join(words))


def _sent(plaintext: bytes, mode: str) -> dict[str, bytes]:
    """The parts of a message, by name. CTR counts as GCM does: both have the same ciphertext."""
    if mode == "GCM":
        ciphertext, tag = AES.new(KEY, AES.MODE_GCM, nonce=NONCE).encrypt_and_digest(plaintext)
        return {"nonce": NONCE, CIPHERTEXT: ciphertext, "tag": tag}
    start = {"ECB": {}, "CBC": {"IV": IV}, "CTR": {"nonce": NONCE}}[mode]
    return start | {CIPHERTEXT: _cipher(mode, start).encrypt(plaintext)}


def _cipher(mode: str, parts: dict[str, bytes]) -> Any:
    if mode == "CBC":
        return AES.new(KEY, AES.MODE_CBC, iv=parts["IV"])
    if mode == "CTR":
        return AES.new(KEY, AES.MODE_CTR, nonce=parts["nonce"], initial_value=2)
    return AES.new(KEY, AES.MODE_ECB)


def _all_flips(plaintext: bytes, mode: str, parts: dict[str, bytes]) -> dict[str, Any]:
    """What is read for each flipped bit of each part, first bit first; None if it is refused."""
    if mode == "GCM":
        return dict.fromkeys(parts)
    return {
        part: [_read(plaintext, mode, parts, part, bit) for bit in range(8 * len(it))]
        for part, it in parts.items()
    }


def _read(
    plaintext: bytes, mode: str, parts: dict[str, bytes], part: str, bit: int
) -> tuple[int, str]:
    """The first changed byte, and the bytes from there to the last changed one, in hex."""
    changed = parts | {part: bytes.fromhex(flip_bit(parts[part].hex(), bit))}
    read = _cipher(mode, changed).decrypt(changed[CIPHERTEXT])
    places = [n for n in range(TEXT_BYTES) if read[n] != plaintext[n]]
    return places[0], read[places[0] : places[-1] + 1].hex()


def _in_words(plaintext: bytes, read: tuple[int, str] | None) -> str:
    if read is None:
        return "nothing is read: the tag is wrong"
    start, change = read
    after = bytearray(plaintext)
    after[start : start + len(change) // 2] = bytes.fromhex(change)
    changed = [n // BLOCK_BYTES for n in range(TEXT_BYTES) if after[n] != plaintext[n]]
    return ", ".join(str(changed.count(block)) for block in range(TEXT_BYTES // BLOCK_BYTES))
