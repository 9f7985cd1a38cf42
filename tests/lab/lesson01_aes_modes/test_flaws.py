"""Each flaw of a twin that signs nothing: the attack works on it, and not on the control."""

from collections.abc import Callable

import pytest
from Crypto.Util.Padding import pad
from lab.attacker import Attacker, rewrite

from securedata_lab import Row, Twin, xor
from securedata_lab.lesson01_aes_modes.flaws import Cbc, Ecb, FixedNonceCtr

Answer = tuple[int, str]

COMPROMISED = (400, "Invalid tag. Data may be compromised.")
# Attacks: what the twin answers in the end.


def paste_an_admin(attacker: Attacker) -> Answer:
    """A profile of blocks that were honestly encrypted, the last one in another place."""
    block = attacker.sign_up("A" * 11 + pad(b"admin", 16).decode()).ciphertext[16:32]
    user = attacker.sign_up("A" * 5)  # name=AAAAA;role= is 16 bytes
    return attacker.retrieve(Row(user.nonce, user.ciphertext[:16] + block, user.tag))


def flip_through_the_iv(attacker: Attacker) -> Answer:
    row = attacker.store("role=user;name=Ada")
    iv = rewrite(row.nonce, 5, b"user", b"root")
    return attacker.retrieve(Row(iv, row.ciphertext, row.tag))


def change_the_amount(attacker: Attacker) -> Answer:
    row = attacker.store("pay 0100 to Ada")
    return attacker.retrieve(Row(row.nonce, rewrite(row.ciphertext, 4, b"0100", b"9100"), row.tag))


def read_with_a_known_text(attacker: Attacker) -> Answer:
    known, secret = attacker.store("known text"), attacker.store("at dawn...")
    read = xor(xor(secret.ciphertext, known.ciphertext), b"known text")
    return (200, "at dawn...") if read == b"at dawn..." else COMPROMISED


@pytest.mark.parametrize(
    ("attack", "flaw", "text"),
    [
        (paste_an_admin, Ecb, "name=AAAAA;role=admin"),
        (flip_through_the_iv, Cbc, "role=root;name=Ada"),
        (change_the_amount, FixedNonceCtr, "pay 9100 to Ada"),
        (read_with_a_known_text, FixedNonceCtr, "at dawn..."),
    ],
)
def test_an_attack_works_on_its_flaw_and_not_on_the_control(
    attack: Callable[[Attacker], Answer], flaw: type[Twin], text: str
) -> None:
    assert attack(Attacker(flaw())) == (200, text)
    assert attack(Attacker(Twin())) == COMPROMISED


# What else is true of a flaw.


@pytest.mark.parametrize("kind", [Ecb, Cbc, FixedNonceCtr])
def test_without_a_tag_the_field_is_empty_and_what_is_sent_there_is_ignored(
    kind: type[Twin],
) -> None:
    user = Attacker(kind())
    row = user.store("attack at dawn")
    assert row.tag == b""
    assert (row.nonce == b"") is (kind is Ecb)
    assert user.retrieve(Row(row.nonce, row.ciphertext, b"any")) == (200, "attack at dawn")


def test_the_controls_constant_binds_a_row_to_the_twin_and_to_no_record() -> None:
    attacker = Attacker(Twin())
    for text in ("salary of Ada: 5000", "salary of Eve: 2000"):
        attacker.store(text)
    first, second = list(attacker.twin.rows)
    attacker.twin.rows[first] = attacker.twin.rows[second]
    assert attacker.retrieve_by_id(first) == (200, "salary of Eve: 2000")
