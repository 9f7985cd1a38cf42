"""The run sheet of each lesson, as a browser prints it."""

import re
from pathlib import Path
from typing import Any

import pytest
from workshop import TEACHING, masters, run_sheet, write

pytestmark = pytest.mark.serial


def test_it_fits_three_sides_and_has_the_clock_the_questions_and_what_to_leave_out(
    browser: Any, tmp_path: Path
) -> None:
    pytest.importorskip("nbconvert")
    from tomorrow import run_sheet as rendered

    page = browser.new_page()
    for master in masters():
        text = (TEACHING / f"{master.stem}.md").read_text(encoding="utf-8")
        sheet = write(tmp_path / f"{master.stem}.html", rendered(text))
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto(sheet.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") == 390, sheet.name
        page.set_viewport_size({"width": 1280, "height": 720})
        pdf = page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 3, sheet.name
        clock = page.locator("#Run-sheet ~ table").first.locator("td:first-child")
        assert clock.all_text_contents() == [act.clock for act in run_sheet(master)]
        assert page.locator("#Good-students-ask, #What-people-ask").count() == 1, sheet.name
        text = page.locator("body").inner_text()
        assert "Late?" in text, sheet.name
        # No trace of Markdown, and no formula: nothing renders one here.
        assert not re.search(r"\\\||\]\(|\*\*|\$", text), sheet.name
