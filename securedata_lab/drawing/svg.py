"""Pictures as SVG text, without a library: matplotlib takes 30 MiB of each kernel on a hub.

It writes words and grey pixels. It does not know what they mean.
"""

import base64
import struct
import zlib
from collections.abc import Iterable
from html import escape

LARGE, NORMAL = 18, 15  # letters, in pixels


def picture(width: float, height: float, elements: Iterable[str]) -> str:
    """A picture with a white ground, so that a dark notebook shows it as well.

    >>> picture(10, 10, []).startswith('<svg xmlns="http://www.w3.org/2000/svg" width="10"')
    True
    """
    size = f'width="{width:g}" height="{height:g}"'
    shrinks = f'viewBox="0 0 {width:g} {height:g}" font-family="sans-serif"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} {shrinks}>'
    return "\n".join([head, f'<rect {size} fill="white"/>', *elements, "</svg>"])


def text(
    x: float, y: float, words: str, size: int = NORMAL, anchor: str = "middle", more: str = ""
) -> str:
    """Words with their base line at y.

    >>> text(1, 2, "a < b")
    '<text x="1.0" y="2.0" font-size="15" text-anchor="middle">a &lt; b</text>'
    """
    place = f'x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}"'
    return f"<text {place}{more}>{escape(words)}</text>"


def grey_pixels(pixels: bytes, side: int) -> str:
    """A square picture of one byte a pixel, as the address of a PNG (ISO/IEC 15948).

    >>> grey_pixels(bytes(4), side=2)[:22]
    'data:image/png;base64,'
    """
    lines = b"".join(b"\0" + pixels[at : at + side] for at in range(0, side * side, side))
    header = struct.pack(">2I5B", side, side, 8, 0, 0, 0, 0)  # 8 bits of grey
    chunks = {b"IHDR": header, b"IDAT": zlib.compress(lines, 9), b"IEND": b""}
    png = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks.items()
    )
    return f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"
