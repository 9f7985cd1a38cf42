"""Pictures, by the text that stands beside them."""

import pytest

from securedata_lab.drawing import pictures


def test_a_picture_in_a_notebook_has_its_text_as_alt(monkeypatch: pytest.MonkeyPatch) -> None:
    displayed: list[dict[str, str]] = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: displayed.append(data))
    pictures.show_drawings({'a < 3 & "more"': pictures.drawing()})
    (data,) = displayed
    assert 'alt="a &lt; 3 &amp; &quot;more&quot;: the padlock can be seen' in data["text/html"]
    assert 'a < 3 & "more": the padlock can be seen' in data["text/plain"]
