"""Each flaw of a twin that signs nothing: the attack works on it, and not on the control."""

import pytest
from Crypto.Cipher import AES
from Crypto.Util.Padding import pad
from hypothesis import given, settings
from hypothesis import strategies as st
from lab.attacker import Attacker

from securedata.errors import FormatError, RefusedError, TagError
from securedata.lab import Row, SignedTwin, Twin, attacks, xor
from securedata.lab.attacks import Sealed
from securedata.lab.flaws import (
    Cbc,
    Ecb,
    FixedNonceCtr,
    PaddingOracle,
    RepeatedNonceGcm,
    ShortTagGcm,
    UnboundRows,
)
from securedata.lab.twin import FLAWS

COMPROMISED = (400, "Invalid tag. Data may be compromised.")
CONSTANT = b"securedata/twin"  # the associated data of all twins but UnboundRows
UNSIGNED = [kind for kind in FLAWS.values() if not issubclass(kind, (PaddingOracle, SignedTwin))]
fuzzing = settings(max_examples=60, deadline=None, derandomize=True, database=None)


@pytest.mark.parametrize("kind", UNSIGNED)
def test_an_honest_text_comes_back(kind: type[Twin]) -> None:
    user = Attacker(kind())

    @fuzzing
    @given(st.text(max_size=60))
    def comes_back(text: str) -> None:
        assert user.retrieve(user.store(text)) == (200, text)
        assert user.retrieve_by_id(list(user.twin.rows)[-1]) == (200, text)

    comes_back()


@pytest.mark.parametrize("kind", [Ecb, Cbc, FixedNonceCtr])
def test_without_a_tag_the_field_is_empty_and_whatever_stands_there_is_ignored(
    kind: type[Twin],
) -> None:
    user = Attacker(kind())
    row = user.store("attack at dawn")
    assert row.tag == b""
    forged = Row(row.nonce, row.ciphertext, b"anything")
    assert user.retrieve(forged) == (200, "attack at dawn")


# ECB.


def test_ecb_shows_repetitions_and_the_control_does_not() -> None:
    text = "YELLOW SUBMARINE" * 4
    assert attacks.repeated_blocks(Attacker(Ecb()).store(text).ciphertext) == 3
    assert attacks.repeated_blocks(Attacker(Twin()).store(text).ciphertext) == 0


def admin_out_of_blocks(attacker: Attacker) -> Row:
    """A profile of blocks that were honestly encrypted, the last one in another place."""
    block = attacker.sign_up("A" * 11 + pad(b"admin", 16).decode()).ciphertext[16:32]
    user = attacker.sign_up("A" * 5)  # name=AAAAA;role= is 16 bytes
    return Row(user.nonce, user.ciphertext[:16] + block, user.tag)


def test_ecb_lets_blocks_be_pasted_into_an_admin_and_the_control_does_not() -> None:
    weak, control = Attacker(Ecb()), Attacker(Twin())
    assert weak.retrieve(admin_out_of_blocks(weak)) == (200, "name=AAAAA;role=admin")
    assert control.retrieve(admin_out_of_blocks(control)) == COMPROMISED


def test_ecb_lets_blocks_be_rearranged_and_the_control_does_not() -> None:
    text = "pay 0100 to Ada!" + "pay 9100 to Eve!"
    for attacker, expected in [
        (Attacker(Ecb()), (200, "pay 9100 to Eve!" * 2)),
        (Attacker(Twin()), COMPROMISED),
    ]:
        row = attacker.store(text)
        order = [1, 1, 2] if isinstance(attacker.twin, Ecb) else [1, 1]
        moved = attacks.rearranged(row.ciphertext, order)
        assert attacker.retrieve(Row(row.nonce, moved, row.tag)) == expected


# CBC.


def test_cbc_lets_the_iv_flip_the_first_block_and_the_control_does_not() -> None:
    for attacker, expected in [
        (Attacker(Cbc()), (200, "role=root;name=Ada")),
        (Attacker(Twin()), COMPROMISED),
    ]:
        row = attacker.store("role=user;name=Ada")
        iv = attacks.flip_through_iv(row.nonce, 5, b"user", b"root")
        assert attacker.retrieve(Row(iv, row.ciphertext, row.tag)) == expected


def test_cbc_flips_a_later_block_at_the_price_of_the_one_before() -> None:
    twin = Cbc(seed=1)
    row = twin.seal(b"0123456789abcdefrole=user", "1")
    first = attacks.flip_through_iv(row.ciphertext[:16], 5, b"user", b"root")
    opened = twin.open(Row(row.nonce, first + row.ciphertext[16:], b""), None)
    assert opened[16:] == b"role=root"
    assert opened[:16] != b"0123456789abcdef"


# The padding oracle.


def test_the_padding_oracle_has_two_answers_and_never_a_text() -> None:
    attacker = Attacker(PaddingOracle())
    row = attacker.store("attack at dawn")
    assert attacker.retrieve(row) == (403, "This text is not yours.")
    assert attacker.retrieve_by_id("0" * 31 + "1") == (403, "This text is not yours.")
    answers = {
        attacker.retrieve(Row(bytes(15) + bytes([last]), row.ciphertext, b""))
        for last in range(256)
    }
    assert answers == {(400, "Invalid padding."), (403, "This text is not yours.")}


@fuzzing
@given(st.binary(min_size=16, max_size=16), st.binary(max_size=48))
def test_no_bytes_get_a_text_out_of_the_padding_oracle(iv: bytes, ciphertext: bytes) -> None:
    status, _ = Attacker(PaddingOracle(seed=1)).retrieve(Row(iv, ciphertext, b""))
    assert status in (400, 403)


def test_the_padding_oracle_is_asked_over_its_api_until_the_text_is_read() -> None:
    attacker = Attacker(PaddingOracle())

    def oracle(iv: bytes, ciphertext: bytes) -> bool:
        return attacker.retrieve(Row(iv, ciphertext, b""))[0] == 403

    row = attacker.store("attack at dawn")
    assert attacks.decrypt_message(oracle, row.nonce, row.ciphertext) == b"attack at dawn"


def test_the_control_is_no_oracle_it_says_the_same_whatever_is_wrong() -> None:
    attacker = Attacker(Twin())
    row = attacker.store("attack at dawn..")
    answers = {
        attacker.retrieve(Row(row.nonce[:11] + bytes([last]), row.ciphertext, row.tag))
        for last in range(256)
        if last != row.nonce[11]
    }
    assert answers == {COMPROMISED}
    with pytest.raises(TagError):
        attacks.oracle_of(attacker.twin)(bytes(12), row.ciphertext)


def test_the_owners_check_comes_after_the_padding_and_before_the_text() -> None:
    twin = PaddingOracle(seed=1)
    with pytest.raises(RefusedError, match=r"^This text is not yours\.$"):
        twin.answer(b"\xff")
    with pytest.raises(FormatError, match=r"^Invalid padding\.$"):
        twin.open(Row(bytes(16), bytes(16), b""), None)


# CTR with one nonce.


def test_ctr_with_one_nonce_is_read_with_a_known_text_and_the_control_is_not() -> None:
    for attacker, is_read in [(Attacker(FixedNonceCtr()), True), (Attacker(Twin()), False)]:
        known = attacker.store("known text of mine")
        secret = attacker.store("attack at dawn")
        read = attacks.read_with_known_text(
            secret.ciphertext, known.ciphertext, b"known text of mine"
        )
        assert (read == b"attack at dawn") is is_read


def test_ctr_lets_known_text_be_rewritten_and_the_control_does_not() -> None:
    for attacker, expected in [
        (Attacker(FixedNonceCtr()), (200, "pay 9100 to Ada")),
        (Attacker(Twin()), COMPROMISED),
    ]:
        row = attacker.store("pay 0100 to Ada")
        forged = attacks.rewrite(row.ciphertext, 4, b"0100", b"9100")
        assert attacker.retrieve(Row(row.nonce, forged, row.tag)) == expected


# GCM with one nonce.


def forged_with_h(attacker: Attacker) -> tuple[int, str]:
    """Two texts give H, if their nonce is the same; with it, a third is sealed."""
    rows = [attacker.store(text) for text in ("pay 0100 to Ada!", "pay 0200 to Bob!")]
    first, second = (Sealed(row.ciphertext, row.tag, CONSTANT) for row in rows)
    (h,) = attacks.recover_h(first, second)
    ciphertext = xor(first.ciphertext, xor(b"pay 0100 to Ada!", b"pay 9100 to Eve!"))
    tag = attacks.forge_tag(h, first, ciphertext, CONSTANT)
    return attacker.retrieve(Row(rows[0].nonce, ciphertext, tag))


def test_gcm_with_one_nonce_gives_away_h_and_the_control_does_not() -> None:
    assert forged_with_h(Attacker(RepeatedNonceGcm())) == (200, "pay 9100 to Eve!")
    assert forged_with_h(Attacker(Twin())) == COMPROMISED


def test_one_nonce_is_the_only_flaw_of_that_twin() -> None:
    attacker = Attacker(RepeatedNonceGcm())
    row = attacker.store("pay 0100 to Ada!")
    assert attacker.retrieve(Row(row.nonce, bytes(16), row.tag)) == COMPROMISED
    twin = attacker.twin
    cipher = AES.new(twin.key, AES.MODE_GCM, nonce=bytes(12))
    cipher.update(CONSTANT)
    assert cipher.decrypt_and_verify(row.ciphertext, row.tag) == b"pay 0100 to Ada!"


# Short tags.


def test_one_byte_of_tag_is_guessed_at_the_twin_and_never_at_the_control() -> None:
    for attacker in (Attacker(ShortTagGcm()), Attacker(Twin())):
        row = attacker.store("pay 0100 to Ada")
        forged = attacks.rewrite(row.ciphertext, 4, b"0100", b"9100")
        answers = [
            attacker.retrieve(Row(row.nonce, forged, bytes([guess]))) for guess in range(256)
        ]
        accepted = [answer for answer in answers if answer[0] == 200]
        is_weak = isinstance(attacker.twin, ShortTagGcm)
        assert accepted == ([(200, "pay 9100 to Ada")] if is_weak else [])
        assert answers.count(COMPROMISED) == 256 - len(accepted)


def test_every_prefix_of_the_tag_is_taken_but_not_the_empty_one_nor_a_longer() -> None:
    attacker = Attacker(ShortTagGcm())
    row = attacker.store("attack at dawn")
    for length in range(1, 17):
        short = Row(row.nonce, row.ciphertext, row.tag[:length])
        assert attacker.retrieve(short) == (200, "attack at dawn")
    for tag in (b"", row.tag + b"\0", row.tag[1:]):
        assert attacker.retrieve(Row(row.nonce, row.ciphertext, tag)) == COMPROMISED


# Rows that are bound to nothing.


class BoundRows(Twin):
    """What the flaw leaves out, done right: the record id is associated data."""

    def associated_data(self, record_id: str | None) -> bytes:
        return str(record_id).encode()


def moved(attacker: Attacker) -> tuple[int, str]:
    """What the first record says once an attacker has put the second row in its place."""
    for text in ("salary of Ada: 5000", "salary of Eve: 2000"):
        attacker.store(text)
    first, second = list(attacker.twin.rows)
    attacker.twin.rows[first] = attacker.twin.rows[second]
    return attacker.retrieve_by_id(first)


def test_a_moved_row_is_refused_only_where_the_record_id_is_associated_data() -> None:
    assert moved(Attacker(UnboundRows())) == (200, "salary of Eve: 2000")
    assert moved(Attacker(BoundRows())) == COMPROMISED
    # The control's associated data is one constant, which binds a row to the twin and to no record.
    assert moved(Attacker(Twin())) == (200, "salary of Eve: 2000")


def test_a_ciphertext_from_elsewhere_under_the_same_key_opens_only_without_associated_data() -> (
    None
):
    for attacker, expected in [
        (Attacker(UnboundRows()), (200, "a text of another program")),
        (Attacker(Twin()), COMPROMISED),
    ]:
        cipher = AES.new(attacker.twin.key, AES.MODE_GCM, nonce=bytes(12))
        ciphertext, tag = cipher.encrypt_and_digest(b"a text of another program")
        assert attacker.retrieve(Row(bytes(12), ciphertext, tag)) == expected
