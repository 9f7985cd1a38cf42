"""A small readable AES (FIPS 197): for looking at, never for protecting anything.

Its table look-ups leak the key through timing, and it takes a block alone, without a mode. The
state is 16 bytes, column by column, as the standard has it: byte r + 4c stands in row r and
column c (FIPS 197, 3.4).
"""

from collections.abc import Iterator

from securedata.errors import FormatError
from securedata_lab.basics.bits import xor

ROUNDS = {16: 10, 24: 12, 32: 14}  # by the key's length in bytes (FIPS 197, 5)
BLOCK_BYTES = 16

State = bytes


def times_x(a: int) -> int:
    """a times x in GF(2^8), reduced by x^8 + x^4 + x^3 + x + 1 (FIPS 197, 4.2).

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


def inverse(a: int) -> int:
    """The byte whose product with a is one, found by trying; of zero, zero (FIPS 197, 5.1.1).

    >>> multiply(inverse(0x53), 0x53), inverse(0)
    (1, 0)
    """
    return next((b for b in range(256) if multiply(a, b) == 1), 0)


def affine(a: int) -> int:
    """Bit i plus the bits i+4 to i+7, and 63 added: five rotations (FIPS 197, 5.1.1).

    >>> hex(affine(0)), hex(affine(1))
    ('0x63', '0x7c')
    """
    result = 0x63
    for n in range(5):
        result ^= (a << n | a >> 8 - n) & 0xFF
    return result


def substitute(a: int) -> int:
    """The S-box: the inverse in GF(2^8), then an affine map over bits (FIPS 197, 5.1.1).

    >>> hex(substitute(0x53))
    '0xed'
    """
    return affine(inverse(a))


S_BOX = bytes(substitute(a) for a in range(256))


def sub_bytes(state: State) -> State:
    """SubBytes: every byte through the S-box (FIPS 197, 5.1.1).

    >>> sub_bytes(bytes(2)).hex()
    '6363'
    """
    return bytes(S_BOX[byte] for byte in state)


def shift_rows(state: State) -> State:
    """ShiftRows: row r moves r places to the left (FIPS 197, 5.1.2).

    >>> shift_rows(bytes(range(16))).hex(" ", 4)
    '00050a0f 04090e03 080d0207 0c01060b'
    """
    return bytes(state[(place + 4 * (place % 4)) % 16] for place in range(16))


def mix_column(column: bytes) -> bytes:
    """One column times the polynomial 03·y^3 + 01·y^2 + 01·y + 02 (FIPS 197, 5.1.3).

    >>> mix_column(bytes.fromhex("d4bf5d30")).hex()
    '046681e5'
    """
    turned = [column[row:] + column[:row] for row in range(4)]
    return bytes(multiply(2, a) ^ multiply(3, b) ^ c ^ d for a, b, c, d in turned)


def mix_columns(state: State) -> State:
    """MixColumns: every column by itself (FIPS 197, 5.1.3).

    >>> mix_columns(bytes.fromhex("d4bf5d30") * 4).hex(" ", 4)
    '046681e5 046681e5 046681e5 046681e5'
    """
    return b"".join(mix_column(state[start : start + 4]) for start in range(0, BLOCK_BYTES, 4))


def add_round_key(state: State, round_key: bytes) -> State:
    """AddRoundKey: XOR with 16 bytes of the expanded key (FIPS 197, 5.1.4).

    >>> add_round_key(bytes(15) + b"a", bytes(15) + b" ")[-1:]
    b'A'
    """
    return xor(state, round_key)


def round_constant(number: int) -> bytes:
    """Rcon: x^(number - 1), and three zeros; the first is number 1 (FIPS 197, 5.2).

    >>> round_constant(1).hex(), round_constant(10).hex()
    ('01000000', '36000000')
    """
    constant = 1
    for _ in range(number - 1):
        constant = times_x(constant)
    return bytes([constant, 0, 0, 0])


def next_word(words: list[bytes], key_words: int) -> bytes:
    """The word after these, for a key of 4, 6 or 8 words (FIPS 197, 5.2).

    >>> next_word([bytes.fromhex(word) for word in "2b7e1516 28aed2a6 abf71588 09cf4f3c".split()],
    ...     4).hex()
    'a0fafe17'
    """
    word, number = words[-1], len(words)
    if number % key_words == 0:
        word = xor(sub_bytes(word[1:] + word[:1]), round_constant(number // key_words))
    elif key_words == 8 and number % key_words == 4:
        word = sub_bytes(word)
    return xor(words[-key_words], word)


def expand_key(key: bytes) -> list[bytes]:
    """The round keys, 16 bytes each, one more than there are rounds (FIPS 197, 5.2).

    Raises:
        FormatError: the key is not 16, 24 or 32 bytes.

    >>> expand_key(bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c"))[1].hex()
    'a0fafe1788542cb123a339392a6c7605'
    """
    if len(key) not in ROUNDS:
        raise FormatError(f"an AES key has 16, 24 or 32 bytes, not {len(key)}")
    words = [key[start : start + 4] for start in range(0, len(key), 4)]
    while len(words) < 4 * (ROUNDS[len(key)] + 1):
        words.append(next_word(words, len(key) // 4))
    return [b"".join(words[start : start + 4]) for start in range(0, len(words), 4)]


def round_steps(state: State, round_key: bytes, *, last: bool) -> Iterator[tuple[str, State]]:
    """The three or four steps of one round (FIPS 197 (2001), 5.1, figure 5).

    >>> [name for name, _ in round_steps(bytes(16), bytes(16), last=True)]
    ['SubBytes', 'ShiftRows', 'AddRoundKey']
    """
    yield "SubBytes", (state := sub_bytes(state))
    yield "ShiftRows", (state := shift_rows(state))
    if not last:
        yield "MixColumns", (state := mix_columns(state))
    yield "AddRoundKey", add_round_key(state, round_key)


def states(key: bytes, block: bytes) -> Iterator[tuple[str, State]]:
    """Every step of an encryption: its name, and the state after it (FIPS 197, 5.1).

    Raises:
        FormatError: the key is not 16, 24 or 32 bytes, or the block not 16.

    >>> [name for name, _ in states(bytes(16), bytes(16))][:4]
    ['input', 'round 0 AddRoundKey', 'round 1 SubBytes', 'round 1 ShiftRows']
    """
    if len(block) != BLOCK_BYTES:
        raise FormatError(f"an AES block has 16 bytes, not {len(block)}")
    first, *others = expand_key(key)
    yield "input", block
    yield "round 0 AddRoundKey", (state := add_round_key(block, first))
    for number, round_key in enumerate(others, start=1):
        last = number == len(others)
        for name, after in round_steps(state, round_key, last=last):
            yield f"round {number} {name}", (state := after)
