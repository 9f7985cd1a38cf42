"""A lecturer's way through the slides: in a real browser, without any network."""

import importlib.util
import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import nbformat
import pytest
from vocabulary import CHROMIUM, CHROMIUM_FLAGS
from workshop import masters

DECKS = [master.stem for master in masters()]

pytestmark = [
    pytest.mark.serial,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium"),
    pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed"),
    *(
        pytest.mark.skipif(importlib.util.find_spec(name) is None, reason=f"{name} is missing")
        for name in ("nbconvert", "playwright")
    ),
]


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves a folder, and does not tell of every request."""

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def slides_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of freshly built slides."""
    import slides

    folder = tmp_path_factory.mktemp("build") / "slides"
    slides.build(folder)
    handler = partial(QuietHandler, directory=folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


class Lecture:
    """A browser on one deck, which writes down what was asked for and what went wrong."""

    def __init__(self, page: Any, url: str) -> None:
        self.page = page
        self.requested: list[str] = []
        self.troubles: list[str] = []
        page.on("request", lambda request: self.requested.append(request.url))
        page.on("requestfailed", lambda request: self.troubles.append(request.url))
        page.on("response", self._note_refusal)
        page.on("console", self._note_error)
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.goto(url)
        page.wait_for_function("() => window.Reveal?.isReady()")

    def _note_refusal(self, response: Any) -> None:
        if response.status >= 400:
            self.troubles.append(f"{response.status} {response.url}")

    def _note_error(self, message: Any) -> None:
        if message.type == "error":
            self.troubles.append(f"{message.text} {message.location}")

    def slides(self) -> int:
        """How many slides the deck has."""
        return int(self.page.evaluate("Reveal.getTotalSlides()"))

    def position(self) -> int:
        """The number of the slide in view, from 0."""
        return int(self.page.evaluate("Reveal.getIndices().h"))

    def scrolled(self) -> int:
        """How many pixels of the slide are hidden above."""
        return int(self.page.evaluate("Reveal.getCurrentSlide().scrollTop"))

    def scrolls(self) -> bool:
        """Whether the slide is taller than the screen."""
        return bool(
            self.page.evaluate(
                "Reveal.getCurrentSlide().scrollHeight > Reveal.getCurrentSlide().clientHeight"
            )
        )

    def press(self, key: str) -> None:
        """Press one key."""
        self.page.keyboard.press(key)

    def walk(self) -> Iterator[int]:
        """From slide to slide, with the right arrow key."""
        for number in range(self.slides()):
            assert self.position() == number
            yield number
            self.press("ArrowRight")

    def pictures(self) -> int:
        """How many loaded pictures the slide in view shows."""
        pictures = self.page.locator("section.present > section.present img").all()
        return sum(
            picture.is_visible() and picture.evaluate("picture => picture.naturalWidth > 0")
            for picture in pictures
        )


@pytest.fixture
def page() -> Iterator[Any]:
    """A page of a fresh browser, as large as a small projector's."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        yield browser.new_page(viewport={"width": 1280, "height": 720})
        browser.close()


@pytest.mark.parametrize("deck", DECKS)
def test_a_deck_needs_nothing_from_outside(deck: str, slides_url: str, page: Any) -> None:
    lecture = Lecture(page, f"{slides_url}{deck}.html")
    shown = list(lecture.walk())
    page.wait_for_load_state("networkidle")
    assert len(shown) >= 8
    assert lecture.troubles == []
    assert [url for url in lecture.requested if not url.startswith((slides_url, "data:"))] == []


def test_the_pictures_of_lesson_01_are_seen(slides_url: str, page: Any) -> None:
    lecture = Lecture(page, f"{slides_url}01_aes_modes.html")
    assert sum(lecture.pictures() for _ in lecture.walk()) >= 3


def test_a_tall_slide_scrolls_with_the_arrow_down(slides_url: str, page: Any) -> None:
    lecture = Lecture(page, f"{slides_url}01_aes_modes.html")
    next(number for number in lecture.walk() if lecture.scrolls())
    lecture.press("ArrowDown")
    page.wait_for_function("() => Reveal.getCurrentSlide().scrollTop > 0")
    down = lecture.scrolled()
    lecture.press("ArrowUp")
    page.wait_for_function(f"() => Reveal.getCurrentSlide().scrollTop < {down}")


@pytest.mark.parametrize("master", masters(), ids=DECKS)
def test_stubs_are_shown_and_solutions_are_not(master: Path) -> None:
    import slides

    cells = nbformat.read(master, as_version=4).cells
    shown = slides.for_lecture(nbformat.read(master, as_version=4)).cells
    assert tagged("stub", shown) == tagged("stub", cells)
    assert tagged("solution", shown) == []
    assert "colab-badge" not in "".join(cell.source for cell in shown)


def tagged(tag: str, cells: list[nbformat.NotebookNode]) -> list[str]:
    """The source of the cells that have a tag."""
    return [cell.source for cell in cells if tag in cell.metadata.get("tags", [])]
