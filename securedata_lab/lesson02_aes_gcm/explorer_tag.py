"""Lesson 02: flip one bit of what a GCM tag is made of. Which bits of the tag change?"""

from Crypto.Cipher import AES

from securedata_lab.basics.bits import flip_bit, xor
from securedata_lab.drawing.explorer import Explorer
from securedata_lab.lesson02_aes_gcm.gcm import ghash_under

KEY, NONCE = bytes(range(32)), bytes(12)
BLOCK_BYTES = 16
PARTS = {"C": "ciphertext C", "M": "mask M"}


def explore_tag(text: str, other: str) -> Explorer:
    """Flip a bit of C or of the mask. `other` is sealed under the same nonce.

    Raises:
        ValueError: one of the two has not 16 letters of ASCII.

    >>> explore_tag("Kim: 0100 to Gil", "Eve: 0001 to Kim")
    T = M XOR GHASH, and T' is the tag of another text under the same nonce.
    The first bit of one part is flipped. So many of 128 bits change:
                   GHASH    T   T'  T XOR T'
    ciphertext C      67   67    0        67
    mask M             0    1    1         0
    """
    (c, tag), (_, other_tag) = (
        AES.new(KEY, AES.MODE_GCM, nonce=NONCE).encrypt_and_digest(_one_block(it))
        for it in (text, other)
    )
    h = int.from_bytes(AES.new(KEY, AES.MODE_ECB).encrypt(bytes(BLOCK_BYTES)), "big")
    ghash = ghash_under(h)
    hashed = ghash(c)
    # GHASH is linear: what a flipped bit adds to it depends on no other bit.
    steps = [xor(hashed, ghash(bytes.fromhex(flip_bit(c.hex(), bit)))).hex() for bit in range(128)]
    data = {
        "parts": PARTS,
        "blocks": {"C": c.hex(), "M": xor(tag, hashed).hex()},
        "ghash": hashed.hex(),
        "difference": xor(tag, other_tag).hex(),
        "steps": steps,
    }
    return Explorer(__package__, "tag", data, _in_words(steps))


def _one_block(text: str) -> bytes:
    block = text.encode("ascii")
    if len(block) != BLOCK_BYTES:
        raise ValueError(f"each text must have {BLOCK_BYTES} letters of ASCII, not {len(block)}")
    return block


def _in_words(steps: list[str]) -> str:
    lines = [
        "T = M XOR GHASH, and T' is the tag of another text under the same nonce.",
        "The first bit of one part is flipped. So many of 128 bits change:",
        f"{'':<13}  GHASH    T   T'  T XOR T'",
    ]
    for part, name in PARTS.items():
        count = int(steps[0], 16).bit_count() if part == "C" else 0
        lines.append(f"{name:<13}  {count:>5}  {count or 1:>3}  {not count:>3}  {count:>8}")
    return "\n".join(lines)
