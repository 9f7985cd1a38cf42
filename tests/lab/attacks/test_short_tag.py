"""Guessing a tag: at most 256 tries for a byte, in process and over HTTPS."""

import random

import pytest

from securedata.errors import FormatError
from securedata.lab import Row, Twin, TwinClient
from securedata.lab.attacks import guess_tag, rewrite
from securedata.lab.flaws import ShortTagGcm
from securedata.lab.twin import TwinServer


@pytest.mark.parametrize("byte", [0, 1, 127, 255])
def test_one_byte_takes_one_try_more_than_its_value(byte: int) -> None:
    assert guess_tag(lambda tag: tag == bytes([byte])) == (bytes([byte]), byte + 1)


def test_two_bytes_take_up_to_65536_tries() -> None:
    assert guess_tag(lambda tag: tag == b"\xff\xff", length=2) == (b"\xff\xff", 65536)
    assert guess_tag(lambda tag: tag == b"\x01\x00", length=2) == (b"\x01\x00", 257)


def test_every_tag_is_tried_once_and_in_order_until_all_are_refused() -> None:
    tried: list[bytes] = []

    def refuses(tag: bytes) -> bool:
        tried.append(tag)
        return False

    with pytest.raises(FormatError, match="no tag of 1 bytes is accepted"):
        guess_tag(refuses)
    assert tried == [bytes([value]) for value in range(256)]


def test_a_random_byte_takes_about_128_tries() -> None:
    chance = random.Random(1)
    tries = [guess_tag(chance.randbytes(1).__eq__)[1] for _ in range(500)]
    assert 118 < sum(tries) / len(tries) < 139


def forge(server: TwinServer) -> tuple[str, int]:
    """Rewrite a stored text and guess its new tag over HTTPS; return what the twin reads."""
    client = TwinClient(server)
    row = client.store("pay 0100 to Ada")
    forged = rewrite(row.ciphertext, 4, b"0100", b"9100")
    refusal = "Invalid tag. Data may be compromised."
    tag, tried = guess_tag(lambda tag: client.retrieve(Row(row.nonce, forged, tag)) != refusal)
    return client.retrieve(Row(row.nonce, forged, tag)), tried


def test_a_short_tag_is_forged_at_a_running_twin_in_at_most_256_requests() -> None:
    with TwinServer(ShortTagGcm()) as server:
        text, tried = forge(server)
        requests = [line for line in server.log_tail(1000) if "/retrieve" in line]
    assert text == "pay 9100 to Ada"
    assert tried <= 256
    assert len(requests) == tried + 1
    assert requests[-1] == "POST /retrieve 200"


def test_the_control_takes_no_short_tag() -> None:
    with (
        TwinServer(Twin()) as server,
        pytest.raises(FormatError, match="the tag's length is fixed"),
    ):
        forge(server)
