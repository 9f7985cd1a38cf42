"""`make picture`: the pictures of README and docs, into docs/images/.

refused.svg   a record that the service returns, and the same with one bit flipped
lesson.png    one bit flipped in CTR, as lesson 01 shows it
page.png      the service's page, after a refusal
"""

from html import escape
from pathlib import Path

from drawings import started_browser
from playwright.sync_api import Browser

from securedata_lab import ask, flip_bit, serve
from securedata_lab.lesson01_aes_modes import explore_bits
from securedata_lab.servers.starting import LabServer

IMAGES = Path(__file__).parent.parent / "docs" / "images"
TEXT = "Meet me at noon."
ORDER = "pay 0100 EUR to Ada Lovelace, order 4711, today."

SHOWN, CHANGED = 12, 4  # so many bytes of the ciphertext are shown; this one is changed
CARD = """\
<svg xmlns="http://www.w3.org/2000/svg" width="480" height="233" viewBox="0 0 420 204">
<style>
text { font: 16px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #14171b }
.said { font: 15px system-ui, "Segoe UI", Roboto, Arial, sans-serif }
.answer { font-size: 14px; font-weight: 700 }
</style>
<rect x="0.5" y="0.5" width="419" height="203" rx="10" fill="#ffffff" stroke="#c9d1dc"/>
"""


def main() -> None:
    """Make all pictures."""
    server = serve()
    draw_refusal(server, IMAGES / "refused.svg")
    with started_browser() as browser:
        take_explorer(browser, IMAGES / "lesson.png")
        take_page(browser, server.url, IMAGES / "page.png")
    server.stop()


def draw_refusal(server: LabServer, picture: Path) -> None:
    """Store a text, and ask for it twice: as it was stored, and with one bit flipped."""
    stored = ask(server, "/store", {"data": TEXT})["data"]
    changed = stored | {"encrypted_data": flip_bit(stored["encrypted_data"], 8 * CHANGED + 5)}
    returned = ask(server, "/retrieve", stored)["decrypted_data"]
    refused = ask(server, "/retrieve", changed)["error"]
    drawing = [
        CARD,
        *row(28, "a stored text, encrypted", stored["encrypted_data"]),
        *answer(62, f"✓ {returned}", "#e3f4e8", "#125c2b"),
        *row(126, "the same, with one bit flipped", changed["encrypted_data"], changed=CHANGED),
        *answer(160, f"✗ {refused}", "#fde7e7", "#a3141c"),
        "</svg>",
    ]
    picture.write_text("\n".join(drawing) + "\n", encoding="utf-8", newline="\n")


def row(y: int, said: str, hex_text: str, changed: int | None = None) -> list[str]:
    """What is sent, in words and as its first bytes."""
    drawing = [f'<text class="said" x="16" y="{y}">{said}</text>']
    for number, value in enumerate(bytes.fromhex(hex_text)[:SHOWN]):
        x = 16 + 32 * number
        if number == changed:
            drawing.append(
                f'<rect x="{x - 3}" y="{y + 8}" width="26" height="24" rx="4" '
                'fill="#fdeecf" stroke="#7a4300" stroke-width="2"/>'
            )
        drawing.append(f'<text x="{x}" y="{y + 26}">{value:02x}</text>')
    drawing.append(f'<text x="{16 + 32 * SHOWN}" y="{y + 26}">…</text>')
    return drawing


def answer(y: int, said: str, background: str, ink: str) -> list[str]:
    """What the service answers."""
    return [
        f'<rect x="8" y="{y + 6}" width="404" height="30" rx="6" fill="{background}"/>',
        f'<text class="said answer" x="16" y="{y + 26}" style="fill: {ink}">{escape(said)}</text>',
    ]


def take_explorer(browser: Browser, picture: Path) -> None:
    """Turn a 0 into an 8 by one bit, in CTR."""
    page = browser.new_page(viewport={"width": 640, "height": 480}, device_scale_factor=2)
    page.set_content(explore_bits(ORDER)._repr_html_())
    page.add_style_tag(content="body { margin: 0; padding: 16px }")
    page.get_by_role("radio", name="CTR").click()
    page.get_by_role("button", name="ciphertext byte 4:").click()
    page.get_by_role("button", name="bit 4:").click()
    page.screenshot(path=picture, full_page=True)


def take_page(browser: Browser, url: str, picture: Path) -> None:
    """On the page store a text, flip a bit, and have it refused."""
    # A picture proves nothing; tests/system/test_page.py verifies the certificate.
    page = browser.new_page(viewport={"width": 1280, "height": 720}, ignore_https_errors=True)
    page.goto(url)
    page.get_by_role("button", name="Store", exact=True).click()
    page.locator("#encrypted_data button").nth(4).click()
    page.locator("#bits button").nth(1).click()
    page.get_by_role("button", name="Retrieve").click()
    page.locator("#log .new", has_text="400").last.wait_for()
    page.mouse.move(0, 0)
    page.wait_for_timeout(500)  # colours fade
    page.screenshot(path=picture)


if __name__ == "__main__":
    main()
