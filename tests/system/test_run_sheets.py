"""The run sheet of each lesson, as a browser prints it."""

import re
from pathlib import Path
from typing import Any

import pytest
from workshop import masters, run_sheet

pytestmark = pytest.mark.serial


def test_it_fits_two_sides_and_has_the_clock_the_questions_and_what_to_leave_out(
    browser: Any, tmp_path: Path
) -> None:
    pytest.importorskip("nbconvert")
    import run_sheets

    sheets = run_sheets.build(tmp_path)
    assert [sheet.stem for sheet in sheets] == [master.stem for master in masters()]
    page = browser.new_page()
    for master, sheet in zip(masters(), sheets, strict=True):
        page.goto(sheet.as_uri())
        pdf = page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 2, sheet.name
        clock = page.locator("#Run-sheet ~ table").first.locator("td:first-child")
        assert clock.all_text_contents() == [act.clock for act in run_sheet(master)]
        assert page.locator("#Good-students-ask, #What-people-ask").count() == 1, sheet.name
        text = page.locator("body").inner_text()
        assert "Late?" in text, sheet.name
        # No trace of Markdown, and no formula: nothing renders one here.
        assert not re.search(r"\\\||\]\(|\*\*|\$", text), sheet.name
