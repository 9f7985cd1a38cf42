"""Decryption: of live sessions of every suite, with all that may happen in one."""

import ssl
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from lab.wire import rfc8448
from lab.wire.sessions import (
    ANSWER,
    NO_EXTENDED_MASTER_SECRET,
    REQUEST,
    TLS12,
    TLS13,
    Pair,
    recorded,
    refused_at,
    sealed_record,
)

from securedata_lab.wire import (
    WireError,
    decrypt,
    decrypted_messages,
    decrypted_records,
    dissect,
    open_record,
    record_nonce,
    tls_records,
)
from securedata_lab.wire.decryption import DecryptedRecord

TLS12_SUITES = [
    "AES128-GCM-SHA256",
    "AES256-GCM-SHA384",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
]


def names(opened: list[DecryptedRecord], side: str) -> list[str]:
    return [message.name for message in decrypted_messages(opened, side)]


# TLS 1.2.


@pytest.mark.parametrize("options", [ssl.Options(0), NO_EXTENDED_MASTER_SECRET], ids=["ems", "no"])
@pytest.mark.parametrize("ciphers", TLS12_SUITES)
def test_every_suite_of_tls12_is_decrypted(
    tmp_path: Path, rsa_leaf: Path, ec_leaf: Path, ciphers: str, options: ssl.Options
) -> None:
    leaf = ec_leaf if "ECDSA" in ciphers else rsa_leaf
    live, _ = Pair(tmp_path, leaf, TLS12, ciphers, options).talk()
    extended = "extended_master_secret" in dissect(live.message("ServerHello"))
    assert extended == (options == ssl.Options(0))
    assert decrypt(*live) == (REQUEST, ANSWER)


@pytest.mark.parametrize("version", [TLS12, TLS13])
def test_a_resumed_session_is_decrypted(
    tmp_path: Path, rsa_leaf: Path, version: ssl.TLSVersion
) -> None:
    pair = Pair(tmp_path, rsa_leaf, version)
    _, session = pair.talk()
    live, _ = pair.talk(b"again", b"and again", session)
    hidden = names(decrypted_records(*live), "server")
    assert "Certificate" not in [message.name for message in live.messages] + hidden
    assert decrypt(*live) == (b"again", b"and again")


# TLS 1.3.


@pytest.mark.parametrize("key_bytes", [16, 32])
@pytest.mark.parametrize("padding", [0, 400])
def test_a_record_of_tls13_is_opened(key_bytes: int, padding: int) -> None:
    key, nonce = bytes(range(key_bytes)), bytes(range(12))
    inner = b"request" + b"\x17" + bytes(padding)
    header = b"\x17\x03\x03" + (len(inner) + 16).to_bytes(2, "big")
    (record,) = tls_records(header + AESGCM(key).encrypt(nonce, inner, header))
    assert open_record(record, key, nonce) == ("application_data", b"request")


def test_a_session_with_a_hello_retry_request_is_decrypted(tmp_path: Path, ec_leaf: Path) -> None:
    pair = Pair(tmp_path, ec_leaf, TLS13)
    pair.server.set_ecdh_curve("secp521r1")
    live, _ = pair.talk()
    retry = dissect(live.message("ServerHello"))
    assert retry["key_share"]["group"].value == "secp521r1"
    assert "key_exchange" not in retry
    assert decrypt(*live) == (REQUEST, ANSWER)


# Both versions.


@pytest.mark.parametrize("version", [TLS12, TLS13])
def test_data_over_many_records_is_put_together(
    tmp_path: Path, rsa_leaf: Path, version: ssl.TLSVersion
) -> None:
    request, answer = bytes(range(256)) * 300, b"answer" * 20_000
    live, _ = Pair(tmp_path, rsa_leaf, version).talk(request, answer)
    assert len(tls_records(live.server_stream)) > 120_000 // 2**14
    assert decrypt(*live) == (request, answer)


@pytest.mark.parametrize("border", [1, 39, 41, 500, 640, 656])
def test_encrypted_messages_may_run_over_any_record_border(border: int) -> None:
    server_hello, flight, *others = tls_records(rfc8448.SERVER_STREAM)
    key, iv = map(bytes.fromhex, rfc8448.SERVER_HANDSHAKE_KEYS)
    _, handshake = open_record(flight, key, record_nonce(iv, 0))
    parts = [
        sealed_record(part, key, record_nonce(iv, number))
        for number, part in enumerate((handshake[:border], handshake[border:]))
    ]
    stream = b"".join([server_hello.data, *parts, *(record.data for record in others)])
    _, answer = decrypt(rfc8448.CLIENT_STREAM, stream, rfc8448.KEYLOG)
    assert answer == rfc8448.APPLICATION_DATA


@pytest.mark.parametrize("name", ["tls12-rsa", "tls13"])
def test_a_session_that_ended_early_is_decrypted_as_far_as_it_went(name: str) -> None:
    live = recorded(name)
    whole = decrypted_records(*live)
    (hello, *_) = tls_records(live.client_stream)
    ends = [record.end for record in tls_records(live.server_stream)]
    for end in ends:
        opened = decrypted_records(hello.data, live.server_stream[:end], live.keylog)
        assert opened == [it for it in whole if it.side == "server" and it.record.end <= end]


@pytest.mark.parametrize("version", [TLS12, TLS13])
def test_a_key_log_of_many_sessions_with_comments_and_blank_lines_will_do(
    tmp_path: Path, rsa_leaf: Path, version: ssl.TLSVersion
) -> None:
    pair = Pair(tmp_path, rsa_leaf, version)
    sessions = [pair.talk(b"session %d" % number)[0] for number in range(3)]
    keylog = f"# a comment\n\nno line\nCLIENT_RANDOM 00 11\n{sessions[-1].keylog}\r\n"
    for number, live in enumerate(sessions):
        request, _ = decrypt(live.client_stream, live.server_stream, keylog.upper())
        assert request == b"session %d" % number


def test_a_decrypted_messages_offset_is_where_its_ciphertext_stands() -> None:
    for name in ("tls12-rsa", "tls13"):
        live = recorded(name)
        for record in decrypted_records(*live):
            start = record.plaintext_offset
            # What follows the plaintext: the tag, and before it in TLS 1.3 the content type.
            after = 16 if name == "tls12-rsa" else 17
            assert start + len(record.plaintext) + after == record.record.end


# What cannot be decrypted.


@pytest.mark.parametrize("name", ["tls12-rsa", "tls13"])
@pytest.mark.parametrize("keylog", ["", "# nothing", f"CLIENT_RANDOM {'00' * 32} {'11' * 48}"])
def test_without_a_line_of_this_session_the_error_points_to_the_client_random(
    name: str, keylog: str
) -> None:
    live = recorded(name)
    with refused_at(11, "no line with this session's client random"):
        decrypt(live.client_stream, live.server_stream, keylog)


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("tls12-rsa", "CLIENT_RANDOM"),
        ("tls13", "CLIENT_HANDSHAKE_TRAFFIC_SECRET"),
        ("tls13", "SERVER_HANDSHAKE_TRAFFIC_SECRET"),
        ("tls13", "CLIENT_TRAFFIC_SECRET_0"),
        ("tls13", "SERVER_TRAFFIC_SECRET_0"),
    ],
)
def test_a_missing_secret_is_named(name: str, label: str) -> None:
    live = recorded(name)
    keylog = live.keylog.replace(f"{label} ", "ANOTHER_SECRET ")
    with pytest.raises(WireError, match=f"the key log has no {label} for this session"):
        decrypt(live.client_stream, live.server_stream, keylog)


def test_another_cipher_suite_is_named(tmp_path: Path, rsa_leaf: Path) -> None:
    live, _ = Pair(tmp_path, rsa_leaf, TLS12, "ECDHE-RSA-AES128-SHA256").talk()
    suite = dissect(live.message("ServerHello"))["cipher_suite"]
    with refused_at(suite.offset, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256"):
        decrypt(*live)


def test_another_version_is_named() -> None:
    live = recorded("tls12-rsa")
    server_stream = bytearray(live.server_stream)
    server_stream[10] = 2  # ServerHello's version: 0x0302
    with pytest.raises(WireError, match=r"TLS 1\.1 is not decrypted here"):
        decrypt(live.client_stream, bytes(server_stream), live.keylog)


@pytest.mark.parametrize("name", ["tls12-rsa", "tls13"])
def test_a_record_that_was_left_out_or_swapped_is_noticed(name: str) -> None:
    live = recorded(name)
    rows = tls_records(live.server_stream)
    left_out = b"".join(row.data for row in rows[:-2] + rows[-1:])
    swapped = b"".join(row.data for row in [*rows[:-2], rows[-1], rows[-2]])
    for stream in (left_out, swapped):
        with refused_at(rows[-2].offset, "the tag is invalid"):
            decrypt(live.client_stream, stream, live.keylog)


def test_a_renegotiation_is_named() -> None:
    live = recorded("tls12-rsa")
    again = live.client_stream + bytes.fromhex("140303000101")  # a second ChangeCipherSpec
    with pytest.raises(WireError, match="a second handshake"):
        decrypt(again, live.server_stream, live.keylog)


def test_a_tls13_record_longer_than_2_14_and_256_is_refused() -> None:
    live = recorded("tls13")
    oversize = b"\x17\x03\x03" + (2**14 + 257).to_bytes(2, "big") + bytes(2**14 + 257)
    with refused_at(len(live.server_stream) + 3, r"16641 bytes; TLS 1\.3 allows 16640"):
        decrypt(live.client_stream, live.server_stream + oversize, live.keylog)
