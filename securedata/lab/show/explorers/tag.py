"""Lesson 02: flip one bit of what a GCM tag is made of. Which bits of the tag change?"""

from Crypto.Cipher import AES

from securedata.lab.attacks.gcm import ghash
from securedata.lab.primitives.bits import flip_bit, xor
from securedata.lab.show.explorers.explorer import Explorer

KEY, NONCE = bytes(range(32)), bytes(12)
BLOCK_BYTES = 16
ONE_BLOCK = "each of the three must have {} letters of ASCII, not {}"
PARTS = {"C": "ciphertext C", "A": "associated data A", "M": "mask M"}


def explore_tag(text: str, other: str, associated_data: str) -> Explorer:
    """Flip a bit of C, of A or of the mask. `other` is sealed under the same nonce.

    Raises:
        ValueError: one of the three has not 16 letters of ASCII.

    >>> explore_tag("Kim: 0100 to Gil", "Eve: 0001 to Kim", "bank, orders, v1")
    T = M XOR GHASH, and T' is the tag of another text under the same nonce.
    The first bit of one part is flipped. So many of 128 bits change:
                        GHASH    T   T'  T XOR T'
    ciphertext C           67   67    0        67
    associated data A      66   66    0        66
    mask M                  0    1    1         0
    """
    first, second, a = (_one_block(it) for it in (text, other, associated_data))
    (c, tag), (_, other_tag) = (_sealed(it, a) for it in (first, second))
    h = int.from_bytes(AES.new(KEY, AES.MODE_ECB).encrypt(bytes(BLOCK_BYTES)), "big")
    hashed = _hash(h, a, c)
    # GHASH is linear: what a flipped bit adds to it depends on no other bit.
    steps = {
        "C": [xor(hashed, _hash(h, a, _flipped(c, bit))).hex() for bit in range(128)],
        "A": [xor(hashed, _hash(h, _flipped(a, bit), c)).hex() for bit in range(128)],
    }
    data = {
        "parts": PARTS,
        "blocks": {"C": c.hex(), "A": a.hex(), "M": xor(tag, hashed).hex()},
        "ghash": hashed.hex(),
        "difference": xor(tag, other_tag).hex(),
        "steps": steps,
    }
    return Explorer("tag", data, _in_words(steps))


def _one_block(text: str) -> bytes:
    block = text.encode("ascii")
    if len(block) != BLOCK_BYTES:
        raise ValueError(ONE_BLOCK.format(BLOCK_BYTES, len(block)))
    return block


def _sealed(plaintext: bytes, associated_data: bytes) -> tuple[bytes, bytes]:
    cipher = AES.new(KEY, AES.MODE_GCM, nonce=NONCE)
    cipher.update(associated_data)
    return cipher.encrypt_and_digest(plaintext)


def _hash(h: int, associated_data: bytes, ciphertext: bytes) -> bytes:
    return ghash(h, associated_data, ciphertext).to_bytes(BLOCK_BYTES, "big")


def _flipped(block: bytes, bit: int) -> bytes:
    return bytes.fromhex(flip_bit(block.hex(), bit))


def _in_words(steps: dict[str, list[str]]) -> str:
    lines = [
        "T = M XOR GHASH, and T' is the tag of another text under the same nonce.",
        "The first bit of one part is flipped. So many of 128 bits change:",
        f"{'':<18}  GHASH    T   T'  T XOR T'",
    ]
    for part, name in PARTS.items():
        count = int(steps[part][0], 16).bit_count() if part in steps else 0
        lines.append(f"{name:<18}  {count:>5}  {count or 1:>3}  {not count:>3}  {count:>8}")
    return "\n".join(lines)
