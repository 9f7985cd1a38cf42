"""The recordings: each is what its name and its sentence say, today and in ten years."""

import json

import pytest
from Crypto.PublicKey import RSA
from cryptography import x509
from recordings import ANSWER, DHE_DSS, FORWARD_SECRECY, HYBRID, REQUEST

from securedata.errors import FormatError
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
)
from securedata.lab.wire.recording import FOLDER

PLANS = (*FORWARD_SECRECY, HYBRID, DHE_DSS)


def suite(name: str) -> object:
    server_hello, *_ = handshake_messages(load_recording(name).server_stream)
    return dissect(server_hello)["cipher_suite"].value


def certificate(name: str) -> x509.Certificate:
    recording = load_recording(name)
    opened = decrypted_records(recording.client_stream, recording.server_stream, recording.keylog)
    messages = handshake_messages(recording.server_stream) + decrypted_messages(opened, "server")
    message = next(message for message in messages if message.name == "Certificate")
    return x509.load_der_x509_certificate(dissect(message)["cert_data"].data)


def test_there_is_one_of_every_plan() -> None:
    assert recording_names() == sorted(["rfc8448", *(plan.name for plan in PLANS)])
    for plan in PLANS:
        assert load_recording(plan.name).sentence == plan.sentence


@pytest.mark.parametrize("name", [plan.name for plan in PLANS])
def test_each_opens_with_its_key_log(name: str) -> None:
    recording = load_recording(name)
    assert decrypt(recording.client_stream, recording.server_stream, recording.keylog) == (
        REQUEST,
        ANSWER,
    )


def test_of_three_under_one_leaf_the_stolen_key_opens_one() -> None:
    opens = {}
    for name in ("tls12-rsa", "tls12-ecdhe", "tls13"):
        recording = load_recording(name)
        streams = recording.client_stream, recording.server_stream
        try:
            keylog = master_secret_from_rsa(*streams, recording.stolen_private_key)
            opens[name] = decrypt(*streams, keylog) == (REQUEST, ANSWER)
        except WireError:
            opens[name] = False
    assert opens == {"tls12-rsa": True, "tls12-ecdhe": False, "tls13": False}


def test_the_stolen_key_is_that_of_the_one_leaf() -> None:
    keys = {load_recording(plan.name).stolen_private_key for plan in FORWARD_SECRECY}
    leaves = {certificate(plan.name) for plan in FORWARD_SECRECY}
    ((key,), (leaf,)) = keys, leaves
    assert RSA.import_key(key).n == leaf.public_key().public_numbers().n  # type: ignore[union-attr]
    for plan in FORWARD_SECRECY:
        text = (FOLDER / f"{plan.name}.json").read_text(encoding="utf-8")
        assert "it protects nothing" in json.loads(text)["about_the_key"]


def test_the_hybrid_one_has_a_key_share_of_1216_bytes_and_an_answer_of_1120() -> None:
    recording = load_recording("tls13-hybrid")
    (client_hello,) = handshake_messages(recording.client_stream)
    (server_hello,) = handshake_messages(recording.server_stream)
    for hello, length in [(client_hello, 1216), (server_hello, 1120)]:
        share = dissect(hello)["key_share"]
        assert share["group"].value == "X25519MLKEM768"
        assert share["key_exchange"].length == length


def test_the_dsa_one_has_a_dsa_certificate_and_a_suite_for_it() -> None:
    assert suite("tls12-dhe-dss") == "TLS_DHE_DSS_WITH_AES_128_GCM_SHA256"
    assert certificate("tls12-dhe-dss").public_key().key_size == 2048  # type: ignore[union-attr]
    assert type(certificate("tls12-dhe-dss").public_key()).__name__ == "DSAPublicKey"


def test_the_static_rsa_one_has_no_server_key_exchange() -> None:
    messages = handshake_messages(load_recording("tls12-rsa").server_stream)
    assert "ServerKeyExchange" not in [message.name for message in messages]


def test_an_unknown_name_is_refused_with_the_names_that_there_are() -> None:
    for name in ("ssl2", "", "../recordings/tls13", "tls13.json"):
        with pytest.raises(FormatError, match="there are rfc8448, "):
            load_recording(name)
