"""Guessing a tag: at most 256 tries for a byte. tests/lab/twins/flaws has the attack on a twin."""

import pytest

from securedata.errors import FormatError
from securedata.lab.attacks import guess_tag


@pytest.mark.parametrize(
    ("tag", "tries"),
    [(b"\0", 1), (b"\x7f", 128), (b"\xff", 256), (b"\1\0", 257), (b"\xff\xff", 65536)],
)
def test_a_tag_takes_one_try_more_than_its_value(tag: bytes, tries: int) -> None:
    assert guess_tag(tag.__eq__, len(tag)) == (tag, tries)


def test_every_tag_is_tried_once_until_all_are_refused() -> None:
    tried: list[bytes] = []
    with pytest.raises(FormatError, match="no tag of 1 bytes is accepted"):
        guess_tag(lambda tag: bool(tried.append(tag)))
    assert tried == [bytes([value]) for value in range(256)]
