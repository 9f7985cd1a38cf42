"""Hostile bytes: whatever comes, the only error is WireError, and it says where."""

import time
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lab.wire import rfc8448
from lab.wire.sessions import fields, in_records, sealed_record

from securedata.lab.wire import (
    WireError,
    decrypt,
    decrypted_messages,
    decrypted_records,
    dissect,
    handshake_messages,
    load_recording,
    master_secret_from_rsa,
    record_nonce,
    recording_names,
    tls_records,
)
from securedata.lab.wire.handshake import HandshakeMessage, split_messages
from securedata.lab.wire.recording import Recording


def message_of(type_number: int, body: bytes) -> bytes:
    """A handshake message: type, length, body."""
    return bytes([type_number]) + len(body).to_bytes(3, "big") + body


fuzzing = settings(max_examples=300, deadline=None, derandomize=True, database=None)
slow_fuzzing = settings(fuzzing, max_examples=60)
RECORDINGS = [load_recording(name) for name in recording_names()]
STREAMS = [
    stream for recording in RECORDINGS
    for stream in (recording.client_stream, recording.server_stream)
]  # fmt: skip
HIDDEN = [
    message.data
    for recording in RECORDINGS
    for side in ("client", "server")
    for message in decrypted_messages(
        decrypted_records(recording.client_stream, recording.server_stream, recording.keylog), side
    )
]
CLEAR = [message.data for stream in STREAMS for message in handshake_messages(stream)]
STOLEN_KEY = load_recording("tls12-rsa").stolen_private_key
SECONDS = 5


@st.composite
def mutated(draw: st.DrawFn, originals: list[bytes]) -> bytes:
    """Real bytes with a few changed, left out, repeated, or cut off."""
    data = bytearray(draw(st.sampled_from(originals)))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, max(len(data) - 1, 0)))
        end = min(len(data), start + draw(st.integers(0, 8)))
        change = draw(st.sampled_from(["replace", "insert", "remove", "repeat", "cut"]))
        new = draw(st.binary(max_size=8))
        if change == "replace":
            data[start:end] = new[: end - start].ljust(end - start, b"\xff")
        elif change == "insert":
            data[start:start] = new
        elif change == "remove":
            del data[start:end]
        elif change == "repeat":
            data[start:start] = data[start:end]
        else:
            del data[start:]
    return bytes(data)


def assert_only_wire_errors(function: Callable[[], object], length: int) -> None:
    error = wire_error_of(function)
    if error is not None:
        assert 0 <= error.offset <= length
        assert str(error).endswith(f"(at offset {error.offset})")


def wire_error_of(function: Callable[[], object]) -> WireError | None:
    try:
        function()
    except WireError as error:
        return error
    return None


def read_all(stream: bytes) -> None:
    for record in tls_records(stream):
        assert str(dissect(record))
    for message in handshake_messages(stream):
        assert_dissected(message)


def assert_dissected(message: HandshakeMessage) -> None:
    tree = dissect(message)
    assert str(tree)
    for field in fields(tree):
        assert not field.children or b"".join(it.data for it in field.children) == field.data


@fuzzing
@given(st.binary(max_size=200))
def test_arbitrary_bytes(stream: bytes) -> None:
    assert_only_wire_errors(lambda: read_all(stream), len(stream))
    assert_only_wire_errors(lambda: decrypt(stream, stream, ""), len(stream))
    for message in (stream, in_records(stream, 50)):
        assert_only_wire_errors(lambda message=message: read_all(message), len(message))
    with suppress(WireError):
        for message in split_messages(stream):
            assert_only_wire_errors(lambda message=message: dissect(message), len(stream))


@fuzzing
@given(mutated(STREAMS))
def test_changed_streams(stream: bytes) -> None:
    assert_only_wire_errors(lambda: read_all(stream), len(stream))


@fuzzing
@given(mutated(HIDDEN + CLEAR))
def test_changed_messages(handshake: bytes) -> None:
    with suppress(WireError):
        for message in split_messages(handshake):
            assert_only_wire_errors(
                lambda message=message: assert_dissected(message), len(handshake)
            )


@fuzzing
@given(st.integers(0, 255), st.binary(max_size=80))
def test_bodies_of_every_type(type_number: int, body: bytes) -> None:
    (message,) = split_messages(message_of(type_number, body))
    assert_only_wire_errors(lambda: assert_dissected(message), len(message.data))


@slow_fuzzing
@given(st.data(), st.sampled_from(RECORDINGS))
def test_decrypting_changed_streams(data: st.DataObject, recording: Recording) -> None:
    client = data.draw(st.just(recording.client_stream) | mutated([recording.client_stream]))
    server = data.draw(st.just(recording.server_stream) | mutated([recording.server_stream]))
    length = max(len(client), len(server))
    assert_only_wire_errors(lambda: decrypt(client, server, recording.keylog), length)
    assert_only_wire_errors(lambda: master_secret_from_rsa(client, server, STOLEN_KEY), length)


@slow_fuzzing
@given(st.text(max_size=300), st.sampled_from(RECORDINGS))
def test_decrypting_with_any_key_log(text: str, recording: Recording) -> None:
    streams = recording.client_stream, recording.server_stream
    length = max(len(stream) for stream in streams)
    changed = recording.keylog.replace("0", text)
    for keylog in (text, changed, text + "\n" + recording.keylog):
        assert_only_wire_errors(lambda keylog=keylog: decrypt(*streams, keylog), length)


@pytest.mark.parametrize("number", range(len(STREAMS)))
def test_every_stream_cut_off_at_every_byte(number: int) -> None:
    stream = STREAMS[number]
    ends = {record.offset for record in tls_records(stream)} | {len(stream)}
    for end in range(0, len(stream), 7):
        if end in ends:
            continue
        with pytest.raises(WireError, match="cut off") as caught:
            tls_records(stream[:end])
        assert caught.value.offset == max(it for it in ends if it < end)


@slow_fuzzing
@given(st.data(), st.sampled_from(RECORDINGS))
def test_reordered_captures(data: st.DataObject, recording: Recording) -> None:
    rows = tls_records(recording.client_stream)
    shuffled = b"".join(row.data for row in data.draw(st.permutations(rows)))
    for other in RECORDINGS:
        length = max(len(shuffled), len(other.server_stream))
        for attack in (
            lambda other=other: decrypt(shuffled, other.server_stream, other.keylog),
            lambda other=other: master_secret_from_rsa(shuffled, other.server_stream, STOLEN_KEY),
        ):
            assert_only_wire_errors(attack, length)


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ([1, 0, 2, 3], "the client's messages are not in their order"),  # ClientKeyExchange first
        ([1, 2, 3], "there is no ClientHello"),
    ],
)
def test_what_is_wrong_with_a_reordered_capture_is_said(order: list[int], words: str) -> None:
    recording = load_recording("tls12-rsa")
    rows = tls_records(recording.client_stream)
    stream = b"".join(rows[place].data for place in order)
    with pytest.raises(WireError, match=words):
        master_secret_from_rsa(stream, recording.server_stream, STOLEN_KEY)


HELLO = bytes.fromhex("0303") + bytes(33) + (20_000).to_bytes(2, "big") + bytes(20_000) + b"\1\0"
ENORMOUS = {
    "a message in 20,000 records of one byte": (in_records(message_of(1, HELLO), 1), 1),
    "20,000 messages of no bytes": (in_records(message_of(14, b"") * 20_000, 4), 20_000),
    "20,000 second hellos": (
        (in_records(message_of(1, b""), 4) + bytes.fromhex("140303000101")) * 20_000,
        2,
    ),
}


@pytest.mark.parametrize(("stream", "found"), ENORMOUS.values(), ids=ENORMOUS)
def test_enormous_clear_streams_take_no_time(stream: bytes, found: int) -> None:
    begin = time.process_time()
    messages = handshake_messages(stream)
    assert len(messages) == found
    if found == 1:
        assert len(str(dissect(messages[0])).splitlines()) < 20
    assert time.process_time() - begin < SECONDS


@pytest.mark.thorough
def test_an_encrypted_message_in_40000_records_takes_time_in_proportion() -> None:
    few, many = seconds_for(5_000), seconds_for(40_000)
    assert many < 16 * few  # eight times the bytes; it was 30 times the time once


def seconds_for(count: int) -> float:
    """The time to open one encrypted handshake message that is spread over so many records."""
    message = message_of(11, bytes(400 * count - 4))
    key, iv = map(bytes.fromhex, rfc8448.TRAFFIC_KEYS["server_handshake_traffic_secret"])
    parts = (message[start : start + 400] for start in range(0, len(message), 400))
    sealed = [sealed_record(part, key, record_nonce(iv, n)) for n, part in enumerate(parts)]
    client_hello, *_ = tls_records(rfc8448.CLIENT_STREAM)
    server_hello, *_ = tls_records(rfc8448.SERVER_STREAM)
    stream = server_hello.data + b"".join(sealed)
    begin = time.process_time()
    assert len(decrypted_records(client_hello.data, stream, rfc8448.KEYLOG)) == count
    return time.process_time() - begin
