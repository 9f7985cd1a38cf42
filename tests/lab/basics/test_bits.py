"""Bits: what is flipped twice, or XORed twice, is what it was."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from securedata.errors import FormatError
from securedata_lab import flip_bit, xor


@pytest.mark.parametrize(("left", "right"), [(b"a", b""), (b"", b"a"), (b"abc", b"ab")])
def test_xor_of_two_lengths_is_refused_and_both_are_told(left: bytes, right: bytes) -> None:
    with pytest.raises(FormatError, match=f"not {len(left)} and {len(right)} bytes"):
        xor(left, right)


@settings(deadline=None, derandomize=True)
@given(st.binary(min_size=1, max_size=40), st.data())
def test_one_bit_changes_and_comes_back(content: bytes, data: st.DataObject) -> None:
    bit = data.draw(st.integers(0, 8 * len(content) - 1))
    flipped = flip_bit(content.hex(), bit)
    difference = xor(bytes.fromhex(flipped), content)
    assert int.from_bytes(difference, "big").bit_count() == 1
    assert flip_bit(flipped, bit) == content.hex()


@pytest.mark.parametrize(("hex_text", "bit"), [("00", 8), ("00", -1), ("", 0), ("00ff", 16)])
def test_a_bit_that_is_not_there_is_refused(hex_text: str, bit: int) -> None:
    with pytest.raises(FormatError, match=f"no bit {bit} in {len(hex_text) // 2} bytes"):
        flip_bit(hex_text, bit)
