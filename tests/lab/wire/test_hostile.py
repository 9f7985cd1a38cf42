"""Hostile bytes: whatever comes, the only error is WireError, and it says where."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lab.wire import rfc8448
from lab.wire.sessions import (
    fields,
    in_records,
    sealed_record,
    split_messages,
)

from securedata_lab.wire import (
    WireError,
    decrypt,
    decrypted_messages,
    decrypted_records,
    dissect,
    handshake_messages,
    load_recording,
    master_secret_from_rsa,
    record_nonce,
    tls_records,
)
from securedata_lab.wire.handshake import HandshakeMessage
from securedata_lab.wire.recording import Recording, recording_names


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


@contextmanager
def only_wire_errors(length: int) -> Iterator[None]:
    """Nothing else is raised, and the error's place is within this many bytes."""
    try:
        yield
        return
    except WireError as raised:
        error = raised
    assert 0 <= error.offset <= length
    assert str(error).endswith(f"(at offset {error.offset})")


def read_all(stream: bytes) -> None:
    for message in handshake_messages(stream):
        assert_dissected(message)


def assert_dissected(message: HandshakeMessage) -> None:
    tree = dissect(message)
    for field in fields(tree):
        assert not field.children or b"".join(it.data for it in field.children) == field.data


@settings(fuzzing, max_examples=600)
@given(st.binary(max_size=200) | mutated(STREAMS))
def test_arbitrary_and_changed_streams(stream: bytes) -> None:
    for capture in (stream, in_records(stream, 50)):
        with only_wire_errors(len(capture)):
            read_all(capture)
        with only_wire_errors(len(capture)):
            decrypt(capture, capture, "")


bodies = st.builds(message_of, st.integers(0, 255), st.binary(max_size=80))


@settings(fuzzing, max_examples=600)
@given(mutated(HIDDEN + CLEAR) | bodies)
def test_changed_messages_and_bodies_of_every_type(handshake: bytes) -> None:
    with only_wire_errors(len(handshake)):
        for message in split_messages(handshake):
            assert_dissected(message)


@st.composite
def reordered(draw: st.DrawFn) -> bytes:
    """The records of a real stream, in any order."""
    rows = tls_records(draw(st.sampled_from(STREAMS)))
    return b"".join(row.data for row in draw(st.permutations(rows)))


captures = st.sampled_from(STREAMS) | mutated(STREAMS) | reordered()


@slow_fuzzing
@given(captures, captures, st.sampled_from(RECORDINGS))
def test_decrypting_captures_that_were_changed_reordered_or_exchanged(
    client: bytes, server: bytes, recording: Recording
) -> None:
    for streams in (
        (client, server),
        (client, recording.server_stream),
        (recording.client_stream, server),
    ):
        length = max(map(len, streams))
        with only_wire_errors(length):
            decrypt(*streams, recording.keylog)
        with only_wire_errors(length):
            master_secret_from_rsa(*streams, STOLEN_KEY)


@slow_fuzzing
@given(st.text(max_size=300), st.sampled_from(RECORDINGS))
def test_decrypting_with_any_key_log(text: str, recording: Recording) -> None:
    streams = recording.client_stream, recording.server_stream
    changed = recording.keylog.replace("0", text)
    for keylog in (text, changed, text + "\n" + recording.keylog):
        with only_wire_errors(max(map(len, streams))):
            decrypt(*streams, keylog)


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
}


@pytest.mark.serial
@pytest.mark.parametrize(("stream", "found"), ENORMOUS.values(), ids=ENORMOUS)
def test_enormous_clear_streams_take_no_time(stream: bytes, found: int) -> None:
    begin = time.process_time()
    messages = handshake_messages(stream)
    assert len(messages) == found
    if found == 1:
        assert dissect(messages[0]).children
    assert time.process_time() - begin < SECONDS


@pytest.mark.serial
def test_an_encrypted_message_in_40000_records_takes_time_in_proportion() -> None:
    few, many = seconds_for(5_000), seconds_for(40_000)
    assert many < 16 * few  # eight times the bytes; it was 30 times the time once


def seconds_for(count: int) -> float:
    """The time to open one encrypted handshake message that is spread over so many records."""
    message = message_of(11, bytes(400 * count - 4))
    key, iv = map(bytes.fromhex, rfc8448.SERVER_HANDSHAKE_KEYS)
    parts = (message[start : start + 400] for start in range(0, len(message), 400))
    sealed = [sealed_record(part, key, record_nonce(iv, n)) for n, part in enumerate(parts)]
    client_hello, *_ = tls_records(rfc8448.CLIENT_STREAM)
    server_hello, *_ = tls_records(rfc8448.SERVER_STREAM)
    stream = server_hello.data + b"".join(sealed)
    begin = time.process_time()
    assert len(decrypted_records(client_hello.data, stream, rfc8448.KEYLOG)) == count
    return time.process_time() - begin
