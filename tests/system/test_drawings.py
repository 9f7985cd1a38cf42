"""No text of a drawing crosses the edge of a box, in a narrow and in a wide font."""

import shutil
import subprocess
from typing import Any

import pytest
from drawings import DRAWINGS

FONTS = ["Liberation Sans", "DejaVu Sans"]  # the first is as wide as Arial
# Texts that cross the edge of a box, or of the drawing: the words, and by how much.
CROSSING = """(font) => {
  const svg = document.querySelector("svg");
  svg.setAttribute("font-family", font);
  const boxOf = (it) => it.getBoundingClientRect();
  const boxes = [svg, ...svg.querySelectorAll("rect")].map(boxOf);
  return [...svg.querySelectorAll("text")].flatMap((it) => {
    const text = boxOf(it), y = (text.top + text.bottom) / 2;
    return boxes.filter((box) => box.top < y && y < box.bottom).map((box) => {
      const outside = Math.max(box.left - text.left, text.right - box.right);
      const inside = Math.min(text.right - box.left, box.right - text.left);
      return [it.textContent, Math.min(outside, inside)];
    });
  }).filter(([, much]) => much > 0.5);
}"""

pytestmark = pytest.mark.serial


@pytest.fixture(scope="module")
def page(browser: Any) -> Any:
    return browser.new_page()


@pytest.mark.parametrize("font", FONTS)
@pytest.mark.parametrize("name", [source.stem for source in sorted(DRAWINGS.glob("*.svg"))])
def test_no_text_crosses_the_edge_of_a_box(page: Any, name: str, font: str) -> None:
    listing = shutil.which("fc-list")
    if listing is None or not subprocess.run([listing, font], capture_output=True).stdout:
        pytest.skip(f"needs the font {font}")
    page.set_content((DRAWINGS / f"{name}.svg").read_text("utf-8"))
    assert page.evaluate(CROSSING, font) == []
