"""What a hall does to the service: every lock is measured, and what is not there is refused."""

import re
from collections.abc import Iterator

import pytest

from securedata.crypto import sealing
from securedata_lab.run_through import Hall, hall
from securedata_lab.servers.clients import NoAnswerError
from securedata_lab.servers.starting import LabServer

HELD = {  # where a bit is flipped: which lock holds, and which does if the signing key is stolen
    "receipt: nonce": ("the look-up held", "the look-up held"),
    "receipt: ciphertext": ("DSA held", "a tag held"),
    "receipt: tag": ("DSA held", "a tag held"),
    "receipt: signature": ("DSA held", "works"),
    "row: nonce": ("DSA held", "a tag held"),
    "row: ciphertext": ("DSA held", "a tag held"),
    "row: tag": ("DSA held", "a tag held"),
    "row: signature": ("DSA held", "works"),
    "row: wrapped_key": ("a tag held", "a tag held"),
}
NOT_THERE = [
    ("change_order", 99, 4),
    ("change_order", -1, 4),
    ("change_order", "4", 4),
    ("change_order", True, 4),
    ("change_order", 4, 9),
    ("change_order", 4, "3"),
    ("rename", "Ada"),
    ("rename", "ada"),
    ("rename", "Zoë"),
    ("rename", ""),
    ("rename", None),
    ("flip", "row: owner", 1),
    ("flip", "row: tag", 128),
    ("flip", "row: tag", -1),
    ("rename", 100_000 * "a"),
    ("sit_between", ""),
    ("sit_between", 9),
]


@pytest.fixture(scope="module")
def server() -> Iterator[LabServer]:
    with LabServer() as running:
        yield running


@pytest.fixture
def played(server: LabServer) -> Hall:
    return Hall(server)


def rows(played: Hall) -> dict[str, tuple[str, ...]]:
    """The cells of the table behind each attack."""
    cells = [re.split("  +", line) for line in str(played.table()).splitlines()]
    return {attack: tuple(more) for attack, *more in cells if attack and more}


def test_every_place_has_a_lock_and_behind_a_signature_a_tag(played: Hall) -> None:
    for place in hall.PLACES:
        assert "400 Invalid signature. Data" in str(played.flip(place, 5))
    assert {
        attack.removeprefix("flip "): (now, then) for attack, (now, _, then) in rows(played).items()
    } == HELD


def test_the_lock_is_measured_and_the_last_sentence_counts(
    played: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    played.rename("eve")
    assert "0 of 1 attacks worked.\nUnder their conditions, 1 of 1" in str(played.table())
    # A service that verifies no signature, and a client that does not either.
    for module in (sealing, hall):
        monkeypatch.setattr(module, "verify", lambda *_, **__: None)
    assert "a tag held" in repr(played.flip("row: tag", 5))
    assert "no lock held" in repr(played.flip("row: signature", 5))
    played.rename("eve")
    assert rows(played)["rename a receipt"] == ("works", "signing key stolen", "works")
    assert "2 of 3 attacks worked: rename a receipt, flip row: signature." in str(played.table())


@pytest.mark.whole
@pytest.mark.parametrize(("attack", "given"), [(it[0], it[1:]) for it in NOT_THERE], ids=str)
def test_what_is_not_there_is_refused_in_a_sentence(
    attack: str, given: tuple[object, ...], played: Hall
) -> None:
    with pytest.raises(hall.NotThereError, match=r"Choose .+\.$"):
        getattr(played, attack)(*given)
    assert "nothing was measured" in str(played.table())


def test_nobody_is_robbed_of_more_or_less_than_was_said(played: Hall) -> None:
    assert f"they read {40 * 'p'}… (50 letters)\n" in str(played.sit_between(50 * "p"))
    assert 'they read it\'s "mine"\n' in str(played.sit_between('it\'s "mine"'))
    assert "answer in its place  ?             no certificate" in str(played.table(guess=True))


def test_what_has_stopped_holds_no_lock() -> None:
    with LabServer() as running:
        played = Hall(running)
    for attack in (played.steal, lambda: played.sit_between("island-32"), played.roll_back):
        with pytest.raises(NoAnswerError, match="has stopped"):
            attack()
    assert "nothing was measured" in str(played.table())
