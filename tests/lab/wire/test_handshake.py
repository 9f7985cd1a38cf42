"""Handshake messages: put together over any record borders, and ended where encryption begins."""

from itertools import accumulate, pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lab.wire import rfc8448
from lab.wire.sessions import TLS12, TLS13, Pair, in_records

from securedata.lab.wire import (
    Field,
    WireError,
    dissect,
    handshake_messages,
    load_recording,
    tls_records,
)
from securedata.lab.wire.handshake import split_messages

CHANGE_CIPHER_SPEC = bytes.fromhex("140303000101")
HELLO_DONE = bytes.fromhex("0e000000")
fuzzing = settings(max_examples=60, deadline=None, derandomize=True, database=None)


def names(stream: bytes) -> list[str]:
    return [message.name for message in handshake_messages(stream)]


def the_flight() -> bytes:
    """The server's clear messages of a TLS 1.2 session: four in a row, with a certificate."""
    messages = handshake_messages(load_recording("tls12-ecdhe").server_stream)
    return b"".join(message.data for message in messages)


# Where they end.


def test_in_tls12_they_end_at_change_cipher_spec(tmp_path: Path, rsa_leaf: Path) -> None:
    pair = Pair(tmp_path, rsa_leaf, TLS12, "ECDHE-RSA-AES128-GCM-SHA256")
    live, session = pair.talk()
    assert names(live.client_stream) == ["ClientHello", "ClientKeyExchange"]
    assert names(live.server_stream) == [
        "ServerHello", "Certificate", "ServerKeyExchange", "ServerHelloDone", "NewSessionTicket",
    ]  # fmt: skip
    resumed, _ = pair.talk(session=session)
    assert names(resumed.client_stream) == ["ClientHello"]  # and then an encrypted Finished
    assert names(resumed.server_stream)[0] == "ServerHello"


def test_a_second_hello_after_change_cipher_spec_is_found(tmp_path: Path, ec_leaf: Path) -> None:
    pair = Pair(tmp_path, ec_leaf, TLS13)
    pair.server.set_ecdh_curve("secp521r1")
    live, _ = pair.talk()
    for stream in (live.client_stream, live.server_stream):
        kinds = [record.content_type for record in tls_records(stream)][:3]
        assert "change_cipher_spec" in kinds
        assert len(names(stream)) == 2


def test_another_hello_after_change_cipher_spec_is_ciphertext_that_looks_like_one() -> None:
    (hello,) = handshake_messages(load_recording("tls13").client_stream)
    other = bytearray(hello.data)
    other[6] ^= 1  # its random is not that of the first
    for second, count in [(hello.data, 2), (bytes(other), 1)]:
        stream = in_records(hello.data, 9999) + CHANGE_CIPHER_SPEC + in_records(second, 9999)
        assert len(handshake_messages(stream)) == count


def test_alerts_between_them_are_passed_over() -> None:
    stream = in_records(HELLO_DONE, 4) + bytes.fromhex("15030300020100") + in_records(HELLO_DONE, 4)
    assert names(stream) == ["ServerHelloDone"] * 2


def test_records_will_do_as_well_as_their_bytes() -> None:
    stream = load_recording("tls12-rsa").server_stream
    assert handshake_messages(tls_records(stream)) == handshake_messages(stream)


# Borders and offsets.


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7, 50, 499, 1000, 16384])
def test_messages_are_the_same_over_any_record_borders(size: int) -> None:
    flight = the_flight()
    messages = handshake_messages(in_records(flight, size))
    assert [message.data for message in messages] == [it.data for it in split_messages(flight)]


@fuzzing
@given(st.lists(st.integers(0, 600), min_size=1, max_size=8))
def test_every_field_stands_where_it_says_over_any_record_borders(sizes: list[int]) -> None:
    flight = the_flight()
    borders = [0, *[end for end in accumulate(sizes) if end < len(flight)], len(flight)]
    parts = [flight[start:end] for start, end in pairwise(borders)]
    stream = b"".join(in_records(part, 9999) or b"\x16\x03\x03\0\0" for part in parts)
    # Where each byte of the flight stands, found without the code under test.
    places = [
        start + 5 + 5 * number
        for number, (first, last) in enumerate(pairwise(borders))
        for start in range(first, last)
    ]
    assert bytes(stream[place] for place in places) == flight
    start = 0
    for message in handshake_messages(stream):
        assert message.offset == places[start]
        assert_fields_stand_at(places, start, message.data, stream, dissect(message))
        start += len(message.data)


def assert_fields_stand_at(
    places: list[int], start: int, data: bytes, stream: bytes, tree: Field
) -> None:
    """Each field's bytes, one by one, are those of the stream at their places."""
    assert tree.data == data
    position = start
    for child in tree.children:
        if child.data:
            assert child.offset == places[position]
        assert bytes(stream[it] for it in places[position : position + child.length]) == child.data
        assert_fields_stand_at(places, position, child.data, stream, child)
        position += child.length
    if tree.children:
        assert position == start + tree.length


# What is cut off.


def test_a_message_that_is_cut_off_is_named_with_its_place() -> None:
    stream = in_records(HELLO_DONE + rfc8448.CLIENT_STREAM[5:50], 30)
    with pytest.raises(WireError, match="ClientHello needs 192 bytes; left: 41") as caught:
        handshake_messages(stream)
    assert caught.value.offset == 5 + len(HELLO_DONE) + 4


@pytest.mark.parametrize("length", [1, 2, 3])
def test_a_header_that_is_cut_off_is_an_error(length: int) -> None:
    with pytest.raises(WireError, match="the length of ServerHelloDone"):
        split_messages(HELLO_DONE[:length])


def test_a_message_of_16_megabytes_that_is_not_there_costs_nothing() -> None:
    with pytest.raises(WireError, match="Certificate needs 16777215 bytes"):
        split_messages(b"\x0b\xff\xff\xff" + bytes(100))
