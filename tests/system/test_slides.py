"""A lecturer's way through the slides: in a real browser, without any network."""

import base64
from collections.abc import Callable, Iterator
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from vocabulary import needs_npm_and_a_browser, served, troubles_of
from workshop import masters

DECKS = [master.stem for master in masters()]
SIZE = "(it => [it.scrollWidth, it.scrollHeight])(Reveal.getCurrentSlide().firstChild)"
TALL = base64.b64encode(b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="3000"/>')

pytestmark = needs_npm_and_a_browser("nbconvert")


def code(source: str, *tags: str, printed: str = "", exercise: str = "") -> Any:
    outputs = [new_output("stream", text=printed)] if printed else []
    metadata = {"tags": tags, "securedata": {"exercise": exercise} if exercise else {}}
    return new_code_cell(source, outputs=outputs, metadata=metadata)


def text(source: str, *tags: str, exercise: str = "") -> Any:
    return new_markdown_cell(source, metadata=code("", *tags, exercise=exercise).metadata)


# All that may stand in a lesson, and some that is too large for a slide.
CELLS = [
    text("# A lesson\n\n[![Open in Colab](https://example.org/badge.svg)](https://example.org)"),
    code("SECRET()", "setup"),
    code("SECRET()", "server", printed="SECRET"),
    text("## Ask\n\n**Before you run this:** what is $2^{128}$?"),
    code("print('seen')", printed="the output\n"),
    text("<details><summary>What happened, and why</summary>\n\nThe answer.\n\n</details>"),
    text("## Long\n\n**Before you run this:** how many lines?"),
    code("print('seen')", printed="".join(f"line {number}\n" for number in range(1, 61))),
    text("<details><summary>What happened, and why</summary>\n\nSixty.\n\n</details>"),
    text("## Large"),
    code("print('seen')", printed="".join(f"line {number}\n" for number in range(1, 201))),
    text("\n".join(f"{number}. Point {number}." for number in range(1, 41))),
    text(f"| {'wide | ' * 20}\n|{'---|' * 20}\n| {'`wide` | ' * 20}"),
    text(f'<img alt="tall" src="data:image/svg+xml;base64,{TALL.decode()}">'),
    text("## Exercise 7.1\n\nThe task.", exercise="7.1"),
    code("the_stub()", "stub", exercise="7.1"),
    code("SECRET()", "solution", exercise="7.1"),
    code("check()", exercise="7.1", printed="SECRET"),
    text("<details><summary>A hint</summary>\n\nSECRET\n\n</details>", exercise="7.1"),
    text("SECRET", "answer", exercise="7.written"),
    text("## At home"),
    text("### Extra\n\nSECRET"),
    text("## Next\n\nThe end."),
    code("SECRET()", "stop"),
]
PAGE = """# Page

## Run sheet

| clock | minutes | section | what you do | ask |
|---:|---:|---|---|---|
| 0:05 | 9 | Ask; Large | Write `A\\|B`. | Who knows? |

## Other
"""


@pytest.fixture(scope="module")
def slides_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of freshly built slides: every lesson's, and 07_example.html."""
    import slides
    import workshop

    folder = tmp_path_factory.mktemp("build")
    slides.build(folder / "slides", masters())
    nbformat.write(new_notebook(cells=CELLS), folder / "07_example.ipynb")
    (folder / "07_example.md").write_text(PAGE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workshop, "TEACHING", folder)
        (folder / "slides" / "07_example.html").write_text(
            slides.render(folder / "07_example.ipynb")
        )
    with served(folder / "slides") as address:
        yield address


@pytest.fixture
def open_deck(slides_url: str, browser: Any) -> Iterator[Callable[[str], Any]]:
    """Opens a deck in a browser as large as a small projector's. Nothing may go wrong in it."""
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    troubles = troubles_of(page, slides_url, "data:")

    def opened(deck: str) -> Any:
        page.goto(f"{slides_url}{deck}.html")
        page.wait_for_function("() => window.Reveal?.isReady()")
        return page

    yield opened
    page.close()
    assert troubles == []


def walk(page: Any) -> Iterator[None]:
    """Step by step to the end, as a presenter's remote does it."""
    yield
    while not page.evaluate("Reveal.isLastSlide() && !Reveal.availableFragments().next"):
        page.keyboard.press("PageDown")
        yield


def seen(page: Any) -> str:
    """What the class sees: the slide's text without what a later step shows."""
    return str(
        page.evaluate(
            """() => [...Reveal.getCurrentSlide().querySelectorAll('.page > *')]
                .filter(it => !it.matches('.fragment:not(.visible)'))
                .map(it => it.textContent).join('\\n')"""
        )
    )


def title(page: Any) -> str:
    return seen(page).partition("\n")[0]


@pytest.mark.parametrize("deck", [*DECKS, "07_example"])
def test_no_slide_is_larger_than_a_small_projector(
    deck: str, open_deck: Callable[[str], Any]
) -> None:
    page = open_deck(deck)
    sizes = [(title(page), page.evaluate(SIZE)) for _ in walk(page)]
    assert len(sizes) >= 8
    assert [it for it in sizes if it[1][0] > 1280 or it[1][1] > 720] == []
    assert "$" not in "".join(page.locator(".page .text, .page .answer").all_text_contents())


def test_question_output_and_answer_come_one_after_the_other(
    open_deck: Callable[[str], Any],
) -> None:
    page = open_deck("07_example")
    steps = [seen(page) for _ in walk(page) if title(page) == "Ask"]
    shown = [[word in step for word in ("Before", "output", "answer")] for step in steps]
    assert shown == [[True, False, False], [True, True, False], [True, True, True]]


def test_what_is_long_is_continued_and_nothing_is_lost(open_deck: Callable[[str], Any]) -> None:
    page = open_deck("07_example")
    steps = [seen(page) for _ in walk(page)]
    text = "\n".join(step for step in steps if step.startswith("Large"))
    assert all(f"line {number}\n" in text for number in range(1, 201))
    assert all(f"Point {number}." in text for number in range(1, 41))
    # Its question stands above each part of a long output, and above the answer.
    parts = [step for step in steps if step.startswith("Long")]
    assert len({step.partition("\n")[0] for step in parts}) == 2
    assert all("how many lines?" in step for step in parts)
    assert "Sixty." in parts[-1]


def test_neither_set_up_nor_hints_nor_solutions_are_shown(open_deck: Callable[[str], Any]) -> None:
    page = open_deck("07_example")
    assert "SECRET" not in page.content()
    assert "the_stub" in page.content()
    assert page.locator(".katex").count() == 1


def test_the_run_sheet_is_what_the_speaker_sees(open_deck: Callable[[str], Any]) -> None:
    page = open_deck("07_example")
    for _ in walk(page):
        notes = page.evaluate("Reveal.getSlideNotes()") or ""
        said = all(it in notes for it in ("0:05, 9 min.", "A|B", "Who knows?"))
        assert said == title(page).startswith(("Ask", "Large"))


def test_the_last_slide_has_the_licence(open_deck: Callable[[str], Any]) -> None:
    page = open_deck("07_example")
    assert "CC BY 4.0" in [seen(page) for _ in walk(page)][-1]
