"""Hostile bytes: whatever comes, the only error is WireError, and it says where."""

import time
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lab.wire.sessions import fields, in_records

from securedata.lab.wire import (
    WireError,
    decrypt,
    decrypted_messages,
    decrypted_records,
    dissect,
    handshake_messages,
    load_recording,
    master_secret_from_rsa,
    recording_names,
    records,
)
from securedata.lab.wire.handshake import HandshakeMessage, split_messages
from securedata.lab.wire.recording import Recording

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
    for record in records(stream):
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
    header = bytes([type_number]) + len(body).to_bytes(3, "big")
    (message,) = split_messages(header + body)
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
    ends = {record.offset for record in records(stream)} | {len(stream)}
    for end in range(0, len(stream), 7):
        if end in ends:
            continue
        with pytest.raises(WireError, match="cut off") as caught:
            records(stream[:end])
        assert caught.value.offset == max(it for it in ends if it < end)


def test_a_message_in_20000_records_of_one_byte_takes_no_time() -> None:
    suites = bytes(2) * 10_000
    body = b"\x03\x03" + bytes(33) + len(suites).to_bytes(2, "big") + suites + b"\x01\x00"
    hello = b"\x01" + len(body).to_bytes(3, "big") + body
    begin = time.perf_counter()
    (message,) = handshake_messages(in_records(hello, 1))
    tree = dissect(message)
    assert len(tree["cipher_suites"].children) == 10_000
    assert len(str(tree).splitlines()) < 20
    assert time.perf_counter() - begin < SECONDS


def test_20000_messages_of_no_bytes_take_no_time() -> None:
    begin = time.perf_counter()
    messages = handshake_messages(in_records(bytes.fromhex("0e000000") * 20_000, 4))
    assert len(messages) == 20_000
    assert time.perf_counter() - begin < SECONDS


def test_20000_second_hellos_take_no_time() -> None:
    hello_again = in_records(bytes.fromhex("01000000"), 4) + bytes.fromhex("140303000101")
    begin = time.perf_counter()
    assert len(handshake_messages(hello_again * 20_000)) == 2
    assert time.perf_counter() - begin < SECONDS
