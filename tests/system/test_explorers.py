"""Explorers in a real browser: by mouse, by touch, by keyboard, light and dark."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from vocabulary import CHROMIUM, CHROMIUM_FLAGS, ROOT

from securedata.lab import explore_bits

AXE = ROOT / ".tools" / "axe" / "node_modules" / "axe-core" / "axe.min.js"
SCREENS = {
    "wide": {"viewport": {"width": 1280, "height": 720}},
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
}
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>A lesson</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<body style="background: {background}; color: {colour}"><main><h1>A lesson</h1>{explorers}</main>"""

pytestmark = [
    pytest.mark.serial,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(params=SCREENS)
def page(browser: Any, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """A page with the same explorer twice, as when a cell was copied."""
    html = explore_bits("pay 0100 EUR to Ada Lovelace, order 4711, today.")._repr_html_()
    dark = request.param == "phone"
    colours = {"background": "#111" if dark else "#fff", "colour": "#eee" if dark else "#000"}
    file = tmp_path / "lesson.html"
    file.write_text(PAGE.format(explorers=html + html, **colours), encoding="utf-8")
    page = browser.new_context(**SCREENS[request.param]).new_page()
    mistakes: list[str] = []
    page.on("pageerror", lambda error: mistakes.append(str(error)))
    page.goto(file.as_uri())
    yield page
    assert mistakes == []
    page.context.close()


def said(page: Any, number: int = 0) -> str:
    return str(page.locator(".sd-bits p").nth(number).inner_text())


def test_a_bit_is_flipped_in_every_mode_and_taken_back(page: Any) -> None:
    first = page.locator(".sd-bits").first
    first.get_by_label("byte 20:").click()
    first.get_by_label("bit 7:").click()
    heard = {}
    for mode in ("ECB", "CBC", "CTR", "GCM"):
        first.get_by_label(mode).check()
        heard[mode] = said(page).partition(": ")[2]
    assert heard == {
        "ECB": "16 letters changed, and no error.",
        "CBC": "17 letters changed, and no error.",
        "CTR": "1 letter changed, and no error.",
        "GCM": "refused. The tag is wrong, and nothing is read.",
    }
    assert said(page, 1) == "CBC: choose a byte, then a bit."
    first.get_by_role("button", name="Undo").click()
    assert said(page) == "GCM: choose a byte, then a bit."
    assert first.locator(".changed").count() == 0


def test_the_keyboard_alone_is_enough(page: Any) -> None:
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")  # from CBC to CTR
    for key in ("Tab", "ArrowRight", "ArrowDown", "Enter", "Tab", "End", "Space"):
        page.keyboard.press(key)
    assert said(page) == "CTR: 1 letter changed, and no error."
    changed = page.locator(".sd-bits").first.locator("button.changed").nth(0)
    assert "changed" in str(changed.get_attribute("aria-label"))


def test_axe_finds_nothing_and_nothing_leaves_the_screen(page: Any) -> None:
    if not AXE.exists():
        pytest.skip("needs axe-core: tools/ci_tools.sh installs it")
    page.get_by_label("byte 20:").first.click()
    page.get_by_label("bit 7:").first.click()
    page.evaluate(AXE.read_text("utf-8"))
    assert page.evaluate("axe.run()")["violations"] == []
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.viewport_size["width"]
