"""Blocks are cut."""

from hypothesis import given, settings
from hypothesis import strategies as st

from securedata_lab.lesson01_aes_modes.block_modes import blocks

fuzzing = settings(max_examples=100, deadline=None, derandomize=True, database=None)


@fuzzing
@given(st.binary(max_size=100))
def test_blocks_are_16_bytes_but_for_the_last_and_joined_they_are_the_data(data: bytes) -> None:
    parts = blocks(data)
    assert b"".join(parts) == data
    assert all(len(part) == 16 for part in parts[:-1])
    assert all(parts)
