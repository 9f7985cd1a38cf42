"""Pictures as SVG: a browser can read them."""

import base64
import zlib

from securedata_lab.drawing import svg


def test_grey_pixels_are_a_png() -> None:
    """ISO/IEC 15948: a signature, and chunks of length, type, data and CRC-32."""
    pixels = bytes(range(256))
    address = svg.grey_pixels(pixels, side=16)
    png = base64.b64decode(address.removeprefix("data:image/png;base64,"))
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, at = dict[bytes, bytes](), 8
    while at < len(png):
        end = at + 8 + int.from_bytes(png[at : at + 4], "big")
        assert zlib.crc32(png[at + 4 : end]) == int.from_bytes(png[end : end + 4], "big")
        chunks[png[at + 4 : at + 8]], at = png[at + 8 : end], end + 4
    assert list(chunks) == [b"IHDR", b"IDAT", b"IEND"]
    assert chunks[b"IHDR"] == bytes([0, 0, 0, 16, 0, 0, 0, 16, 8, 0, 0, 0, 0])
    lines = zlib.decompress(chunks[b"IDAT"])
    assert [lines[n : n + 17] for n in range(0, 272, 17)] == [
        b"\0" + pixels[n : n + 16] for n in range(0, 256, 16)
    ]
