"""Charts as SVG text, without a library: matplotlib takes 30 MiB of each kernel on a hub.

It draws axes, curves and grey pixels. It does not know what they mean.
"""

import base64
import math
import struct
import zlib
from collections.abc import Iterable, Sequence
from html import escape

BLUE, VERMILION = "#0072B2", "#D55E00"  # Okabe and Ito's
WIDTH, HEIGHT = 720, 300
LEFT, RIGHT, TOP, BOTTOM = 80, 20, 40, 60  # around the axes, in pixels
LARGE, NORMAL, SMALL = 18, 15, 13  # letters, in pixels
SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


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


def ticks(low: float, high: float) -> list[float]:
    """Five to ten round numbers from low to high.

    >>> ticks(0, 78)
    [0.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0]
    """
    digits = 10.0 ** math.floor(math.log10((high - low) / 5))
    # 0.5, because the logarithm may be rounded up: digits is then a little too large.
    step = max(digits * times for times in (0.5, 1, 2, 5) if (high - low) / 5 >= digits * times)
    return [step * n for n in range(math.ceil(low / step), math.floor(high / step) + 1)]


def power_of_ten(exponent: float) -> str:
    """How a logarithmic axis writes it.

    >>> power_of_ten(-12)
    '10⁻¹²'
    """
    return f"10{f'{exponent:g}'.translate(SUPERSCRIPT)}"


class Chart:
    """Axes with a title, for what is then added in the data's own units; y is a logarithm.

    >>> chart = Chart("Work", "bits", "tries", (0, 10), (0, 5))
    >>> chart.add_curve([(1, 2), (5, 3)])
    >>> "<polyline" in chart.picture()
    True
    """

    def __init__(
        self,
        title: str,
        x_label: str,
        y_label: str,
        xs: tuple[float, float],
        ys: tuple[float, float],
    ) -> None:
        self._xs, self._ys = xs, ys
        bottom, middle = HEIGHT - BOTTOM, (LEFT + WIDTH - RIGHT) / 2
        turned = f' transform="rotate(-90 20 {HEIGHT / 2:g})"'
        self._elements = [
            text(middle, TOP - 14, title, LARGE),
            text(middle, HEIGHT - 14, x_label),
            text(20, HEIGHT / 2, y_label, more=turned),
            f'<path d="M{LEFT} {TOP}V{bottom}H{WIDTH - RIGHT}" fill="none" stroke="black"/>',
        ]
        for tick in ticks(*xs):
            self._elements.append(text(self._x(tick), bottom + 20, f"{tick:g}", SMALL))
        for tick in (tick for tick in ticks(*ys) if tick == int(tick)):
            place = self._y(tick) + 5
            self._elements.append(text(LEFT - 8, place, power_of_ten(tick), SMALL, "end"))

    def _x(self, value: float) -> float:
        low, high = self._xs
        return LEFT + (value - low) / (high - low) * (WIDTH - RIGHT - LEFT)

    def _y(self, value: float) -> float:
        low, high = self._ys
        return HEIGHT - BOTTOM - (value - low) / (high - low) * (HEIGHT - BOTTOM - TOP)

    def add_curve(self, points: Sequence[tuple[float, float]]) -> None:
        """A line through the points, with a mark at about twelve of them."""
        places = [(f"{self._x(x):.1f}", f"{self._y(y):.1f}") for x, y in points]
        path = " ".join(f"{x},{y}" for x, y in places)
        line = f'points="{path}" fill="none" stroke="{BLUE}" stroke-width="2"'
        self._elements.append(f"<polyline {line}/>")
        for x, y in places[:: max(len(places) // 12, 1)]:
            self._elements.append(f'<circle cx="{x}" cy="{y}" r="4" fill="{BLUE}"/>')

    def add_mark(self, x: float, words: str) -> None:
        """A dashed line from top to bottom, with words beside it, where there is more room."""
        place = self._x(x)
        line = f'stroke="{VERMILION}" stroke-width="2" stroke-dasharray="8 5"'
        self._elements.append(f'<path d="M{place:.1f} {TOP}V{HEIGHT - BOTTOM}" {line}/>')
        side, anchor = (-8, "end") if place > WIDTH / 2 else (8, "start")
        self._elements.append(text(place + side, TOP + 14, words, anchor=anchor))

    def picture(self) -> str:
        """The chart as a picture."""
        return picture(WIDTH, HEIGHT, self._elements)


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
