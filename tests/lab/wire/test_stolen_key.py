"""The thief of an RSA key: what opens, what does not, and where the attack stops."""

import ssl
from pathlib import Path

import pytest
from Crypto.Cipher import PKCS1_v1_5
from Crypto.PublicKey import DSA, RSA
from cryptography.hazmat.primitives.asymmetric import rsa
from lab.wire.sessions import (
    ANSWER,
    NO_EXTENDED_MASTER_SECRET,
    REQUEST,
    TLS12,
    Live,
    Pair,
    recorded,
    refused_at,
)
from vocabulary import a_leaf, whole_trace

from securedata.errors import FormatError
from securedata_lab.wire import (
    WireError,
    decrypt,
    dissect,
    load_recording,
    master_secret_from_rsa,
)

STATIC_RSA = ["AES128-GCM-SHA256", "AES256-GCM-SHA384"]


def stolen_line(live: Live, leaf: Path) -> str:
    key, begin, _ = leaf.read_text(encoding="ascii").partition("-----BEGIN CERTIFICATE")
    assert begin
    return master_secret_from_rsa(live.client_stream, live.server_stream, key)


@pytest.mark.parametrize("options", [ssl.Options(0), NO_EXTENDED_MASTER_SECRET], ids=["ems", "no"])
@pytest.mark.parametrize("ciphers", STATIC_RSA)
def test_a_session_with_static_rsa_opens_with_the_servers_key_alone(
    tmp_path: Path, rsa_leaf: Path, ciphers: str, options: ssl.Options
) -> None:
    pair = Pair(tmp_path, rsa_leaf, TLS12, ciphers)
    pair.server.options |= options  # the client offers the extended master secret all the same
    live, _ = pair.talk()
    assert "extended_master_secret" in dissect(live.message("ClientHello"))
    keylog = stolen_line(live, rsa_leaf)
    assert decrypt(live.client_stream, live.server_stream, keylog) == (REQUEST, ANSWER)


def test_it_opens_too_if_the_client_has_a_certificate(tmp_path: Path, rsa_leaf: Path) -> None:
    pair = Pair(tmp_path, rsa_leaf, TLS12, "AES128-GCM-SHA256")
    pair.client.load_cert_chain(rsa_leaf)
    pair.server.load_verify_locations(rsa_leaf)
    pair.server.verify_mode = ssl.CERT_REQUIRED
    live, _ = pair.talk()
    assert live.message("CertificateVerify")
    assert stolen_line(live, rsa_leaf) in live.keylog


def test_a_resumed_session_needs_the_one_before_it(tmp_path: Path, rsa_leaf: Path) -> None:
    pair = Pair(tmp_path, rsa_leaf, TLS12, "AES128-GCM-SHA256")
    _, session = pair.talk()
    live, _ = pair.talk(session=session)
    with pytest.raises(WireError, match="there is no ClientKeyExchange"):
        stolen_line(live, rsa_leaf)


@pytest.mark.parametrize("bits", [1024, 2048, 3072])
def test_another_key_opens_nothing(bits: int) -> None:
    recording = load_recording("tls12-rsa")
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    with pytest.raises(WireError, match="encrypted to another key"):
        master_secret_from_rsa(
            recording.client_stream, recording.server_stream, a_leaf("x", key=key).private_key_pem
        )


@pytest.mark.parametrize(
    "secret", [b"\x03\x03" + bytes(45), b"\x03\x03" + bytes(47), b"\x03\x01" + bytes(46), b""]
)
def test_what_was_encrypted_must_be_a_pre_master_secret(secret: bytes) -> None:
    recording = load_recording("tls12-rsa")
    key = RSA.import_key(recording.stolen_private_key)
    sent = recorded("tls12-rsa").message("ClientKeyExchange")
    other = PKCS1_v1_5.new(key).encrypt(secret)
    client_stream = recording.client_stream.replace(sent.body[2:], other)
    with refused_at(sent.offset, "encrypted to another key"):
        master_secret_from_rsa(client_stream, recording.server_stream, recording.stolen_private_key)


def test_what_is_no_rsa_private_key_is_refused() -> None:
    recording = load_recording("tls12-rsa")
    public_key = RSA.import_key(recording.stolen_private_key).public_key()
    dsa_key = DSA.construct((4, 2, 23, 11, 3), consistency_check=False)
    texts = ["", "no key", "é", public_key.export_key().decode(), dsa_key.export_key().decode()]
    for text in [*texts, recording.stolen_private_key[:300]]:
        with pytest.raises(FormatError) as caught:
            master_secret_from_rsa(recording.client_stream, recording.server_stream, text)
        assert "Error: " not in whole_trace(caught.value).partition("FormatError: ")[2]
