"""The page in a real browser, which trusts our CA."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from system.axe import axe
from vocabulary import CHROMIUM, CHROMIUM_FLAGS, a_server, a_vault, ask

from securedata import BackgroundServer, create_app
from securedata.keys.service_keys import new_token
from securedata.web.receipt import receipt_from_json

FIELDS = ["nonce", "encrypted_data", "tag", "signature"]
LENGTHS = {"nonce": 12, "encrypted_data": 16, "tag": 16, "signature": 64}
REFUSED = "Refused with 400: Invalid signature. Data may be compromised."
TOKEN = new_token()


def screen(width: int, height: int, **more: Any) -> dict[str, Any]:
    return {"viewport": {"width": width, "height": height}, **more}


PROJECTOR = screen(1280, 720)
PHONES = [
    screen(width, height, has_touch=True, is_mobile=True)
    for width, height in ((390, 844), (360, 640), (320, 640))
]


def at(*screens: dict[str, Any]) -> pytest.MarkDecorator:
    """The person of a test sits before each of these in turn."""
    sizes = ["{width} x {height}".format_map(it["viewport"]) for it in screens]
    return pytest.mark.parametrize("person", screens, indirect=True, ids=sizes)


pytestmark = [
    pytest.mark.serial,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium"),
    pytest.mark.skipif(shutil.which("certutil") is None, reason="needs certutil of libnss3-tools"),
    pytest.mark.skipif(
        importlib.util.find_spec("playwright") is None, reason="playwright is missing"
    ),
]


@pytest.fixture(scope="module")
def browser(server: BackgroundServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Chromium of a user who imported our CA for websites ("C,,"), as docs/clients.md says.

    It reads the authorities that a user trusts from an NSS database in the home folder.
    """
    from playwright.sync_api import sync_playwright

    home = tmp_path_factory.mktemp("home")
    database = home / ".pki" / "nssdb"
    database.mkdir(parents=True)
    certutil = ["certutil", "-d", f"sql:{database}"]
    subprocess.run([*certutil, "-N", "--empty-password"], check=True)
    trusted = ["-A", "-n", "ours", "-t", "C,,", "-i", str(server.ca_file)]
    subprocess.run([*certutil, *trusted], check=True)
    environment = {**os.environ, "HOME": str(home)}
    with sync_playwright() as playwright:
        launch = partial(playwright.chromium.launch, executable_path=CHROMIUM)
        with closing(launch(args=CHROMIUM_FLAGS, env=environment)) as running:
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
        return self.answer(where)

    def answer(self, where: str) -> str:
        """What is said there, once it is no longer "Storing …"."""
        said = f"document.getElementById('{where}').textContent"
        self.page.wait_for_function(f"() => {said} && !{said}.endsWith('…')")
        return self.says(where)

    def says(self, where: str) -> str:
        return str(self.page.locator(f"#{where}").text_content())

    def byte(self, field: str, place: int) -> Any:
        return (
            self.page.get_by_role("group", name=field, exact=True).get_by_role("button").nth(place)
        )

    def bit(self, bit: int) -> Any:
        """The box of this bit of the chosen byte."""
        return self.page.locator("#bits").get_by_role("button", name=re.compile(f"^bit {bit}: "))

    def paste(self, text: str, where: str = "retrieved") -> str:
        """Open what is pasted, and return what is said there."""
        field = self.page.get_by_role("textbox", name="Paste a receipt, its four fields, or")
        if not field.is_visible():
            self.click("Other records")
        field.fill(text)
        return self.said_after("Open", where)

    def flip(self, field: str, place: int, bit: int = 0) -> None:
        self.byte(field, place).click()
        self.bit(bit).click()

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
def person(
    browser: Any, server: BackgroundServer, request: pytest.FixtureRequest
) -> Iterator[Person]:
    """A person at a small projector. The page must not complain, nor ask another server."""
    with closing(browser.new_context(**getattr(request, "param", PROJECTOR))) as context:
        person = Person(context.new_page(), server.url)
        yield person
        assert person.complaints == []
        assert [url for url in person.requested if not url.startswith(f"{server.url}/")] == []


# Before the first record.


def heard(person: Person, role: str) -> list[str]:
    """The names of all that a screen reader is told of in this role."""
    session = person.page.context.new_cdp_session(person.page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    return [
        it["name"]["value"] + ", disabled" * ("disabled" in str(it["properties"]))
        for it in nodes
        if not it["ignored"] and it["role"]["value"] == role
    ]


def test_steps_2_and_3_are_seen_and_heard_before_a_record_but_do_nothing(person: Person) -> None:
    for _ in range(2):
        assert person.page.locator("#fields").is_visible()
        assert heard(person, "button") == ["Token", "Other records", "Store", "Retrieve, disabled"]
        headings = {*heard(person, "heading")}
        assert headings > {"Flip a bit", "Hand the fields in"}
        assert headings.isdisjoint({"tag", "no byte yet"})
        assert "First store a text." in heard(person, "StaticText")
        person.page.get_by_role("button", name="Store", exact=True).focus()
        person.press("Tab")  # past the bits and Retrieve
        assert person.page.evaluate("document.activeElement.closest('main')") is None
        person.store("x" * 262_145)  # refused: all is as before
    person.store()
    assert not person.page.get_by_text("First store a text.").is_visible()
    assert person.retrieve().startswith("No bit is flipped. Returned.")
    person.store("x" * 262_145)
    assert person.page.get_by_role("button", name="Retrieve").is_disabled()
    assert person.page.locator("#fields button, #bits :not(:empty)").count() == 0


# Store, flip, refused, restore, retrieved.


@pytest.mark.parametrize("field", FIELDS)
def test_store_flip_refused_restore_retrieved(person: Person, field: str) -> None:
    assert person.store().startswith("Stored as record ")
    before = person.bytes(field)
    assert len(before) == 2 * LENGTHS[field]
    person.flip(field, 3)
    assert int(person.bytes(field), 16) ^ int(before, 16) == 1 << 8 * (LENGTHS[field] - 4)
    assert person.retrieve() == f"1 bit is flipped. {REFUSED}"
    person.click(f"Restore {field}")
    assert person.bytes(field) == before
    assert person.says("retrieved") == ""
    assert person.retrieve() == ("No bit is flipped. Returned. Signature is valid.Meet me at noon.")
    assert person.text() == "Meet me at noon."


def test_a_flipped_byte_is_told_from_the_others_without_colour(person: Person) -> None:
    person.store()
    byte = person.byte("tag", 1)
    was = byte.text_content()
    assert byte.get_attribute("aria-label") == f"byte 2 of 16: {was}"
    person.flip("tag", 1, bit=6)
    now = f"{int(was, 16) ^ 64:02x}"
    assert byte.get_attribute("aria-label") == f"byte 2 of 16: {now}, was {was}"
    assert person.says("flipped") == f"tag, byte 2, bit 6: {was} → {now}."
    for box in (byte, person.bit(6)):
        assert ", was " in box.get_attribute("aria-label")
        assert "underline" in box.evaluate("it => getComputedStyle(it).textDecorationLine")
    person.page.get_by_role("button", name="Restore tag").focus()
    person.press("Enter")
    assert person.focused().startswith("byte 2 of 16: ")


@at(screen(1280, 560))
def test_each_flipped_byte_is_marked_in_the_request_and_in_view_there(person: Person) -> None:
    person.store("a flipped byte")
    mark = person.page.locator("#sent mark")
    assert mark.count() == 0
    was = person.bytes("signature")
    person.flip("signature", 63, bit=6)
    now = person.bytes("signature")
    person.retrieve()
    assert mark.all_text_contents() == [now[-2:]]
    assert mark.get_attribute("title") == f"{was[-2:]} → {now[-2:]}"
    assert "underline" in mark.evaluate("it => getComputedStyle(it).textDecorationLine")
    assert is_in_view(mark)
    assert json.loads(person.says("sent").partition("\n\n")[2])["signature"] == now
    person.flip("nonce", 0)
    person.retrieve()
    assert mark.all_text_contents() == [person.bytes("nonce")[:2], now[-2:]]
    assert is_in_view(mark.first)
    person.click("Restore all")
    person.retrieve()
    assert mark.count() == 0


def test_no_line_of_a_message_is_broken_and_a_refusal_is_seen_whole(person: Person) -> None:
    person.store()
    person.flip("tag", 0)
    person.retrieve()
    lines = person.says("sent").count("\n") + 1
    height = "it => sent.clientHeight / parseFloat(getComputedStyle(it).lineHeight)"
    assert person.page.locator("#both").evaluate(height) == pytest.approx(lines, abs=0.1)
    assert person.page.locator("#sent").evaluate(
        "it => (it.scrollLeft = 1e6, it.scrollLeft + it.clientWidth >= it.scrollWidth - 1"
        " && it.scrollLeft > 0)"
    )
    assert '"error": "Invalid signature. Data may be compromised."' in person.says("answered")
    fits = "it => it.scrollWidth <= it.clientWidth"
    assert person.page.locator("#answered").evaluate(fits)


@at(screen(1280, 560, permissions=["clipboard-read", "clipboard-write"]))
def test_a_request_is_shown_and_copied_before_it_is_sent(person: Person) -> None:
    person.store()
    person.page.evaluate("token => document.getElementById('token').value = token", TOKEN)
    person.flip("nonce", 11)
    draft = person.says("sent")
    assert "Authorization: Bearer $TOKEN" in draft
    body = json.loads(draft.partition("\n\n")[2])
    assert body["nonce"] == person.bytes("nonce")
    assert person.page.locator("#sent mark").all_text_contents() == [body["nonce"][-2:]]
    for shown in (person.page.locator("#answered"), person.page.locator("#sent mark")):
        assert is_in_view(shown)
    assert person.said_after("Copy as curl", "copied").startswith("Copied.")
    assert body["nonce"] in person.page.evaluate("navigator.clipboard.readText()")
    assert [url for url in person.requested if url.endswith("/retrieve")] == []
    person.retrieve()
    assert person.says("sent") == draft


# Texts.


@pytest.mark.parametrize(
    "text",
    [
        "</blockquote><img src=x onerror=\"document.title='pwned'\">"
        "<script>document.title='pwned'</script>&amp;",
        "שלום \u202eمرحبا\u202c 👩\u200d👩\u200d👧 e\u0301 é\n\n  two lines",
    ],
    ids=["HTML", "many scripts"],
)
def test_a_text_comes_back_as_text(person: Person, text: str) -> None:
    elements = person.page.locator("img, script, h1").count()
    person.store(text)
    assert len(person.bytes("encrypted_data")) == 2 * len(text.encode())
    person.retrieve()
    assert person.text() == text
    assert person.page.title() == "securedata: store, flip a bit, retrieve"
    assert person.page.locator("img, script, h1").count() == elements


def test_an_empty_text_is_said_to_be_empty(person: Person) -> None:
    person.store("")
    assert person.retrieve().endswith("Returned: an empty text. Signature is valid.")


def test_of_a_long_ciphertext_256_bytes_are_shown_and_all_are_sent(person: Person) -> None:
    text = "long " * 20_000
    person.store(text)
    assert len(person.bytes("encrypted_data")) == 2 * 256
    assert person.page.get_by_text("and 99,744 more bytes, not shown here").is_visible()
    person.flip("encrypted_data", 255)
    assert person.retrieve() == f"1 bit is flipped. {REFUSED}"
    person.click("Restore all")
    person.retrieve()
    assert person.text() == text


@pytest.mark.parametrize("token", ["", TOKEN])
def test_what_was_sent_runs_again_as_curl_and_names_no_token(
    browser: Any, tmp_path: Path, token: str
) -> None:
    tokens = {"alice": token} if token else {}
    (tmp_path / "certs").mkdir()
    text = "it's $HOME `id` \\ \u202eno\u202c \u009b31m 👩\nJSON\n"
    with (
        a_server(create_app(a_vault(tmp_path, **tokens)), tmp_path) as server,
        closing(browser.new_context(ignore_https_errors=True)) as context,
    ):
        assert server.ca_file is not None
        shutil.copy(server.ca_file, tmp_path / "certs" / "ca.pem")
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        person = Person(context.new_page(), server.url)
        person.page.evaluate("token => document.getElementById('token').value = token", token)
        person.store(text)
        assert ("Authorization: Bearer $TOKEN" in person.says("sent")) == bool(token)
        texts = []
        where = f" Run it in the server’s folder{', with TOKEN set' if token else ''}."
        for button, hint in (("Copy", ""), ("Copy as curl", where)):
            assert person.said_after(button, "copied") == f"Copied.{hint}"
            texts.append(person.page.evaluate("navigator.clipboard.readText()"))
        both, curl = texts

        assert both == f"{person.says('sent')}\n\n{person.says('answered')}\n"
        assert not token or token not in both + curl
        assert curl.startswith("curl -sS --cacert certs/ca.pem -X POST 'https://localhost:")
        assert re.search("[^\n\x20-\x7e👩]", curl) is None
        command = ["sh", "-c", curl]
        ran = subprocess.run(
            command, cwd=tmp_path, env={**os.environ, "TOKEN": token}, capture_output=True
        )
        receipt = json.loads(ran.stdout)
        person.paste(receipt["record_id"])
        assert person.text() == text


# The keyboard.


def test_it_goes_by_keyboard_alone(person: Person) -> None:
    person.page.get_by_role("textbox", name="Store a text").focus()
    person.press("Control+A")
    person.page.keyboard.type("by hand")
    person.press("Control+Enter", "Tab")
    person.page.wait_for_selector("#tag button")
    assert person.page.locator("#fields [tabindex='0']").count() == len(FIELDS)
    # From "Store" on: download, nonce, encrypted_data, tag.
    person.press("Tab", "Tab", "Tab", "Tab")
    assert person.focused().startswith("byte 1 of 16: ")
    assert person.says("bits-title") == "tag, byte 1"
    person.press("ArrowRight", "ArrowRight", "7")
    assert ", was " in person.focused()
    assert person.says("flipped").startswith("tag, byte 3, bit 7: ")
    # To the bits of this byte; then undo, restore, Retrieve.
    person.press("Enter")
    assert person.focused().startswith("bit 7: ")
    person.press("Tab", "Tab", "Tab")
    assert person.focused() == "Retrieve"
    person.press("Enter")
    assert person.answer("retrieved") == f"1 bit is flipped. {REFUSED}"
    person.press("Shift+Tab", "Shift+Tab", "Shift+Tab", "ArrowRight", "Space")
    assert person.says("flipped").endswith(" 2 bits are flipped.")
    person.press("Control+Z")
    assert person.says("flipped") == "The last change is undone. 1 bit is flipped."
    person.press("Control+Shift+Z")
    assert person.says("flipped") == "The last change is undone. 1 bit is flipped."
    person.press("Escape")
    assert person.focused().startswith("byte 3 of 16: ")
    person.press("Control+Z")
    assert person.says("flipped") == "The last change is undone."
    person.press("Space", "Tab", "Tab", "Tab", "Enter")
    person.answer("retrieved")
    assert person.text() == "by hand"


def test_undo_goes_back_step_by_step_and_keeps_the_focus(person: Person) -> None:
    person.store()
    person.flip("tag", 0)
    once = person.bytes("tag")
    person.flip("signature", 5, bit=3)
    person.click("Restore all")
    person.click("Undo")
    assert person.says("flipped") == "The last change is undone. 2 bits are flipped."
    person.click("Undo")
    assert person.bytes("tag") == once
    person.click("Undo")
    person.press("Enter")  # there is no change left
    assert person.says("flipped") == "The last change is undone."
    assert person.focused() == "Undo"


@pytest.mark.parametrize(
    ("width", "height", "lines"),
    [(1366, 650, 1), (1280, 800, 4), (1280, 600, 1), (1000, 700, 4), (700, 700, 50)],
)
def test_a_second_click_at_the_same_place_undoes_the_first(
    person: Person, width: int, height: int, lines: int
) -> None:
    person.page.set_viewport_size({"width": width, "height": height})
    person.store("\n".join(["Meet me at noon."] * lines))
    before = person.bytes("encrypted_data")
    place = person.bit(0).bounding_box()
    x, y = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
    for _ in range(2):
        person.retrieve()
        person.page.mouse.click(x, y)
        assert person.says("flipped").startswith("encrypted_data, byte 1, bit 0: ")
        person.retrieve()
        person.page.locator("#way li[data-state=refused]").wait_for()
        person.page.mouse.click(x, y)
        assert person.bytes("encrypted_data") == before


@at(*PHONES)
def test_a_thumb_flips_a_bit_and_retrieves_without_scrolling(person: Person) -> None:
    person.store("long " * 100)
    assert_the_chosen_byte_is_free(person)
    person.byte("encrypted_data", 200).tap()
    place = person.page.evaluate("scrollY")
    person.bit(6).tap()
    person.page.get_by_role("button", name="Retrieve", exact=True).tap()
    person.page.locator("#retrieved", has_text=REFUSED).wait_for()
    person.page.get_by_text("Refused by: verify.").wait_for()
    assert person.page.evaluate("scrollY") == place
    assert_the_chosen_byte_is_free(person)
    person.page.get_by_role("button", name="Restore all").tap()
    person.retrieve()
    assert_the_chosen_byte_is_free(person)


@at(*PHONES)
def test_the_longest_refusal_hides_no_chosen_byte_on_a_phone(
    person: Person, server: BackgroundServer
) -> None:
    error = "A sentence of a service, as long as the longest of all its sentences. " * 2
    receipt = ask(server, "POST", "/store", json={"data": "hello"}).json()
    person.page.evaluate("token => document.getElementById('token').value = token", TOKEN)
    refusal = {"status": 400, "json": {"error": error}, "headers": {"Retry-After": "1000"}}
    person.page.route("**/retrieve", lambda it: it.fulfill(**refusal))
    person.paste(json.dumps({**receipt, "owner": "m" * 64}))
    assert "only a token of mmm" in person.says("retrieved")
    for name, byte in (("nonce", 0), ("tag", 15), ("signature", 63)):
        person.flip(name, byte)
        person.retrieve()
        assert_the_chosen_byte_is_free(person)
    person.click("Restore all")
    person.retrieve()
    assert_the_chosen_byte_is_free(person)
    assert axe(person.page) == []


@at(PHONES[0])
@pytest.mark.parametrize("path", ["", "/docs"])
def test_a_thumb_hits_the_links(person: Person, server: BackgroundServer, path: str) -> None:
    person.page.goto(server.url + path)
    for link in person.page.locator("header a, .endpoints a").all():
        assert link.bounding_box()["height"] >= 44


def assert_the_chosen_byte_is_free(person: Person) -> None:
    """It is in view, and what is in reach takes at most a third of the height."""
    chosen = person.page.locator(".bytes [aria-current]")
    assert is_in_view(chosen)
    tray = "document.getElementById('reach').getBoundingClientRect()"
    assert chosen.evaluate(f"it => it.getBoundingClientRect().bottom <= {tray}.top")
    assert person.page.evaluate(f"{tray}.height * 3 <= innerHeight")
    assert person.page.evaluate(f"{tray}.bottom <= innerHeight")
    assert person.page.locator("#reach").evaluate("it => it.scrollWidth <= it.clientWidth")


@pytest.mark.parametrize(("width", "row"), [(1280, 16), (400, 8)])
def test_arrows_move_as_the_bytes_lie(person: Person, width: int, row: int) -> None:
    person.page.set_viewport_size({"width": width, "height": 720})
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


# Records that stay.


def test_the_last_ten_receipts_of_a_tab_survive_a_reload_and_no_text_does(person: Person) -> None:
    for number in range(11):
        said = person.store(f"secret {number}")
    newest = person.bytes("tag")
    kept = person.page.evaluate("JSON.stringify({...sessionStorage, ...localStorage})")
    assert "secret" not in kept
    person.page.reload()
    assert person.bytes("tag") == newest
    assert person.says("stored") == f"Record {said.removeprefix('Stored as record ')}"
    assert person.page.get_by_role("textbox", name="Store a text").input_value() == ""
    person.click("Other records")
    records = person.page.locator("#kept button")
    assert records.count() == 10
    records.last.click()
    assert records.last.get_attribute("aria-current") == "true"
    person.retrieve()
    assert person.text() == "secret 1"


def test_a_downloaded_receipt_and_a_record_id_can_be_pasted(
    person: Person, browser: Any, server: BackgroundServer
) -> None:
    person.store()
    person.flip("tag", 0)
    with person.page.expect_download() as download:
        person.click("Download receipt")
    receipt = Path(download.value.path()).read_text(encoding="utf-8")
    record_id = json.loads(receipt)["record_id"]
    assert download.value.suggested_filename == f"receipt-{record_id[:8]}.json"
    assert receipt_from_json(json.loads(receipt)).header.record_id == record_id
    with closing(browser.new_context()) as context:
        other = Person(context.new_page(), server.url)
        unknown = f"Asked for by its id. {REFUSED} Or no such record of yours exists."
        malformed = "Asked for by its id. A token is 64 lower-case hex digits."
        for token, said in (("x", malformed), ("", unknown), ("x", malformed), ("", unknown)):
            other.page.evaluate("it => document.getElementById('token').value = it", token)
            assert other.paste("0" * 32) == said
            other.press("Escape")
        other.page.get_by_text("looked for a row with this record_id, and found none").wait_for()
        for text, sent in (
            (receipt, "No bit is flipped."),
            (record_id, "Asked for by its id."),
        ):
            assert other.paste(text).startswith(f"{sent} Returned. Signature is valid.")
            assert other.text() == "Meet me at noon."
            assert other.page.locator("#tamper").is_visible() == (text == receipt)
            assert "asted" in other.says("stored")
        for text, said in (
            ("", "This is not a receipt, its four fields, or a record id."),
            ("null", "This is not a receipt, its four fields, or a record id."),
            (receipt[:200], "This JSON was cut off, or is not JSON."),
            ("{}", "The field nonce is missing."),
            (receipt.replace('"tag"', '"tug"'), "The field tag is missing."),
            (
                receipt.replace('"nonce": "', '"nonce": "x'),
                "The field nonce must be lower-case hex, two digits a byte.",
            ),
            (record_id.upper() + "F", "A record id is 32 lower-case hex digits."),
            (receipt.replace('"created": "', '"created": "x'), "The field created is not as "),
        ):
            assert other.paste(text, "opened").startswith(said)
        assert other.complaints == []


def test_a_pasted_receipt_is_believed_nothing_and_replaces_no_other(
    person: Person, server: BackgroundServer
) -> None:
    person.store()
    receipt = ask(server, "POST", "/store", json={"data": "another"}).json()
    not_checked = "owner, signer_id and created were not sent, so they were not checked."
    assert not_checked in person.paste(json.dumps({**receipt, "owner": "mallory"}))
    assert not_checked not in person.paste(json.dumps(receipt["data"]))
    forged = {**receipt, "data": {**receipt["data"], "tag": "00" * 16}}
    assert person.paste(json.dumps(forged)) == f"No bit is flipped. {REFUSED}"
    moved = {**receipt, "record_id": "0" * 32}
    assert person.paste(json.dumps(moved)) == f"No bit is flipped. {REFUSED}"
    assert person.says("stored") == (f"The pasted receipt says: record {'0' * 32}, owner local.")
    kept = person.page.locator("#kept li")
    assert ["pasted" in it for it in kept.all_text_contents()] == [True, True, True, False]
    assert person.page.locator("#kept [aria-current]").count() == 1
    kept.nth(3).get_by_role("button").click()
    assert person.retrieve() == "No bit is flipped. Returned. Signature is valid.Meet me at noon."


def test_result_picture_and_messages_are_always_about_what_is_open(
    person: Person, server: BackgroundServer
) -> None:
    receipt = ask(server, "POST", "/store", json={"data": "another"}).text
    person.paste(receipt)
    person.store()

    def shown() -> list[object]:
        said = [person.says(it) for it in ("retrieved", "refused-by", "sent", "answered")]
        return [*said, way(person)]

    def of_the_open_record() -> list[object]:
        fields = json.dumps({it: person.bytes(it) for it in FIELDS})[1:-1]
        request = re.sub(r"\s+", " ", person.says("sent"))
        assert request.startswith("POST /retrieve Content-Type: application/json { ")
        assert fields in request
        return ["", "", person.says("sent"), "Not sent yet.", {}]

    for change in (
        lambda: person.flip("tag", 0),
        lambda: person.click("Undo"),
        lambda: person.paste("hello", "opened"),
        lambda: person.page.locator("#kept button").last.click(),
    ):
        person.retrieve()
        person.page.locator("#way li[data-state]:not([data-state=''])").first.wait_for()
        change()
        assert shown() == of_the_open_record()
    person.store()
    assert person.page.locator("#stored").get_attribute("data-mood") == "good"
    person.page.get_by_role("textbox", name="Store a text").fill("another text")
    assert person.says("stored").startswith("Record ")
    for text in ("x" * 262_145, "é" * 2**20):
        size = len(text.encode())
        words = f"Not sent: the text has {size:,} bytes, and at most 262,144 are stored."
        assert person.store(text) == words
        assert shown() == ["", "", "Nothing yet.", "", {}]


def test_two_clicks_while_the_answer_is_slow_store_once(person: Person) -> None:
    person.page.evaluate(
        "const ask = fetch;"
        "fetch = (...all) => new Promise((answer) => setTimeout(answer, 500, ask(...all)))"
    )
    person.click("Store")
    person.click("Store")
    assert person.says("stored") == "Storing …"
    assert person.answer("stored").startswith("Stored as record ")
    person.page.wait_for_timeout(600)
    assert [url.endswith("/store") for url in person.requested].count(True) == 1


# When something is wrong: a sentence.


def test_a_database_that_does_not_answer_is_said_not_to(person: Person) -> None:
    error, later = {"error": "The database does not answer."}, {"Retry-After": "5"}
    person.store()
    person.page.route("**/retrieve", lambda it: it.fulfill(status=503, json=error, headers=later))
    sentence = "Failed with 503: The database does not answer. (Retry-After: 5 s)"
    assert person.retrieve() == f"No bit is flipped. {sentence}"


def test_a_server_that_is_gone_is_said_to_be_and_its_return_is_noticed(
    browser: Any, server: BackgroundServer
) -> None:
    with closing(browser.new_context()) as context:
        person = Person(context.new_page(), server.url)
        person.store()
        server.stop()
        try:
            assert person.retrieve() == (
                "No bit is flipped. The service does not answer. Is it still running?"
            )
            note = person.page.locator("#log-note")
            note.get_by_text("The service does not answer.").wait_for()
        finally:
            server.start()
        person.page.wait_for_function("() => !document.getElementById('log-note').textContent")
        assert person.retrieve().startswith("No bit is flipped. Returned.")


# The log.


def way(person: Person) -> dict[str, str]:
    """The steps of the way that have a state, and what is heard of it."""
    texts = person.page.locator("#way li").all_text_contents()
    return {step: state for step, _, state in (text.partition(": ") for text in texts) if state}


def test_the_log_is_followed_and_the_step_that_refused_lights_up(
    person: Person, server: BackgroundServer
) -> None:
    ask(server, "GET", "/another-client")
    person.page.locator("#log li", has_text="GET /another-client 404").wait_for()
    person.store()
    person.page.get_by_text("No step refused.").wait_for()
    assert way(person) == dict.fromkeys(("request", "encrypt", "sign", "database"), "done")
    for field, step, error, before in (
        ("nonce", "database", "RecordNotFoundError", ["request"]),
        ("tag", "verify", "SignatureError", ["request", "database"]),
        ("signature", "verify", "SignatureError", ["request", "database"]),
    ):
        person.flip(field, 0)
        person.retrieve()
        person.page.locator("#way li[data-state=refused]", has_text=step).wait_for()
        assert way(person) == {**dict.fromkeys(before, "done"), step: "refused here"}
        marked = person.page.locator("#log .new", has_text=error)
        last = person.page.locator("#log li").last
        assert marked.get_attribute("value") == last.get_attribute("value")
        person.click("Restore all")
    person.page.route("**/retrieve", lambda route: route.abort())
    person.store()
    person.retrieve()
    person.page.locator("#way-note", has_text="does not answer").wait_for()
    assert way(person) == {}


# Tokens.


def test_a_token_is_asked_for_used_and_kept_nowhere_and_then_no_log_is_shown(
    browser: Any, tmp_path: Path
) -> None:
    token_of_bob = new_token()
    of_bob = {"Authorization": f"Bearer {token_of_bob}"}
    with (
        a_server(create_app(a_vault(tmp_path, alice=TOKEN, bob=token_of_bob)), tmp_path) as server,
        closing(browser.new_context(ignore_https_errors=True)) as context,
    ):
        person = Person(context.new_page(), server.url)
        person.page.get_by_text("The log is shown only where nobody needs a token").wait_for()
        field = person.page.get_by_label("Bearer token")
        assert not field.is_visible()
        assert person.store() == ("Refused with 401: enter a token.")
        assert field.evaluate("it => it === document.activeElement")
        assert field.get_attribute("type") == "password"
        for token, words in [
            ("no tökens look like this", "A token is 64 lower-case hex digits."),
            ("0" * 64, "Refused with 401: This token is unknown or was revoked."),
            (f" Bearer {TOKEN} ", ", owner alice."),
        ]:
            person.page.keyboard.insert_text(token)  # in place of the one that was refused
            field.press("Enter")
            person.page.locator("#stored", has_text=words).wait_for()
            assert field.is_visible() == (words in person.says("token-said"))
        assert person.retrieve().startswith("No bit is flipped. Returned.")
        person.flip("tag", 0)
        person.retrieve()
        person.page.get_by_text("Only the log says which step refused.").wait_for()
        maybe = dict.fromkeys(("database", "verify", "decrypt"), "perhaps refused here")
        assert way(person) == {"request": "done", **maybe}
        receipt = ask(server, "POST", "/store", json={"data": "hello"}, headers=of_bob).text
        whose = "The receipt says owner bob: only a token of bob reads it."
        assert person.paste(receipt).endswith(f"{REFUSED} {whose}")
        assert not person.page.locator("#log").is_visible()
        kept = "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])"
        shown = person.page.content() + person.page.evaluate(kept)
        assert TOKEN not in "".join(person.requested) + shown
        person.page.reload()
        assert field.input_value() == ""


# The API for people.


def test_docs_tries_each_endpoint(browser: Any, tmp_path: Path) -> None:
    with (
        a_server(create_app(a_vault(tmp_path, alice=TOKEN)), tmp_path) as server,
        closing(browser.new_context(ignore_https_errors=True)) as context,
    ):
        person = Person(context.new_page(), server.url)
        with person.page.expect_popup() as docs:
            person.page.get_by_role("link", name="API docs (new tab)").click()
        person.page = docs.value
        person.page.wait_for_load_state()  # until then "Send" does nothing

        def said_by(form: str) -> str:
            person.click(f"Send {form}")
            output = person.page.get_by_role("form", name=form, exact=True).locator("output")
            output.filter(has_text=re.compile("with|token")).wait_for()
            said = str(output.text_content())
            person.page.evaluate(
                "for (const it of document.forms) it.querySelector('output').value = ''"
            )
            return said.strip()

        by_fields = f"POST /retrieve with {', '.join(FIELDS)}"
        assert said_by(by_fields) == "Refused with 401: enter a token."
        person.page.keyboard.type(TOKEN)
        person.press("Enter")
        person.page.get_by_text(REFUSED).wait_for()
        answered = "Answered with 200."
        filled = f"{answered} The forms of /retrieve now hold this record."
        assert said_by("POST /store with data") == filled
        for form in ("POST /retrieve with record_id", by_fields):
            assert said_by(form) == answered
            assert '"decrypted_data": "attack at dawn"' in person.says("answered")
        for path in ("/health", "/ready", "/public-key", "/openapi.json", "/docs"):
            assert said_by(f"GET {path}") == answered
        person.page.get_by_label("signer_id", exact=True).fill("0" * 16)
        assert said_by("GET /public-key") == "Refused with 404: No signer has this signer_id."
        assert person.says("sent").startswith(f"GET /public-key?signer_id={'0' * 16}\n")
        assert person.complaints == []
        assert axe(person.page) == []


def test_the_list_of_endpoints_stays_in_view_from_1000_px_on(
    person: Person, server: BackgroundServer
) -> None:
    person.page.goto(f"{server.url}/docs")
    endpoints = person.page.get_by_role("navigation", name="Endpoints")
    for width, stays in ((1000, True), (1440, True), (999, False), (390, False)):
        person.page.set_viewport_size({"width": width, "height": 720})
        endpoints.get_by_role("link", name="GET /health").click()
        title = person.page.get_by_role("heading", name="GET /health")
        assert is_in_view(title)
        assert is_in_view(endpoints.get_by_role("link", name="GET /docs")) == stays
        assert person.page.evaluate("document.documentElement.scrollWidth") <= width
        assert axe(person.page) == []


# Looks.


@at(screen(640, 400), screen(1280, 560))
def test_the_bits_of_a_byte_are_in_view_at_200_percent_and_in_a_low_window(person: Person) -> None:
    person.store()
    person.byte("tag", 3).click()
    assert all(is_in_view(it) for it in (person.byte("tag", 3), person.bit(7), person.bit(0)))
    for key in ("Tab", *["ArrowRight"] * 63):  # through the signature
        person.press(key)
        assert is_in_view(person.page.locator("#signature :focus"))


def is_in_view(element: Any) -> bool:
    """Nothing covers the upper left corner of this element."""
    return bool(
        element.evaluate(
            "it => document.elementFromPoint(...(({ x, y }) => [x + 5, y + 5])"
            "(it.getBoundingClientRect())) === it"
        )
    )


# The boxes of two things that are seen: a text, a button, a field. What scrolls for itself is left
# out; and so is what is inside another one.
OVERLAPS = """() => {
  const isSeen = (it) =>
    it.checkVisibility({ visibilityProperty: true }) && !it.closest("#both, #log") &&
    getComputedStyle(it).clipPath === "none";
  const things = [...document.querySelectorAll("button, input, textarea")].filter(isSeen)
    .map((it) => [it, [it.getBoundingClientRect()]]);
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const range = document.createRange();
    range.selectNodeContents(texts.currentNode);
    if (isSeen(texts.currentNode.parentElement)) {
      things.push([texts.currentNode, [...range.getClientRects()]]);
    }
  }
  const meet = (a, b) =>
    Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 &&
    Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 6; // lines of text may touch
  return things.flatMap(([one, boxes], at) => things.slice(at + 1)
    .filter(([other, others]) => !one.contains(other) && !other.contains(one) &&
      boxes.some((a) => others.some((b) => meet(a, b))))
    .map(([other]) => `${one.textContent.trim()} × ${other.textContent.trim()}`));
}"""
SMALL = [(320, 568), (320, 640), (360, 640), (400, 800), (480, 800), (320, 420), (844, 390)]


@at(*(screen(*size) for size in SMALL))
def test_nothing_covers_anything_on_a_small_screen_with_a_mouse(person: Person) -> None:
    assert person.page.evaluate(OVERLAPS) == []
    person.store()
    person.flip("tag", 3)
    person.page.locator("#retrieve").evaluate("it => it.scrollIntoView({ block: 'end' })")
    person.retrieve()
    person.page.locator("#refused-by:not(:empty)").wait_for()
    said, by = (person.page.locator(it).bounding_box() for it in ("#retrieved", "#refused-by"))
    assert said["y"] + said["height"] <= min(by["y"], person.page.viewport_size["height"])
    # At its own place, and not above what is behind it.
    person.page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    assert person.page.evaluate(OVERLAPS) == []
    assert person.page.evaluate("document.documentElement.scrollWidth === innerWidth")
    sticky = "all.filter((it) => getComputedStyle(it).position === 'sticky')"
    low = f"all => {sticky}.every((it) => it.getBoundingClientRect().height < innerHeight * 0.34)"
    assert person.page.locator("main *").evaluate_all(low)


# Colours change at once, so that contrast is not measured half-way.
@at(
    screen(1280, 720, color_scheme="light", reduced_motion="reduce"),
    screen(400, 800, color_scheme="dark", reduced_motion="reduce"),
)
def test_axe_finds_nothing_wrong_in_any_state(person: Person) -> None:
    assert axe(person.page) == []  # steps 2 and 3 are grey
    person.click("Token")
    assert axe(person.page) == []
    person.press("Escape")
    person.store()
    person.flip("tag", 0)
    person.retrieve()
    person.click("Other records")
    assert axe(person.page) == []
    person.click("Restore all")
    person.retrieve()
    assert axe(person.page) == []


def test_all_is_in_view_on_a_projector_and_nothing_is_wider_than_any_screen(person: Person) -> None:
    person.store()
    person.flip("signature", 0)
    person.retrieve()
    assert person.page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    sizes = "all => all.map(it => parseFloat(getComputedStyle(it).fontSize))"
    assert min(person.page.locator("main *, aside *, header *").evaluate_all(sizes)) >= 13
    person.store("a long word: " + "w" * 300)
    person.retrieve()
    for width in (320, 360, 390, 700, 1000, 1280, 1920):
        person.page.set_viewport_size({"width": width, "height": 720})
        assert person.page.evaluate("document.documentElement.scrollWidth") <= width
