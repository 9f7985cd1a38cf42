"""Charts as SVG: a browser can read them, and what is drawn stands where the data says."""

import base64
import xml.etree.ElementTree as ElementTree
import zlib

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from securedata_lab.drawing import svg

SVG = "{http://www.w3.org/2000/svg}"


def elements(picture: str, kind: str) -> list[ElementTree.Element]:
    return ElementTree.fromstring(picture).findall(SVG + kind)


def words(picture: str) -> list[str | None]:
    return [it.text for it in elements(picture, "text")]


def test_what_is_written_cannot_end_the_picture() -> None:
    chart = svg.Chart("a < b & c", '"x"', "</svg>", (0, 10), (0, 10))
    assert words(chart.picture())[:3] == ["a < b & c", '"x"', "</svg>"]


@settings(deadline=None, derandomize=True)
@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6))
@example(0.03125, 0.005)  # whose fifth is a little less than 0.001
def test_an_axis_has_a_few_round_numbers_all_of_them_on_it(low: float, length: float) -> None:
    found = svg.ticks(low, low + length)
    assert 4 <= len(found) <= 14
    assert low - 1e-6 <= min(found) <= max(found) <= low + length + 1e-6


def test_a_curve_goes_from_corner_to_corner_and_whole_powers_of_ten_are_named() -> None:
    chart = svg.Chart("", "", "", (0, 2), (-1, 1))
    chart.add_curve([(0, -1), (2, 1)])
    (line,) = elements(chart.picture(), "polyline")
    left, bottom = float(svg.LEFT), float(svg.HEIGHT - svg.BOTTOM)
    assert line.attrib["points"] == f"{left},{bottom} {float(svg.WIDTH - svg.RIGHT)},{svg.TOP}.0"
    assert [it for it in words(chart.picture()) if it and "10" in it] == ["10⁻¹", "10⁰", "10¹"]


@pytest.mark.parametrize(("x", "anchor"), [(1, "start"), (9, "end")])
def test_the_words_at_a_mark_stand_where_there_is_room(x: float, anchor: str) -> None:
    chart = svg.Chart("", "", "", (0, 10), (0, 1))
    chart.add_mark(x, "here")
    (mark,) = (it for it in elements(chart.picture(), "text") if it.text == "here")
    assert mark.attrib["text-anchor"] == anchor


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
