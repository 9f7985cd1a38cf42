"""`make picture`: record `securedata demo`, into docs/images/demo.svg, which plays by itself.

An SVG of text, without scripts: its frames are shown one after the other by CSS, three times. Who
wants less motion sees one frame that stands.
"""

import re
from html import escape
from pathlib import Path

from click.testing import CliRunner

from securedata.cli import main as securedata

ROOT = Path(__file__).parent.parent
PICTURE = ROOT / "docs" / "images" / "demo.svg"

# Each frame shows these steps of the demo, for so many seconds. The last one stays.
FRAMES = (("1. Store", 5), ("2. Look", 7), ("3. Tamper 4. Refuse", 8))
COLUMNS, COLUMN, LINE, MARGIN = 78, 8.4, 19, 16
TIMES = 3
BACKGROUNDS = {"42": "#7fd49a", "41": "#a3141c", "7": "#dfe5ec"}
INKS = {"42": "#0b1f12", "41": "#ffffff", "7": "#14171b"}

STYLE = """\
text { font: 14px ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace }
text { fill: #dfe5ec; white-space: pre }
.frame { visibility: hidden }
.last { visibility: visible }
@media (prefers-reduced-motion: no-preference) {
"""


def main() -> None:
    """Run the demo, and write the picture."""
    PICTURE.write_text(picture(demo()), encoding="utf-8", newline="\n")


def demo() -> str:
    """What the demo prints, with its colours."""
    ran = CliRunner().invoke(securedata, ["demo"], color=True)
    if ran.exit_code != 0:
        raise SystemExit(ran.output)
    return ran.output


def picture(output: str) -> str:
    """The SVG of what the demo printed."""
    frames = [["$ securedata demo", "", *lines_of(output, steps)] for steps, _ in FRAMES]
    width = round(COLUMNS * COLUMN + 2 * MARGIN)
    height = max(map(len, frames)) * LINE + 2 * MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" xml:space="preserve" '
        f'viewBox="0 0 {width} {height}">',
        f"<style>\n{STYLE}{''.join(timing(number) for number in range(len(FRAMES)))}}}\n</style>",
        f'<rect width="{width}" height="{height}" rx="8" fill="#14171b"/>',
    ]
    for number, lines in enumerate(frames):
        last = " last" if number == len(frames) - 1 else ""
        parts.append(f'<g id="frame{number}" class="frame{last}">')
        parts += [drawn(line, row) for row, line in enumerate(lines) if line]
        parts.append("</g>")
    return "\n".join([*parts, "</svg>", ""])


def lines_of(output: str, steps: str) -> list[str]:
    """The lines of these steps, with their colours."""
    sections = re.split(r"\n\n(?=\x1b\[1m\x1b\[7m \d)", output)
    wanted = [it for it in sections if re.sub(r"\x1b\[\d+m", "", it)[1:3] in steps]
    return "\n\n".join(wanted).rstrip().splitlines()


def timing(number: int) -> str:
    """When a frame is seen: from the end of the one before to its own end."""
    total = sum(seconds for _, seconds in FRAMES)
    start = 100 * sum(seconds for _, seconds in FRAMES[:number]) / total
    end = start + 100 * FRAMES[number][1] / total
    times = [(0, start == 0), (start, True), (end, end == 100)]
    states = "".join(f"{at:g}% {{ visibility: {_seen(is_seen)} }} " for at, is_seen in times)
    return (
        f"@keyframes f{number} {{ {states}}}\n"
        f"#frame{number} {{ animation: f{number} {total}s step-end {TIMES} }}\n"
    )


def _seen(is_seen: bool) -> str:
    return "visible" if is_seen else "hidden"


def drawn(line: str, row: int) -> str:
    """One line: a rectangle behind what has a background, and the text."""
    drawings, column, style = [], 0, ""
    for code, text in re.findall(r"\x1b\[(\d+)m|([^\x1b]+)", line):
        if code:
            style = "" if code == "0" else code if code in INKS else style
            continue
        x, y = MARGIN + column * COLUMN, MARGIN + row * LINE
        length = len(text) * COLUMN
        if style:
            drawings.append(
                f'<rect x="{x:g}" y="{y}" width="{length:g}" height="{LINE}" '
                f'fill="{BACKGROUNDS[style]}"/>'
            )
        ink = f' style="fill: {INKS[style]}; font-weight: 700"' if style else ""
        # Whatever the font is, a column is as wide as a column.
        drawings.append(
            f'<text x="{x:g}" y="{y + 14}" textLength="{length:g}" '
            f'lengthAdjust="spacingAndGlyphs"{ink}>{escape(text)}</text>'
        )
        column += len(text)
    return "".join(drawings)


if __name__ == "__main__":
    main()
