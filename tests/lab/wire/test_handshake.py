"""Handshake messages: put together over any record borders, and ended where encryption begins."""

from itertools import accumulate, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lab.wire import rfc8448
from lab.wire.sessions import (
    fields,
    in_records,
    refused_at,
    split_messages,
)

from securedata_lab.wire import (
    WireError,
    dissect,
    handshake_messages,
    load_recording,
)

CHANGE_CIPHER_SPEC = bytes.fromhex("140303000101")
HELLO_DONE = bytes.fromhex("0e000000")
fuzzing = settings(max_examples=60, deadline=None, derandomize=True, database=None)


def the_flight() -> bytes:
    """The server's clear messages of a TLS 1.2 session: four in a row, with a certificate."""
    messages = handshake_messages(load_recording("tls12-ecdhe").server_stream)
    return b"".join(message.data for message in messages)


# Where they end.


def test_what_looks_like_a_hello_after_change_cipher_spec_is_ciphertext() -> None:
    (hello,) = handshake_messages(load_recording("tls13").client_stream)
    stream = in_records(hello.data, 9999) + CHANGE_CIPHER_SPEC + in_records(hello.data, 9999)
    assert len(handshake_messages(stream)) == 1


def test_alerts_between_them_are_passed_over() -> None:
    stream = in_records(HELLO_DONE, 4) + bytes.fromhex("15030300020100") + in_records(HELLO_DONE, 4)
    assert [it.name for it in handshake_messages(stream)] == ["ServerHelloDone"] * 2


# Borders and offsets.


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
    in_one_record = handshake_messages(in_records(flight, 9999))  # its fields: test_dissection.py
    for message, whole in zip(handshake_messages(stream), in_one_record, strict=True):
        for field, expected in zip(fields(dissect(message)), fields(dissect(whole)), strict=True):
            assert field.data == expected.data
            if field.data:
                assert field.offset == places[expected.offset - 5]


# What is cut off.


def test_a_message_that_is_cut_off_is_named_with_its_place() -> None:
    stream = in_records(HELLO_DONE + rfc8448.CLIENT_STREAM[5:50], 30)
    with refused_at(5 + len(HELLO_DONE) + 4, "ClientHello needs 192 bytes; left: 41"):
        handshake_messages(stream)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        *((HELLO_DONE[:length], "the length of ServerHelloDone") for length in (1, 2, 3)),
        (b"\x0b\xff\xff\xff" + bytes(100), "Certificate needs 16777215 bytes"),
    ],
)
def test_a_header_that_is_cut_off_or_promises_too_much_is_an_error(data: bytes, words: str) -> None:
    with pytest.raises(WireError, match=words):
        split_messages(data)
