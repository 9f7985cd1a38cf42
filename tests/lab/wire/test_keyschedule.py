"""The key schedules: published keys, and PyCryptodome's HKDF."""

import hmac

import pytest
from Crypto.Hash import SHA256, SHA384
from Crypto.Protocol.KDF import HKDF
from hypothesis import given, settings
from hypothesis import strategies as st
from lab.wire import rfc8448

from securedata.errors import FormatError
from securedata.lab.wire.keyschedule import hkdf_expand, hkdf_expand_label, traffic_keys

fuzzing = settings(max_examples=50, deadline=None, derandomize=True, database=None)


@fuzzing
@given(st.binary(min_size=1, max_size=99), st.binary(max_size=99), st.binary(max_size=99),
       st.integers(1, 300))  # fmt: skip
def test_hkdf_is_pycryptodomes(secret: bytes, salt: bytes, info: bytes, length: int) -> None:
    for hash_name, module in [("sha256", SHA256), ("sha384", SHA384)]:
        extracted = hmac.digest(salt, secret, hash_name)
        ours = hkdf_expand(hash_name, extracted, info, length)
        assert ours == HKDF(secret, length, salt, module, context=info)


def test_hkdf_has_an_end() -> None:
    assert len(hkdf_expand("sha256", bytes(32), b"", 255 * 32)) == 255 * 32
    with pytest.raises(FormatError, match="255 hashes are the limit"):
        hkdf_expand("sha256", bytes(32), b"", 255 * 32 + 1)


def test_a_label_or_context_that_is_too_long_for_its_length_is_refused() -> None:
    with pytest.raises(FormatError, match="one byte cannot say the length of 256 bytes"):
        hkdf_expand_label("sha256", bytes(32), "key", bytes(256), 16)


def test_the_keys_of_rfc_8448() -> None:
    secret = bytes.fromhex(rfc8448.SERVER_HANDSHAKE_SECRET)
    keys = traffic_keys("sha256", secret, key_length=16)
    assert (keys.key.hex(), keys.iv.hex()) == rfc8448.SERVER_HANDSHAKE_KEYS
