"""The README's recording of the demo: text that plays, and a last frame that stands."""

import re
from xml.etree import ElementTree

import demo_picture

SVG = "{http://www.w3.org/2000/svg}"


def test_every_frame_shows_its_steps_and_the_last_one_the_refusal() -> None:
    svg = ElementTree.fromstring(demo_picture.picture(demo_picture.demo()))
    frames = ["\n".join(frame.itertext()) for frame in svg.iter(f"{SVG}g")]
    for frame, steps in zip(frames, (["1. "], ["2. "], ["3. ", "4. "]), strict=True):
        assert re.findall(r"^ (\d\. )", frame, re.MULTILINE) == steps
        assert "\x1b" not in frame
    assert "Invalid signature. Data may be compromised." in frames[-1]
    last = svg.findall(f"{SVG}g")[-1]
    assert last.get("class") == "frame last"
    assert {it.get("fill") for it in last.iter(f"{SVG}rect")} == {"#dfe5ec", "#a3141c", "#7fd49a"}
