"""What a hall reads from its last row: large lines, and the lock that held, lit.

It draws what it is told. It attacks nothing.
"""

from dataclasses import dataclass
from html import escape

from securedata_lab.drawing import svg

LOCKS = ("TLS", "the look-up", "DSA", "a tag", "AES")  # in the order in which a request meets them
LINE = 'stroke="black" stroke-width="4"'
LARGE = "font:21px/1.35 monospace;white-space:pre-wrap;margin:0 0 8px"


@dataclass(frozen=True)
class Screen:
    """Lines of text in large type, and a picture below them.

    >>> Screen("Nothing came.")
    Nothing came.
    """

    words: str
    picture: str = ""

    def __repr__(self) -> str:
        return self.words

    def _repr_html_(self) -> str:  # IPython asks for it
        return f'<div><pre style="{LARGE}">{escape(self.words)}</pre>{self.picture}</div>'


def locks(*lines: str, held: str) -> Screen:
    """These lines, and the locks on the way to a text; the one that held is lit, and says so.

    >>> locks("eve reads nothing", held="TLS")
    eve reads nothing
    TLS held
    """
    elements = [
        f'<path d="M85 70H1020" {LINE}/>',
        svg.text(42, 78, "client", 24),
        svg.text(1060, 78, "text", 24),
        *(_lock(100 + place * 182, lock, lock == held) for place, lock in enumerate(LOCKS)),
    ]
    return Screen(
        "\n".join([*lines, f"{held or 'no lock'} held"]), svg.picture(1100, 132, elements)
    )


def _lock(left: int, name: str, is_lit: bool) -> str:
    colour = "#E69F00" if is_lit else "white"  # Okabe and Ito's orange
    below = svg.text(left + 75, 124, "held", 24, more=' font-weight="bold"') if is_lit else ""
    return "".join(
        [
            f'<path d="M{left + 45} 42v-8a30 30 0 0 1 60 0v8" fill="none" {LINE}/>',
            f'<rect x="{left}" y="42" width="150" height="56" rx="10" fill="{colour}" {LINE}/>',
            svg.text(left + 75, 78, name, 24),
            below,
        ]
    )
