"""Dissection: every message of real sessions, field by field, and what nobody knows."""

import re

import pytest
from lab.wire.sessions import (
    Live,
    fields,
    recorded,
    refused_at,
    split_messages,
)

from securedata_lab.wire import (
    WireError,
    decrypted_messages,
    decrypted_records,
    dissect,
    handshake_messages,
)
from securedata_lab.wire.errors import NoSuchFieldError
from securedata_lab.wire.extensions import EXTENSIONS
from securedata_lab.wire.fields import Field
from securedata_lab.wire.handshake import HandshakeMessage
from securedata_lab.wire.messages import MESSAGES
from securedata_lab.wire.recording import recording_names
from securedata_lab.wire.registries import EXTENSION_TYPES, HANDSHAKE_TYPES, name_of

CLIENT_HELLO = 1


SESSIONS = {name: recorded(name) for name in recording_names()}
every_session = pytest.mark.parametrize("live", SESSIONS.values(), ids=SESSIONS.keys())


def hidden_messages(live: Live) -> list[HandshakeMessage]:
    opened = decrypted_records(*live)
    return decrypted_messages(opened, "client") + decrypted_messages(opened, "server")


def the_only(name: str, live: Live) -> Field:
    messages = live.messages + hidden_messages(live)
    return dissect(next(message for message in messages if message.name == name))


def a_message(type_number: int, body: bytes) -> HandshakeMessage:
    (message,) = split_messages(bytes([type_number]) + len(body).to_bytes(3, "big") + body)
    return message


def a_hello(*extensions: tuple[int, str]) -> HandshakeMessage:
    """A ClientHello with nothing in it but these extensions."""
    listed = b"".join(
        number.to_bytes(2, "big") + len(data).to_bytes(2, "big") + data
        for number, data in ((number, bytes.fromhex(text)) for number, text in extensions)
    )
    fixed = b"\x03\x03" + bytes(32) + b"\x00" + b"\x00\x02\x13\x01" + b"\x01\x00"
    return a_message(CLIENT_HELLO, fixed + len(listed).to_bytes(2, "big") + listed)


# Offsets.


@every_session
def test_every_field_of_a_clear_message_is_what_the_stream_has_there(live: Live) -> None:
    for stream in (live.client_stream, live.server_stream):
        for source in handshake_messages(stream):
            for field in fields(dissect(source)):
                assert stream[field.offset : field.offset + field.length] == field.data


@every_session
def test_the_children_of_every_field_lie_side_by_side_and_cover_it(live: Live) -> None:
    for message in live.messages + hidden_messages(live):
        for field in fields(dissect(message)):
            if field.children:
                assert b"".join(child.data for child in field.children) == field.data
                ends = [child.offset + child.length for child in field.children]
                starts = [child.offset for child in field.children]
                assert (starts[0], ends[-1]) == (field.offset, field.offset + field.length)
                assert starts[1:] == ends[:-1]


# ClientHello.


@pytest.mark.parametrize(
    ("name", "message", "values"),
    [
        (
            "rfc8448",
            "ClientHello",
            {"host_name": "server", "group": "x25519"},
        ),
        ("tls13", "ServerHello", {"legacy_version": "TLS 1.2", "selected_version": "TLS 1.3"}),
    ],
)
def test_recorded_fields_have_their_values(
    name: str, message: str, values: dict[str, int | str | bytes]
) -> None:
    tree = the_only(message, SESSIONS[name])
    assert {field: tree[field].value for field in values} == values


def test_the_lists_of_a_recorded_hello_are_complete_and_in_order() -> None:
    hello = the_only("ClientHello", SESSIONS["rfc8448"])
    assert [suite.value for suite in hello["cipher_suites"].children] == [
        "TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_256_GCM_SHA384",
    ]  # fmt: skip
    assert [extension.name for extension in hello["extensions"].children] == [
        "server_name", "renegotiation_info", "supported_groups", "session_ticket", "key_share",
        "supported_versions", "signature_algorithms", "psk_key_exchange_modes",
        "record_size_limit",
    ]  # fmt: skip
    assert hello["named_group_list"].children[-1].value == "ffdhe8192"


def test_a_hello_without_extensions_is_complete() -> None:
    body = b"\x03\x01" + bytes(32) + b"\x00" + b"\x00\x02\x00\x2f" + b"\x01\x00"
    hello = dissect(a_message(CLIENT_HELLO, body))
    assert hello["cipher_suite"].value == "TLS_RSA_WITH_AES_128_CBC_SHA"
    assert "extensions" not in hello


# What nobody knows.


def test_unknown_things_are_shown_as_unknown_with_their_bytes() -> None:
    hello = dissect(a_hello((0x1234, "abcd"), (10, "0004 9999 001d"), (28, "4001")))
    assert hello["unknown 0x1234"]["extension_data"].data == b"\xab\xcd"
    groups = [group.value for group in hello["named_group_list"].children]
    assert groups == ["unknown 0x9999", "x25519"]
    assert hello["record_size_limit"]["extension_data"].data == b"\x40\x01"
    message = dissect(a_message(99, b"body"))
    assert (message.name, message["body"].data) == ("unknown 0x63", b"body")


def test_grease_is_called_grease() -> None:
    names = {name_of(number, 2, {}) for number in range(2**16)}
    assert {name for name in names if name.startswith("GREASE")} == {
        f"GREASE 0x{digit}a{digit}a" for digit in "0123456789abcdef"
    }
    hello = dissect(a_hello((0x2A2A, "00"), (10, "0002 fafa")))
    assert hello["GREASE 0x2a2a"].length == 5
    assert hello["group"].value == "GREASE 0xfafa"


@pytest.mark.parametrize(
    ("extension", "offset"),
    [
        # The hello's extensions begin at 47, and the data of the first at 51.
        ((0, "000c 00 0009 6c6f63616c"), 53),  # the list of names is shorter than it says
        ((0, "0004 00 0009 6c"), 56),  # a name is longer than the list
        ((10, "0003 001d 00"), 55),  # half a group
        ((43, "03 0304"), 53),
        ((43, "02 0304 00"), 54),  # a byte too many
        ((51, "0006 001d 0020 aabb"), 57),
    ],
)
def test_an_extension_that_does_not_fit_is_an_error_with_its_place(
    extension: tuple[int, str], offset: int
) -> None:
    with refused_at(offset):
        dissect(a_hello(extension))


@every_session
def test_a_message_with_a_byte_too_few_or_too_many_is_an_error(live: Live) -> None:
    for message in live.messages:
        if message.name in MESSAGES:
            for body in (message.body + b"\0", message.body[:-1]):
                with pytest.raises(WireError):
                    dissect(a_message(message.data[0], body))


# Printing, and finding.


def test_a_field_that_is_not_there_is_an_error_with_the_names_that_are() -> None:
    hello = the_only("ClientHello", SESSIONS["tls13"])
    words = "ClientHello has no field sni; it has legacy_version, random, legacy_session_id, "
    with pytest.raises(NoSuchFieldError, match=f"^{words}"):
        hello["sni"]
    with pytest.raises(KeyError, match="random has no field x; it has no parts"):
        hello["random"]["x"]
    assert "sni" not in hello
    assert hello.get("sni") is None


def test_of_several_fields_of_one_name_the_nearest_and_first_is_found() -> None:
    hello = dissect(a_hello((51, "0006 001d 0002 aabb"), (10, "0004 0017 001d")))
    assert hello["group"].value == "secp256r1"  # one level nearer than the other
    assert hello["key_share"]["group"].value == "x25519"


# The tables.


def test_every_field_has_a_sentence() -> None:
    seen = {}
    for live in SESSIONS.values():
        for message in live.messages + hidden_messages(live):
            seen |= {(message.name, field.name): field for field in fields(dissect(message))}
    for field in seen.values():
        assert re.fullmatch(r"[A-Z0-9].*\.", field.sentence), field.sentence
    assert len(seen) > 100


def test_every_description_is_of_a_registered_thing() -> None:
    assert set(MESSAGES) <= set(HANDSHAKE_TYPES.values())
    assert {number: known.name for number, known in EXTENSIONS.items()}.items() <= (
        EXTENSION_TYPES.items()
    )
