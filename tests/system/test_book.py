"""A reader's way through the book: in a real browser, without any network."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from front_ends import small_targets, work_with
from system.axe import axe
from vocabulary import ROOT, needs_npm_and_a_browser, served, troubles_of

GIVEN = [*(ROOT / "notebooks").glob("*.ipynb"), *(ROOT / "docs").glob("*.md")]
LESSONS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
SOLVED = sorted((ROOT / "notebooks" / "solutions").glob("*.ipynb"))
SCREENS = {
    "wide": {"viewport": {"width": 1280, "height": 720}},
    "phone": {"viewport": {"width": 360, "height": 640}, "has_touch": True, "is_mobile": True},
}

pytestmark = needs_npm_and_a_browser("sphinx_book_theme")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a freshly built book, as long as the repository has no address."""
    import book

    folder = tmp_path_factory.mktemp("book")
    book.build(folder / "book", folder / "source")
    return folder / "book"


@pytest.fixture(scope="module")
def for_students(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the students' book. An address of the repository leads to no page of it."""
    import book
    from address import address_of

    folder = tmp_path_factory.mktemp("book_for_students")
    here = address_of("https://github.com/you/your-kit", "1.0")
    book.build(folder / "book", folder / "source", here, students=True)
    return folder / "book"


@pytest.fixture(params=["pages", "for_students"])
def edition(request: pytest.FixtureRequest) -> Path:
    """Either book."""
    folder: Path = request.getfixturevalue(request.param)
    return folder


@pytest.fixture(scope="module")
def url(pages: Path) -> Iterator[str]:
    with served(pages) as address:
        yield address


@pytest.fixture
def opened(url: str, browser: Any) -> Iterator[Callable[..., Any]]:
    """Opens a page of the book. Nothing may go wrong in it, or be asked for elsewhere."""
    with ExitStack() as contexts:
        troubles = list[list[str]]()

        def open_page(name: str, screen: str = "wide", scheme: str = "light") -> Any:
            context = browser.new_context(color_scheme=scheme, **SCREENS[screen])
            page = contexts.enter_context(context).new_page()
            troubles.append(troubles_of(page, url, "data:", "blob:"))
            page.goto(f"{url}{name}.html")
            return page

        yield open_page
    assert [it for of_one in troubles for it in of_one] == []


class Page(HTMLParser):
    """What a page links to, its anchors, and the text in it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links, self.anchors, self.text = set[str](), {""}, ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if not (found.get("src") or "").startswith("data:"):
            self.links |= {found[name] or "" for name in ("href", "src") if name in found}
        self.anchors.add(found.get("id") or "")

    def handle_data(self, data: str) -> None:
        self.text += data


def read(folder: Path) -> dict[Path, Page]:
    """All pages of the book. In _static lie templates of the theme."""
    files = [it for it in folder.rglob("*.html") if folder / "_static" not in it.parents]
    return {it: Page(it.read_text(encoding="utf-8")) for it in files}


def test_every_link_inside_a_book_leads_to_a_file_and_a_place(edition: Path) -> None:
    found = read(edition)
    assert len(found) > 14
    for path, page in found.items():
        for link in map(urlsplit, page.links):
            if link.scheme:
                assert link.scheme in {"http", "https"}, path  # no browser follows data:
                continue
            target = (path.parent / unquote(link.path)).resolve() if link.path else path
            assert target.is_file(), f"{path.name}: {link.geturl()}"
            anchors = found[target].anchors if target in found else {""}
            assert unquote(link.fragment) in anchors, f"{path.name}: {link.geturl()}"


def test_all_docs_and_lessons_are_in_it_and_no_other_notebook(pages: Path) -> None:
    docs = [path.relative_to(ROOT) for path in (ROOT / "docs").rglob("*.md")]
    named = [path.parent / path.name.replace("README", "index") for path in docs]
    for path in named:
        assert (pages / path).with_suffix(".html").is_file(), path
    assert sorted(it.stem for it in (pages / "notebooks").rglob("*.html")) == LESSONS


def given_text(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        return text
    return "\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"])


LECTURERS = [
    line
    for page in (ROOT / "docs" / "teaching").glob("*.md")
    for line in re.findall(r"[^|*`\[\](){}\n]{40,}", page.read_text(encoding="utf-8"))
]


def test_students_read_no_page_for_lecturers_and_find_no_word_of_one(for_students: Path) -> None:
    pages = {it.relative_to(for_students).as_posix() for it in read(for_students)}
    lessons = {f"notebooks/{it}.html" for it in LESSONS if it != "run_through"}
    docs = {f"docs/{it}.html" for it in ("glossary", "accessibility", "troubleshooting")}
    assert pages - lessons - docs == {"index.html", "search.html", "genindex.html"}
    assert lessons | docs < pages
    index = (for_students / "searchindex.js").read_text(encoding="utf-8")
    assert not re.search(r"teaching|run_through|inventory_", index)
    texts = "\n".join(it.text for it in read(for_students).values())
    everything = " ".join(texts.split())
    known = " ".join(re.sub("[*`$]", "", "\n".join(map(given_text, GIVEN))).split())
    assert len(LECTURERS) > 1000
    assert [it for it in LECTURERS if it.strip() in everything and it.strip() not in known] == []


@pytest.mark.parametrize("words", ["keystream", "nonce", "DSA signatures", "certificate"])
def test_the_search_shows_lessons_before_pages_about_them(
    edition: Path, words: str, browser: Any
) -> None:
    with served(edition) as address:
        page = browser.new_page()
        page.goto(f"{address}search.html?q={words}")
        page.get_by_text("Search finished").first.wait_for()
        links = page.locator("#search-results ul.search li > a").evaluate_all(
            "all => all.map(it => it.pathname.startsWith('/notebooks/'))"
        )
        page.close()
    assert links[0]
    assert links == sorted(links, reverse=True)
    assert False in links


@pytest.mark.parametrize("master", SOLVED, ids=lambda path: path.stem)
def test_a_lesson_has_results_and_no_solution(
    edition: Path, master: Path, for_students: Path
) -> None:
    import handout

    path = edition / "notebooks" / f"{master.stem}.html"
    if not path.exists():
        assert (edition, master.stem) == (for_students, "run_through")  # it is for lecturers
        return
    text = Page(path.read_text(encoding="utf-8")).text
    given = handout.student_notebook(ROOT / "notebooks" / master.name, False, "")
    known = "\n".join("".join(cell["source"]) for cell in json.loads(given)["cells"])
    outputs = 0
    for cell in json.loads(master.read_text(encoding="utf-8"))["cells"]:
        tags = set(cell["metadata"].get("tags", []))
        if {"solution", "answer"} & tags:
            lines = [line.strip() for line in "".join(cell["source"]).splitlines()]
            secret = [line for line in lines if len(line) > 20 and line not in known]
            assert [line for line in secret if line in text] == []
        elif "server" in tags:
            (output,) = cell["outputs"]
            outputs += all(line.strip() in text for line in output["text"])
    assert outputs == 1
    assert "The solution, explained" not in text


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "name",
    [
        "index",
        "notebooks/01_aes_modes",
        "notebooks/08_break_it_fix_it",
        "docs/threat-model",
        "docs/teaching/04_dsa_attacks",
    ],
)
def test_axe_finds_nothing_in_our_pages(opened: Callable[..., Any], name: str, scheme: str) -> None:
    page = opened(name, scheme=scheme)
    unfold(page)
    assert axe(page, "main", ".bd-links") == []


def unfold(page: Any) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(it => it.open = true)")
    page.wait_for_timeout(400)  # what is unfolded fades in


def test_on_a_phone_no_page_leaves_the_screen_and_all_formulas_are_set(
    opened: Callable[..., Any], url: str, pages: Path
) -> None:
    page = opened("index", screen="phone")
    formulas_in_folds = 0
    for path in read(pages):
        page.goto(url + path.relative_to(pages).as_posix())
        page.evaluate("document.querySelectorAll('details').forEach(it => it.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") == 360, path
        for explorer in page.locator(".sd-explorer").all():
            work_with(explorer, by_touch=True)
            assert small_targets(explorer) == []
        formulas = page.locator(".formula").count()
        assert page.locator(".formula .katex-html").count() == formulas, path
        assert page.locator(".katex-error").count() == 0, path
        formulas_in_folds += page.locator("details .formula .katex-html").count()
    assert formulas_in_folds > 50


@pytest.mark.parametrize(
    ("lesson", "summary", "words"),
    [
        ("00_start_here", "Run it: what comes out?", "7 characters, 12 bytes"),
        ("00_start_here", "What happened, and why", "In UTF-8, an ASCII letter is one byte"),
        ("06_tls_on_the_wire", "Once it is solved: what comes out?", "the customer talks to you"),
        (
            "01_aes_modes",
            "What the check says to a right answer, and why",
            "your lines read three new strangers",
        ),
    ],
    ids=["prediction", "reason", "prediction over a stub", "check"],
)
def test_an_answer_is_shown_by_a_click_only(
    opened: Callable[..., Any], lesson: str, summary: str, words: str
) -> None:
    page = opened(f"notebooks/{lesson}")
    answer = page.get_by_text(words)
    assert not answer.is_visible()
    page.get_by_text(summary).first.click()
    assert answer.is_visible()


def test_a_stub_shows_what_it_prints_before_anything_is_written_and_its_explorer_is_alive(
    opened: Callable[..., Any],
) -> None:
    page = opened("notebooks/03_dsa_signatures")
    assert page.get_by_text("signed: b'KimEve731 bottles").is_visible()
    assert page.get_by_text("Nothing was signed: my_bytes").count() == 0
    page = opened("notebooks/06_tls_on_the_wire")
    page.locator(".sd-session").get_by_role("button", name="key share").click()
    assert page.locator(".sd-session [aria-live]").inner_text().startswith("key share")


def test_set_up_is_folded_and_no_printed_line_is_cut(opened: Callable[..., Any]) -> None:
    page = opened("notebooks/00_start_here")  # its longest line has 100 letters
    assert not page.get_by_text("importlib.invalidate_caches").first.is_visible()  # set-up
    unfold(page)
    cut = "all => all.filter(it => it.scrollWidth > it.clientWidth).map(it => it.innerText)"
    assert page.locator(".cell_output pre").evaluate_all(cut) == []


def test_a_dark_page_is_light_on_paper(opened: Callable[..., Any]) -> None:
    page = opened("index", scheme="dark")
    colour = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(colour)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate(colour) == "rgb(255, 255, 255)" != dark
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(colour) == dark


def test_a_lesson_leads_on_to_the_next(opened: Callable[..., Any]) -> None:
    page = opened("notebooks/01_aes_modes")
    page.locator(".next-page, .right-next").first.click()
    assert page.url.endswith("02_aes_gcm.html")


def test_without_an_address_nothing_is_offered_that_needs_one(pages: Path) -> None:
    for path, page in read(pages).items():
        if path.parent.name == "notebooks":
            assert not [it for it in page.links if "colab" in it or "mybinder" in it], path


def test_an_address_leads_to_colab_binder_a_hub_and_the_source() -> None:
    import book
    from address import address_of, readme_with

    here = address_of("https://github.com/you/your-kit", "1.0")
    path = "notebooks/01_aes_modes.ipynb"
    line = book.launch_line(path, here, hub="https://hub.example.edu")
    assert (
        f"[Colab](https://colab.research.google.com/github/you/your-kit/blob/main/{path})" in line
    )
    assert f"[Binder](https://mybinder.org/v2/gh/you/your-kit/HEAD?urlpath=lab/tree/{path})" in line
    assert "[JupyterHub](https://hub.example.edu/hub/user-redirect/git-pull?repo=https" in line
    readme = readme_with((ROOT / "README.md").read_text(encoding="utf-8"), here)
    front = book.relinked(readme, "README.md", {path}, here)
    assert f"[AES modes]({path}) · [Colab](https://colab" in front  # and not "read": one does
    assert "[CI]" not in front  # a badge's words alone say nothing
    text = "See [it](../app.py), [us](api.md#top), `make`.\n```text\n[it](../app.py)\n```\n"
    pages = {"docs/format.md", "docs/api.md"}
    source = "https://github.com/you/your-kit/blob/v1.0/app.py"
    for place, words in ((here, f"[it]({source})"), (None, "it")):
        expected = text.replace("[it](../app.py)", words, 1)
        assert book.relinked(text, "docs/format.md", pages, place) == expected


def test_a_link_to_nowhere_ends_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    import book

    texts = {"README.md": "# Kit\n\n[There](docs/README.md#nowhere)\n", book.ALL_DOCS: "# Docs\n"}
    monkeypatch.setattr(book, "docs", lambda: texts)
    monkeypatch.setattr(book, "masters", list)
    with pytest.raises(SystemExit):
        book.build(tmp_path / "book", tmp_path / "source")
    assert "nowhere" in capfd.readouterr().err
