"""The key schedules: published vectors, PyCryptodome's HKDF, and live handshakes."""

import hmac
from dataclasses import asdict
from pathlib import Path

import pytest
from Crypto.Hash import SHA256, SHA384
from Crypto.Protocol.KDF import HKDF
from hypothesis import given, settings
from hypothesis import strategies as st
from lab.wire import rfc8448
from lab.wire.sessions import TLS12, TLS13, Live, Pair

from securedata.errors import FormatError
from securedata.lab.wire import (
    decrypted_messages,
    decrypted_records,
    dissect,
    handshake_messages,
    key_schedule,
    record_nonce,
    session_secrets,
    traffic_keys,
    transcript_hash,
)
from securedata.lab.wire.handshake import HandshakeMessage
from securedata.lab.wire.keyschedule import (
    finished_key,
    hkdf_expand,
    hkdf_expand_label,
    hkdf_extract,
    prf,
    verify_data,
)

fuzzing = settings(max_examples=50, deadline=None, derandomize=True, database=None)
RFC8448 = Live(rfc8448.CLIENT_STREAM, rfc8448.SERVER_STREAM, rfc8448.KEYLOG)


def transcript(live: Live) -> list[HandshakeMessage]:
    """All messages of a full TLS 1.3 handshake, up to the client's Finished."""
    opened = decrypted_records(*live.all)
    sent = {
        side: handshake_messages(stream) + decrypted_messages(opened, side)
        for side, stream in [("client", live.client_stream), ("server", live.server_stream)]
    }
    hellos = sum(message.name == "ClientHello" for message in sent["client"])
    flight = [message for message in sent["server"] if message.name != "NewSessionTicket"]
    ordered = [sent["client"][0]]
    if hellos == 2:  # the server's HelloRetryRequest came between them
        ordered += [flight.pop(0), sent["client"][1]]
    return ordered + flight + sent["client"][hellos:]


# HKDF.


def test_test_case_1_of_rfc_5869() -> None:
    secret = hkdf_extract("sha256", bytes(range(13)), b"\x0b" * 22)
    assert secret.hex() == "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5"
    output = hkdf_expand("sha256", secret, bytes(range(0xF0, 0xFA)), 42)
    assert output.hex() == (
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
    )


@fuzzing
@given(st.binary(min_size=1, max_size=99), st.binary(max_size=99), st.binary(max_size=99),
       st.integers(1, 300))  # fmt: skip
def test_hkdf_is_pycryptodomes(secret: bytes, salt: bytes, info: bytes, length: int) -> None:
    for hash_name, module in [("sha256", SHA256), ("sha384", SHA384)]:
        ours = hkdf_expand(hash_name, hkdf_extract(hash_name, salt, secret), info, length)
        assert ours == HKDF(secret, length, salt, module, context=info)


def test_hkdf_has_an_end() -> None:
    assert len(hkdf_expand("sha256", bytes(32), b"", 255 * 32)) == 255 * 32
    with pytest.raises(FormatError, match="255 hashes are the limit"):
        hkdf_expand("sha256", bytes(32), b"", 255 * 32 + 1)


def test_a_label_or_context_that_is_too_long_for_its_length_is_refused() -> None:
    with pytest.raises(FormatError, match="one byte cannot say the length of 256 bytes"):
        hkdf_expand_label("sha256", bytes(32), "key", bytes(256), 16)


# RFC 8448, section 3.


def test_every_secret_of_rfc_8448() -> None:
    messages = transcript(RFC8448)
    assert [message.name for message in messages] == [
        "ClientHello", "ServerHello", "EncryptedExtensions", "Certificate", "CertificateVerify",
        "Finished", "Finished",
    ]  # fmt: skip
    schedule = key_schedule(
        "sha256",
        bytes.fromhex(rfc8448.SHARED_SECRET),
        hello_hash=transcript_hash("sha256", messages[:2]),
        server_finished_hash=transcript_hash("sha256", messages[:-1]),
        client_finished_hash=transcript_hash("sha256", messages),
    )
    assert {name: secret.hex() for name, secret in asdict(schedule).items()} == rfc8448.SECRETS


@pytest.mark.parametrize("name", rfc8448.TRAFFIC_KEYS)
def test_every_key_and_iv_of_rfc_8448(name: str) -> None:
    keys = traffic_keys("sha256", bytes.fromhex(rfc8448.SECRETS[name]), key_length=16)
    assert (keys.key.hex(), keys.iv.hex()) == rfc8448.TRAFFIC_KEYS[name]


def test_both_finished_of_rfc_8448() -> None:
    messages = transcript(RFC8448)
    for number, side in [(5, "server"), (6, "client")]:
        name = f"{side}_handshake_traffic_secret"
        so_far = transcript_hash("sha256", messages[:number])
        expected = verify_data("sha256", bytes.fromhex(rfc8448.SECRETS[name]), so_far)
        assert expected.hex() == rfc8448.FINISHED[name]
        assert dissect(messages[number])["verify_data"].value == expected


# Nonces.


@fuzzing
@given(st.binary(min_size=12, max_size=12), st.sets(st.integers(0, 2**64 - 1), min_size=2))
def test_no_two_records_share_a_nonce_and_the_first_is_the_iv(iv: bytes, numbers: set[int]) -> None:
    assert len({record_nonce(iv, number) for number in numbers}) == len(numbers)
    assert record_nonce(iv, 0) == iv


# Live.


@pytest.mark.parametrize("with_retry", [False, True])
def test_the_finished_of_a_live_handshake_fits_its_transcript(
    tmp_path: Path, ec_leaf: Path, with_retry: bool
) -> None:
    pair = Pair(tmp_path, ec_leaf, TLS13)
    if with_retry:
        pair.server.set_ecdh_curve("secp521r1")
    live, _ = pair.talk()
    messages = transcript(live)
    assert ("HelloRetryRequest" in [message.name for message in messages]) == with_retry
    random = dissect(messages[0])["random"].data
    secrets = session_secrets(live.keylog, random)
    for number, side in [(-2, "SERVER"), (-1, "CLIENT")]:
        secret = secrets[f"{side}_HANDSHAKE_TRAFFIC_SECRET"]
        expected = verify_data("sha384", secret, transcript_hash("sha384", messages[:number]))
        assert messages[number].body == expected
        assert expected == hmac.digest(
            finished_key("sha384", secret), transcript_hash("sha384", messages[:number]), "sha384"
        )


def test_the_finished_of_a_live_tls12_handshake_is_the_prf_of_its_transcript(
    tmp_path: Path, rsa_leaf: Path
) -> None:
    live, _ = Pair(tmp_path, rsa_leaf, TLS12, "ECDHE-RSA-AES128-GCM-SHA256").talk()
    client, server = handshake_messages(live.client_stream), handshake_messages(live.server_stream)
    sent = [client[0], *[it for it in server if it.name != "NewSessionTicket"], *client[1:]]
    (finished,) = decrypted_messages(decrypted_records(*live.all), "client")
    master = session_secrets(live.keylog, client[0].random)["CLIENT_RANDOM"]
    label, seed = "client finished", transcript_hash("sha256", sent)
    assert finished.body == prf("sha256", master, label, seed, 12)
