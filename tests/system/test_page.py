"""The page in a real browser, which trusts our CA.

Chromium reads the authorities that its user trusts from an NSS database in the home folder. Each
browser has its own home folder here, with our CA imported as docs/clients.md says.
"""

import importlib.util
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from vocabulary import CHROMIUM, CHROMIUM_FLAGS, ROOT, a_server, ask, by_hand

from securedata import BackgroundServer, RecordStore, Vault, create_app
from securedata.keys.service_keys import ServiceKeys, new_token

AXE = ROOT / ".tools" / "axe" / "node_modules" / "axe-core" / "axe.min.js"
FIELDS = ["nonce", "encrypted_data", "tag", "signature"]
LENGTHS = {"nonce": 12, "encrypted_data": 16, "tag": 16, "signature": 64}
REFUSED = "Refused with 400: Invalid signature. Data may be compromised."
PROJECTOR = {"width": 1280, "height": 720}
NARROW = {"width": 400, "height": 800}
TOKEN = new_token()

pytestmark = [
    pytest.mark.serial,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium"),
    pytest.mark.skipif(shutil.which("certutil") is None, reason="needs certutil of libnss3-tools"),
    pytest.mark.skipif(
        importlib.util.find_spec("playwright") is None, reason="playwright is missing"
    ),
]


# Browsers.


@pytest.fixture(scope="module")
def playwright() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as running:
        yield running


def trust(home: Path, ca_file: Path) -> None:
    """Import an authority as a person would, for websites and nothing else ("C,,")."""
    database = home / ".pki" / "nssdb"
    database.mkdir(parents=True)
    where = ("-d", f"sql:{database}")
    subprocess.run(["certutil", "-N", *where, "--empty-password"], check=True)
    subprocess.run(["certutil", "-A", *where, "-n", "ours", "-t", "C,,", "-i", ca_file], check=True)


@contextmanager
def a_browser(playwright: Any, home: Path, *options: str) -> Iterator[Any]:
    """A browser of a user with this home folder."""
    browser = playwright.chromium.launch(
        executable_path=CHROMIUM,
        args=[*CHROMIUM_FLAGS, *options],
        env={**os.environ, "HOME": str(home)},
    )
    with closing(browser):
        yield browser


@pytest.fixture(scope="module")
def home(server: BackgroundServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home folder of a user who has imported the CA of `server`."""
    assert server.ca_file is not None
    folder = tmp_path_factory.mktemp("home")
    trust(folder, server.ca_file)
    return folder


@pytest.fixture(scope="module")
def browser(playwright: Any, home: Path) -> Iterator[Any]:
    with a_browser(playwright, home) as running:
        yield running


class Person:
    """A person who uses the page, and notes its requests and its errors."""

    def __init__(self, page: Any, url: str) -> None:
        self.page = page
        self.requested: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.requested.append(request.url))
        page.on("console", self._note_error)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        page.goto(url)

    def _note_error(self, message: Any) -> None:
        # The browser itself mentions every 400; that is no complaint of the page's.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def click(self, button: str) -> None:
        self.page.get_by_role("button", name=button, exact=True).click()

    def store(self, text: str = "Meet me at noon.") -> str:
        self.page.get_by_role("textbox", name="Store a text").fill(text)
        return self.said_after("Store", "stored")

    def retrieve(self) -> str:
        return self.said_after("Retrieve", "retrieved")

    def said_after(self, button: str, where: str) -> str:
        """Click, and return what is said there once an answer has come."""
        self.page.evaluate(f"document.getElementById('{where}').textContent = ''")
        self.click(button)
        self.page.wait_for_function(f"() => document.getElementById('{where}').textContent")
        return self.says(where)

    def says(self, where: str) -> str:
        return str(self.page.locator(f"#{where}").text_content())

    def byte(self, field: str, place: int) -> Any:
        return (
            self.page.get_by_role("group", name=field, exact=True).get_by_role("button").nth(place)
        )

    def bytes(self, field: str) -> str:
        """What is shown of a field, in hex."""
        return "".join(self.page.locator(f"#{field} button").all_text_contents())

    def text(self) -> str:
        """The text that came back."""
        return str(self.page.get_by_label("The text", exact=True).text_content())

    def focused(self) -> str:
        """The accessible name of what has the focus, or its text."""
        return str(
            self.page.evaluate(
                "document.activeElement.ariaLabel ?? document.activeElement.textContent"
            )
        )


@pytest.fixture
def person(browser: Any, server: BackgroundServer) -> Iterator[Person]:
    """A person at a small projector. The page must not complain, nor ask another server."""
    with closing(browser.new_context(viewport=PROJECTOR)) as context:
        person = Person(context.new_page(), server.url)
        yield person
        assert person.complaints == []
        assert [url for url in person.requested if not url.startswith(f"{server.url}/")] == []


# The certificate.


def test_a_browser_that_does_not_know_our_ca_refuses(
    playwright: Any, server: BackgroundServer, tmp_path: Path
) -> None:
    with a_browser(playwright, tmp_path) as stranger:
        page = stranger.new_page()
        with pytest.raises(Exception, match="ERR_CERT_AUTHORITY_INVALID"):
            page.goto(server.url)


# Store, flip, refused, restore, retrieved.


@pytest.mark.parametrize("field", FIELDS)
def test_store_flip_refused_restore_retrieved(person: Person, field: str) -> None:
    assert person.store().startswith("Stored as record ")
    before = person.bytes(field)
    assert len(before) == 2 * LENGTHS[field]
    person.byte(field, 3).click()
    assert int(person.bytes(field), 16) ^ int(before, 16) == 1 << 8 * (LENGTHS[field] - 4)
    assert person.retrieve() == f"1 bit is flipped. {REFUSED}"
    person.click(f"Restore {field}")
    assert person.bytes(field) == before
    assert person.says("retrieved") == ""
    assert person.retrieve() == (
        "Nothing is changed. Returned. Signature is valid.Meet me at noon."
    )
    assert person.text() == "Meet me at noon."


def test_a_flipped_byte_is_told_from_the_others_without_colour(person: Person) -> None:
    person.store()
    byte = person.byte("tag", 1)
    was = byte.text_content()
    assert byte.get_attribute("aria-label") == f"byte 2 of 16: {was}"
    byte.click()
    now = f"{int(was, 16) ^ 1:02x}"
    assert byte.get_attribute("aria-label") == f"byte 2 of 16: {now}, was {was}"
    assert "underline" in byte.evaluate("it => getComputedStyle(it).textDecorationLine")
    assert person.says("flipped") == (
        f"tag, byte 2: {was} → {now} ({int(was, 16):08b} → {int(now, 16):08b})."
    )
    byte.click()
    assert byte.get_attribute("aria-label") == f"byte 2 of 16: {was}"
    assert byte.evaluate("it => getComputedStyle(it).textDecorationLine") == "none"


# Texts.


@pytest.mark.parametrize(
    "text",
    [
        "</blockquote><img src=x onerror=\"document.title='pwned'\">"
        "<script>document.title='pwned'</script>&amp;",
        "שלום \u202eمرحبا\u202c 👩\u200d👩\u200d👧 e\u0301 é\n\n  two lines",
        "",
    ],
    ids=["HTML", "many scripts", "nothing"],
)
def test_a_text_comes_back_as_text(person: Person, text: str) -> None:
    elements = person.page.locator("img, script, h1").count()
    person.store(text)
    assert len(person.bytes("encrypted_data")) == 2 * len(text.encode())
    person.retrieve()
    assert person.text() == text
    assert person.page.title() == "securedata: store, flip a bit, retrieve"
    assert person.page.locator("img, script, h1").count() == elements


def test_the_browser_itself_forbids_html_and_inline_scripts(
    browser: Any, server: BackgroundServer
) -> None:
    with closing(browser.new_context()) as context:
        page = Person(context.new_page(), server.url).page
        with pytest.raises(Exception, match="TrustedHTML"):
            page.evaluate("() => { document.body.innerHTML = '<b>text</b>' }")
        with pytest.raises(Exception, match="TrustedScript"):
            page.evaluate("() => { document.createElement('script').text = 'alert(1)' }")
        page.evaluate("() => document.body.setAttribute('style', 'display: none')")
        assert page.locator("h1").is_visible()


def test_many_bits_are_counted_sent_and_restored_at_once(person: Person) -> None:
    person.store()
    before = {field: person.bytes(field) for field in FIELDS}
    for field in FIELDS:
        person.byte(field, 0).click()
    assert person.says("flipped").endswith(" 4 bits are flipped.")
    assert person.retrieve() == f"4 bits are flipped. {REFUSED}"
    shown = person.says("exchange")
    assert shown.startswith("POST /retrieve\n{")
    assert f'"tag": "{person.bytes("tag")[:16]}…"' in shown
    assert shown.endswith(
        '400 Bad Request\n{\n  "error": "Invalid signature. Data may be compromised."\n}'
    )
    person.click("Restore all")
    assert {field: person.bytes(field) for field in FIELDS} == before
    assert person.retrieve().startswith("Nothing is changed. Returned.")


def test_of_a_long_ciphertext_256_bytes_are_shown_and_all_are_sent(person: Person) -> None:
    text = "long " * 20_000
    person.store(text)
    assert len(person.bytes("encrypted_data")) == 2 * 256
    assert person.page.get_by_text("and 99,744 more bytes, not shown here").is_visible()
    person.byte("encrypted_data", 255).click()
    assert person.retrieve() == f"1 bit is flipped. {REFUSED}"
    person.click("Restore all")
    person.retrieve()
    assert person.text() == text


# The keyboard.


def test_it_goes_by_keyboard_alone(person: Person) -> None:
    person.page.get_by_role("textbox", name="Store a text").focus()
    person.press("Control+A")
    person.page.keyboard.type("by hand")
    person.press("Tab", "Enter")
    person.page.wait_for_selector("#tamper:not([hidden])")
    assert person.page.locator("#fields [tabindex='0']").count() == len(FIELDS)
    # From "Store" on: restore all, then nonce, encrypted_data, tag.
    person.press("Tab", "Tab", "Tab", "Tab")
    assert person.focused().startswith("byte 1 of 16: ")
    person.press("ArrowRight", "ArrowRight", "7")
    assert ", was " in person.focused()
    assert person.says("flipped").startswith("tag, byte 3: ")
    person.press("Tab", "Tab")
    assert person.focused() == "Retrieve"
    person.press("Enter")
    person.page.wait_for_function("() => document.getElementById('retrieved').textContent")
    assert person.says("retrieved") == f"1 bit is flipped. {REFUSED}"
    person.press("Shift+Tab", "Shift+Tab")
    assert person.focused().startswith("byte 3 of 16: ")  # where we were, and not at the first
    person.press("7", "Tab", "Tab", "Enter")
    person.page.wait_for_function("() => document.getElementById('retrieved').textContent")
    assert person.text() == "by hand"


def test_keys_flip_bits(person: Person) -> None:
    person.store()
    byte = person.byte("signature", 40)
    byte.focus()
    flips = {str(bit): 1 << bit for bit in range(8)} | {"Enter": 1, "Space": 1}
    for key, change in {**flips, **dict.fromkeys(("8", "9", "a", "Control+1"), 0)}.items():
        before = int(byte.text_content(), 16)
        person.press(key)
        assert int(byte.text_content(), 16) == before ^ change, key


@pytest.mark.parametrize(("viewport", "row"), [(PROJECTOR, 16), (NARROW, 8)])
def test_arrows_move_as_the_bytes_lie(person: Person, viewport: Any, row: int) -> None:
    person.page.set_viewport_size(viewport)
    person.store()
    person.byte("signature", 0).focus()
    for key, place in [
        ("ArrowLeft", 0),
        ("ArrowUp", 0),
        ("ArrowRight", 1),
        ("ArrowDown", 1 + row),
        ("ArrowLeft", row),
        ("ArrowUp", 0),
        ("End", 63),
        ("ArrowDown", 63),
        ("ArrowRight", 63),
        ("Home", 0),
    ]:
        person.press(key)
        assert person.focused().startswith(f"byte {place + 1} of 64: "), key


def test_restoring_a_field_leaves_the_focus_in_it(person: Person) -> None:
    person.store()
    person.byte("tag", 5).click()
    person.page.get_by_role("button", name="Restore tag").focus()
    person.press("Enter")
    assert person.focused().startswith("byte 6 of 16: ")


# When something is wrong: a sentence.


def test_a_text_that_is_refused_is_said_to_be(person: Person) -> None:
    assert person.store("a" * (256 * 1024 + 1)) == (
        'Refused with 400: The field "data" is 262145 bytes of UTF-8; at most 262144 are stored.'
    )
    assert person.store("words " * 180_000) == "Refused with 413: The body is over 1048576 bytes."


def test_a_database_that_does_not_answer_is_said_not_to(
    person: Person, server: BackgroundServer
) -> None:
    assert server.ca_file is not None
    database = server.ca_file.parent / "records.sqlite3"
    person.store()
    by_hand(database, "ALTER TABLE records RENAME TO hidden")
    try:
        words = person.retrieve()
        answer = ask(server, "POST", "/retrieve", json={"record_id": "0" * 32})
    finally:
        by_hand(database, "ALTER TABLE hidden RENAME TO records")
    seconds = answer.headers.get("Retry-After")
    later = f" (Retry-After: {seconds} s)" if seconds else ""
    assert words == f"Nothing is changed. Failed with 503: {answer.json()['error']}{later}"
    assert person.retrieve().startswith("Nothing is changed. Returned.")


def test_a_server_that_is_gone_is_said_to_be_and_its_return_is_noticed(
    browser: Any, server: BackgroundServer
) -> None:
    with closing(browser.new_context()) as context:
        person = Person(context.new_page(), server.url)
        person.store()
        server.stop()
        try:
            assert person.retrieve() == (
                "Nothing is changed. The service does not answer. Is it still running?"
            )
            note = person.page.locator("#log-note")
            note.get_by_text("The service does not answer.").wait_for()
        finally:
            server.start()
        person.page.wait_for_function("() => !document.getElementById('log-note').textContent")
        assert person.retrieve().startswith("Nothing is changed. Returned.")


# The log.


def test_the_log_is_followed_and_says_which_lock_held(
    person: Person, server: BackgroundServer
) -> None:
    ask(server, "GET", "/another-client")
    person.page.locator("#log li", has_text="GET /another-client 404").wait_for()
    person.store()
    for field, lock in {"tag": "SignatureError", "nonce": "RecordNotFoundError"}.items():
        person.byte(field, 0).click()
        person.retrieve()
        marked = person.page.locator("#log .new", has_text=lock)
        marked.wait_for()
        last = person.page.locator("#log li").last
        assert marked.get_attribute("value") == last.get_attribute("value")
        person.click("Restore all")


# Tokens.


def test_a_token_is_asked_for_used_and_kept_nowhere_and_then_no_log_is_shown(
    playwright: Any, tmp_path: Path
) -> None:
    service_keys = ServiceKeys.generate().add_token("alice", TOKEN)
    vault = Vault(RecordStore(f"sqlite:///{tmp_path}/records.sqlite3"), service_keys)
    with a_server(create_app(vault), tmp_path) as server:
        assert server.ca_file is not None
        trust(tmp_path / "home", server.ca_file)
        with a_browser(playwright, tmp_path / "home") as browser:
            use_a_token(Person(browser.new_page(), server.url))


def use_a_token(person: Person) -> None:
    person.page.get_by_text("The log is shown only where nobody needs a token").wait_for()
    field = person.page.get_by_label("Bearer token")
    assert not field.is_visible()
    assert person.store().startswith("Refused with 401: A token is needed: ")
    assert field.is_visible()
    assert field.evaluate("it => it === document.activeElement")
    assert field.get_attribute("type") == "password"
    person.page.keyboard.type("no tökens look like this")
    assert person.store() == "A token is ASCII, and has no spaces."
    field.fill(f" {TOKEN} ")
    assert person.store().endswith(", owner alice.")
    assert person.retrieve().startswith("Nothing is changed. Returned.")
    person.page.wait_for_timeout(1500)  # longer than the page waits between two looks
    assert [url.endswith("/log") for url in person.requested].count(True) == 1
    assert not person.page.locator("#log").is_visible()
    kept = person.page.evaluate(
        "async () => [localStorage.length, sessionStorage.length, document.cookie,"
        " (await indexedDB.databases()).length, (await caches.keys()).length]"
    )
    assert kept == [0, 0, "", 0, 0]
    assert TOKEN not in "".join(person.requested)
    assert TOKEN not in person.page.content()
    person.page.reload()
    assert field.input_value() == ""


# Looks.


def axe(person: Person) -> list[str]:
    """What axe-core finds wrong with the page as it is, in short."""
    if not AXE.exists():
        pytest.skip("needs axe-core: tools/ci_tools.sh installs it")
    person.page.evaluate(AXE.read_text(encoding="utf-8"))
    found = person.page.evaluate("axe.run()")
    assert len(found["passes"]) > 15
    return [f"{each['id']}: {each['nodes'][0]['html']}" for each in found["violations"]]


@pytest.mark.parametrize(("scheme", "viewport"), [("light", PROJECTOR), ("dark", NARROW)])
def test_axe_finds_nothing_wrong_in_any_state(person: Person, scheme: str, viewport: Any) -> None:
    # Colours change at once, so that contrast is not measured half-way.
    person.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    person.page.set_viewport_size(viewport)
    assert axe(person) == []
    person.page.get_by_text("Token", exact=True).click()
    person.store()
    person.byte("tag", 0).click()
    person.retrieve()
    assert axe(person) == []
    person.click("Restore all")
    person.retrieve()
    assert axe(person) == []


def test_on_a_projector_all_is_in_view_and_nothing_is_smaller_than_13_px(person: Person) -> None:
    person.store()
    person.byte("signature", 0).click()
    person.retrieve()
    assert person.page.evaluate(
        "document.documentElement.scrollHeight <= innerHeight"
        " && document.documentElement.scrollWidth <= innerWidth"
    )
    size = "it => parseFloat(getComputedStyle(it).fontSize)"
    everything = person.page.locator("main *, aside *, header *")
    assert min(everything.evaluate_all(f"all => all.map({size})")) >= 13
    assert person.byte("tag", 0).evaluate(size) >= 15


@pytest.mark.parametrize("width", [320, 700, 1920])
def test_at_no_width_anything_has_to_be_scrolled_to_sideways(person: Person, width: int) -> None:
    person.page.set_viewport_size({"width": width, "height": 800})
    person.store("a long word: " + "w" * 300)
    person.byte("tag", 0).click()
    person.retrieve()
    person.click("Restore all")
    person.retrieve()
    assert person.page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_picture_in_the_readme_can_be_taken_again(person: Person, tmp_path: Path) -> None:
    import page_picture

    page_picture.take(person.page, tmp_path / "page.png")
    for picture in (tmp_path / "page.png", ROOT / "docs" / "images" / "page.png"):
        content = picture.read_bytes()
        assert content.startswith(b"\x89PNG")
        assert len(content) < 200_000


# Pages from elsewhere.


# Whatever a page may try at another origin; each promise is settled, and said how.
ATTACK = """
async (url) => {
    const json = {'Content-Type': 'application/json'};
    const body = JSON.stringify({data: 'from elsewhere'});
    const tries = {
        json: () => fetch(url + '/store', {method: 'POST', headers: json, body}),
        plain: () => fetch(url + '/store', {method: 'POST', body}),
        blind: () => fetch(url + '/store', {method: 'POST', body, mode: 'no-cors'}),
        blob: () => fetch(url + '/store',
            {method: 'POST', body: new Blob([body], {type: 'application/json'}), mode: 'no-cors'}),
        log: () => fetch(url + '/log'),
        page: () => fetch(url + '/'),
    };
    const ends = {};
    for (const [name, attempt] of Object.entries(tries)) {
        ends[name] = await attempt().then(answer => answer.type, error => error.name);
    }
    try {
        navigator.sendBeacon(url + '/store', new Blob([body], {type: 'application/json'}));
    } catch {}
    await new Promise(done => setTimeout(done, 500));
    return ends;
}
"""
FORM = """
<form action="{url}/store" method="post" enctype="text/plain">
<input name='{{"data": "' value='from elsewhere"}}'></form>
"""


@pytest.fixture
def elsewhere(server: BackgroundServer, tmp_path: Path) -> Iterator[str]:
    """Another site on this machine: the page of a notebook, or of an attacker."""
    (tmp_path / "index.html").write_text(FORM.format(url=server.url))
    handler = partial(SimpleHTTPRequestHandler, directory=tmp_path)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{site.server_port}/"
        site.shutdown()


def test_a_page_from_elsewhere_stores_nothing_and_reads_nothing(
    browser: Any, server: BackgroundServer, elsewhere: str
) -> None:
    with closing(browser.new_context()) as context:
        page = context.new_page()
        page.goto(elsewhere)
        ask(server, "GET", "/before-the-attack")
        ends = page.evaluate(ATTACK, server.url)
        assert ends == {
            **dict.fromkeys(["json", "plain", "log", "page"], "TypeError"),
            **dict.fromkeys(["blind", "blob"], "opaque"),  # sent, but not as JSON
        }
        with page.expect_navigation():
            page.evaluate("document.forms[0].submit()")
        assert "The Content-Type must be application/json." in page.content()
    lines = "\n".join(server.log_tail(1000)).partition("/before-the-attack")[2]
    assert set(re.findall(r"POST /store (\d+)", lines)) == {"415"}


def test_a_name_that_was_bound_to_this_machine_is_refused_by_its_certificate(
    playwright: Any, home: Path, server: BackgroundServer
) -> None:
    # DNS rebinding: the attacker's own name now leads here, so that their page is of our origin.
    rebound = "--host-resolver-rules=MAP rebound.example 127.0.0.1"
    with a_browser(playwright, home, rebound) as browser:
        page = browser.new_page()
        with pytest.raises(Exception, match="ERR_CERT_COMMON_NAME_INVALID"):
            page.goto(f"https://rebound.example:{server.port}/")
