"""`make drawings`: notebooks/drawings/NAME.svg as NAME.png, on a white card with round corners.

Notebooks embed the PNG, twice as fine as it is shown. Colab shows no SVG in Markdown
(googlecolab/colabtools, issue 2092), and on a dark page a drawing must have no sharp corners.
"""

import hashlib
import shutil
import struct
import sys
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

DRAWINGS = Path(__file__).parent.parent / "notebooks" / "drawings"
CARD = """<body style="margin: 0"><div style="display: inline-block; padding: 12px; line-height: 0;
background: #fff; border-radius: 14px">{svg}</div>"""
HEAD = 8 + 25  # bytes of a PNG's signature and first chunk (PNG specification, 5.2 and 11.2.1)


@contextmanager
def started_browser() -> Iterator["Browser"]:
    """The Chromium of this machine."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("This needs Chromium.")
    with sync_playwright() as p:
        yield p.chromium.launch(executable_path=chromium, args=["--no-sandbox"])


def draw(sources: Iterable[Path]) -> None:
    """Write the PNG beside each SVG."""
    with started_browser() as browser:
        page = browser.new_page(device_scale_factor=2, viewport={"width": 1200, "height": 800})
        for source in sources:
            page.set_content(CARD.format(svg=source.read_text("utf-8")))
            png = page.locator("div").screenshot(omit_background=True)
            source.with_suffix(".png").write_bytes(png[:HEAD] + _says(source) + png[HEAD:])


def is_new(source: Path) -> bool:
    """Whether the PNG beside this SVG was made from it as it is now."""
    picture = source.with_suffix(".png")
    return picture.exists() and picture.read_bytes()[HEAD:].startswith(_says(source))


def width(picture: Path) -> int:
    """How wide a PNG is shown, in pixels of CSS."""
    return int(struct.unpack_from(">I", picture.read_bytes(), 16)[0]) // 2


def _says(source: Path) -> bytes:
    """A chunk of a PNG that holds the SHA-256 of its source (PNG specification, 11.3.3)."""
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    text = b"tEXt" + b"Source\0" + digest.encode("ascii")
    return struct.pack(">I", len(text) - 4) + text + struct.pack(">I", zlib.crc32(text))


if __name__ == "__main__":
    draw(source for source in sorted(DRAWINGS.glob("*.svg")) if not is_new(source))
