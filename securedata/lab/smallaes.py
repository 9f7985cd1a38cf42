"""A small readable AES (FIPS 197): for looking at, never for protecting anything.

Its table look-ups take a time that depends on the key. The state is 16 bytes, column by column, as
the standard has it: byte r + 4c stands in row r and column c (FIPS 197, 3.4).
"""

from collections.abc import Iterator

from securedata.errors import FormatError
from securedata.lab.bits import xor

ROUNDS = {16: 10, 24: 12, 32: 14}  # by the key's length in bytes (FIPS 197, 5)


def times_x(a: int) -> int:
    """a times x in GF(2^8), reduced by x^8 + x^4 + x^3 + x + 1 (FIPS 197, 4.2.1).

    >>> hex(times_x(0x57)), hex(times_x(0xAE))
    ('0xae', '0x47')
    """
    return (a << 1) ^ (0x11B if a & 0x80 else 0)


def multiply(a: int, b: int) -> int:
    """The product of two bytes in GF(2^8) (FIPS 197, 4.2).

    >>> hex(multiply(0x57, 0x13))
    '0xfe'
    """
    product = 0
    while b:
        product ^= a if b & 1 else 0
        a, b = times_x(a), b >> 1
    return product


def substitute(a: int) -> int:
    """The S-box: the inverse in GF(2^8), then an affine map over bits (FIPS 197, 5.1.1).

    >>> hex(substitute(0x53))
    '0xed'
    """
    inverse = next((b for b in range(256) if multiply(a, b) == 1), 0)
    rotations = [(inverse << n | inverse >> 8 - n) & 0xFF for n in range(5)]
    return rotations[0] ^ rotations[1] ^ rotations[2] ^ rotations[3] ^ rotations[4] ^ 0x63


S_BOX = bytes(substitute(a) for a in range(256))


def sub_bytes(state: bytes) -> bytes:
    """SubBytes: every byte through the S-box (FIPS 197, 5.1.1).

    >>> sub_bytes(bytes(2)).hex()
    '6363'
    """
    return bytes(S_BOX[byte] for byte in state)


def shift_rows(state: bytes) -> bytes:
    """ShiftRows: row r moves r places to the left (FIPS 197, 5.1.2).

    >>> shift_rows(bytes(range(16))).hex(" ", 4)
    '00050a0f 04090e03 080d0207 0c01060b'
    """
    return bytes(state[(place + 4 * (place % 4)) % 16] for place in range(16))


def mix_columns(state: bytes) -> bytes:
    """MixColumns: every column times a fixed polynomial (FIPS 197, 5.1.3).

    >>> mix_columns(bytes.fromhex("d4bf5d30") + bytes(12)).hex()[:8]
    '046681e5'
    """
    columns = [state[start : start + 4] for start in range(0, 16, 4)]
    return bytes(
        multiply(2, column[row])
        ^ multiply(3, column[(row + 1) % 4])
        ^ column[(row + 2) % 4]
        ^ column[(row + 3) % 4]
        for column in columns
        for row in range(4)
    )


def expand_key(key: bytes) -> list[bytes]:
    """The round keys, 16 bytes each, one more than there are rounds (FIPS 197, 5.2).

    Raises:
        FormatError: the key is not 16, 24 or 32 bytes.

    >>> expand_key(bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c"))[1].hex()
    'a0fafe1788542cb123a339392a6c7605'
    """
    if len(key) not in ROUNDS:
        raise FormatError(f"an AES key has 16, 24 or 32 bytes, not {len(key)}")
    length = len(key) // 4
    words = [key[start : start + 4] for start in range(0, len(key), 4)]
    constant = 1
    while len(words) < 4 * (ROUNDS[len(key)] + 1):
        word = words[-1]
        if len(words) % length == 0:
            word = xor(sub_bytes(word[1:] + word[:1]), bytes([constant, 0, 0, 0]))
            constant = times_x(constant)
        elif length == 8 and len(words) % length == 4:
            word = sub_bytes(word)
        words.append(xor(words[-length], word))
    return [b"".join(words[start : start + 4]) for start in range(0, len(words), 4)]


def states(key: bytes, block: bytes) -> Iterator[tuple[str, bytes]]:
    """Every step of an encryption: its name, and the state after it (FIPS 197, 5.1).

    >>> [name for name, _ in states(bytes(16), bytes(16))][:4]
    ['input', 'round 0 AddRoundKey', 'round 1 SubBytes', 'round 1 ShiftRows']
    """
    first, *others = expand_key(key)
    yield "input", block
    state = xor(block, first)
    yield "round 0 AddRoundKey", state
    for number, round_key in enumerate(others, start=1):
        state = sub_bytes(state)
        yield f"round {number} SubBytes", state
        state = shift_rows(state)
        yield f"round {number} ShiftRows", state
        if number < len(others):  # the last round mixes no columns
            state = mix_columns(state)
            yield f"round {number} MixColumns", state
        state = xor(state, round_key)
        yield f"round {number} AddRoundKey", state


def encrypt_block(key: bytes, block: bytes) -> bytes:
    """Encrypt 16 bytes: the state after the last step (FIPS 197, 5.1).

    Raises:
        FormatError: the key is not 16, 24 or 32 bytes, or the block not 16.

    >>> encrypt_block(bytes(range(16)), bytes.fromhex("00112233445566778899aabbccddeeff")).hex()
    '69c4e0d86a7b0430d8cdb78070b4c55a'
    """
    *_, (_, state) = states(key, block)
    return state
