"""Pictures for the lessons, each with a text that says the same: for screen readers, and for tests.

Okabe and Ito's colours, which people with any colour vision can tell apart, and a second cue beside
them (markers, labels, weight). Matplotlib is imported when a picture is shown, and not before.
"""

from __future__ import annotations

import base64
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE, ORANGE, VERMILION = "#0072B2", "#E69F00", "#D55E00"
# GitHub strips the colour; the weight stays.
CHANGED = f' style="background:{ORANGE};color:black;font-weight:bold;border:2px solid black"'
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
    figure = _figure(width=2.4 * len(drawings), height=2.9)
    words = []
    for place, (name, pixels) in enumerate(drawings.items(), start=1):
        blocks = [pixels[start : start + 16] for start in range(0, WIDTH * HEIGHT, 16)]
        axes = figure.add_subplot(1, len(drawings), place)
        rows = [list(pixels[start : start + WIDTH]) for start in range(0, WIDTH * HEIGHT, WIDTH)]
        axes.imshow(rows, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
        axes.set_title(name, fontsize=14)
        axes.set_xlabel(f"{len(set(blocks))} different blocks", fontsize=11)
        axes.set_xticks([])
        axes.set_yticks([])
        seen = "noise" if len(set(blocks)) == len(blocks) else "the padlock can be seen"
        words.append(f"{name}: {seen}, {len(set(blocks))} different blocks among {len(blocks)}")
    _show(figure, "; ".join(words))


def show_histogram(values: Sequence[int], title: str, x_label: str) -> None:
    """How often each value came, with the mean marked."""
    figure = _figure(width=8, height=3.2)
    axes = figure.add_subplot()
    counts, mean = Counter(values), sum(values) / len(values)
    axes.bar(list(counts), list(counts.values()), color=BLUE, width=0.85)
    axes.axvline(mean, color=VERMILION, linestyle="--", linewidth=2, label=f"mean {mean:.2f}")
    axes.set_xlim(left=0)
    _label(axes, title, x_label, "how often")
    axes.legend(fontsize=12)
    _show(
        figure,
        f"Histogram: {title}. {len(values)} values from {min(values)} to {max(values)}, "
        f"mean {mean:.2f}.",
    )


def show_curve(
    points: Sequence[tuple[float, float]],
    title: str,
    x_label: str,
    y_label: str,
    *,
    marked: float,
    marked_as: str = "the standard's limit",
) -> None:
    """A curve of y, on a logarithmic scale, over x, with one x marked by a dashed line."""
    figure = _figure(width=8, height=3.4)
    axes = figure.add_subplot()
    xs, ys = zip(*points, strict=True)
    axes.plot(xs, ys, color=BLUE, marker="o", markevery=max(len(xs) // 12, 1), linewidth=2)
    axes.axvline(marked, color=VERMILION, linestyle="--", linewidth=2, label=marked_as)
    axes.set_yscale("log")
    _label(axes, title, x_label, y_label)
    axes.legend(fontsize=12)
    _show(
        figure,
        f"Curve: {title}. {y_label} goes from {ys[0]:.3g} at {xs[0]:g} to {ys[-1]:.3g} at "
        f"{xs[-1]:g}; {marked:g} is marked: {marked_as}.",
    )


def show_grid(
    rows: Mapping[str, Sequence[int]],
    columns: Sequence[str],
    title: str,
    x_label: str,
    alt: str,
) -> None:
    """A heat map: named rows and columns, and the number written into every cell.

    Each row has colours of its own: its largest number is the lightest.
    """
    figure = _figure(width=8, height=0.5 * len(rows) + 1.2)
    axes = figure.add_subplot()
    values = list(rows.values())
    shares = [[value / max(row) for value in row] for row in values]
    axes.imshow(shares, cmap="cividis", vmin=0, vmax=1, aspect="auto")
    for y, row in enumerate(values):
        for x, value in enumerate(row):
            colour = "black" if shares[y][x] > 0.5 else "white"
            axes.text(x, y, str(value), ha="center", va="center", color=colour, fontsize=11)
    axes.set_xticks(range(len(columns)), list(columns), fontsize=12)
    axes.set_yticks(range(len(values)), list(rows), fontsize=12)
    _label(axes, title, x_label, "")
    _show(figure, alt)


def byte_diff(before: bytes, after: bytes) -> str:
    """Two byte strings in hex, 16 bytes a line, and below them the changed bits: before XOR after.

    >>> print(byte_diff(b"ABC", b"AXC"))
    before  41 42 43
    after   41 58 43
    bits       1a
    """
    lines = []
    for start in range(0, max(len(before), len(after)), 16):
        one, two = before[start : start + 16], after[start : start + 16]
        bits = [f"{a ^ b:02x}" if a != b else "  " for a, b in zip(one, two, strict=False)]
        lines += [f"before  {one.hex(' ')}", f"after   {two.hex(' ')}", f"bits    {' '.join(bits)}"]
    return "\n".join(line.rstrip() for line in lines)


def show_byte_diff(before: bytes, after: bytes) -> None:
    """The same as a table: changed bytes stand out by colour and frame; XOR names them."""
    rows, pairs = [], list(zip(before, after, strict=True))
    for label, data in (("before", before), ("after", after)):
        cells = [
            f"<td{CHANGED if a != b else ''}>{byte:02x}</td>"
            for byte, (a, b) in zip(data, pairs, strict=True)
        ]
        rows.append(f"<tr><th>{label}</th>{''.join(cells)}</tr>")
    bits = [f"<td>{a ^ b:02x}</td>" if a != b else "<td></td>" for a, b in pairs]
    rows.append(f"<tr><th>bits</th>{''.join(bits)}</tr>")
    _show_table("".join(rows), byte_diff(before, after))


def _figure(width: float, height: float) -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def _label(axes: Axes, title: str, x_label: str, y_label: str) -> None:
    axes.set_title(title, fontsize=14)
    axes.set_xlabel(x_label, fontsize=12)
    axes.set_ylabel(y_label, fontsize=12)


def _show_table(rows: str, text: str) -> None:
    from IPython.display import display

    table = f"<table>{rows}</table>"
    display({"text/html": table, "text/plain": text}, raw=True)  # type: ignore[no-untyped-call]


def _show(figure: Figure, alt: str) -> None:
    """Display a figure as HTML, where screen readers find its text, and that text by itself.

    They do not find it beside an image/png: JupyterLab writes alt="" there.
    """
    from IPython.display import display

    png = io.BytesIO()
    figure.savefig(png, format="png", dpi=90)
    source = base64.b64encode(png.getvalue()).decode("ascii")
    image = f'<img alt="{escape(alt)}" src="data:image/png;base64,{source}">'
    display({"text/html": image, "text/plain": alt}, raw=True)  # type: ignore[no-untyped-call]
