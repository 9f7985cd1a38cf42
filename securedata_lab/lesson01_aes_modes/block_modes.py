"""Blocks of 16 bytes: under ECB and CBC, an attacker compares, moves and changes whole ones."""

BLOCK_BYTES = 16


def blocks(data: bytes) -> list[bytes]:
    """Cut bytes into blocks of 16; the last one may be shorter.

    >>> blocks(b"sixteen bytes...and")
    [b'sixteen bytes...', b'and']
    """
    return [data[start : start + BLOCK_BYTES] for start in range(0, len(data), BLOCK_BYTES)]
