"""A verdict as HTML, for a notebook: the state, what was expected, what came, and why.

It says the same as the line that is printed elsewhere. Colours are Okabe and Ito's; text has the
colour of the page, light or dark, except on the badge.
"""

import re
from collections.abc import Mapping
from html import escape

LOOKS = {  # black on each of these has a contrast of 5 to 1 or more
    "correct": ("✓", "#009E73"),
    "not yet": ("✗", "#E69F00"),
    "not attempted yet": ("…", "#999999"),
    "solved before": ("•", "#999999"),
}
# A repr is one piece: an order holds "; ", too. A long one ends in "…".
A_REPR = re.compile(r"""(?<!\w)b?(['"])(\\.|.)*?(\1|…)""", re.DOTALL)
PARTS = re.compile(r"expected (?P<expected>.*?), got (?P<got>.*?); (?P<why>.*)", re.DOTALL)
MOST_HEX = 64  # bytes


def as_html(
    number: str, state: str, words: str, solved_before: bool, values: Mapping[str, bytes]
) -> str:
    """HTML for one check. `values` are the byte strings in `words`, which it shows in hex as well.

    >>> as_html("1.2", "correct", "well done", False, {})[-31:]
    '<b>correct</b>: well done</div>'
    """
    mark, colour = LOOKS[state]
    before = "solved before; this attempt: " if solved_before else ""
    badge = _styled("b", f"{mark} {number}", f"background:{colour};color:#000;padding:2px 8px")
    head = f"{badge} <b>{before}{state}</b>"
    found = PARTS.fullmatch(A_REPR.sub(lambda it: "_" * len(it[0]), words))
    if found is None:
        return _frame(colour, f"{head}: {escape(words)}" if words else head)
    expected, got, why = (words[slice(*found.span(part))] for part in ("expected", "got", "why"))
    rows = [
        _row("expected", _value(expected, values.get(expected), values.get(got))),
        _row("got", _value(got, values.get(got), values.get(expected))),
        _row("why", escape(why)),
    ]
    return _frame(colour, head + "".join(rows))


def _frame(colour: str, content: str) -> str:
    style = f"border:1px solid {colour};border-left-width:8px;padding:8px 12px;max-width:60em"
    return _styled("div", content, style)


def _row(label: str, content: str) -> str:
    name = _styled("b", label, "flex:0 0 6.5em")
    return _styled("div", f"{name}<span>{content}</span>", "display:flex;margin-top:4px")


def _value(text: str, value: bytes | None, other: bytes | None) -> str:
    shown = _code(escape(text))
    return shown if value is None else f"{shown}<br>{_code(_hex(value, other))}"


def _code(content: str) -> str:
    return _styled("code", content, "background:none;color:inherit;padding:0;white-space:pre-wrap")


def _hex(value: bytes, other: bytes | None) -> str:
    """Pairs of hex digits; those that differ from the other value stand out by weight and line."""
    pairs = [f"{byte:02x}" for byte in value[:MOST_HEX]]
    if other is not None:
        for place, pair in enumerate(pairs):
            if value[place : place + 1] != other[place : place + 1]:
                pairs[place] = _styled("b", pair, "text-decoration:underline")
    return " ".join(pairs) + (" …" if len(value) > MOST_HEX else f" ({len(value)} bytes)")


def _styled(tag: str, content: str, style: str) -> str:
    return f'<{tag} style="{style}">{content}</{tag}>'
