"""Of the twins that sign nothing. Their attacks are exercises, and examples in flaws.py."""

import pytest
from lab.attacker import Attacker

from securedata_lab import Row, Twin
from securedata_lab.lesson01_aes_modes.flaws import Cbc, Ecb, FixedNonceCtr


@pytest.mark.parametrize("kind", [Ecb, Cbc, FixedNonceCtr])
def test_without_a_tag_the_field_is_empty_and_what_is_sent_there_is_ignored(
    kind: type[Twin],
) -> None:
    user = Attacker(kind())
    row = user.store("attack at dawn")
    assert row.tag == b""
    assert (row.nonce == b"") is (kind is Ecb)
    assert user.retrieve(Row(row.nonce, row.ciphertext, b"any")) == (200, "attack at dawn")
