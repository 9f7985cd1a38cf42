"""Pictures for the lessons, each with a text that says the same: for screen readers, and for tests.

Okabe and Ito's colours, which people with any colour vision can tell apart, and a second cue beside
them (markers, labels, weight).
"""

import base64
from collections.abc import Mapping, Sequence
from html import escape

from securedata_lab.drawing import svg

# GitHub strips the colour; the weight stays.
SAME = ' style="background:#0072B2;color:white;font-weight:bold"'
WIDTH = HEIGHT = 192  # of the drawing, in pixels of one byte each


def drawing() -> bytes:
    """A padlock of 192 × 192 pixels, one byte each: large even areas, where ECB shows itself.

    >>> len(drawing()), len(set(drawing()))
    (36864, 4)
    """
    return bytes(_shade(x, y) for y in range(HEIGHT) for x in range(WIDTH))


def _shade(x: int, y: int) -> int:
    in_body = 40 <= x < 152 and 88 <= y < 168
    from_middle = ((x - 96) ** 2 + (y - 80) ** 2) ** 0.5
    in_shackle = 32 <= from_middle < 50 and y < 88
    in_keyhole = 88 <= x < 104 and 112 <= y < 144
    return 255 if in_keyhole else 60 if in_body else 120 if in_shackle else 240


def show_drawings(drawings: Mapping[str, bytes]) -> None:
    """Drawings side by side, as an eye sees them, with the number of different blocks below."""
    elements, words, width = [], [], WIDTH + 24
    for place, (name, pixels) in enumerate(drawings.items()):
        blocks = [pixels[start : start + 16] for start in range(0, WIDTH * HEIGHT, 16)]
        left, middle = place * width + 12, (place + 0.5) * width
        size = f'x="{left}" y="32" width="{WIDTH}" height="{HEIGHT}"'
        address = svg.grey_pixels(pixels, WIDTH)
        elements += [
            svg.text(middle, 22, name, svg.LARGE),
            f'<image {size} style="image-rendering:pixelated" href="{address}"/>',
            svg.text(middle, HEIGHT + 54, f"{len(set(blocks))} different blocks"),
        ]
        seen = "noise" if len(set(blocks)) == len(blocks) else "the padlock can be seen"
        words.append(f"{name}: {seen}, {len(set(blocks))} different blocks among {len(blocks)}")
    _show(svg.picture(len(drawings) * width, HEIGHT + 66, elements), "; ".join(words))


def xor_table(text: str, ciphertext: bytes, other: bytes, columns: int) -> list[list[list[str]]]:
    """Lines of so many bytes, each of four rows of cells: letters, C, C′ and C ⊕ C′ in hex.

    >>> xor_table("ab", b"AB", b"AC", 16)
    [[['a', 'b'], ['41', '42'], ['41', '43'], ['00', '01']]]
    """
    places = [
        (letter, f"{one:02x}", f"{two:02x}", f"{one ^ two:02x}")
        for letter, one, two in zip(text, ciphertext, other, strict=True)
    ]
    lines = [places[start : start + columns] for start in range(0, len(places), columns)]
    return [[list(row) for row in zip(*line, strict=True)] for line in lines]


def show_xor(text: str, ciphertext: bytes, other: bytes, columns: int = 19) -> None:
    """A text of yours, its ciphertext C, another one C′, and C ⊕ C′: where it is 00 stands out."""
    names, html, words = ("your text", "C", "C′", "C ⊕ C′"), "", []
    for rows in xor_table(text, ciphertext, other, columns):
        for name, row in zip(names, rows, strict=True):
            cells = "".join(
                f"<td{SAME if name == names[-1] and it == '00' else ''}>{escape(it)}</td>"
                for it in row
            )
            html += f"<tr><th>{name}</th>{cells}</tr>"
            words.append(f"{name:<11}{' '.join(f'{it:<2}' for it in row)}".rstrip())
    _show_table(html, "\n".join(words))


def table(columns: Sequence[str], rows: Mapping[str, Sequence[str]]) -> str:
    """Named columns and rows, as text.

    >>> print(table(["reading"], {"the bank": ["works"], "yours": ["stopped"]}))
              reading
    the bank  works
    yours     stopped
    """
    lines = [["", *columns], *([name, *cells] for name, cells in rows.items())]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def show_table(columns: Sequence[str], rows: Mapping[str, Sequence[str]]) -> None:
    """The same as a table."""
    head = "".join(f"<th>{escape(name)}</th>" for name in ("", *columns))
    body = "".join(
        f"<tr><th>{escape(name)}</th>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"
        for name, cells in rows.items()
    )
    _show_table(f"<tr>{head}</tr>{body}", table(columns, rows))


def _show_table(rows: str, text: str) -> None:
    from IPython.display import display

    table = f"<table>{rows}</table>"
    display({"text/html": table, "text/plain": text}, raw=True)  # type: ignore[no-untyped-call]


def _show(picture: str, alt: str) -> None:
    """Display an SVG as HTML, where screen readers find its text, and that text by itself."""
    from IPython.display import display

    source = base64.b64encode(picture.encode()).decode("ascii")
    image = f'<img alt="{escape(alt)}" src="data:image/svg+xml;base64,{source}">'
    display({"text/html": image, "text/plain": alt}, raw=True)  # type: ignore[no-untyped-call]
