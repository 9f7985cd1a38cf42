"""The key schedules: published vectors, PyCryptodome's HKDF, and live handshakes."""

from dataclasses import asdict
from pathlib import Path

import pytest
from Crypto.Hash import SHA256, SHA384
from Crypto.Protocol.KDF import HKDF
from hypothesis import given, settings
from hypothesis import strategies as st
from lab.wire import rfc8448
from lab.wire.sessions import TLS13, Live, Pair, recorded

from securedata.errors import FormatError
from securedata.lab.wire import (
    decrypted_messages,
    decrypted_records,
    dissect,
    handshake_messages,
    key_schedule,
    session_secrets,
    transcript_hash,
)
from securedata.lab.wire.handshake import HandshakeMessage
from securedata.lab.wire.keyschedule import (
    hkdf_expand,
    hkdf_expand_label,
    hkdf_extract,
    verify_data,
)

fuzzing = settings(max_examples=50, deadline=None, derandomize=True, database=None)


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
    messages = transcript(recorded("rfc8448"))
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
