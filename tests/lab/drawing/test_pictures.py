"""Pictures, by the text that stands beside them."""

import pytest

from securedata_lab.drawing import pictures

POINTS = [(1.0, 10.0), (2.0, 100.0), (3.0, 1000.0)]


def test_a_curve_says_what_its_marked_place_is(capsys: pytest.CaptureFixture[str]) -> None:
    pictures.show_curve(POINTS, "Work", "bits", "tries", marked=2, marked_as="here", highest=1e4)
    shown = capsys.readouterr().out
    assert "Curve: Work. tries goes from 10 at 1 to 1e+03 at 3; 2 is marked: here." in shown


def test_a_picture_in_a_notebook_has_its_text_as_alt(monkeypatch: pytest.MonkeyPatch) -> None:
    displayed: list[dict[str, str]] = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: displayed.append(data))
    pictures.show_curve(
        POINTS, 'Bits < 3 & "more"', "bits", "tries", marked=2, marked_as="", highest=1e4
    )
    (data,) = displayed
    assert 'alt="Curve: Bits &lt; 3 &amp; &quot;more&quot;. tries' in data["text/html"]
    assert 'Curve: Bits < 3 & "more". tries' in data["text/plain"]
