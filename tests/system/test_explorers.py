"""Explorers in a real browser: by mouse, by touch, by keyboard, light and dark."""

import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from vocabulary import AXE

from securedata_lab.basics.bits import xor
from securedata_lab.basics.small_dsa import ZeroError, fits, sign
from securedata_lab.lesson01_aes_modes import explore_bits, explore_two_texts
from securedata_lab.lesson02_aes_gcm import explore_tag
from securedata_lab.lesson03_dsa_signatures import explore_judge, explore_ring
from securedata_lab.lesson03_dsa_signatures.explorer_ring import RING
from securedata_lab.lesson04_dsa_attacks import explore_arrows, times
from securedata_lab.lesson06_tls_on_the_wire import explore_session, wire
from securedata_lab.lesson07_secure_store import explore_rollback
from securedata_lab.lesson08_break_it_fix_it.explorer_doors import Door, explore_doors
from securedata_lab.wire import open_record, record_nonce

SCREENS = {
    "wide": {"viewport": {"width": 1280, "height": 720}},
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
}


def opening(record: wire.Record, key: bytes, iv: bytes, number: int) -> bytes:
    return open_record(record, key, record_nonce(iv, number))[1]


NONCE = '''def nonce(self, receipt):
    """12 bytes."""
    return self.stored.to_bytes(12, "big")  # a counter
'''
DOORS = [
    Door(
        *("nonce", "broken", "broken", "Ada's text: “Kim hid the bottle.”", "restart", "Again."),
        *((), NONCE),
    ),
    Door("public_number", "symptom patch", "broken", "a title", "own", "Hers.", ("own",), ""),
    Door("answer", "fixed", "broken", "", "", "No text came.", ("flipped",), ""),
]
EXPLORERS = {
    "doors": lambda: explore_doors(DOORS, "3 of 6 points", "in words"),
    "bits": lambda: explore_bits("pay 0100 EUR to Ada Lovelace, order 4711, today."),
    "ring": explore_ring,
    "judge": explore_judge,
    "two_texts": explore_two_texts,
    "timeline": explore_rollback,
    "arrows": lambda: explore_arrows(q=211, T=124, A=66, B=12),
    "tag": lambda: explore_tag("Kim: 0100 to Gil", "Eve: 0001 to Kim"),
    "session": lambda: explore_session(wire.load_recording("tls13-hybrid"), opening),
}
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>A lesson</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<body style="background: {background}; color: {colour}"><main><h1>A lesson</h1>{explorers}</main>"""

pytestmark = pytest.mark.serial


@pytest.fixture(params=SCREENS)
def opened(browser: Any, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """Opens a page with an explorer twice, as when a cell was copied: wide, or a dark phone.

    Returns the first of the two.
    """
    mistakes: list[str] = []
    context = browser.new_context(**SCREENS[request.param])

    def page_with(name: str) -> Any:
        html = EXPLORERS[name]()._repr_html_()
        dark = request.param == "phone"
        colours = {"background": "#111" if dark else "#fff", "colour": "#eee" if dark else "#000"}
        file = tmp_path / "lesson.html"
        file.write_text(PAGE.format(explorers=html + html, **colours), encoding="utf-8")
        page = context.new_page()
        page.on("pageerror", lambda error: mistakes.append(str(error)))
        page.goto(file.as_uri())
        return page.locator(".sd-explorer").first

    yield page_with
    assert mistakes == []
    context.close()


@pytest.mark.parametrize("name", EXPLORERS)
def test_axe_finds_nothing_and_nothing_leaves_the_screen(opened: Any, name: str) -> None:
    """Also after every kind of control was used once. One tab stop leads into each row."""
    if not AXE.exists():
        pytest.skip("needs axe-core: tools/ci_tools.sh installs it")
    explorer = opened(name)
    page = explorer.page
    for control in explorer.locator(
        "button:enabled, input[type=radio]:visible, input[type=checkbox]"
    ).all()[:40]:
        if control.is_enabled():
            control.click()
    assert explorer.locator("[aria-live]").first.inner_text()
    page.evaluate(AXE.read_text("utf-8"))
    assert page.evaluate("axe.run()")["violations"] == []
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.viewport_size["width"]


@pytest.mark.parametrize("name", EXPLORERS)
def test_no_key_leaves_an_explorer_or_is_a_shortcut_of_notebook_7(opened: Any, name: str) -> None:
    """JupyterLab would hear it, and give the focus to its active cell.

    Notebook 7 hears a key first. An attribute holds it back, on the focused element itself.
    @lumino/commands, targetDistance(): a shortcut of `:focus` matches there, and not at our root.
    """
    explorer = opened(name)
    page = explorer.page
    page.evaluate("document.addEventListener('keydown', () => (window.heard = true))")
    explorer.locator("button:enabled, input").first.press("ArrowRight")
    assert not page.evaluate("window.heard === true")
    controls = explorer.locator("button, input")
    for control in controls.all()[:40]:  # some make others
        control.click() if control.is_enabled() and control.is_visible() else None
    assert controls.count()
    assert explorer.locator(":is(button, input):not([data-lm-suppress-shortcuts])").count() == 0


@pytest.mark.parametrize(
    ("name", "keys", "heard"),
    [
        (  # from CBC to CTR; then the nonce, the ciphertext, the bits: a tab stop each
            "bits",
            "Tab ArrowRight Tab Tab ArrowRight ArrowDown Enter Tab End Space",
            "CTR: 1 letter changed, and no error.",
        ),
        ("ring", "Tab Tab Enter Shift+Tab Space", "16 × 2 = 32, which is 9 modulo 23: dot 5."),
        (  # to the end; then a changed slip
            "judge",
            "Tab Enter Tab Enter Tab Tab ArrowDown Shift+Tab Shift+Tab Enter",
            "4 of 4 steps, 5 of 5 jumps: dot 2, which holds 4. v = 4, not r = 7. Refused.",
        ),
        ("arrows", "Enter Enter Tab Tab Tab Enter", "b is shorter: 87."),
        ("timeline", "Tab Tab End Enter Shift+Tab ArrowDown ArrowDown", "something is missing."),
        ("session", "Tab ArrowRight Tab End Enter", "hello: everybody reads them."),
    ],
)
def test_the_keyboard_alone_will_do(opened: Any, name: str, keys: str, heard: str) -> None:
    explorer = opened(name)
    for key in keys.split():
        explorer.page.keyboard.press(key)
    assert explorer.locator("[aria-live]").first.inner_text().endswith(heard)


def said(page: Any, number: int = 0) -> str:
    return str(page.locator(".sd-bits p").nth(number).inner_text())


def test_a_bit_is_flipped_in_every_mode_and_taken_back(opened: Any) -> None:
    first = opened("bits")
    first.get_by_label("ciphertext byte 20:").click()
    first.get_by_label("bit 7:").click()
    heard = {}
    assert first.locator("button.changed").first.get_attribute("aria-label").endswith(", changed")
    for mode in ("ECB", "CBC", "CTR", "GCM"):
        first.get_by_label(mode).check()
        heard[mode] = said(first.page).partition(": ")[2]
    assert heard == {
        "ECB": "16 letters changed, and no error.",
        "CBC": "17 letters changed, and no error.",
        "CTR": "1 letter changed, and no error.",
        "GCM": "refused. The tag is wrong, and nothing is read.",
    }
    assert said(first.page, 1) == "CBC: choose a byte, then flip one of its bits."
    first.get_by_role("button", name="Undo").click()
    assert said(first.page) == "GCM: choose a byte, then flip one of its bits."
    assert first.locator(".changed").count() == 0


def test_a_click_on_a_byte_flips_nothing_and_one_bit_of_the_iv_flips_one_letter(
    opened: Any,
) -> None:
    first = opened("bits")
    first.get_by_label("IV byte 4:").click()
    assert said(first.page) == "CBC: choose a byte, then flip one of its bits."
    first.get_by_label("bit 7:").click()
    assert said(first.page) == "CBC: 1 letter changed, and no error."
    first.get_by_label("ciphertext byte 0:").click()  # another part: nothing is flipped there
    assert said(first.page) == "CBC: choose a byte, then flip one of its bits."


RING_CASES = ("the slip as signed", "a changed slip", "a signature by Eve's key")


def test_signer_and_judge_of_the_ring_say_what_dsa_says(opened: Any) -> None:
    """k, which one predicts, is not shown before the judge has arrived once."""
    first = opened("judge")
    said, signs = first.locator("[aria-live]"), first.locator(".sum").first
    assert "with x = 4 and a secret k: r = 7" in signs.inner_text()
    assert first.locator(".kims, input:visible").count() == 0
    for x, h, k in product((1, 4, 10), (0, 9), (6, 10)):
        for case in RING_CASES:
            first.get_by_role("button", name="to the end").click()
            for name, value in {"private key x": x, "hash h": h, "signer's k": k}.items():
                first.get_by_label(name).fill(str(value))
            first.get_by_label(case).check()
            signer = (x + 1) % 10 + 1 if case == RING_CASES[2] else x
            seen = (h + 1) % 11 if case == RING_CASES[1] else h
            try:
                r, s = sign(RING, signer, h, k)
            except ZeroError:
                assert said.inner_text() == "s = 0: nobody can divide by it. Draw another k."
                continue
            numbers = f"x = {signer},? and k = {k}: .* r = {r}, s = .* = {s}\\."
            assert re.search(numbers, signs.inner_text())
            steps, jumps = (it * pow(s, -1, 11) % 11 for it in (seen, r))
            for _ in range(steps + jumps):
                assert "v =" not in said.inner_text()
                first.get_by_role("button", name="one step or jump").click()
            valid = fits(RING, pow(2, x, 23), seen, (r, s))
            assert ("Valid" in said.inner_text()) == valid != ("Refused" in said.inner_text())
    assert first.locator("svg").get_attribute("aria-label").endswith(said.inner_text())
    assert first.page.locator("[aria-live]").nth(1).inner_text().startswith("The judge, after 0 of")


def test_two_texts_keep_what_is_believed_and_say_only_whether_it_contradicts_itself(
    opened: Any,
) -> None:
    first = opened("two_texts")
    news, both = first.locator("[aria-live]"), bytes.fromhex(explore_two_texts().data["both"])
    first.get_by_role("textbox").fill("tea")
    first.get_by_role("slider").fill("5")
    read = xor(b"tea", both[5:8]).decode("latin-1")
    reads = "".join(it if " " < it <= "~" else "␣" if it == " " else "·" for it in read)
    said = f"Places 5 to 7: if one text has “tea”, the other has “{reads}”."
    assert news.inner_text() == said
    first.get_by_role("button", name="upper").click()
    assert news.inner_text() == f"Kept. {said}"
    assert first.locator(".kept").all_inner_texts()[::2] == [*"tea"]
    first.get_by_role("textbox").fill("e")
    first.get_by_role("slider").fill("6")
    first.get_by_role("button", name="upper").click()
    assert news.inner_text().startswith("Kept. Places")
    first.get_by_role("textbox").fill("q")
    first.get_by_role("button", name="upper").click()
    assert "one is wrong" in news.inner_text()
    for _ in range(3):
        first.get_by_role("button", name="Take the last one back").click()
    assert news.inner_text().startswith("Taken back.")
    assert first.locator(".kept").count() == 0
    assert first.get_by_role("button", name="Take").is_disabled()


def test_who_keeps_the_head_decides_what_a_rollback_shows(opened: Any) -> None:
    first = opened("timeline")
    first.get_by_role("button", name="Wednesday").click()
    heard = {}
    for keeper in ("nobody", "the database", "Ada"):
        first.get_by_label(keeper).check()
        heard[keeper] = first.locator("[aria-live]").inner_text().partition("valid. ")[2]
    assert heard == {
        "nobody": "Nothing tells that there were three.",
        "the database": "The kept head came back with the copy, and fits.",
        "Ada": "But Ada kept head 3, and the rows lead to head 2: something is missing.",
    }
    assert first.locator(".missing").count() == 3
    # The other is still on Monday.
    assert first.page.locator(".sd-timeline").nth(1).locator(".missing").count() == 0


def test_the_arrows_lead_from_dot_to_dot_and_short_ones_into_the_square(opened: Any) -> None:
    """Eleven clicks of a reader: each says what the row is, and the last where one stands."""
    first = opened("arrows")
    said, rows = first.locator("[aria-live]"), first.locator(".sum")
    state = {"a": (0, 211), "b": (1, 124), "you": (0, 66)}

    def click(row: str, sign: str, by: str) -> None:
        first.get_by_role("button", name=f"{row} {sign} {by}").click()
        n = 1 if sign == "+" else -1
        state[row] = (state[row][0] + n * state[by][0], state[row][1] + n * state[by][1])
        k1, k2 = state["you"]
        assert (124 * k1 + 66 - k2) % 211 == 0
        words = {it: f"({x}, {y})".replace("-", "−") for it, (x, y) in state.items()}
        shown = rows.inner_text()
        assert f"a = {words['a']}, " in shown
        assert f"b = {words['b']}, " in shown
        assert f"You stand on {words['you']}." in shown

    assert said.inner_text() == "You stand on a dot outside the square."
    click("you", "−", "a")
    assert said.inner_text() == "You went to (0, −145). You stand outside the picture."
    click("you", "+", "a")
    click("a", "−", "b")
    assert said.inner_text() == "a is shorter: 87."
    click("a", "+", "b")
    assert said.inner_text() == "a is longer: 211."
    for row, by in ("ab", "ab", "ba", "ba", "ba", "ab", "ab"):
        click(row, "−" if times(state[row], state[by]) > 0 else "+", by)
    for _ in range(40):
        by = next((it for it in "ab" if times(state["you"], state[it])), None)
        if by is None:
            break
        click("you", "−" if times(state["you"], state[by]) > 0 else "+", by)
    assert state["you"] == (8, 3)
    assert said.inner_text() == "You are in the square: k1 = 8, k2 = 3."
    assert first.locator("circle.there").count() == 1
    assert first.page.locator("[aria-live]").nth(1).inner_text().startswith("You stand on a dot")
    first.get_by_role("button", name="begin again").click()
    assert "0 clicks" in rows.inner_text()


def test_the_mask_is_in_both_tags_and_not_in_their_sum(opened: Any) -> None:
    first = opened("tag")
    heard = {}
    for part in ("ciphertext C", "mask M"):
        first.get_by_role("radio", name=part).check()
        first.get_by_label("byte 0:").click()
        first.get_by_label("bit 0:").click()
        heard[part] = first.locator("p").inner_text()
        if part == "mask M":
            assert first.get_by_label("tag T: 1 of 128 bits changed").count() == 1
            assert first.get_by_label("T ⊕ T′: 0 of 128 bits changed").count() == 1
        first.get_by_role("button", name="Undo all").click()
    assert heard == {
        "ciphertext C": "Changed bits: GHASH 67, mask 0, tag 67, T′ 0, T ⊕ T′ 67.",
        "mask M": "Changed bits: GHASH 0, mask 1, tag 1, T′ 1, T ⊕ T′ 0.",
    }
    assert first.locator(".changed").count() == 0


def test_a_part_of_a_session_lights_its_bytes_on_both_sides(opened: Any) -> None:
    """By a click on its name or on its bytes; a sentence says where it is, and how readable."""
    first = opened("session")
    said, lit = first.locator("[aria-live]"), first.locator(".lit")
    first.get_by_role("button", name="the server's name: localhost").click()
    assert lit.inner_text() == "6c 6f 63 61 6c 68 6f 73 74"
    assert "9 bytes from byte 97 on, in the clear." in said.inner_text()
    first.locator(".opened").last.click()
    assert "POST /store" in first.locator(".bytes").inner_text()
    assert "opened by your lines" in said.inner_text()
    first.get_by_label("server", exact=True).check()
    first.get_by_role("button", name="Certificate", exact=False).nth(0).click()
    assert "record 1, handshake keys: Certificate" in said.inner_text()
    assert "localhost" in lit.inner_text()
    first.locator(".bytes .clear").first.click()
    assert said.inner_text().startswith("header of a record: handshake. 5 bytes from byte 0 on")
    first.get_by_role("button", name="all else in the clear").click()
    assert lit.count() == first.locator(".bytes .clear").count() > 5
    second = first.page.locator(".sd-session").nth(1)
    assert second.locator("[aria-live]").inner_text().startswith("random. 32 fresh")


def test_a_message_has_its_job_in_a_sentence_beside_its_lit_bytes(opened: Any) -> None:
    """Also on a phone: button, sentence and bytes are in one picture."""
    first = opened("session")
    first.get_by_label("server", exact=True).check()
    button = first.get_by_role("button", name="CertificateVerify")
    button.click()
    said, lit = first.locator("[aria-live]"), first.locator(".lit")
    assert "The server's signature over all messages so far" in said.inner_text()
    places = [it.bounding_box() for it in (button, said, lit)]
    assert places[2]["y"] + places[2]["height"] - places[0]["y"] < 600
    box = first.locator(".bytes").bounding_box()
    assert box["y"] <= places[2]["y"] < box["y"] + box["height"]


def test_a_door_says_who_came_in_and_what_was_stolen(opened: Any) -> None:
    """By mouse and by keyboard. A door that was open shuts."""
    first = opened("doors")
    heard = first.locator("[aria-live]")
    assert heard.inner_text() == ""  # none is chosen: a prediction below asks for kinds
    first.get_by_role("button", name="nonce open").click()
    assert "kinds" not in first.locator("dl").inner_text()
    assert heard.inner_text() == "✗ nonce() is open (broken): the kind “restart” came in."
    assert "“Kim hid the bottle.”" in first.locator("dl").inner_text()
    assert first.locator("pre .comment").inner_text() == "# a counter"
    first.get_by_role("button", name="public_number ajar").click()
    assert heard.inner_text().startswith("~ public_number() is ajar")
    first.page.keyboard.press("ArrowRight")
    first.page.keyboard.press("Enter")
    assert heard.inner_text() == "✓ answer() is shut (fixed): nobody came in. It was open."
    first.get_by_role("button", name="answer shut").locator(".leaf.shut").wait_for()
    assert "flipped" in first.locator("dl").inner_text()
