"""Records: where a stream is cut off, how long one may be, and what is no stream of TLS."""

import pytest
from lab.wire.sessions import in_records, refused_at

from securedata_lab.wire import tls_records

ALERT = bytes.fromhex("15030300020230")


def assert_refused(stream: bytes, words: str, offset: int) -> None:
    with refused_at(offset, words):
        tls_records(stream)


@pytest.mark.parametrize("missing", range(1, 7))
def test_a_last_record_that_is_cut_off_is_reported_where_it_begins(missing: int) -> None:
    assert_refused((ALERT * 2)[:-missing], "cut off", 7)


def test_the_longest_record_is_one_of_2_14_and_2048_bytes() -> None:
    (longest,) = tls_records(in_records(bytes(2**14 + 2048), 2**14 + 2048))
    assert longest.length == 18432
    assert_refused(ALERT + in_records(bytes(18433), 18433), "18433 bytes; 18432 are allowed", 10)


@pytest.mark.parametrize(
    ("stream", "words", "offset"),
    [
        (b"GET / HTTP/1.1\r\n", "no record begins with 0x47", 0),
        (ALERT + b"\0" * 9, "no record begins with 0x00", 7),
        (b"\x18\x03\x03\x00\x01\x01", "no record begins with 0x18", 0),
        (b"\x16\x02\x00\x00\x01\x01", "no version begins with 0x02", 1),
        (b"\x80\x2e\x01\x03\x01", "no record begins with 0x80", 0),  # an SSL 2.0 hello
        (b"S", "no record begins with 0x53", 0),
    ],
)
def test_what_is_not_tls_is_refused_where_it_stops_being_so(
    stream: bytes, words: str, offset: int
) -> None:
    assert_refused(stream, words, offset)
