"""The key schedules: published keys. Those of TLS 1.2 open live sessions in test_decryption.py."""

from lab.lesson06_tls_on_the_wire.wire import rfc8448

from securedata_lab.lesson06_tls_on_the_wire.wire.keyschedule import traffic_keys


def test_the_keys_of_rfc_8448() -> None:
    secret = bytes.fromhex(rfc8448.SERVER_HANDSHAKE_SECRET)
    keys = traffic_keys("sha256", secret, key_length=16)
    assert (keys.key.hex(), keys.iv.hex()) == rfc8448.SERVER_HANDSHAKE_KEYS
