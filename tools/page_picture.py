"""`make picture`: take the README's picture of the page, into docs/images/page.png."""

import shutil
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
PICTURE = ROOT / "docs" / "images" / "page.png"
SIZE = {"width": 1280, "height": 720}


def take(page: Any, picture: Path) -> None:
    """On the open page store a text, flip a bit, have it refused; and take a picture."""
    page.set_viewport_size(SIZE)
    page.get_by_role("button", name="Store", exact=True).click()
    page.locator("#encrypted_data button").nth(4).click()
    page.locator("#bits button").nth(1).click()
    page.get_by_role("button", name="Retrieve").click()
    page.locator("#log .new", has_text="400").last.wait_for()
    page.mouse.move(0, 0)
    page.wait_for_timeout(500)  # colours fade
    page.screenshot(path=picture)


def main() -> None:
    """Start the service and a browser, and take the picture."""
    from playwright.sync_api import sync_playwright

    from securedata.lab import serve

    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("This needs Chromium.")
    server = serve()
    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        # A picture proves nothing; tests/system/test_page.py verifies the certificate.
        page = browser.new_page(ignore_https_errors=True)
        page.goto(server.url)
        take(page, PICTURE)
        browser.close()
    server.stop()


if __name__ == "__main__":
    main()
