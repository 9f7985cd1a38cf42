"""Pictures as SVG: a browser can read them."""

import base64
import zlib

from securedata_lab.drawing import svg


def chunk(name: bytes, data: bytes) -> bytes:
    check = zlib.crc32(name + data).to_bytes(4, "big")
    return len(data).to_bytes(4, "big") + name + data + check


def test_grey_pixels_are_a_png() -> None:
    """ISO/IEC 15948: a signature, and chunks of length, type, data and CRC-32."""
    pixels = bytes(range(256))
    lines = b"".join(b"\0" + pixels[n : n + 16] for n in range(0, 256, 16))
    header = bytes([0, 0, 0, 16, 0, 0, 0, 16, 8, 0, 0, 0, 0])
    png = base64.b64decode(svg.grey_pixels(pixels, 16).removeprefix("data:image/png;base64,"))
    assert png == b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(
        b"IDAT", zlib.compress(lines, 9)
    ) + chunk(b"IEND", b"")
